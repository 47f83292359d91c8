"""The explicit settings: complete, valid in the installed pipeline, decided by the options."""

import inspect
import re
from pathlib import Path

import pytest

from mrskit.errors import PipelineError
from mrskit.pipeline import parameters
from mrskit.pipeline.step_settings import CHOICES, Options


@pytest.fixture(scope="module")
def specification():
    """Specification of every step of the installed pipeline, by stage."""
    return {stage: parameters.specification(stage) for stage in parameters.PIPELINES}


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: f"{choice.stage}-{choice.step}-{choice.parameter}")
def test_every_explicit_parameter_exists_in_the_installed_step(choice, specification):
    assert choice.parameter in specification[choice.stage][choice.step]


@pytest.mark.parametrize("role", ["source", "background"])
def test_the_installed_pipeline_accepts_every_explicit_value(role):
    steps = {
        "detector1": parameters.detector1_steps(),
        "spec2": parameters.spec2_steps(Options(), role),
        "spec3": parameters.spec3_steps(),
    }
    for stage, settings in steps.items():
        pipeline = parameters.pipeline_class(stage)
        config = pipeline.build_config(None, steps=settings)[0]
        instance = pipeline.from_config_section(config)
        for step, values in settings.items():
            for name, value in values.items():
                assert getattr(getattr(instance, step), name) == value, f"{step}.{name}"


def test_no_parameter_is_set_twice():
    places = [(choice.stage, choice.step, choice.parameter) for choice in CHOICES]
    assert len(places) == len(set(places))


def test_shower_search_is_on_explicitly_and_the_near_infrared_switch_is_off():
    jump = parameters.detector1_steps()["jump"]
    assert jump["find_showers"] is True
    assert jump["expand_large_events"] is False
    assert jump["maximum_cores"] == "1"
    assert parameters.detector1_steps(Options(showers=False))["jump"]["find_showers"] is False


def test_stage_2_builds_cubes_and_spectra_of_background_exposures_only():
    source, background = (parameters.spec2_steps(Options(), role) for role in ("source", "background"))
    assert source["cube_build"]["skip"] and source["extract_1d"]["skip"]
    assert not background["cube_build"]["skip"] and not background["extract_1d"]["skip"]


@pytest.mark.parametrize("pixel", [False, True])
def test_the_pixel_background_is_subtracted_from_the_source_when_asked_for_and_never_from_itself(pixel):
    options = Options(pixel_background=pixel)
    assert parameters.spec2_steps(options, "source")["bkg_subtract"]["skip"] is not pixel
    assert parameters.spec2_steps(options, "background")["bkg_subtract"]["skip"] is True


@pytest.mark.parametrize("master", [False, True])
def test_the_master_background_step_runs_when_asked_for(master):
    assert parameters.spec3_steps(Options(master_background=master))["master_background"]["skip"] is not master


def test_changes_are_put_on_top_without_touching_the_settings():
    steps = parameters.detector1_steps()
    merged = parameters.merged(steps, {"jump": {"find_showers": False}, "refpix": {"skip": False}})
    assert merged["jump"]["find_showers"] is False and merged["jump"]["rejection_threshold"] == 4.0
    assert merged["refpix"]["skip"] is False
    assert steps == parameters.detector1_steps()


def test_a_misspelt_parameter_is_refused_with_the_nearest_name():
    with pytest.raises(PipelineError, match=r"no parameter 'find_shower' in step 'jump'.*find_showers"):
        parameters.check("detector1", {"jump": {"find_shower": True}})


def test_a_misspelt_step_is_refused_with_the_nearest_name():
    with pytest.raises(PipelineError, match=r"no step 'jumps' in Detector1Pipeline; expected one of jump"):
        parameters.check("detector1", {"jumps": {"skip": True}})


def test_the_table_shows_that_the_shower_search_is_off_in_the_code_and_on_in_the_parameter_file(references):
    rows = {(row.stage, row.step, row.parameter): row for row in parameters.effective_table()}
    row = rows["detector1", "jump", "find_showers"]
    assert row.ours is True
    assert row.code_default is False
    assert str(row.reference_value).lower() == "true"
    assert rows["spec3", "pixel_replace", "skip"].code_default is True
    assert rows["spec3", "extract_1d", "ifu_autocen"].reference_value is None
    assert len(rows) == len(CHOICES)
    assert all(row.why for row in rows.values())


def steps_of(text):
    return list(dict.fromkeys(re.findall(r"self\.(\w+)\.run\(", text)))


OTHER_MODES = {  # steps of the pipeline's classes that no MRS exposure passes
    "detector1": {"superbias"},
    "spec2": {"msa_flagging", "imprint_subtract", "extract_2d", "master_background_mos", "targ_centroid", "wavecorr",
              "pathloss", "barshadow", "wfss_contam", "resample_spec"},
    "spec3": {"resample_spec", "photom", "combine_1d"},
}  # fmt: skip


def test_the_table_of_steps_has_each_step_of_the_installed_pipeline_that_an_mrs_exposure_passes_in_its_order():
    classes = {stage: parameters.pipeline_class(stage) for stage in parameters.PIPELINES}
    for stage, names in parameters.MRS_STEPS.items():
        assert set(names) | OTHER_MODES[stage] == set(classes[stage].step_defs)
        assert not set(names) & OTHER_MODES[stage]
    first = inspect.getsource(classes["detector1"].process)
    miri, rest = first.partition("else:")[0], first.partition("self.charge_migration.run(")[2]
    assert list(parameters.MRS_STEPS["detector1"]) == [*steps_of(miri), "charge_migration", *steps_of(rest)]
    whole = inspect.getsource(classes["spec2"].process_exposure_product)
    called = {"spec2": whole.replace("self._process_common(", inspect.getsource(classes["spec2"]._process_common)),
              "spec3": inspect.getsource(classes["spec3"].process)}  # fmt: skip
    for stage, text in called.items():
        order = [step for step in steps_of(text) if step not in OTHER_MODES[stage]]
        assert list(parameters.MRS_STEPS[stage]) == order


def test_the_table_of_steps_tells_flight_practice_and_what_the_course_does(references):
    rows = {(row.stage, row.step): row for row in parameters.step_table()}
    assert list(rows) == [(stage, step) for stage, names in parameters.MRS_STEPS.items() for step in names]
    assert all(row.why and row.parameter == "skip" for row in rows.values())
    switched = {step for (stage, step), row in rows.items()
                if stage == "detector1" and bool(row.code_default) != bool(row.flight)}  # fmt: skip
    assert switched == {"emicorr", "refpix", "ipc"}
    assert (rows["detector1", "emicorr"].flight, rows["detector1", "refpix"].flight) == (False, True)
    pipelines = {stage: parameters.pipeline_class(stage)() for stage in parameters.PIPELINES}
    for (stage, step), row in rows.items():
        assert row.code_default == getattr(pipelines[stage], step).skip
        assert row.why not in parameters.LEFT_ALONE.values() or not row.differs


def test_the_page_on_the_instrument_has_every_difference_from_flight_practice_and_no_other(references):
    page = (Path(__file__).parents[2] / "docs" / "instrument.md").read_text()
    table = page.partition("| step | parameter | flight | here | why |")[2].strip().splitlines()[1:]
    expected = [f"| {row.stage} `{row.step}` | `{row.parameter}` | {row.flight} | {row.ours} | {row.why} |"
                for row in parameters.effective_table() if row.differs]  # fmt: skip
    assert table == expected
