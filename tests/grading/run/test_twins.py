"""Products beside the key's own: what the pipeline makes of the same exposure counts, copies and inventions do not."""

import shutil

import numpy as np
import pytest
from astropy.io import fits

from mrskit.grading.judging.products import judge_products
from mrskit.grading.key import Key
from mrskit.grading.records import ProductFacts, Record
from mrskit.grading.rules import Rules, Wanted
from mrskit.grading.run import recording
from mrskit.grading.run.sandbox import reader
from mrskit.workspace import create

NAMES = [f"Source/stage1/jw1_0000{number}_mirifushort_rate.fits" for number in (1, 2)]
STEPS = ("S_DQINIT", "S_SATURA", "S_LINEAR", "S_DARK", "S_JUMP", "S_RAMP")
SHAPE = (1024, 1032)


def image(seed, level=0.3, noise=0.25):
    """A faint exposure: a smooth level, some bright rows, and noise that is larger than both."""
    random = np.random.default_rng(seed)
    signal = np.full(SHAPE, level) + 3 * (np.arange(SHAPE[0])[:, None] % 100 == seed)
    data = (signal + random.normal(0, noise, SHAPE)).astype("f4")
    data[random.random(SHAPE) < 0.01] = np.nan
    return data


def write(path, data, number=1, date="2026-11-29T17:40:52.218", **more):
    head = fits.Header(
        {"TELESCOP": "JWST", "INSTRUME": "MIRI", "CAL_VER": "3.0.0", "DATE": date, "EXPOSURE": str(number)}
    )
    head.update(dict.fromkeys(STEPS, "COMPLETE"))
    head.update(more)
    path.parent.mkdir(parents=True, exist_ok=True)
    error = fits.ImageHDU(np.full(np.shape(data), 0.25, "f4"), name="ERR")
    fits.HDUList([fits.PrimaryHDU(header=head), fits.ImageHDU(data, name="SCI"), error]).writeto(path, overwrite=True)


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """A key with the rates of two exposures, of which the rules ask for two."""
    space = create(tmp_path_factory.mktemp("twins") / "key")
    for number, name in enumerate(NAMES, 1):
        write(space.root / name, image(number), number)
    return Key(space, Rules(products=(Wanted("03_detector1", "rate", 2, 2),)))


def judged(key, root):
    """The problems of each product in a scratch, and the points of two."""
    links = {path.relative_to(key.root).as_posix(): str(path) for path in key.root.rglob("*.fits")}
    facts = recording.products(reader.read(root, (), links)["products"])
    found, rows = judge_products(Record("", "03_detector1", "", (), products=facts), key)
    return {item.path: "; ".join(item.problems) for item in found}, rows[0].points


def made_again(path, number, **options):
    write(path, image(number), number, date="2026-12-01T10:00:00.000", **options)


def other_options(path, number):
    data = image(number)
    data[::50, ::50] += 40  # cosmic rays that another threshold of the jump step has left
    data[5:9] = np.nan
    made_again(path, number)
    write(path, data * 1.02, number, date="2026-12-01T10:00:00.000")


def background_subtracted(path, number):
    background = image(77, level=0.29, noise=0.1)
    write(path, image(number) - background, number, date="2026-12-01T10:00:00.000", S_BKDSUB="COMPLETE")


def larger_noise(path, number):
    noise = np.random.default_rng(3).normal(0, 0.1, SHAPE)
    write(path, image(number) + noise, number, date="2026-12-01T10:00:00.000")


@pytest.mark.parametrize("make", [made_again, other_options, background_subtracted, larger_noise])
@pytest.mark.parametrize("names", [NAMES, ["Source/stage1/mine_a_rate.fits", "Background/b_rate.fits"]])
def test_what_the_pipeline_makes_of_the_same_exposures_counts_under_any_name(key, tmp_path, make, names):
    for number, name in enumerate(names, 1):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        make(tmp_path / name, number)
    found, points = judged(key, tmp_path)
    assert found == dict.fromkeys(sorted(names, key=lambda name: name.startswith("Background")), "") and points == 2


def copied(key, path, number):
    shutil.copyfile(key.root / NAMES[number - 1], path)


def copied_with_another_byte(key, path, number):
    copied(key, path, number)
    with fits.open(path, mode="update") as file:
        file[0].header["OBSERVER"] = "me"


def exchanged(key, path, number):
    made_again(path, 3 - number)
    with fits.open(path, mode="update") as file:
        file[0].header["EXPOSURE"] = str(number)


