"""The pipeline itself, offline, on simulated exposures: one short run of stage 1, and the suite's reduced workspace."""

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from mrskit import bands, logs, products
from mrskit.errors import PipelineError, ReferenceCacheError
from mrskit.pipeline import stages
from mrskit.pipeline.faster import straylight
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import wcs
from mrskit.references import context, own_cache
from mrskit.workspace import Workspace

pytestmark = pytest.mark.pipeline
SHORT = bands.SETTINGS["12:SHORT"]
SEQUENTIAL = Options(scheduler="none")


@pytest.fixture
def tiny(quick_workspace, tmp_path) -> Path:
    """The first five groups of a source exposure, in a workspace of its own."""
    space = Workspace(tmp_path / "tiny")
    folder = space.stage("source", "uncal")
    folder.mkdir(parents=True)
    space.update_card(references=quick_workspace.card().references)
    original = products.find(quick_workspace.stage("source", "uncal"), "uncal", SHORT)[0]
    path = folder / original.name
    from stdatamodels.jwst.datamodels import Level1bModel

    with Level1bModel(original) as model:
        model.data = model.data[:, :5].copy()
        model.refout = None
        model.meta.exposure.ngroups = 5
        model.save(path)
    return path


@pytest.fixture
def no_network(monkeypatch):
    """Every look-up and connection is refused and noted; returns the notes."""
    attempts = []

    def refuse(*arguments, **_keywords):
        attempts.append(arguments[-1])
        raise OSError("the network is cut off")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    return attempts


def test_stage_1_runs_with_the_network_cut_off_and_without_an_override(tiny, tmp_path, no_network):
    made = stages.detector1_file(tiny, tmp_path / "out", save_steps=("linearity",), options=SEQUENTIAL)
    assert no_network == []
    assert set(made) == {"rate", "rateints", "linearity"}
    with fits.open(made["rate"]) as hdus:
        assert hdus["SCI"].shape == (1024, 1032)
        assert np.isfinite(hdus["SCI"].data).mean() > 0.9
        header = hdus[0].header
        assert header["CRDS_CTX"] == own_cache.CONTEXT
        used = [str(value) for keyword, value in header.items() if keyword.startswith("R_")]
        assert len(used) > 8 and all(value == "N/A" or value.startswith("crds://") for value in used)  # no override
    log = next(tiny.parents[2].glob("logs/out_detector1_*.log"))
    digest = logs.digest(log)
    assert (
        digest.steps["jump"] > 0
        and "refpix" in digest.skipped
        and "emicorr" not in digest.skipped
        and digest.showers is None
    )


def test_a_missing_reference_is_named_with_its_type_and_the_next_command(tiny, tmp_path, references, monkeypatch):
    folder = tmp_path / "crds"
    shutil.copytree(references, folder, copy_function=lambda source, target: Path(target).symlink_to(source))
    for path in own_cache.reference_folder(folder).glob("*gain*"):
        path.unlink()
    for name, value in own_cache.environment(references).items():
        monkeypatch.setenv(name, value)  # put back at the end
    Workspace(tiny.parents[2]).update_card(references=str(folder))
    with pytest.raises(ReferenceCacheError, match=r"no reference file of the type gain in .*mrskit references"):
        stages.detector1_file(tiny, tmp_path / "out", options=SEQUENTIAL)
    assert not list((tmp_path / "out").glob("*.fits"))
    own_cache.activate(references)


def test_a_pipeline_that_stops_is_reported_with_its_log(tiny, tmp_path):
    with fits.open(tiny, mode="update") as hdus:
        rubbish = fits.Column("ASDF_METADATA", "B", array=np.zeros(1, np.uint8))
        hdus["ASDF"] = fits.BinTableHDU.from_columns([rubbish], name="ASDF")
    with pytest.raises(PipelineError, match=r"detector1 of jw\w+ stopped: .* The log is .*\.log") as caught:
        stages.detector1_file(tiny, tmp_path / "out", options=SEQUENTIAL)
    assert caught.value.__cause__ is not None
    assert "Traceback" in Path(caught.value.log).read_text()


def test_the_replacement_is_in_the_history_of_every_product_from_stage_2_on(quick_workspace):
    cal = products.find(quick_workspace.stage("source", "stage2"), "cal", SHORT)
    spectra = sorted(quick_workspace.stage("background", "stage2").glob("*_x1d.fits"))
    final = sorted(quick_workspace.stage("source", "stage3").glob("Level3_*.fits"))
    assert (len(cal), len(spectra), len(final)) == (4, 4, 4)
    for path in [*cal, *spectra, *final]:
        assert straylight.DESCRIPTION in list(fits.getheader(path).get("HISTORY", ())), path.name


def test_every_calibrated_exposure_leads_to_its_own_association(quick_workspace):
    for path in products.find(quick_workspace.stage("source", "stage2"), "cal", SHORT):
        table = fits.getheader(path)["ASNTABLE"]
        members = json.loads((path.parent / table).read_text())["products"][0]["members"]
        assert [member["exptype"] for member in members] == ["science"]
        assert Path(members[0]["expname"]).name == products.product_name(path, "rate")


def test_stage_3_makes_a_cube_and_a_spectrum_of_each_band(quick_workspace):
    folder = quick_workspace.stage("source", "stage3")
    for channel in (1, 2):
        cube = products.read_cube(folder / f"Level3_ch{channel}-short_s3d.fits")
        assert cube.band.name == f"{channel}A"
        assert np.isfinite(cube.flux).any()
        assert (folder / f"Level3_ch{channel}-short_x1d.fits").is_file()


def test_reducing_again_makes_nothing_and_does_not_import_the_pipeline(quick_workspace):
    code = (
        "import sys; from mrskit.workspace import open_workspace; from mrskit.pipeline import stages; "
        "from mrskit.bands import SETTINGS; lines = []; "
        f"stages.reduce(open_workspace({str(quick_workspace.root)!r}), [SETTINGS['12:SHORT']], progress=lines.append); "
        "print(lines); print([name for name in ('jwst', 'distributed', 'crds') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines, loaded = answer.stdout.splitlines()
    assert loaded == "[]"
    assert all(": 0 to run" in line for line in eval(lines))


def test_detector_coordinates_of_a_rate_file_equal_those_of_the_calibrated_exposure(quick_workspace):
    context.activate_references(quick_workspace)
    cal = products.find(quick_workspace.stage("source", "stage2"), "cal", SHORT)[0]
    rate = quick_workspace.stage("source", "stage1") / products.product_name(cal, "rate")
    one, other = wcs.detector_coordinates(cal), wcs.detector_coordinates(rate)
    for name in ("alpha", "beta", "wavelength", "slice", "ra", "dec"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), err_msg=name)


def test_detector_coordinates_name_the_slices_and_cover_both_bands(quick_workspace):
    cal = products.find(quick_workspace.stage("source", "stage2"), "cal", SHORT)[0]
    found = wcs.detector_coordinates(cal)
    assert set(np.unique(found.slice)) == {0, *range(101, 122), *range(201, 218)}
    assert np.isnan(found.wavelength[found.slice == 0]).all()
    for channel, name in ((1, "1A"), (2, "2A")):
        inside = found.channel == channel
        band = bands.BANDS[name]
        assert abs(np.nanmin(found.wavelength[inside]) - band.wavelength_min) < 0.1
        assert abs(np.nanmax(found.wavelength[inside]) - band.wavelength_max) < 0.1
        assert np.nanmax(np.abs(found.alpha[inside])) < 3.0
