"""Lessons 01 and 02 on exposures that came from an archive; the configuration quiz of another program."""

import json
import os

import nbformat
import pytest
from standin import Standin, serve

from mrskit import bands, observed, plan, workspace
from mrskit.answering import judge
from mrskit.course import index
from mrskit.course.shown import proposal, stand_in
from mrskit.exercises.record import Answer
from mrskit.fetch import raw
from mrskit.fetch.archive import SERVER
from mrskit.lessons.run import run_lesson
from mrskit.pipeline.reference_needs import asked
from mrskit.references import fetch, needs, own_cache
from mrskit.simulate import exposure

pytestmark = pytest.mark.pipeline
SECOND = plan.Program(
    9002, "A second program", "NGC 7319", 0.0225, 339.014833, 33.975750,
    (plan.Observation(3, "source", "One band, slow", "NGC-7319-MRS", "SLOWR1", 5, 1, 2, "2-POINT", "EXTENDED-SOURCE",
                      "NEGATIVE", "12", "SHORT"),),
    {"SHORT": "02101"},
)  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def crds_environment(references):
    """CRDS as it was is there again after these tests."""
    yield
    own_cache.switch(own_cache.environment(references))


def fetched(root, files, program, observations, references):
    """Return a workspace that was filled from an archive with these files, pinned to a cache that needs no server."""
    before = os.environ.get(SERVER)
    with serve(Standin(files={path.name: path for path in files}, program=str(program))) as archive:
        os.environ[SERVER] = archive.url
        try:
            raw.carry_out(raw.prepare(root, program, observations))
        finally:
            os.environ.pop(SERVER) if before is None else os.environ.update({SERVER: before})
    space = workspace.open_workspace(root)
    fetch.configure(references, offline=True)
    fetch.pin(space, needs.survey(space, asked))
    return space


@pytest.fixture(scope="module")
def course(quick_workspace, references, copy_of, tmp_path_factory):
    """Program 2732, fetched: the raw exposures of the suite's workspace."""
    files = [path for role in workspace.ROLES for path in quick_workspace.stage(role, "uncal").iterdir()]
    space = fetched(tmp_path_factory.mktemp("real") / "course", files, 2732, (4, 5), references)
    copy_of(quick_workspace, space.root / stand_in.FOLDER)
    return space


@pytest.fixture(scope="module")
def second(quick_workspace, references, copy_of, tmp_path_factory):
    """Another program, simulated and fetched: two dithers in SLOWR1, one detector and sub-band, no background."""
    folder = tmp_path_factory.mktemp("second")
    made = workspace.create(folder / "made")
    files = exposure.simulate(made, bands.settings("12:SHORT,34:SHORT"), references=references, program=SECOND)
    space = fetched(folder / "fetched", files, 9002, (3,), references)
    copy_of(quick_workspace, space.root / stand_in.FOLDER)
    return space


def outcomes(space, lesson):
    [score] = judge.scorecard(space, (lesson,)).lessons
    return {row.id: row.outcome for row in score.rows}


def output(path):
    """Return everything that a notebook printed, and the descriptions of its figures."""
    return json.dumps([cell.get("outputs", []) for cell in nbformat.read(path, 4).cells])


def test_lesson_01_runs_on_fetched_data_and_all_of_it_is_judged(course):
    done = run_lesson("01", course, solved=True, parameters={"data_source": "real"})
    assert set(outcomes(course, "01").values()) == {"passed"}
    assert "all raw exposures of your workspace are SIMULATED" in output(done)  # the archive of the test serves such


def test_lesson_02_runs_on_fetched_data_and_all_of_it_is_judged_without_the_truth(course):
    run_lesson("02", course, solved=True, parameters={"data_source": "real"})
    assert set(outcomes(course, "02").values()) == {"passed"}
    assert not (course.truth / "scene.json").exists()


def test_the_headers_of_another_program_give_back_what_it_was_made_with(second):
    told = observed.of(second)
    assert told.observations == (SECOND.observations[0],) and told.activity == SECOND.activity
    assert told.observations[0].exposure_time == pytest.approx(5 * 23.88992 * 2)
    [row] = proposal.table(told)
    assert (row["readout"], row["groups"], row["dithers"]) == ("SLOWR1", "5", "2")


CONFIGURATION = """channels | 1, 2
sub-bands | SHORT
readout | SLOWR1
groups | 5
integrations | 1
dithers | 2"""


def test_the_configuration_quiz_of_another_program_asks_for_that_program(second):
    done = run_lesson("01", second, solved=True, parameters={"data_source": "real"})
    found = outcomes(second, "01")
    assert set(found.values()) == {"passed"}
    printed = output(done)
    assert "program 9002" in printed and "Observation 3" in printed and "observations: 3" in printed


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [("01-configuration", CONFIGURATION, "passed"), ("01-uncal-files", [24], "failed"),
     ("01-exposure-time", [238.9], "passed")]
    + [("01-configuration", CONFIGURATION.replace(*change), "partial")
       for change in (("SLOWR1", "FASTR1"), ("1, 2\n", "1, 2, 3, 4\n"), ("groups | 5", "groups | 40"),
                      ("dithers | 2", "dithers | 2 | 2"))],
)  # fmt: skip
def test_answers_that_are_right_for_the_course_are_wrong_for_another_program(second, name, value, outcome):
    kind = "text" if isinstance(value, str) else "array"
    answer = Answer(name, kind, value, exercise=index.exercise(name))
    assert judge.judge(answer, judge.facts_for(second)).outcome == outcome
