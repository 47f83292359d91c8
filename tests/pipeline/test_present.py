"""What is reduced is what is there: exposures taken out, moved or brought as rate files; own changes of parameters."""

import pytest
from astropy.io import fits

from mrskit import workspace
from mrskit.adopt import present
from mrskit.adopt.found import Found
from mrskit.errors import PipelineError, ReferenceCacheError
from mrskit.kept import records
from mrskit.pipeline import parameters, preconditions, stages, tasks
from mrskit.pipeline.associations import Member
from mrskit.references import own_cache

NAME = "jw01523003001_03102_{:05d}_mirifushort_{}.fits"


def file(path, **cards):
    path.parent.mkdir(parents=True, exist_ok=True)
    header = fits.Header({"CHANNEL": "12", "BAND": "SHORT", "ORIGIN": "STSCI"} | cards)
    fits.PrimaryHDU(header=header).writeto(path)
    return path


def record(space, made, *inputs):
    """Note a run that has made one file of others."""
    stamps = [records.stamp(path, space.root) for path in (*inputs, made)]
    done = records.Record({}, tuple(stamps[:-1]), (), (stamps[-1],), 1.0, 1)
    records.write(records.path_of(made.parent, made.stem), done)


@pytest.fixture
def space(tmp_path):
    """Two raw exposures with rates and cals made of them, a cube of both cals, and a rate of somebody else."""
    space = workspace.create(tmp_path / "ws")
    folder = {stage: space.stage("source", stage) for stage in workspace.STAGES}
    cals = []
    for number in (1, 2):
        raw = file(folder["uncal"] / NAME.format(number, "uncal"))
        rate = file(folder["stage1"] / NAME.format(number, "rate"))
        cals.append(file(folder["stage2"] / NAME.format(number, "cal")))
        record(space, rate, raw)
        record(space, cals[-1], rate)
    record(space, file(folder["stage3"] / "Level3_ch1-short_s3d.fits"), *cals)
    file(folder["stage1"] / NAME.format(3, "rate"))
    return space


def names(paths):
    return sorted(path.name for path in paths)


def test_exposures_begin_with_the_raw_file_or_with_what_somebody_else_has_made(space):
    found = present.exposures(space, "source")
    assert names(found.values()) == [NAME.format(1, "uncal"), NAME.format(2, "uncal"), NAME.format(3, "rate")]
    assert present.set_aside(space)[1] == []


@pytest.mark.parametrize("how", ["taken out", "moved"])
def test_products_of_an_exposure_that_is_gone_are_set_aside_with_all_that_is_made_of_them(space, how):
    raw = space.stage("source", "uncal") / NAME.format(2, "uncal")
    raw.unlink() if how == "taken out" else raw.replace(space.stage("background", "uncal") / raw.name)
    assert NAME.format(2, "rate") not in names(present.exposures(space, "source").values())
    folder, moved = present.set_aside(space)
    assert names(moved) == sorted([NAME.format(2, "rate"), NAME.format(2, "cal"), "Level3_ch1-short_s3d.fits"])
    assert (folder / "Source" / "stage3" / "Level3_ch1-short_s3d.fits").is_file() and folder.parent.name == "SetAside"
    left = names(space.root.glob("Source/stage*/*.fits"))
    assert left == [NAME.format(1, "cal"), NAME.format(1, "rate"), NAME.format(3, "rate")]
    there = names(stages._files(space, "source", "cal"))
    assert there == [NAME.format(1, "cal")]


def test_a_link_that_leads_nowhere_is_no_reason_to_set_products_aside(space, tmp_path):
    raw = space.stage("source", "uncal") / NAME.format(2, "uncal")
    raw.replace(tmp_path / "elsewhere.fits")
    raw.symlink_to(tmp_path / "unmounted" / "elsewhere.fits")
    assert present.set_aside(space)[1] == []


