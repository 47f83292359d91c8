"""Submissions are found, read under caps and taken apart without running anything of them."""

import json
import os
import zipfile

import nbformat
import pytest

from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.grading.intake import cells, intake, names
from mrskit.lessons import build
from mrskit.lessons.index import notebook_path, read_notebook

LESSON = "06_analysis"


@pytest.fixture
def release():
    """The notebook of lesson 06 as learners get it."""
    return read_notebook(notebook_path(LESSON))


def answered(notebook, **values):
    """Fill answers into a notebook: exercise number word -> source of the whole cell."""
    for cell in notebook.cells:
        name = cell.metadata.get("mrskit", {}).get("exercise", "")
        if (key := name.replace("-", "_").removeprefix("06_")) in values:
            cell.source = values[key]
    return notebook


def write(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def only(source):
    found = intake.collect(source)
    assert len(found) == 1, found
    return found[0]


IDENTIFY = 'species = "[Ne III]"\nanswers.give("06-identify", species)'


def test_a_submission_is_reduced_to_the_sources_of_its_answers(release, tmp_path):
    write(answered(release, identify=IDENTIFY), tmp_path / "alice" / f"{LESSON}.ipynb")
    taken = only(tmp_path)
    assert (taken.student, taken.lesson, taken.problem) == ("alice", LESSON, "")
    assert taken.answers["06-identify"] == IDENTIFY
    assert taken.own == ()
    assert taken.notes == ()


def test_cells_without_ids_and_metadata_are_known_by_what_they_hand_in_and_by_their_source(release, tmp_path):
    notebook = answered(release, identify=IDENTIFY)
    notebook.nbformat_minor = 4
    notebook.metadata.clear()
    for cell in notebook.cells:
        cell.pop("id")
        cell.metadata.clear()
    write(notebook, tmp_path / "bob.ipynb")
    taken = only(tmp_path)
    assert (taken.student, taken.lesson) == ("bob", LESSON)
    assert taken.answers["06-identify"] == IDENTIFY
    assert (taken.own, taken.notes) == ((), ())


def test_own_cells_are_kept_in_their_place_and_cells_of_the_release_are_not_taken(release, tmp_path):
    first = next(cell for cell in release.cells if cell.cell_type == "code")
    first.source += "\nuse_ch = '34'"
    place = next(i for i, cell in enumerate(release.cells) if "06-identify" in str(cell.metadata))
    release.cells.insert(place, nbformat.v4.new_code_cell("x = 1"))
    release.cells.insert(place, nbformat.v4.new_markdown_cell("my thoughts"))
    write(release, tmp_path / "alice.ipynb")
    taken = only(tmp_path)
    before = [cell for cell in release.cells[:place] if cell.cell_type == "code"][-1]
    assert [(cell.after, cell.source) for cell in taken.own] == [(before.id, "x = 1")]
    assert taken.notes == ("changed and not used: the parameters, line 13 (use_ch = '34')",)


def test_of_copied_answer_cells_the_last_one_counts_and_it_is_noted(release, tmp_path):
    release.cells.append(nbformat.v4.new_code_cell(IDENTIFY))
    write(release, tmp_path / "alice.ipynb")
    taken = only(tmp_path)
    assert taken.answers["06-identify"] == IDENTIFY
    assert taken.notes == ("06-identify: 2 cells hand in this exercise, the last one counts",)


@pytest.mark.parametrize("copy", ["species = ...\nanswers.give('06-identify', species)", "give('06-identify', ...)"])
def test_of_copied_answer_cells_an_answered_one_counts_before_one_that_was_left_open(release, tmp_path, copy):
    answered(release, identify=IDENTIFY)
    release.cells.append(nbformat.v4.new_code_cell(copy))
    release.cells.append(nbformat.v4.new_code_cell('%time answers.give("06-velocity", best(sigma=..., n=2))'))
    release.cells.append(nbformat.v4.new_code_cell('flux: float = ...\nflux += 1\nanswers.give("06-velocity", flux)'))
    write(release, tmp_path / "alice.ipynb")
    taken = only(tmp_path)
    assert taken.answers["06-identify"] == IDENTIFY
    assert taken.answers["06-velocity"].startswith("flux: float")
    assert taken.notes == ("06-identify: 2 cells hand in this exercise, the last one that is answered counts",
                           "06-velocity: 3 cells hand in this exercise, the last one counts")  # fmt: skip


def test_the_first_half_of_a_split_answer_cell_runs_before_the_second(release, tmp_path):
    place = next(i for i, cell in enumerate(release.cells) if "06-identify" in str(cell.metadata))
    release.cells[place].source = 'answers.give("06-identify", species)'
    half = nbformat.v4.new_code_cell('species = "[Ne III]"', metadata=release.cells[place].metadata)
    release.cells.insert(place, half)
    write(release, tmp_path / "alice.ipynb")
    taken = only(tmp_path)
    assert taken.answers["06-identify"] == 'answers.give("06-identify", species)'
    assert [cell.source for cell in taken.own] == ['species = "[Ne III]"']


def test_answer_cells_that_were_merged_are_parted_behind_each_statement_that_hands_in(release, tmp_path):
    merged = f'{IDENTIFY}\n\nflux = 3.0\nanswers.give(\n    "06-line-flux", flux,\n)\nprint("done")'
    ids = cells.given(merged)
    assert [name for name, _ in ids] == ["06-identify", "06-line-flux"]
    parts = cells.split(merged, ids)
    assert parts["06-identify"] == IDENTIFY
    assert parts["06-line-flux"].strip().startswith("flux = 3.0")
    assert parts["06-line-flux"].endswith('print("done")')


def test_a_deleted_answer_cell_is_noted_as_missing(release, tmp_path):
    release.cells = [cell for cell in release.cells if "06-identify" not in cell.source]
    write(release, tmp_path / "alice.ipynb")
    taken = only(tmp_path)
    assert "06-identify" not in taken.answers
    assert taken.notes == ("no cell for 06-identify",)


def test_a_loop_that_hands_in_is_an_own_cell_and_its_exercises_are_not_called_missing(release, tmp_path):
    loop = 'for name, value in {"06-identify": "[Ne III]"}.items():\n    answers.give(name, value)'
    release.cells = [cell for cell in release.cells if '"06-identify"' not in cell.source]
    release.cells.append(nbformat.v4.new_code_cell(loop))
    taken = only(write(release, tmp_path / "alice.ipynb"))
    assert ([cell.source for cell in taken.own], taken.notes) == ([loop], ())


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("bare", [False, True])
def test_a_cell_of_the_release_that_is_no_code_any_more_is_told_as_such(release, tmp_path, kind, bare):
    answered(release, identify=IDENTIFY)
    code = [cell for cell in release.cells if cell.cell_type == "code"]
    turned = [code[1], next(cell for cell in code if cell.source == IDENTIFY)]
    for cell in turned:
        cell.cell_type = kind
        cell.pop("outputs"), cell.pop("execution_count")
    if bare:  # as programs save it that know neither ids nor metadata of others
        release.nbformat_minor = 4
        for cell in release.cells:
            cell.pop("id")
            cell.metadata.clear()
    taken = only(write(release, tmp_path / "alice.ipynb"))
    called = {"markdown": "Markdown", "raw": "raw text"}[kind]
    [first, second] = taken.notes
    assert first.startswith("the cell '") and first.endswith(f"was turned into {called}: the release's cell counts")
    assert second == f"06-identify was turned into {called}: only code cells can hand in an answer"
    assert "06-identify" not in taken.answers


@pytest.mark.parametrize(
    ("typed", "meant"), [("06-identfy", "06-identify"), ("06-Velocity", ""), ("60-velocity", "06-velocity")]
)
def test_a_mistyped_exercise_is_told_with_the_nearest_one(release, tmp_path, typed, meant):
    answered(release, identify=f'answers.give("{typed}", 3)')
    release.cells.append(nbformat.v4.new_code_cell('answers.give("01-context", 1)'))
    taken = only(write(release, tmp_path / "alice.ipynb"))
    assert taken.answers["06-identify"] == f'answers.give("{typed}", 3)'  # fails as it did for the learner
    assert "exercises of a different lesson, not used: 01-context" in taken.notes
    told = [note for note in taken.notes if note.startswith(typed)]
    assert told == ([f"{typed} is not an exercise, not used; did you mean {meant}?"] if meant else [])


@pytest.mark.parametrize(
    "source",
    ['x = """answers.give("06-identify", 1)"""', '# answers.give("06-identify", 1)', 'give(b"06-identify", 1)',
     'give("no id", 1)', "answers.give(name, 1)", 'take("06-identify")'],
)  # fmt: skip
def test_only_calls_hand_in(source):
    assert cells.given(source) == []


@pytest.mark.parametrize(
    "source",
    ['answers.give("06-identify", 1)', "give(  # it\n '06-identify', 1)", '%time answers.give("06-identify", 1)',
     'x = (\nanswers.give("06-identify", 1)', 'if 1:\n    answers.give("06-identify", ...)'],
)  # fmt: skip
def test_a_call_is_seen_however_it_is_written(source):
    assert [name for name, _ in cells.given(source)] == ["06-identify"]


def test_source_that_is_nested_beyond_all_measure_does_not_exhaust_the_stack():
    assert cells.given("(" * 100_000 + 'give("06-identify"') is not None
    assert cells.given("-" * 100_000 + "1") == []


NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\xff\xfe", "not valid JSON"),
        (b"", "the file is empty"),
        (b"[" * 100_000, "not a notebook"),
        (b'{"cells": [' + b"[" * 100_000, "expected a closing bracket"),
        (b'{"nbformat": ' + b"[" * 9_000 + b"]" * 9_000 + b"}", "nested too deeply"),
        (b'{"cells": []} {}', "extra data"),
        (b'{"cells" []}', "expected a colon"),
        (b'{"cells": [1 2]}', "expected a comma"),
        (b'{"cells: []}', "expected a"),
        (json.dumps({"a" * 3 + str(n): n for n in range(2_001)}).encode(), "more than 2000 members"),
        (b"[]", "not a notebook"),
        (json.dumps(NOTEBOOK | {"nbformat": 3}).encode(), "notebook format is 3"),
        (
            json.dumps({"nbformat": 3, "nbformat_minor": 0, "worksheets": [{"cells": []}]}).encode(),
            "format is 3, expected",
        ),
        (json.dumps({"nbformat": 2, "worksheets": []}).encode(), "in JupyterLab and save it"),
        (json.dumps(NOTEBOOK | {"nbformat": "4"}).encode(), "does not state its notebook format"),
        (json.dumps(NOTEBOOK | {"cells": [{"cell_type": "code", "source": ""}] * 301}).encode(), "limit of 300"),
        (json.dumps(NOTEBOOK | {"cells": [{"cell_type": "magic", "source": ""}]}).encode(), "cell 1 is not a valid"),
        (json.dumps(NOTEBOOK | {"cells": [{"cell_type": "code", "source": 3}]}).encode(), "source of cell 1"),
        (json.dumps(NOTEBOOK | {"cells": [{"cell_type": "code", "source": "x" * 200_001}]}).encode(), "200001"),
        (json.dumps(NOTEBOOK | {"cells": [{"cell_type": "code", "source": "\ud800"}]}).encode(), "characters"),
        (json.dumps(NOTEBOOK).encode(), "not a lesson of the course"),
        (json.dumps(NOTEBOOK | {"cells": [{"cell_type": "code", "source": "x" * 199_000}] * 26}).encode(), "5 MB"),
        (b" " * 100_000_001, "limit of 100 MB"),
    ],
)
def test_a_file_that_is_no_gradable_notebook_says_why(content, problem, tmp_path):
    (tmp_path / "alice.ipynb").write_bytes(content)
    taken = only(tmp_path)
    assert problem in taken.problem
    assert (taken.student, dict(taken.answers), taken.own) == ("alice", {}, ())


