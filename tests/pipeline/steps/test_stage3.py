"""Single steps of stage 3: which runs the lesson asks for, when they are made again, and what they make."""

import numpy as np
import pytest

from mrskit import products, workspace
from mrskit.bands import SETTINGS
from mrskit.course.shown import cube_runs
from mrskit.errors import PipelineError
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import experiment, stage3
from mrskit.pipeline.steps.stage3 import CubeRun, PointRun

SETTING = SETTINGS["12:SHORT"]
HERE = Options(scheduler="none")


@pytest.fixture
def space(tmp_path, monkeypatch):
    """A workspace with empty files in the place of four science exposures, two of background, and two cubes."""
    opened = workspace.create(tmp_path / "space")
    monkeypatch.setattr(stage3, "activate_references", lambda workspace: None)
    for number in range(1, 5):
        (opened.stage("source", "stage2") / f"jw01_0000{number}_mirifushort_cal.fits").touch()
        (opened.stage("source", "stage3") / f"jw01_0000{number}_mirifushort_a3001_crf.fits").touch()
    for number in (1, 2):
        (opened.stage("background", "stage2") / f"jw02_0000{number}_mirifushort_cal.fits").touch()
        (opened.stage("source", "stage3") / f"Level3_ch{number}-short_s3d.fits").touch()
    return opened


def runs_of(space, background=True):
    cal = sorted(space.stage("source", "stage2").glob("*cal.fits"))
    sky = sorted(space.stage("background", "stage2").glob("*cal.fits")) if background else []
    cubes = sorted(space.stage("source", "stage3").glob("*s3d.fits"))
    return cube_runs.teaching_runs(space, cal, sky, cubes, SETTING.bands)


def test_the_lesson_builds_parts_of_bands_from_one_and_two_dithers_and_extracts_both_cubes_as_points(space):
    runs = {run.name: run for run in runs_of(space)}
    assert list(runs) == ["pixel_2A", "dithers2_1A", "dithers1_1A", "point_ch1-short", "point_ch2-short",
                          "uncorrected_ch1-short", "uncorrected_ch2-short"]  # fmt: skip
    assert [len(runs[f"dithers{n}_1A"].exposures) for n in (1, 2)] == [1, 2]
    assert all(path.name.endswith("crf.fits") for path in runs["dithers2_1A"].exposures)
    pixel = runs["pixel_2A"]
    assert (len(pixel.exposures), len(pixel.subtract), len(pixel.flags)) == (4, 2, 4)
    for run in runs.values():
        if isinstance(run, CubeRun):
            assert run.high - run.low < 0.35 and any(band.covers(run.low) for band in SETTING.bands)


def test_without_background_exposures_there_is_no_pixel_background(space):
    assert all(not run.name.startswith("pixel") for run in runs_of(space, background=False))


def test_nothing_is_run_again_until_an_input_or_a_setting_changes(space, monkeypatch):
    made = []

    def pretend(run, steps, path):
        made.append(run.name)
        path.write_bytes(b"a cube")

    for name in ("_build", "_extract"):
        monkeypatch.setattr(stage3, name, pretend)
    monkeypatch.setattr(experiment, "reference_stamps", lambda products: ())
    runs = runs_of(space)
    found = stage3.run(space, runs, HERE)
    assert made == [run.name for run in runs] and all(path.read_bytes() == b"a cube" for path in found.values())
    assert stage3.run(space, runs, HERE) == found and len(made) == 7
    (space.stage("source", "stage3") / "Level3_ch1-short_s3d.fits").write_bytes(b"changed")
    stage3.run(space, runs, HERE)
    assert made[7:] == ["point_ch1-short", "uncorrected_ch1-short"]
    stage3.run(space, runs, Options(scheduler="none", stock=True))
    assert len(made) == 16


def test_a_run_that_stops_names_its_log_and_leaves_nothing_behind(space, monkeypatch):
    def stop(run, steps, path):
        raise ValueError("no planes")

    monkeypatch.setattr(stage3, "_extract", stop)
    cube = space.stage("source", "stage3") / "Level3_ch1-short_s3d.fits"
    with pytest.raises(PipelineError, match=r"experiment point stopped: ValueError: no planes\. The log is"):
        stage3.run(space, [PointRun("point", cube)], HERE)
    left = [path.name for path in (space.stage("source", "stage3") / "experiments").rglob("*") if path.is_file()]
    assert left == ["point.lock"]  # which keeps two processes from one run, and holds nothing


@pytest.mark.pipeline
def test_the_pixel_background_takes_the_sky_away_and_a_point_is_extracted_in_a_growing_aperture(
    quick_workspace, copy_of, tmp_path
):
    opened = copy_of(quick_workspace, tmp_path / "copy")
    cal, sky = (products.find(opened.stage(role, "stage2"), "cal", SETTING) for role in ("source", "background"))
    cubes = sorted(opened.stage("source", "stage3").glob("*s3d.fits"))
    runs = cube_runs.teaching_runs(opened, cal, sky, cubes, SETTING.bands)
    chosen = [run for run in runs if run.name in ("pixel_2A", "point_ch2-short")]
    found = stage3.run(opened, chosen, HERE)
    pixel, standard = products.read_cube(found["pixel_2A"]), products.read_cube(cubes[1])
    first = int(np.argmin(abs(standard.wavelength - pixel.wavelength[0])))
    same = standard.flux[first : first + len(pixel.wavelength)]
    # Both have no sky: they agree to a small part of it (7 MJy/sr); the pixel background is noisier.
    assert abs(np.nanmedian(pixel.flux - same)) < 2.0
    point, whole = (products.read_spectrum(path) for path in (
        found["point_ch2-short"], cubes[1].with_name(cubes[1].name.replace("s3d", "x1d"))))  # fmt: skip
    assert 0.2 < np.nanmedian(point.flux / whole.flux) < 0.6
