"""What a stage is run on, in which order, and what it says when it cannot run; the pipeline is a stand-in here."""

import sys

import numpy as np
import pytest
from astropy.io import fits

from mrskit import bands, workspace
from mrskit.card import Pinned
from mrskit.errors import PipelineError, ProductError, ReferenceCacheError
from mrskit.pipeline import stages, tasks
from mrskit.pipeline.step_settings import Options
from mrskit.references import fetch, needs, own_cache
from mrskit.workers import executor

SHORT, LONG = bands.SETTINGS["12:SHORT"], bands.SETTINGS["34:SHORT"]
SEQUENTIAL = Options(scheduler="none")


def exposure(path, setting, background=False, suffix="uncal", **changes):
    """Write a file with the header of an MRS exposure of one group and, for an uncal, an array to match."""
    header = fits.Header({
        "TELESCOP": "JWST", "INSTRUME": "MIRI", "EXP_TYPE": "MIR_MRS", "DETECTOR": setting.detector,
        "CHANNEL": setting.channels, "BAND": setting.subband, "OBSERVTN": "005" if background else "004",
        "PATT_NUM": 1, "BKGDTARG": background, "NGROUPS": 1, "NINTS": 1, "READPATT": "FASTR1", "EFFEXPTM": 2.77504,
        "ORIGIN": "SIMULATED",
    } | changes)  # fmt: skip
    hdus = fits.HDUList([fits.PrimaryHDU(header=header)])
    if suffix == "uncal":
        hdus.append(fits.ImageHDU(np.zeros((1, 1, 1024, 1032), "u2"), name="SCI"))
        hdus.append(fits.BinTableHDU.from_columns([fits.Column("ASDF_METADATA", "B", array=[0])], name="ASDF"))
    path.parent.mkdir(parents=True, exist_ok=True)
    hdus.writeto(path)
    return path


def name(observation, number, setting, suffix):
    return f"jw02732{observation:03d}001_02101_{number:05d}_{setting.detector.lower()}_{suffix}.fits"


@pytest.fixture
def space(tmp_path):
    """A workspace with two source exposures and one background exposure in 12:SHORT, one of each in 34:SHORT."""
    space = workspace.create(tmp_path / "workspace")
    cache = tmp_path / "crds"
    (cache / "mappings" / "jwst").mkdir(parents=True)
    space.update_card(references=str(cache), rate_only=["34:SHORT"])
    for setting, count in ((SHORT, 2), (LONG, 1)):
        for number in range(1, count + 1):
            exposure(space.stage("source", "uncal") / name(4, number, setting, "uncal"), setting)
        exposure(space.stage("background", "uncal") / name(5, 1, setting, "uncal"), setting, background=True)
    return space


@pytest.fixture
def ran(monkeypatch):
    """A stand-in of the pipeline that writes files of the right names and headers; returns the tasks that it ran."""
    calls = []

    def fake(task, source, folder):
        calls.append(task)
        header = fits.getheader(task.members[0].path)
        setting = bands.SETTINGS[f"{header['CHANNEL']}:{header['BAND']}"]
        background = header["BKGDTARG"]
        channels = task.steps.get("cube_build", {}).get("channel", setting.channels)
        endings = {
            "detector1": ["rate", "rateints"],
            "spec2": ["cal", "0_x1d", "1_x1d", "s3d"] if background else ["cal"],
            "spec3": [f"ch{channel}-short_{kind}" for channel in channels for kind in ("s3d", "x1d")] + ["00001_crf"],
        }
        for ending in endings[task.stage]:
            exposure(folder / f"{task.product}_{ending}.fits", setting, background, ending)

    monkeypatch.setattr(tasks, "_run", fake)
    monkeypatch.setattr(tasks, "_source", lambda task: str(task.members[0].path))
    return calls


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """No CRDS environment from elsewhere, and none left behind."""
    for variable in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL"):
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)


def test_reduce_puts_the_products_where_the_workshop_has_them(space, ran):
    paths = stages.reduce(space, options=SEQUENTIAL)
    found = {str(path.relative_to(space.root)) for path in paths}
    assert f"Source/stage1/{name(4, 2, SHORT, 'rate')}" in found
    assert f"Source/stage2/{name(4, 2, SHORT, 'cal')}" in found
    assert f"Background/stage2/{name(5, 1, SHORT, '0_x1d')}" in found
    assert {f"Source/stage3/Level3_ch{channel}-short_s3d.fits" for channel in (1, 2)} <= found
    assert all(path.is_file() for path in paths)


