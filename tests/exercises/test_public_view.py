"""What a sandbox sees of exercises: enough to record an answer, nothing that judges it."""

import numpy as np
import pytest

from mrskit.course import index
from mrskit.errors import AnswerError
from mrskit.exercises import public_view
from mrskit.exercises.record import Answer

SHOWN = ("id", "title", "prompt", "kind", "unit", "points", "minutes", "hints", "choices")


@pytest.fixture
def seen(tmp_path, monkeypatch):
    """The public view of lesson 05 with the probes of seed 7; the course in this process consists of them."""
    path = tmp_path / "exercises.json"
    path.write_text(public_view.write(index.lesson_exercises("05"), 7))
    public_view.read.cache_clear()
    monkeypatch.setenv(public_view.VARIABLE, str(path))
    return path


def test_the_public_view_shows_what_is_asked(seen, monkeypatch):
    shown = index.lesson_exercises("05")
    monkeypatch.delenv(public_view.VARIABLE)
    for face, exercise in zip(shown, index.lesson_exercises("05"), strict=True):
        assert all(getattr(face, name) == getattr(exercise, name) for name in SHOWN)


def test_probes_are_those_of_the_seed_whatever_the_notebook_asks_for(seen, monkeypatch):
    face = index.exercise("05-leak")
    monkeypatch.delenv(public_view.VARIABLE)
    wanted = index.exercise("05-leak").probes(7)
    for mine, theirs in zip(face.probes(8), wanted, strict=True):
        for one, other in zip(mine, theirs, strict=True):
            assert type(one) is type(other) or isinstance(other, np.generic)
            np.testing.assert_array_equal(one, other)


def test_it_judges_nothing_and_holds_no_message_of_a_misconception(seen, monkeypatch):
    face = index.exercise("05-leak")
    assert face.misconceptions == ()
    with pytest.raises(AnswerError, match="judged elsewhere"):
        face.check(Answer("05-leak", "code", None), None)
    text = seen.read_text()
    monkeypatch.delenv(public_view.VARIABLE)
    messages = [item.message for exercise in index.lesson_exercises("05") for item in exercise.misconceptions]
    assert messages
    assert not [message for message in messages if message in text]


def test_every_probe_of_the_course_survives_the_way_through_json(tmp_path):
    for lesson in index.lessons():
        path = tmp_path / f"{lesson}.json"
        path.write_text(public_view.write(index.lesson_exercises(lesson), 3))
        for face, exercise in zip(public_view.read(path), index.lesson_exercises(lesson), strict=True):
            assert (face.probes is None) == (exercise.probes is None)
            if face.probes is not None:
                assert repr(face.probes(3)).replace("np.float64(", "").replace(")", "") == repr(
                    exercise.probes(3)
                ).replace("np.float64(", "").replace(")", "")
