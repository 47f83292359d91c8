"""Submissions run in the sandbox on the data of an instructor's workspace."""

import nbformat
import numpy as np
import pytest
from astropy.io import fits

from mrskit.course import index
from mrskit.exercises.codec import decode
from mrskit.grading.intake import intake, release
from mrskit.grading.records import Cell, Submission
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.lessons import build

BEGIN = "space = answers.begin("
LESSON, EXERCISE, GIVE = "06_analysis", "06-identify", 'answers.give("06-identify", "[Ne III]")'


@pytest.fixture
def short(monkeypatch):
    """Of lesson 06 only its parameters, its beginning and its first exercise."""
    whole = release.release(LESSON)
    kept = tuple(step for step in whole if step.parameters or BEGIN in step.source or step.exercise == EXERCISE)
    monkeypatch.setattr(release, "release", lambda lesson: kept)
    return kept


@pytest.fixture(scope="module")
def runner(solved_workspace):
    """Warm kernels on the demo's workspace."""
    backend = backends.best(mounts.needed(solved_workspace))
    if backend.level != "bubblewrap" or not backend.nested:
        pytest.skip("no bubblewrap with user namespaces here: install bubblewrap")
    with Runner(solved_workspace, Limits(), backend=backend) as running:
        yield running


def handed_in(notebook, tmp_path, name="alice.ipynb"):
    path = tmp_path / name
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return intake.collect(path)[0]


LOOP = "found = {'06-identify': '[Ne III]'}\n[answers.give(name, value) for name, value in found.items()]"


@pytest.mark.pipeline
def test_what_an_own_cell_hands_in_counts_unless_the_answer_cell_answers_later(runner, short):
    blank, mine = "species = ...\nanswers.give('06-identify', species)", 'answers.give("06-identify", "[Ne II]")'
    cases = [
        ({}, short[-1], "[Ne III]"),
        ({EXERCISE: blank}, short[-2], "[Ne III]"),
        ({EXERCISE: mine}, short[-2], "[Ne II]"),
    ]
    for answer, before, value in cases:
        record, _ = runner.run(Submission("a", LESSON, "a", "0", answers=answer, own=(Cell(before.id, LOOP),)), 7, {})
        assert record.given[0].outcome == "recorded", record.given
        assert record.given[0].record["value"] == value
        assert record.notes == ("06-identify: handed in by a cell of the learner's own, which counts",)


COPY = """
import shutil
from mrskit import products
rate = products.find(space.stage("source", "stage1"), "rate")[0]
shutil.copyfile(rate, rate.with_name("mine_rate.fits"))
(rate.parent / "broken_rate.fits").write_text("no FITS file", encoding="utf-8")
"""


@pytest.mark.pipeline
def test_products_that_a_notebook_makes_are_looked_at_and_no_others(runner, short, solved_workspace):
    submission = Submission("a", LESSON, "a", "0", answers={EXERCISE: GIVE}, own=(Cell(short[-2].id, COPY),))
    record, _ = runner.run(submission, 7, {})
    facts = {item.path: item for item in record.products}
    assert sorted(facts) == ["Source/stage1/broken_rate.fits", "Source/stage1/mine_rate.fits"]
    assert facts["Source/stage1/broken_rate.fits"].problem
    good = facts["Source/stage1/mine_rate.fits"]
    original = next(iter(sorted(solved_workspace.stage("source", "stage1").glob("*_rate.fits"))))
    assert (good.kind, good.shape, good.problem) == ("rate", (1024, 1032), "")
    assert good.header["S_RAMP"] == "COMPLETE"
    assert good.values["median"] == pytest.approx(float(np.nanmedian(fits.getdata(original, "SCI"))), rel=1e-5)
    assert not original.with_name("mine_rate.fits").exists()


@pytest.mark.pipeline
def test_a_stage_that_is_known_returns_from_the_store_and_others_run_within_the_limits(runner, short):
    reduce = f"{STAGES}\nprint([path.is_symlink() for path in stages.detector1(space, chosen, options=alone)])"
    submission = Submission("a", LESSON, "a", "0", answers={EXERCISE: f"{reduce}\n{GIVE}"}, own=())
    record, timing = runner.run(submission, 7, {})
    assert (record.products, record.given[0].outcome) == ((), "recorded"), (record.given[0], record.notes)
    assert "[True, True, True, True]" in record.shown[0].text
    assert timing.seconds < 60


DRAW = """
import matplotlib.pyplot as plt
from mrskit.plotting import style
style.use(space)
figure = plt.figure(figsize=(1, 1))
style.finish(figure, "of-{0}", "A figure.")
"""


@pytest.mark.pipeline
def test_figures_of_the_lesson_are_not_drawn_as_nobody_sees_them_and_those_of_the_learner_are(
    runner, short, monkeypatch
):  # fmt: skip
    steps = (*short[:-1], release.Step("figure", DRAW.format("the-lesson")), short[-1])
    monkeypatch.setattr(release, "release", lambda lesson: steps)
    mine = DRAW.format("mine") + "print(sorted(path.name for path in space.plots.iterdir()))\n" + GIVE
    record, _ = runner.run(Submission("a", LESSON, "a", "0", answers={EXERCISE: mine}, own=()), 7, {})
    assert record.given[0].outcome == "recorded", (record.given, record.notes)
    assert "['of-mine.png']" in record.shown[0].text
    assert len(record.shown[0].pictures) == 1


STAGES = """
from mrskit.bands import SETTINGS
from mrskit.pipeline import stages
chosen, alone = SETTINGS["12:SHORT"], stages.Options(scheduler="none")
"""


@pytest.mark.pipeline
def test_a_solved_lesson_hands_in_every_answer_and_makes_no_product(runner, tmp_path):
    record, timing = runner.run(handed_in(build.solved("02_raw_overview"), tmp_path), 7, {}, "address")
    assert {item.id: item.outcome for item in record.given} == {
        exercise.id: "recorded" for exercise in index.lesson_exercises("02_raw_overview")}  # fmt: skip
    for item in record.given:
        assert decode(item.record).id == item.id
    assert (record.digest, record.isolation, record.products, record.notes) == ("address", "bubblewrap", (), ())
    assert timing.warm
    assert timing.peak_memory > 5e7
