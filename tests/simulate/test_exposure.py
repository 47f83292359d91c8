"""Whole exposures: plans, files, keywords, truth, and that nothing is made twice."""

import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from mrskit import workspace as workspaces
from mrskit.bands import SETTINGS
from mrskit.classroom.handout import hand_out
from mrskit.errors import PlanError, SimulationError, WorkspaceError
from mrskit.grading.key import open_key
from mrskit.kept import digests
from mrskit.plan import exposure_time, photon_time, profile, program
from mrskit.products import check_uncal
from mrskit.references import own_cache
from mrskit.simulate import exposure, headers, truth
from mrskit.simulate.detector import Exposed
from mrskit.simulate.events import SHAPE, Hits, showers
from mrskit.simulate.imperfections import departures
from mrskit.simulate.references import build
from mrskit.simulate.scene import default_scene
from mrskit.simulate.scene_records import to_json

SHORT, LONG = SETTINGS["12:SHORT"], SETTINGS["34:SHORT"]
SEED = 0xC3A51B7E9D02F4688E17A6D05B93F2C1  # 128 bits, as a secret one has


@pytest.fixture
def space(tmp_path):
    return workspaces.create(tmp_path / "work")


@pytest.fixture(scope="module")
def simulated(references, tmp_path_factory):
    """A workspace with one source and one background exposure of 12:SHORT, and the messages of its making."""
    place, messages = workspaces.create(tmp_path_factory.mktemp("simulated")), []
    paths = exposure.simulate(
        place,
        [SHORT],
        references=references,
        extras=False,
        dithers={"12:SHORT": (1, 1)},
        seed=SEED,
        progress=messages.append,
    )
    return place, paths, messages


def test_the_quick_profile_has_four_source_and_two_background_exposures_and_a_long_ramp():
    plans = exposure.exposure_plans([SHORT], profile("quick"), True, {})
    assert [(plan.number, plan.dither, plan.groups) for plan in plans] == [
        (4, 1, 10), (4, 2, 10), (4, 3, 10), (4, 4, 10), (5, 1, 10), (5, 2, 10), (6, 1, 40),
    ]  # fmt: skip


def test_all_settings_of_the_program_make_twenty_four_and_twelve_files():
    plans = exposure.exposure_plans(SETTINGS.values(), profile("program"), False, {})
    names = {plan.name(program()) for plan in plans}
    assert len(names) == len(plans) == 36
    assert sum(plan.background for plan in plans) == 12
    assert {(plan.groups, plan.integrations) for plan in plans} == {(40, 2)}


def test_the_long_ramp_belongs_to_the_first_setting_of_channels_one_and_two():
    plans = exposure.exposure_plans([LONG, SHORT], profile("quick"), True, {"34:SHORT": (1, 1)})
    assert [plan.setting.name for plan in plans if plan.number == exposure.LONG_RAMP_OBSERVATION] == ["12:SHORT"]
    assert sum(plan.setting == LONG for plan in plans) == 2


def test_more_exposures_than_dither_positions_are_refused():
    with pytest.raises(SimulationError, match="expected 0 to 2"):
        exposure.exposure_plans([SHORT], profile("quick"), False, {"12:SHORT": (4, 3)})


def test_exposures_follow_each_other_in_time_and_never_overlap():
    plans = exposure.exposure_plans(SETTINGS.values(), profile("program"), False, {})
    starts = sorted({plan.start for plan in plans})
    assert len(starts) == 18  # both detectors at once
    assert min(np.diff(starts)) * 86400 > exposure_time(40, 2)


def test_an_unknown_profile_is_refused_before_anything_is_written(space):
    with pytest.raises(PlanError, match="quick or program"):
        exposure.simulate(space, [SHORT], profile="fast")
    assert not list(space.root.rglob("*.fits"))