INVENTED = {
    "ones": lambda number: np.ones(SHAPE, "f4"),
    "the median everywhere": lambda number: np.full(SHAPE, np.nanmedian(image(number)), "f4"),
    "noise of the right size": lambda number: image(9),
    "another exposure": lambda number: image(3 - number),
    "three times the pixels": lambda number: 3 * image(number),
    "upside down": lambda number: image(number)[::-1],
    "only a corner": lambda number: np.where(np.indices(SHAPE)[0] < 300, image(number), np.nan),
    "zeros": lambda number: np.zeros(SHAPE, "f4"),
    "huge numbers": lambda number: np.full(SHAPE, 3e38, "f4"),
    "nothing": lambda number: np.full(SHAPE, np.nan, "f4"),
}


def invent(what):
    return lambda key, path, number: write(path, INVENTED[what](number), number, date="2026-12-01T10:00:00.000")


@pytest.mark.parametrize("make", [copied, copied_with_another_byte, exchanged, *map(invent, INVENTED)])
def test_copies_and_inventions_earn_nothing(key, tmp_path, make):
    for number, name in enumerate(NAMES, 1):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        make(key, tmp_path / name, number)
    found, points = judged(key, tmp_path)
    assert all(found.values()) and len(found) == 2 and points == 0


def test_one_exposure_under_many_names_counts_once(key, tmp_path):
    for number in range(4):
        made_again(tmp_path / f"Source/stage1/n{number}_rate.fits", 1)
    found, points = judged(key, tmp_path)
    assert not any(found.values()) and len(found) == 4 and points == 1


@pytest.mark.parametrize("root", ["Source", "Background", "Ramp"])
def test_links_to_the_mounted_folders_are_no_products(key, tmp_path, root):
    (tmp_path / root).symlink_to(key.root / "Source")
    (tmp_path / "Source" if root != "Source" else tmp_path / "Ramp").mkdir()
    inside = tmp_path / ("Ramp" if root == "Source" else "Source")
    (inside / "stage1").symlink_to(key.root / "Source" / "stage1")
    (inside / "a_rate.fits").symlink_to(key.root / NAMES[0])
    assert judged(key, tmp_path) == ({}, 0)


def test_a_cube_on_another_grid_is_compared_by_its_distribution(key, tmp_path):
    cube = image(5)[:900, :900].reshape(100, 90, 90)
    write(key.root / "Source/stage3/Level3_ch1-short_s3d.fits", cube, S_PHOTOM="COMPLETE", S_IFUCUB="COMPLETE")
    path = tmp_path / "Source/stage3/Level3_ch1-short_s3d.fits"
    for data, sound in ((cube[:, 3:-3, 3:-3], True), (np.ones((100, 84, 84), "f4"), False)):
        write(path, data, date="2026-12-01T10:00:00.000", S_PHOTOM="COMPLETE", S_IFUCUB="COMPLETE")
        assert (not any(judged(key, tmp_path)[0].values())) == sound
    (key.root / "Source/stage3/Level3_ch1-short_s3d.fits").unlink()


def spectrum(path, flux, date):
    head = fits.Header(
        {"TELESCOP": "JWST", "INSTRUME": "MIRI", "CAL_VER": "3.0.0", "S_EXTR1D": "COMPLETE", "DATE": date}
    )
    columns = [fits.Column("FLUX", "D", array=flux), fits.Column("FLUX_ERROR", "D", array=np.full(flux.size, 0.1))]
    path.parent.mkdir(parents=True, exist_ok=True)
    table = fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")
    fits.HDUList([fits.PrimaryHDU(header=head), table]).writeto(path, overwrite=True)


@pytest.mark.parametrize(("change", "sound"), [(lambda flux: flux * 1.01, True), (lambda flux: flux[3:], True),
                                               (np.ones_like, False), (lambda flux: flux[::-1], False)])  # fmt: skip
def test_a_spectrum_is_compared_by_its_fluxes(key, tmp_path, change, sound):
    name, flux = "Source/stage3/Level3_ch1-short_x1d.fits", 1 + np.linspace(0, 3, 900) ** 2
    spectrum(key.root / name, flux, "2026-11-29")
    spectrum(tmp_path / name, change(flux), "2026-12-01")
    assert (not judged(key, tmp_path)[0][name]) == sound
    (key.root / name).unlink()


def test_facts_that_a_strange_reader_tells_are_judged_and_raise_nothing(key):
    for values in ({"likeness": 1e308}, {"likeness": -1.0, "copy": 7.0}, {}, {"finite": -3.0}):
        item = ProductFacts(NAMES[0], "rate", "", SHAPE, {"key": "../../etc/passwd", "CAL_VER": 3}, values)
        found, _ = judge_products(Record("", "03_detector1", "", (), products=(item,)), key)
        assert found[0].problems