def test_outputs_widgets_and_kernels_of_a_submission_are_dropped(release, tmp_path):
    release.metadata.kernelspec.name = "attack"
    release.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}
    code = next(cell for cell in release.cells if cell.cell_type == "code")
    code.outputs = [nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>"})]
    write(release, tmp_path / "alice.ipynb")
    assert "attack" not in repr(only(tmp_path))
    assert "script" not in repr(only(tmp_path))


HUGE = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 12_000_000, "text/html": "<p>"}}


def test_a_notebook_saved_with_large_outputs_is_read_like_one_without(release, tmp_path):
    answered(release, identify=IDENTIFY)
    write(release, tmp_path / "plain" / "alice.ipynb")
    table = json.loads(nbformat.writes(release))
    for cell in table["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [HUGE, {"output_type": "stream", "name": "stdout", "text": ['say "x": [{]}\\"\n'] * 9}]
            cell["execution_count"] = 3
            break
    table["metadata"]["widgets"] = {"state": {str(n): [float("nan"), {"a": [[]]}] for n in range(9_000)}}
    table["cells"].insert(0, {"cell_type": "markdown", "metadata": {}, "source": "![x](attachment:y)" + "z" * 300_000,
                              "attachments": {"y": {"image/png": "A" * 6_000_000}}})  # fmt: skip
    path = tmp_path / "saved" / "alice.ipynb"
    path.parent.mkdir()
    path.write_text(json.dumps(table), encoding="utf-8")
    plain, saved = only(tmp_path / "plain"), only(tmp_path / "saved")
    assert (saved.answers, saved.own, saved.notes, saved.problem) == (plain.answers, plain.own, plain.notes, "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_a_notebook_in_another_encoding_is_read(release, tmp_path, encoding):
    (tmp_path / "zoë.ipynb").write_bytes(nbformat.writes(answered(release, identify=IDENTIFY)).encode(encoding))
    assert only(tmp_path).answers["06-identify"] == IDENTIFY


@pytest.mark.pipeline
@pytest.mark.parametrize("lesson", index.lessons())
def test_a_solved_lesson_that_papermill_has_run_and_saved_is_read_like_its_source(solved_workspace, lesson, tmp_path):
    run = solved_workspace.root / "Notebook" / f"{lesson}.ipynb"
    assert "injected-parameters" in run.read_text(encoding="utf-8")
    write(build.solved(lesson), tmp_path / "source" / f"{lesson}.ipynb")
    saved, source = only(run), only(tmp_path / "source")
    assert (saved.answers, saved.own, saved.notes) == (source.answers, (), ())


def test_the_cell_of_papermill_is_dropped_where_its_tag_is_lost_and_an_own_cell_of_its_title_is_not(release, tmp_path):
    cell = nbformat.v4.new_code_cell('# Parameters\nworkspace = "elsewhere"')
    release.cells.insert(2, cell)
    assert only(write(release, tmp_path / "own" / "alice.ipynb")).own != ()
    release.metadata["papermill"] = {"parameters": {"workspace": "elsewhere"}}
    assert only(write(release, tmp_path / "run" / "alice.ipynb")).own == ()


def test_names_of_files_that_are_no_utf8_are_read_as_latin_1(release, tmp_path):
    write(release, tmp_path / os.fsdecode(b"Jos\xe9") / "06_analysis.ipynb")
    taken = only(tmp_path)
    assert (taken.student, taken.path) == ("José", "José/06_analysis.ipynb")


def test_no_name_is_longer_than_a_folder_may_be_called():
    first, second = names.students({"1": "𝔸" * 64, "2": "𝔸" * 63 + "𝔹"}, {}).values()
    assert first != second
    assert max(len(name.encode()) for name in (first, second)) < 200


def test_whatever_a_file_raises_is_a_problem_of_that_file_alone(release, tmp_path, monkeypatch):
    write(release, tmp_path / "alice.ipynb")
    (tmp_path / "mallory.ipynb").write_text("{}", encoding="utf-8")
    read = cells.read
    monkeypatch.setattr(cells, "read", lambda data: read(data) if len(data) > 2 else 1 / 0)
    problems = {item.student: item.problem for item in intake.collect(tmp_path)}
    assert problems["alice"] == ""
    assert "the grader failed (ZeroDivisionError" in problems["mallory"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_packed_in_rare_ways_and_damaged_ones_are_problems_of_their_archive(release, tmp_path, method):
    text = nbformat.writes(release)
    with zipfile.ZipFile(tmp_path / "mallory.zip", "w", method) as archive:
        archive.writestr("06_analysis.ipynb", text)
    damaged = zipped(tmp_path / "carol.zip", **{"06_analysis.ipynb": text})
    data = bytearray(damaged.read_bytes())
    data[200:400] = bytes(200)
    damaged.write_bytes(data)
    write(release, tmp_path / "alice.ipynb")
    problems = {item.student: item.problem for item in intake.collect(tmp_path)}
    assert "stored or deflated" in problems["mallory"] and "damaged" in problems["carol"]
    assert problems["alice"] == ""


def test_links_and_special_files_are_not_read(release, tmp_path):
    secret = write(release, tmp_path / "outside" / "secret.ipynb")
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "alice.ipynb").symlink_to(secret)
    (folder / "bob").symlink_to(secret.parent, target_is_directory=True)
    os.mkfifo(folder / "carol.ipynb")
    found = intake.collect(folder)
    assert [(item.student, bool(item.problem)) for item in found] == [("alice", True), ("bob", True), ("carol", True)]


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_is_read_member_by_member_and_never_unpacked(release, tmp_path):
    text = nbformat.writes(release)
    path = zipped(tmp_path / "class.zip", **{"class/alice/06_analysis.ipynb": text, "class/bob/06_analysis.ipynb": text,
                                             "__MACOSX/class/alice/._06_analysis.ipynb": "x"})  # fmt: skip
    assert [item.student for item in intake.collect(path)] == ["alice", "bob"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_zip_must_not_hold_is_refused(release, tmp_path):
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("../../up.ipynb", nbformat.writes(release))
        archive.writestr("/etc/root.ipynb", nbformat.writes(release))
        archive.writestr("inner.zip", b"PK")
        archive.writestr("bomb.ipynb", b" " * 30_000_000)
        archive.writestr("large.ipynb", b" " * 101_000_000)
        archive.writestr("a/b/c/d/e/f/g/h/i.ipynb", nbformat.writes(release))
    problems = {item.path: item.problem for item in intake.collect(path)}
    assert "links are not followed" in problems["link.ipynb"]
    assert "points outside" in problems["up.ipynb"]
    assert "points outside" in problems["etc/root.ipynb"]
    assert "not a zip file, or damaged" in problems["inner.zip"]
    assert "compression ratio is too high" in problems["bomb.ipynb"]
    assert "limit of 100 MB" in problems["large.ipynb"]
    assert "too deeply" in problems["a/b/c/d/e/f/g/h/i.ipynb"]


def test_a_zip_that_lies_about_sizes_is_read_no_further_than_the_cap(tmp_path):
    path = zipped(tmp_path / "class.zip", **{"alice.ipynb": os.urandom(6_000_000).hex()})
    data = bytearray(path.read_bytes())
    start = data.rfind(b"PK\x01\x02")
    data[start + 24 : start + 28] = (1000).to_bytes(4, "little")  # the size that the directory states
    path.write_bytes(data)
    assert only(path).problem


def test_a_damaged_zip_is_a_problem_of_one_submission(release, tmp_path):
    (tmp_path / "bob.zip").write_bytes(b"PK\x03\x04 nothing")
    write(release, tmp_path / "alice.ipynb")
    assert [(item.student, bool(item.problem)) for item in intake.collect(tmp_path)] == [
        ("bob", True), ("alice", False)]  # fmt: skip


def test_of_two_notebooks_of_a_student_the_newer_one_counts(release, tmp_path):
    old = write(answered(release, identify="old = 1\n" + IDENTIFY), tmp_path / "alice" / f"{LESSON}.ipynb")
    new = write(answered(release, identify=IDENTIFY), tmp_path / "alice" / f"{LESSON} (1).ipynb")
    os.utime(old, (1000, 1000))
    os.utime(new, (2000, 2000))
    taken = only(tmp_path)
    assert taken.answers["06-identify"] == IDENTIFY
    assert taken.notes == (f"alice/{LESSON}.ipynb: not used, another attempt is newer",)


def test_a_list_of_files_takes_students_from_their_folders(release, tmp_path):
    paths = [write(release, tmp_path / name / f"{LESSON}.ipynb") for name in ("alice", "bob")]
    assert [item.student for item in intake.collect(paths)] == ["alice", "bob"]


def test_a_source_that_is_not_there_or_is_no_submission_is_an_error(tmp_path):
    with pytest.raises(GradingError, match="no such file"):
        intake.collect(tmp_path / "missing")
    (tmp_path / "x.txt").write_text("x", encoding="utf-8")
    with pytest.raises(GradingError, match="not a folder"):
        intake.collect(tmp_path / "x.txt")
