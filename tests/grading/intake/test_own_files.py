"""A student's own data are taken along under caps; nothing of them can take the place of anything."""

import base64

import nbformat
import pytest

from mrskit.grading.intake import intake, own_files
from mrskit.lessons.index import notebook_path, read_notebook


def taken(code="", **files):
    found, notes = own_files.taken_along([(name, lambda data=data: data) for name, data in files.items()], code)
    return {name: base64.b64decode(data) for name, data in found.items()}, notes


def test_data_with_plain_names_are_taken_as_they_are():
    files = {"ratio.txt": b"8.6", "Spektrum Köln (1).csv": b"1,2\n", "x-1d.v2.fits": bytes(range(256)), "a b.npy": b""}
    assert taken(**files) == (files, [])


@pytest.mark.parametrize(
    "name",
    ["numpy.py", "mrskit.PY", "scipy.pyc", "json.cpython-311-x86_64-linux-gnu.so", "a.so", "sitecustomize.pth", "b.zip",
     "06_analysis.ipynb", "06.IPYNB", "workspace.json", "Exercises.JSON", "Source", "matplotlibrc", "Makefile", ".csv",
     ".env.txt", "-rf.txt", "a/b.txt", "../up.txt", "..", "/etc/x.txt", "a\\b.txt", "a\n.txt", "a\0.txt",
     "x" * 80 + ".txt", "a.txt ", "a:b.txt"],
)  # fmt: skip
def test_neither_modules_nor_notebooks_nor_files_of_the_course_nor_strange_names_are_taken(name):
    found, notes = taken(f"open({name!r})", **{name: b"x"})
    assert found == {}
    assert len(notes) <= 1 and all("not copied" in note for note in notes)


def test_of_names_that_one_disk_may_take_for_the_same_one_is_taken():
    found, _ = taken(**{"Ratio.txt": b"1", "ratio.TXT": b"2", "e\u0301.txt": b"3", "\xe9.txt": b"4"})
    assert sorted(found) == ["Ratio.txt", "e\u0301.txt"]


def test_what_the_notebook_names_comes_first_and_of_the_rest_nothing_is_said_where_there_is_too_much():
    many = {f"a{n:03d}.txt": b"x" for n in range(40)} | {"z.csv": b"mine"}
    found, notes = taken("np.loadtxt('z.csv')", **many)
    assert len(found) == own_files.MOST and found["z.csv"] == b"mine" and notes == []
    found, notes = taken("open('a.txt'), open('b.txt')", **{"a.txt": bytes(1_500_000), "b.txt": bytes(600_000)})
    assert list(found) == ["a.txt"]
    assert notes == ["b.txt next to the notebook is not copied: the student's files have more than 2 MB"]
    assert taken("import helper", **{"helper.py": b"", "other.py": b""})[1][0].startswith("helper.py next to")


def test_files_beside_a_notebook_belong_to_it_links_and_those_of_others_do_not(tmp_path):
    text = nbformat.writes(read_notebook(notebook_path("06_analysis")))
    for place in ("ada/06_analysis.ipynb", "flat/bob_06_analysis.ipynb", "flat/cem_06_analysis.ipynb"):
        (tmp_path / "class" / place).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "class" / place).write_text(text, encoding="utf-8")
    (tmp_path / "secret.csv").write_text("key")
    ada = tmp_path / "class" / "ada"
    (ada / "ratio.txt").write_text("8.6")
    (ada / "link.csv").symlink_to(tmp_path / "secret.csv")
    (ada / "folder.csv").mkdir()
    found = {item.student: dict(item.files) for item in intake.collect(tmp_path / "class")}
    assert {name: base64.b64decode(data) for name, data in found.pop("ada").items()} == {"ratio.txt": b"8.6"}
