"""Saved notebooks are read as text: which answers they hold, and from which source."""

import json

import pytest

from mrskit.answering import answer_files
from mrskit.errors import LessonError
from mrskit.grading.intake import outline
from mrskit.learner import notebooks


def written(path, *cells):
    path.write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def code(source, **metadata):
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


def test_the_record_and_the_digest_of_what_was_run_are_found_in_the_outputs(saved):
    found = notebooks.read(saved({"01-slow-group": 9.0}, ran={"01-slow-group": "answer = 8"}))
    cell = found.cells["01-slow-group"]
    assert (found.lesson, cell.record["value"], cell.setting) == ("01_setup", 9.0, "12:SHORT")
    assert cell.ran == answer_files.source_digest("answer = 8") != cell.digest


def test_a_cell_without_metadata_is_known_by_its_call_of_give(tmp_path):
    sources = ["x = 1", "answers.give('01-slow-group', x)", 'def f(:\n answers.give("01-context", 1)']
    found = notebooks.read(written(tmp_path / "01_setup.ipynb", *map(code, sources)))
    assert list(found.cells) == ["01-slow-group"]
    assert found.lesson == "01_setup"


def test_of_two_cells_for_one_exercise_the_last_counts(tmp_path):
    cells = [code(source, mrskit={"exercise": "01-context"}) for source in ("a = 1", "a = 2")]
    found = notebooks.read(written(tmp_path / "n.ipynb", *cells))
    assert found.cells["01-context"].digest == answer_files.source_digest("a = 2")


def test_a_record_of_another_exercise_in_a_cell_does_not_count(saved):
    path = saved({"01-slow-group": 9.0})
    table = json.loads(path.read_text())
    table["cells"][0]["metadata"]["mrskit"]["exercise"] = "01-context"
    path.write_text(json.dumps(table))
    assert notebooks.read(path).cells["01-context"].record is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": 3}', '{"cells": [3]}', "[" * 100_000])
def test_what_is_no_notebook_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(LessonError, match=r"n\.ipynb: not a readable notebook") as caught:
        notebooks.read(path)
    assert len(str(caught.value).splitlines()) == 1
    assert "'mrskit start LESSON --fresh'" in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_notebook_in_another_encoding_is_read_as_grading_reads_it(tmp_path, encoding):
    text = json.dumps({"cells": [code("answers.give('01-context', 'é')")], "metadata": {}}, ensure_ascii=False)
    path = tmp_path / "01_setup.ipynb"
    path.write_bytes(text.encode(encoding))
    assert list(notebooks.read(path).cells) == ["01-context"]
    assert outline.read(path.read_bytes())["cells"][0]["source"] == notebooks.load(path)["cells"][0]["source"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b" \n", "the file is empty"),
        (b"\xef\xbb\xbf", "n.ipynb: not a readable notebook"),
        (b'{"cells": [\n<<<<<<< HEAD\n1\n=======\n2\n>>>>>>> theirs\n]}', "a conflict in it, from line 2 on"),
        (b"\xff\xfe\x00\xd8", "not a readable notebook (UnicodeDecodeError"),
        (b'{"cells": []', "not a readable notebook (JSONDecodeError"),
    ],
)
def test_what_is_the_matter_with_a_broken_notebook_is_told_with_the_next_command(tmp_path, data, expected):
    path = tmp_path / "n.ipynb"
    path.write_bytes(data)
    with pytest.raises(LessonError, match=r"--fresh") as caught:
        notebooks.read(path)
    assert expected in str(caught.value)
    with pytest.raises(LessonError, match=r"no such notebook"):
        notebooks.read(tmp_path / "m.ipynb")