def test_reduce_stops_after_stage_1_in_the_settings_that_the_card_lists(space, ran):
    stages.reduce(space, options=SEQUENTIAL)
    assert {task.stage for task in ran if "mirifulong" in task.product} == {"detector1"}
    assert {task.label for task in ran if task.stage == "spec3"} == {"_ch12-short"}


def test_stage_3_is_one_run_a_channel_and_keeps_what_both_make_once(space, ran):
    stages.reduce(space, [SHORT], SEQUENTIAL)
    spec3 = [task for task in ran if task.stage == "spec3"]
    assert [task.steps["cube_build"]["channel"] for task in spec3] == ["1", "2"]
    first, second = (tasks.products(task) for task in spec3)
    assert [path.name for path in first if "crf" in path.name] == ["Level3_00001_crf.fits"]
    assert {path.name for path in second} == {"Level3_ch2-short_s3d.fits", "Level3_ch2-short_x1d.fits"}
    assert [path.name for path in space.stage("source", "stage3").glob("*_crf.fits")] == ["Level3_00001_crf.fits"]


@pytest.mark.parametrize(
    ("stock", "steps"), [(True, {}), (False, {"cube_build": {"output_type": "multi"}}),
                         (False, {"cube_build": {"channel": "2"}})], ids=["stock", "one cube", "one channel"],
)  # fmt: skip
def test_stage_3_is_one_run_where_the_channels_are_not_to_be_split(space, ran, stock, steps):
    stages.reduce(space, [SHORT], SEQUENTIAL)
    ran.clear()
    stages.spec3(space, SHORT, Options(stock=stock, scheduler="none"), steps)
    assert [(task.part, task.not_kept) for task in ran] == [("", ())]


def test_a_second_reduce_runs_nothing(space, ran):
    first = stages.reduce(space, options=SEQUENTIAL)
    count = len(ran)
    lines = []
    assert stages.reduce(space, options=SEQUENTIAL, progress=lines.append) == first
    assert len(ran) == count
    assert lines == ["detector1: 0 to run, 5 unchanged", "spec2: 0 to run, 3 unchanged", "spec3: 0 to run, 2 unchanged"]


def test_the_stages_get_the_members_that_they_need(space, ran):
    stages.reduce(space, [SHORT], SEQUENTIAL)
    spec3 = next(task for task in ran if task.stage == "spec3")
    assert [member.kind for member in spec3.members] == ["science"] * 2 + ["background"] * 2
    assert all(len(task.members) == 1 for task in ran if task.stage == "spec2")


def test_the_pixel_background_puts_background_rates_into_stage_2_and_no_spectra_into_stage_3(space, ran):
    stages.reduce(space, [SHORT], Options(pixel_background=True, master_background=False, scheduler="none"))
    spec2 = [task for task in ran if task.stage == "spec2"]
    assert [[member.kind for member in task.members] for task in spec2] == [["science", "background"]] * 2
    assert [member.kind for task in ran if task.stage == "spec3" for member in task.members] == ["science"] * 4


def test_only_what_depends_on_a_changed_choice_is_run_again(space, ran):
    stages.reduce(space, [SHORT], SEQUENTIAL)
    ran.clear()
    stages.reduce(space, [SHORT], Options(master_background=False, scheduler="none"))
    assert [task.stage for task in ran] == ["spec3", "spec3"]


def test_without_background_exposures_reduce_says_so_and_goes_on(space, ran):
    for path in space.stage("background", "uncal").iterdir():
        path.unlink()
    lines = []
    stages.reduce(space, [SHORT], SEQUENTIAL, lines.append)
    assert "12:SHORT: there are no background exposures, so no background is subtracted" in lines
    assert next(task for task in ran if task.stage == "spec3").steps["master_background"]["skip"] is True


