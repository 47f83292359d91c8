"""Submissions run in the sandbox on the data of an instructor's workspace."""

import nbformat
import pytest

from mrskit.exercises import index
from mrskit.exercises.codec import decode
from mrskit.grading import intake
from mrskit.grading.limits import Limits
from mrskit.grading.run import Runner
from mrskit.grading.sandbox import backends, mounts
from mrskit.lessons import build


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