def test_changes_are_parsed_by_the_specification_of_the_pipeline():
    found = parameters.parsed([
        "jump.find_showers=false", "spec3.extract_1d.ifu_set_srctype=POINT", "srctype.source_type=POINT",
        "residual_fringe.skip=no", "spec3.extract_1d.center_xy=20,21.5", "cube_build.scalexy=0.2",
        "extract_1d.ifu_rscale=None",
    ])  # fmt: skip
    assert found["detector1"] == {"jump": {"find_showers": False}}
    assert found["spec2"]["residual_fringe"] == {"skip": False}
    assert found["spec2"]["srctype"] == {"source_type": "POINT"}
    extract = {"ifu_set_srctype": "POINT", "center_xy": [20.0, 21.5], "ifu_rscale": None}
    assert found["spec3"]["extract_1d"] == extract and found["spec2"]["extract_1d"] == {"ifu_rscale": None}
    assert found["spec2"]["cube_build"] == found["spec3"]["cube_build"] == {"scalexy": 0.2}
    assert parameters.written(found["detector1"]) == ["jump.find_showers=False"] and parameters.parsed([]) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("jumps.find_showers=False", "no step 'jumps'; expected one of jump"),
        ("jump.find_shower=False", "no parameter 'find_shower' in step 'jump' .*expected one of find_showers"),
        ("jump.rejection_threshold=high", "rejection_threshold=high: .*Expected float"),
        ("spec3.extract_1d.ifu_rscale=9", "too big.*Expected float.*max=3"),
        ("cube_build.weighting=best", 'unacceptable.*Expected option'),
        ("spec1.jump.skip=True", "expected STEP.PARAMETER=VALUE"),
        ("jump.skip", "expected STEP.PARAMETER=VALUE"),
        ("find_showers=False", "expected STEP.PARAMETER=VALUE"),
        ("detector1.fringe.skip=True", "no step 'fringe'"),
        ("jump.rejection_threshold=nan", "nan is not a finite number.*Expected float"),
        ("spec3.extract_1d.ifu_rscale=-inf", "not a finite number|too small"),
        ("spec3.extract_1d.center_xy=20,inf", "20,inf is not a finite number"),
        ("jump.output_file=x", "mrskit and CRDS choose files"),
        ("dark_current.override_dark=x.fits", "mrskit and CRDS choose files"),
    ],
)  # fmt: skip
def test_what_the_pipeline_does_not_know_or_take_is_refused_by_name(text, words):
    with pytest.raises(PipelineError, match=words):
        parameters.parsed([text])


@pytest.fixture
def own(tmp_path, monkeypatch):
    """The kit's own references are active."""
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / own_cache.CARD).write_text("{}")
    monkeypatch.setenv("CRDS_PATH", str(tmp_path / "crds"))


@pytest.mark.parametrize(("origin", "label"), [("STSCI", True), ("SIMULATED", None)])
def test_products_tell_changes_and_simulated_references_of_observed_exposures(tmp_path, own, origin, label):
    path = file(tmp_path / NAME.format(1, "rate"), ORIGIN=origin)
    task = tasks.Task("detector1", "a", (Member(path, "science"),), tmp_path, tmp_path / "a.log", tmp_path,
                      changes=("jump.find_showers=False",))  # fmt: skip
    tasks._label(path, task)
    tasks._label(path, task)
    header = fits.getheader(path)
    assert header.get("SIMREFS") is label and list(header["HISTORY"]) == ["mrskit --set jump.find_showers=False"]


def test_a_change_makes_another_recipe_so_that_a_run_without_it_is_another(tmp_path):
    task = tasks.Task("detector1", "a", (), tmp_path, tmp_path / "a.log", tmp_path, {"jump": {"find_showers": False}})
    other = tasks.Task("detector1", "a", (), tmp_path, tmp_path / "a.log", tmp_path, {"jump": {"find_showers": True}})
    assert task.recipe != other.recipe


@pytest.mark.parametrize("readout", ["FASTR1", "SLOWR1"])
def test_emicorr_runs_and_refpix_does_not_as_in_flight(readout):
    steps = parameters.detector1_steps(readout=readout)
    assert steps["emicorr"] == {"skip": False, "algorithm": "joint"}
    assert steps["refpix"]["skip"] is True


def test_what_the_kits_own_references_are_not_for_is_named_before_a_run(tmp_path):
    def exposure(**cards):
        return Found(tmp_path / "a_uncal.fits", "uncal", "a", fits.Header({"CHANNEL": "12", "BAND": "SHORT"} | cards))

    with pytest.raises(ReferenceCacheError, match=r"support only FASTR1, but the exposures use SLOWR1"):
        preconditions._check_own(tmp_path, [exposure(READPATT="SLOWR1")])
    with pytest.raises(ReferenceCacheError, match=r"incomplete references for 12:SHORT\. Run 'mrskit references"):
        preconditions._check_own(tmp_path, [exposure(READPATT="FASTR1")])