def test_background_cal_files_without_spectra_are_no_missing_background(space, ran):
    (space.stage("background", "uncal") / name(5, 1, SHORT, "uncal")).unlink()
    folder = space.stage("background", "stage2")
    exposure(folder / name(5, 1, SHORT, "cal"), SHORT, background=True, suffix="cal")
    with pytest.raises(PipelineError, match=r"no x1d spectra for 1 background.*00001_mirifushort_cal.*x1d or rate"):
        stages.reduce(space, [SHORT], SEQUENTIAL)
    assert ran == []
    exposure(folder / name(5, 1, SHORT, "x1d"), SHORT, background=True, suffix="x1d")
    stages.reduce(space, [SHORT], SEQUENTIAL)
    members = [member.kind for task in ran if task.stage == "spec3" for member in task.members]
    assert members.count("background") == 2  # one in each channel


def test_a_changed_parameter_of_a_stage_that_nothing_goes_through_is_said(space, ran):
    for role in ("source", "background"):
        for path in space.stage(role, "uncal").iterdir():
            path.unlink()
    exposure(space.stage("source", "stage2") / name(4, 1, SHORT, "cal"), SHORT, suffix="cal")
    lines = []
    steps = {"detector1": {"jump": {"find_showers": False}}, "spec3": {"outlier_detection": {"skip": True}}}
    stages.reduce(space, [SHORT], SEQUENTIAL, lines.append, steps)
    told = [line for line in lines if "changes nothing" in line]
    assert len(told) == 1 and "detector1.jump.find_showers" in told[0]


def test_each_stage_returns_the_files_that_the_next_one_reads(space, ran):
    rate = stages.detector1(space, SHORT, options=SEQUENTIAL)
    assert [path.name for path in rate] == [name(4, 1, SHORT, "rate"), name(4, 2, SHORT, "rate")]
    stages.detector1(space, SHORT, "background", SEQUENTIAL)
    assert [path.name for path in stages.spec2(space, SHORT, "background", SEQUENTIAL)] == [
        name(5, 1, SHORT, "0_x1d"), name(5, 1, SHORT, "1_x1d"), name(5, 1, SHORT, "cal")]  # fmt: skip
    stages.spec2(space, SHORT, options=SEQUENTIAL)
    cubes = [path.name for path in stages.spec3(space, SHORT, SEQUENTIAL)]
    assert cubes == [f"Level3_ch{channel}-short_{kind}.fits" for channel in (1, 2) for kind in ("s3d", "x1d")]


def test_changes_of_a_lesson_reach_the_pipeline_on_top_of_the_explicit_settings(space, ran):
    stages.detector1(space, SHORT, options=SEQUENTIAL, steps={"jump": {"rejection_threshold": 5.0}})
    assert ran[0].steps["jump"]["rejection_threshold"] == 5.0
    assert ran[0].steps["jump"]["find_showers"] is True


def test_stock_switches_the_replacements_off(space, ran):
    stages.detector1(space, SHORT, options=Options(stock=True, scheduler="none"))
    assert {task.accelerate for task in ran} == {False}


def test_no_raw_files_is_an_error_with_the_next_command(space):
    with pytest.raises(
        PipelineError, match=r"no uncal files of 12:LONG here\. Run 'mrskit simulate --settings 12:LONG"
    ):
        stages.detector1(space, bands.SETTINGS["12:LONG"], options=SEQUENTIAL)


def as_observed(space):
    """Let the raw exposures of a workspace be those of somebody: without the mark of the kit."""
    for role in workspace.ROLES:
        for path in space.stage(role, "uncal").iterdir():
            fits.setval(path, "ORIGIN", value="STSCI")


def test_no_raw_files_beside_those_of_somebody_is_no_reason_to_simulate(space):
    as_observed(space)
    with pytest.raises(
        PipelineError, match=r"no uncal files of 12:LONG here\. Found 5 uncal files, not made by"
    ) as caught:
        stages.detector1(space, bands.SETTINGS["12:LONG"], options=SEQUENTIAL)
    assert "mrskit fetch --out" in str(caught.value) and "simulate" not in str(caught.value)


def test_raw_files_that_lie_elsewhere_in_the_folder_are_named_with_where_they_belong(space, ran):
    as_observed(space)
    (space.root / "mastDownload" / "JWST").mkdir(parents=True)
    for path in space.stage("source", "uncal").iterdir():
        (space.root / "mastDownload" / "JWST" / path.stem).mkdir()
        path.rename(space.root / "mastDownload" / "JWST" / path.stem / path.name)
    with pytest.raises(
        PipelineError, match=rf"in {space.root}/Background/uncal and {space.root}/mastDownload\. Run"
    ) as caught:
        stages.reduce(space, options=SEQUENTIAL)
    assert "mrskit adopt" in str(caught.value) and "simulate" not in str(caught.value)
    assert ran == []


