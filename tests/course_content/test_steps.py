"""What lessons 03 and 04 say of the steps is so, and a learner's dictionary of parameters is judged by its content."""

import re

import pytest

from mrskit.course import steps_dictionary
from mrskit.course.shown import own_calls
from mrskit.exercises.record import Answer
from mrskit.lessons import build
from mrskit.pipeline import parameters
from mrskit.pipeline.step_settings import CHOICES, DEFAULT_OPTIONS
from mrskit.references.flight import PRACTICE
from mrskit.resources import lessons_folder

WORDS = {False: "on", True: "off"}  # of a step's parameter skip
NOT_MRS = {"superbias", "msa_flagging", "imprint_subtract", "extract_2d", "master_background_mos", "targ_centroid",
           "wavecorr", "pathloss", "barshadow", "wfss_contam", "resample_spec"}  # fmt: skip


def table(lesson):
    """Return the rows of the table of steps of a lesson: step to the words for code, flight and here."""
    text = "\n".join(cell.source for cell in build.read_source(lessons_folder() / "source" / f"{lesson}.py").cells)
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", text, re.MULTILINE)
    words = {step: [cell.strip() for cell in rest.split("|") if cell.strip() in ("on", "off")] for step, rest in rows}
    return {step: found for step, found in words.items() if len(found) == 3}


@pytest.mark.parametrize(("lesson", "stage"), [("03_detector1", "detector1"), ("04_spec2", "spec2")])
def test_the_table_of_steps_holds_code_flight_practice_and_what_the_course_does(lesson, stage):
    rows, known = table(lesson), parameters.specification(stage)
    assert set(rows) == set(known) - NOT_MRS
    flight = {item.step: item.value for item in PRACTICE if item.parameter == "skip"}
    ours = {choice.step: choice.resolve(DEFAULT_OPTIONS, "source") for choice in CHOICES
            if choice.stage == stage and choice.parameter == "skip"}  # fmt: skip
    for step, words in rows.items():
        code = "default=True" in known[step]["skip"]
        there = flight.get(step, code)
        assert words == [WORDS[code], WORDS[there], WORDS[ours.get(step, there)]], step


@pytest.mark.parametrize(("lesson", "stage"), [("detector1", "detector1"), ("spec2", "spec2")])
def test_the_settings_that_learners_write_exist_in_the_pipeline(lesson, stage):
    parameters.check(stage, {"detector1": own_calls.WITHOUT_JUMP, "spec2": own_calls.WITHOUT_STRAYLIGHT}[lesson])


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("{'jump': {'skip': True}, 'emicorr': {'skip': False}}", "passed"),
        ("{'emicorr': {'skip': False}, 'jump': {'skip': True}}", "passed"),
        ("{'emicorr': {'skip': 0}, 'jump': {'skip': 1}}", "failed"),
        ("{'emicorr': {'skip': False}}", "failed"),
        ("{'emicorr': {'skip': False}, 'jump': {'skip': True}, 'refpix': {'skip': True}}", "failed"),
        ("{'emicorr': {'skip': False}, 'jump': {'skip': 'True'}}", "failed"),
        ("{'emicorr': False, 'jump': True}", "failed"),
        ("['jump']", "failed"),
        ("{", "failed"),
        ("__import__('os').getcwd()", "failed"),
        ("[" * 5000, "failed"),
    ],
)
def test_a_dictionary_is_judged_by_its_settings_alone(text, outcome):
    check = steps_dictionary.holds({"jump": {"skip": True}, "emicorr": {"skip": False}})
    assert check(Answer("x", "text", text), None).outcome == outcome
