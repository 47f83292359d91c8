"""Parameters of lessons have values that lessons know, and whoever sets another one is told which there are."""

import pytest

from mrskit import answers, parameters
from mrskit.answering import recorded
from mrskit.cli.course import run
from mrskit.errors import LessonError, WorkspaceError
from mrskit.exercises import codec
from mrskit.exercises.record import Answer
from mrskit.lessons import build
from mrskit.lessons.run import check_parameters
from mrskit.workspace import create


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("use_band", "short", "'SHORT', 'MEDIUM', 'LONG'"), ("use_ch", 12, "'12', '34'"),
     ("pixel_bg", "maybe", "True, False"), ("master_bg", "False", "True, False"),
     ("stages", "9", "'12', '13'"), ("stages_bg", 23, "'23'"),
     ("start_from", "x1d", "'rate', 'cal', 's3d'"), ("data_source", "REAL", "'simulated', 'real'")],
)  # fmt: skip
def test_every_lesson_refuses_a_value_that_none_knows_and_names_those_there_are(name, value, expected):
    with pytest.raises(LessonError, match=rf"parameter {name} is {value!r}, expected one of .*{expected}"):
        check_parameters(build.student("01"), "01_setup.ipynb", {name: value})
    with pytest.raises(LessonError, match=f"parameter {name} is"):
        answers.begin("06_analysis", "nowhere", **{name: value})


def test_the_values_of_the_release_and_free_texts_are_taken():
    parameters.require_values({"stages": "23", "pixel_bg": True, "scheduler": "tcp://host:8786", "workspace": "a b"})
    parameters.require_values({"start_from": "", "data_source": "real", "spectra_dir": "", "use_band": "LONG"})


def test_simulated_data_are_not_taken_for_real_ones(tmp_path):
    space = create(tmp_path / "course")
    space.update_card(simulated=True)
    (space.stage("source", "uncal") / "a_uncal.fits").write_bytes(b"")
    with pytest.raises(LessonError, match='its data are simulated, but data_source is "real"'):
        answers.begin("01_setup", space.root, data_source="real")


@pytest.mark.parametrize(
    ("strange", "options", "message"),
    [(["SHORT"], ["use_band"], "expected NAME=VALUE, for example -p use_band=SHORT"),
     (None, ["stages"], "expected NAME=VALUE"), (["7"], None, "'7' after the lesson")],
)  # fmt: skip
def test_a_parameter_without_its_equals_sign_is_told_how_to_write_it(tmp_path, strange, options, message):
    with pytest.raises(LessonError, match=message):
        run("01", strange, tmp_path, parameter=options)


def test_a_lesson_as_it_is_shipped_does_not_blank_answers(tmp_path):
    space = create(tmp_path / "key")
    recorded.write(space, "01_setup", codec.encode(Answer("01-slow-group", "scalar", 8.6)), "12:SHORT")
    with pytest.raises(WorkspaceError, match=r"would erase 1 answers to 01_setup.*--solved"):
        run("01", None, space.root)
    assert recorded.read(space, "01_setup")["01-slow-group"].answer.value == 8.6