def test_the_truth_of_an_exposure_comes_back_as_it_was_written(space):
    rng = np.random.default_rng(1)
    hits = Hits(*(np.array(values, np.int16) for values in ([0, 0], [3, 7], [10, 20], [30, 40])), np.array([5.0, 9.0]))
    warm = np.where(rng.random(SHAPE) < 0.002, rng.random(SHAPE), 0.0).astype(np.float32)
    made = Exposed(
        np.zeros((1, 40, 1, 1), np.uint16), hits, showers(rng, 1, 40, 2.775), rng.random(SHAPE) > 0.9,
        rng.random(SHAPE), warm, 0.3,
    )  # fmt: skip
    rate, bad = rng.random(SHAPE).astype(np.float32), rng.random(SHAPE) > 0.99
    truth.write_exposure(space, "one_mirifushort", rate, made, bad, {"errors": {"flat": 0.1}, "fingerprint": "x"})
    read = truth.read_exposure(space, "one_mirifushort_rate.fits")
    np.testing.assert_array_equal(read["rate"], rate)
    np.testing.assert_array_equal(read["saturated"], made.saturated)
    np.testing.assert_array_equal(read["warm"], warm)
    assert read["facts"]["interference_phase"] == 0.3
    np.testing.assert_array_equal(read["bad"], bad)
    assert np.argwhere(read["cosmic_rays"]).tolist() == [[0, 3, 10, 30], [0, 7, 20, 40]]
    assert read["cosmic_ray_dn"][-1].tolist() == [5.0, 9.0]
    assert [item.strength for item in read["showers"]] == [item.strength for item in made.showers]
    np.testing.assert_allclose(read["showers"][1].amplitude, made.showers[1].amplitude)
    assert read["errors"] == {"flat": 0.1}


def test_a_workspace_without_truth_says_so(space):
    with pytest.raises(WorkspaceError, match="mrskit simulate"):
        truth.read_scene(space)
    with pytest.raises(SimulationError, match="real data have no truth"):
        truth.read_exposure(space, "missing_mirifushort")


@pytest.mark.parametrize("card", [{}, {"data_source": "real"}, {"handed_out": True}])
def test_nothing_is_simulated_among_data_of_others(tmp_path, card):
    root = tmp_path / "theirs"
    (root / "mastDownload").mkdir(parents=True)
    if card:
        workspaces.Workspace(root).update_card(**card)
    else:
        (root / "mastDownload" / "a_uncal.fits").write_bytes(b"")
    before = sorted(root.rglob("*"))
    with pytest.raises(WorkspaceError, match="mrskit did not make the raw files"):
        exposure.simulate(workspaces.Workspace(root), [SHORT], references=tmp_path / "none")
    assert sorted(root.rglob("*")) == before and not (tmp_path / "none").exists()


def test_simulated_files_are_whole_exposures_of_the_plan(simulated):
    _, paths, _ = simulated
    source, background = (check_uncal(path) for path in paths)
    assert (source.role, background.role) == ("source", "background")
    assert (source.groups, source.integrations, source.readout) == (10, 1, "FASTR1")
    assert source.photon_time == pytest.approx(photon_time(10, 1))
    assert source.simulated


def test_headers_hold_every_keyword_that_lessons_and_pipeline_read(simulated):
    _, paths, _ = simulated
    with fits.open(paths[0]) as hdus:
        assert [hdu.name for hdu in hdus[:5]] == ["PRIMARY", "SCI", "REFOUT", "GROUP", "INT_TIMES"]
        assert hdus["REFOUT"].shape == (1, 10, 1024, 258)
        assert hdus["SCI"].header["BZERO"] == 32768
        assert len(hdus["GROUP"].data) == 10
        header = hdus[0].header.copy()
        header.update(hdus["SCI"].header)
    expected = {
        "ORIGIN": "SIMULATED", "DETECTOR": "MIRIFUSHORT", "CHANNEL": "12", "BAND": "SHORT", "EXP_TYPE": "MIR_MRS",
        "PATTTYPE": "4-POINT", "NUMDTHPT": 4, "PATT_NUM": 1, "DITHOPFR": "EXTENDED-SOURCE", "DITHDIRC": "NEGATIVE",
        "MRSPRCHN": "ALL", "XOFFSET": 0.13795, "TARGPROP": "NGC-7319-MRS", "VELOSYS": 0.0, "OBSERVTN": "004",
        "SUBARRAY": "FULL", "READPATT": "FASTR1", "NGROUPS": 10, "NINTS": 1, "TGROUP": 2.77504, "V2_REF": -503.3406,
        "BKGDTARG": False, "SIMPERF": False, "RADESYS": "ICRS",
    }  # fmt: skip
    assert {name: header.get(name) for name in expected} == expected
    assert "SIMULATED by mrskit" in " ".join(header["HISTORY"])
    for name in (
        "EXPMID",
        "RA_REF",
        "DEC_REF",
        "ROLL_REF",
        "RA_V1",
        "PA_V3",
        "EFFEXPTM",
        "DURATION",
        "DATE-OBS",
        "TIME-OBS",
    ):
        assert name in header, name