def test_a_truncated_raw_file_stops_before_anything_is_run(space, ran):
    path = space.stage("source", "uncal") / name(4, 2, SHORT, "uncal")
    path.write_bytes(path.read_bytes()[:-500_000])
    with pytest.raises(ProductError, match=r"00002_mirifushort_uncal\.fits: truncated"):
        stages.detector1(space, SHORT, options=SEQUENTIAL)
    assert ran == []


@pytest.mark.parametrize(("keyword", "value"), [("INSTRUME", "NIRSPEC"), ("EXP_TYPE", "MIR_IMAGE")])
def test_a_foreign_raw_file_is_named(space, ran, keyword, value):
    exposure(space.stage("source", "uncal") / name(4, 3, SHORT, "uncal"), SHORT, **{keyword: value})
    with pytest.raises(ProductError, match=f"00003.*{keyword} is '{value}'"):
        stages.reduce(space, [SHORT], SEQUENTIAL)
    assert ran == []


def test_stage_2_before_stage_1_is_an_error_with_the_next_step(space):
    with pytest.raises(PipelineError, match=r"no rate files of 12:SHORT here\. Run stage 1 of the source first"):
        stages.spec2(space, SHORT, options=SEQUENTIAL)


def test_the_pixel_background_without_background_rates_is_an_error(space, ran):
    stages.detector1(space, SHORT, options=SEQUENTIAL)
    with pytest.raises(PipelineError, match=r"for the pixel background here.*pixel_background=False"):
        stages.spec2(space, SHORT, options=Options(pixel_background=True, scheduler="none"))


def test_the_master_background_without_spectra_is_an_error(space, ran):
    stages.detector1(space, SHORT, options=SEQUENTIAL)
    stages.spec2(space, SHORT, options=SEQUENTIAL)
    with pytest.raises(PipelineError, match=r"for the master background here.*master_background=False"):
        stages.spec3(space, SHORT, SEQUENTIAL)


def test_a_workspace_without_references_needs_a_crds_environment(space, ran):
    space.update_card(references="")
    with pytest.raises(
        ReferenceCacheError, match=r"does not name a reference cache and CRDS_PATH is not set.*mrskit references --out"
    ):
        stages.detector1(space, SHORT, options=SEQUENTIAL)