def test_the_card_says_how_the_workspace_was_made(simulated, references):
    place, _, messages = simulated
    card = place.card()
    assert (card.profile, card.seed, card.settings, card.perfect) == ("quick", SEED, ("12:SHORT",), False)
    assert card.scene == truth.read_scene(place).digest
    assert Path(card.references) == references.resolve()
    assert any("exposure 1 of 2" in message for message in messages)


def leaves(value) -> list:
    """Return the numbers and texts in plain JSON values."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if children is None else [leaf for child in children for leaf in leaves(child)]


def made_from(seed: int, references: str) -> set[str]:
    """Return what can be computed from a seed: the seed itself, the scene, the instrument, and digests of them."""
    scene, errors = default_scene(seed), departures(SHORT, seed)
    marks = {exposure._fingerprint(scene, plan, references, errors, seed)
             for plan in exposure.exposure_plans([SHORT], profile("quick"), True, {})}  # fmt: skip
    texts = {f"{seed}", f"{seed:x}", f"{seed:X}"}
    whole = {digests.of_text(text)[:12] for text in (to_json(scene), to_json(scene) + "\n", str(seed), f"{seed:x}")}
    whole |= {digests.of_values(value)[:12] for value in (seed, [seed], asdict(scene), errors.as_dict())}
    numbers = {repr(leaf) for leaf in leaves(json.loads(to_json(scene))) if isinstance(leaf, float)}
    return {scene.digest} | marks | texts | whole | {text for text in numbers if len(text) > 9}


def test_nothing_that_is_handed_out_follows_from_the_seed(simulated, references, tmp_path):
    place, paths, _ = simulated
    known = exposure.references_digest(exposure.reference_files(SHORT))
    telling = made_from(SEED, known) - made_from(1, known)  # what any seed gives is no secret
    assert len(telling) > 100 and truth.read_facts(place, truth.stem(paths[0]))["fingerprint"] in telling
    released = [path for path in hand_out(open_key(place.root), tmp_path / "out").root.rglob("*") if path.is_file()]
    assert {path.name for path in released} == {*(path.name for path in paths), "workspace.json"}
    for path in released:
        raw = path.read_bytes()
        text = raw.decode("latin-1") if path.suffix == ".json" else headers_of(path)
        assert len(text) > 20 and not [item for item in telling if item in text], path.name
        for item in (SEED.to_bytes(16, "big"), SEED.to_bytes(16, "little"), str(SEED).encode(), f"{SEED:x}".encode()):
            assert item not in raw, path.name


def headers_of(path: Path) -> str:
    """Return everything in a raw file but the pixels of its images: cards, tables, and the tree of ASDF."""
    with fits.open(path) as hdus:
        tables = "".join(
            str(hdu.data.tolist()) for hdu in hdus if isinstance(hdu, fits.BinTableHDU) and hdu.name != "ASDF"
        )
        tree = hdus["ASDF"].data.tobytes().decode("latin-1")
        assert "SIMVERS" in tree
        return "".join(hdu.header.tostring() for hdu in hdus) + tables + tree


def test_an_unchanged_exposure_is_not_made_again_and_a_damaged_one_is(simulated, references):
    place, paths, _ = simulated
    before = {path: path.stat().st_mtime_ns for path in paths}
    original = paths[1].read_bytes()
    paths[1].write_bytes(original[: len(original) // 2])
    exposure.simulate(place, [SHORT], references=references, extras=False, dithers={"12:SHORT": (1, 1)}, seed=SEED)
    assert paths[0].stat().st_mtime_ns == before[paths[0]]
    with fits.open(paths[1]) as again, fits.HDUList.fromstring(original) as first:
        np.testing.assert_array_equal(again["SCI"].data, first["SCI"].data)  # deterministic for a seed


def test_exposures_made_by_several_processes_are_the_same_as_one_by_one(simulated, references, tmp_path):
    place, paths, _ = simulated
    other, items = workspaces.create(tmp_path / "parallel"), []

    def run(function, orders):
        items.extend(orders)
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            return list(pool.map(function, reversed(orders)))

    again = exposure.simulate(
        other, [SHORT], references=references, extras=False, dithers={"12:SHORT": (1, 1)}, seed=SEED, run=run
    )
    assert [order.name for order in items] == [truth.stem(path) for path in paths]
    for one, two in zip(paths, again, strict=True):
        assert fits.FITSDiff(one, two, ignore_keywords=["DATE"], ignore_hdus=["ASDF"]).identical
        made, known = (np.load(folder / f"{truth.stem(one)}.npz") for folder in (other.truth, place.truth))
        assert set(made) == set(known)
        for name in known:
            np.testing.assert_array_equal(made[name], known[name])
    exposure.simulate(
        other, [SHORT], references=references, extras=False, dithers={"12:SHORT": (1, 1)}, seed=SEED, run=pytest.fail
    )


def test_truth_and_raw_file_tell_the_same_story(simulated):
    place, paths, _ = simulated
    told = truth.read_exposure(place, paths[0].name)
    data = fits.getdata(paths[0], "SCI")[0].astype(float)
    assert not told["saturated"].any()  # nothing is so bright: a ramp of 111 s is needed
    quiet = ~told["saturated"] & ~told["bad"] & ~told["cosmic_rays"].any(axis=(0, 1))
    step = (data[8] - data[4]) / (4 * 2.77504)
    expected = told["rate"] + told["dark"]
    bright = quiet & (expected > 20)
    assert np.median(step[bright] / expected[bright]) == pytest.approx(1.0, abs=0.12)  # ramps bend: 3.5 % at 10,000 DN
    _, group, row, column, dn = told["cosmic_ray_dn"]
    large = (dn > 2000) & (group > 1) & (group < 9) & quiet_pixel(told, row, column)
    jumps = data[group[large], row[large], column[large]] - data[group[large] - 1, row[large], column[large]]
    assert np.median(jumps / dn[large]) == pytest.approx(1.0, abs=0.1)


def test_the_background_exposure_holds_sky_and_no_nucleus(simulated):
    place, paths, _ = simulated
    source, background = (truth.read_exposure(place, path.name)["rate"] for path in paths)
    assert source.max() > 100
    assert background.max() < 1


def test_facts_of_the_truth_are_plain_json(simulated):
    place, paths, _ = simulated
    facts = truth.read_facts(place, truth.stem(paths[0]))
    assert json.loads(json.dumps(facts)) == facts
    assert facts["setting"] == "12:SHORT"
    assert facts["errors"]["photometry"] in (-0.01, 0.01)


def quiet_pixel(told: dict, row: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Return where a pixel is neither bad nor saturated nor brighter than 1 DN/s."""
    good = ~told["bad"] & ~told["saturated"] & (told["rate"] + told["dark"] < 1)
    return good[row, column]


def test_group_times_end_with_the_exposure():
    plan = exposure.exposure_plans([SHORT], profile("program"), False, {})[0]
    from stdatamodels.jwst import datamodels

    with datamodels.Level1bModel() as model:
        headers.fill_tables(model, plan)
        assert len(model.group) == 80
        end = (model.int_times["int_end_MJD_UTC"][-1] - plan.start) * 86400
        assert end == pytest.approx(exposure_time(40, 2), abs=1e-3)  # 81 frames


@pytest.mark.real
def test_exposures_are_simulated_with_the_flight_geometry_where_that_is_given(real_data, space, tmp_path, references):
    flight = build.build([SHORT], tmp_path / "crds", real_data / "flt9")
    try:
        [path] = exposure.simulate(space, [SHORT], references=flight, extras=False, dithers={"12:SHORT": (1, 0)})
    finally:
        own_cache.activate(references)
    assert check_uncal(path).simulated and space.card().references == str(flight)