@pytest.fixture
def rules(tmp_path):
    """A cache of CRDS with the rules of one context."""
    folder = tmp_path / "real crds"
    for name in ("mappings/jwst/jwst_1500.pmap", "config/jwst/server_config"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("{}")
    return folder


def lost(folder):
    folder.rename(folder.with_name("unmounted"))


def emptied(folder):
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.unlink()


def replaced_by_a_file(folder):
    lost(folder)
    folder.write_text("not a folder")


def without_config(folder):
    (folder / "config" / "jwst" / "server_config").unlink()


WRONG = [(lost, "which does not exist"), (emptied, "without rules"), (replaced_by_a_file, "which is a file"),
         (without_config, "without config/jwst/server_config")]  # fmt: skip


@pytest.fixture
def no_worker(monkeypatch):
    """The engine does not start: whoever asks for workers, or runs a stage, fails."""
    for name in ("_sequential", "_distributed"):
        monkeypatch.setattr(executor, name, lambda *args: pytest.fail("something was run"))


@pytest.mark.parametrize("scheduler", ["none", "local", "tcp://nowhere:8786"])
@pytest.mark.parametrize(("spoil", "problem"), WRONG)
def test_what_crds_path_names_is_looked_at_before_anything_is_run(
    space, rules, no_worker, monkeypatch, scheduler, spoil, problem
):
    space.update_card(data_source="real")
    monkeypatch.setenv("CRDS_PATH", str(rules))
    spoil(rules)
    with pytest.raises(
        ReferenceCacheError, match=f"CRDS_PATH is '{rules}', {problem}.*mrskit references --real"
    ) as caught:
        stages.reduce(space, options=Options(scheduler=scheduler))
    assert "references --out" not in str(caught.value)


def test_a_cache_that_may_not_be_read_is_named(space, rules, no_worker, monkeypatch):
    space.update_card(data_source="real")
    monkeypatch.setenv("CRDS_PATH", str(rules))
    monkeypatch.setattr("os.access", lambda path, mode: path != rules)  # for root every folder can be read
    with pytest.raises(ReferenceCacheError, match=f"CRDS_PATH is '{rules}', which cannot be read"):
        stages.reduce(space)


def test_an_empty_crds_path_counts_as_none(space, no_worker, monkeypatch):
    space.update_card(data_source="real")
    monkeypatch.setenv("CRDS_PATH", "")
    with pytest.raises(ReferenceCacheError, match="CRDS_PATH is set to an empty text"):
        stages.reduce(space)


@pytest.mark.parametrize("server", [None, "https://jwst-serverless.stsci.edu"])
def test_a_context_that_is_not_here_is_named_where_no_server_is_asked(space, rules, no_worker, monkeypatch, server):
    space.update_card(data_source="real")
    monkeypatch.setenv("CRDS_PATH", str(rules))
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_1464.pmap")
    if server:
        monkeypatch.setenv("CRDS_SERVER_URL", server)
    with pytest.raises(ReferenceCacheError, match=r"without the rules of CRDS_CONTEXT=jwst_1464\.pmap"):
        stages.reduce(space)


@pytest.mark.parametrize(("spoil", "problem"), WRONG)
def test_a_pinned_cache_is_looked_at_too(space, rules, no_worker, spoil, problem):
    space.update_card(
        data_source="real", crds={"path": str(rules), "context": "jwst_1500.pmap", "server": "", "references": {}}
    )
    spoil(rules)
    with pytest.raises(ReferenceCacheError, match=f"'{rules}', {problem}.*mrskit references --real"):
        stages.reduce(space)


def test_raw_files_of_somebody_are_not_to_be_reduced_with_simulated_references(space, no_worker):
    as_observed(space)
    space.update_card(references="")
    with pytest.raises(ReferenceCacheError, match=r"CRDS_PATH is not set.*mrskit references --real") as caught:
        stages.reduce(space)
    assert "references --out" not in str(caught.value)


def test_crds_that_ends_the_process_is_an_error_that_names_the_cache(space, rules, monkeypatch):
    space.update_card(data_source="real")
    monkeypatch.setenv("CRDS_PATH", str(rules))
    monkeypatch.setattr(tasks.parameters, "pipeline_class", lambda stage: sys.exit(-1))
    monkeypatch.setattr(tasks.parameters, "check", lambda stage, steps: None)
    with pytest.raises(
        ReferenceCacheError, match=f"CRDS_PATH is '{rules}', where the rules of the context.*incomplete"
    ):
        stages.detector1(space, LONG, options=Options(stock=True, scheduler="none"))


def test_real_data_keep_the_crds_environment_that_the_user_has_set(space, rules, ran, monkeypatch):
    space.update_card(data_source="real")
    monkeypatch.setenv("CRDS_PATH", str(rules))
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_1500.pmap")
    stages.detector1(space, SHORT, options=SEQUENTIAL)
    assert ran[0].recipe["context"] == "jwst_1500.pmap"


def test_a_reference_cache_that_is_gone_is_named(space, ran):
    space.update_card(references=str(space.root / "gone"), settings=["12:SHORT", "34:SHORT"])
    command = f"mrskit references --out {space.root}/gone --settings 12:SHORT,34:SHORT"
    with pytest.raises(ReferenceCacheError, match=rf"gone: no reference cache.*'{command}'"):
        stages.detector1(space, SHORT, options=SEQUENTIAL)


def test_one_reduce_asks_crds_once_what_its_exposures_need(space, ran, rules, monkeypatch):
    pinned = Pinned(str(rules), "jwst_1500.pmap", own_cache.SERVER, references={"gone.fits": ""})
    space.update_card(data_source="real", crds=pinned)
    surveys = []

    def survey(space, asked):
        surveys.append(space)
        return needs.Survey(rules, "jwst_1500.pmap", own_cache.SERVER, False, True, 1, (), (), ())

    monkeypatch.setattr(fetch, "survey", survey)
    monkeypatch.setattr(tasks, "fetch_references", lambda needs: None)
    stages.reduce(space, options=SEQUENTIAL)
    assert {task.stage for task in ran} == {"detector1", "spec2", "spec3"} and surveys == [space]
    stages.spec3(space, SHORT, SEQUENTIAL)
    assert surveys == [space, space]
