"""Everything that was handed in is accounted for: a row a file, and files cost only their own student."""

import os
import struct
import time
import zipfile

import pytest
from handed import notebook, who, write, zipped

from mrskit.grading.intake import found, intake, notebook as one_notebook, zips
from mrskit.grading.reports import tables


def rows(source, **asked):
    return {row.path: row for row in intake.take(source, intake.Asked(**asked)).rows}


def test_twelve_folders_give_twelve_students_whatever_is_in_them(folder):
    root = folder("a/01_setup.IPYNB", "b/01_setup.ipynb.txt", "c/01_setup.ipynb.json")
    for path in ("d/x.py", "e/x.html", "f/x.pdf", "g/01_setup.ipynb.gz", "h/x.tar.gz", "i/x.7z", "k/.DS_Store"):
        write(root, path, b"x")
    write(root, "j/x.ZIP", zipped({"01_setup.ipynb": notebook("01_setup")}))
    (root / "l").mkdir()
    found = intake.take(root, intake.Asked())
    assert [person.student for person in found.people] == list("abcdefghijkl")
    assert {item.student for item in found.submissions if not item.problem} == set("abcj")
    assert {item.student for item in found.submissions if item.problem} == set("defghi")
    reasons = {row.path: row.reason for row in found.rows if row.status != "used"}
    assert reasons["d/x.py"] == "a .py file, not a notebook (.ipynb)"
    assert all(
        "an archive that is not opened" in reasons[path] for path in ("g/01_setup.ipynb.gz", "h/x.tar.gz", "i/x.7z")
    )
    assert (reasons["l"], reasons["k/.DS_Store"]) == ("an empty folder", "a file added by the operating system")
    assert len(found.rows) == 12


def test_links_folders_and_leftovers_are_named_and_cost_an_honest_student_nothing(folder, tmp_path):
    root = folder("ada/01_setup.ipynb", "ada/deep/1/2/3/4/5/6/7/x.ipynb", "bob/06_analysis.ipynb")
    write(root, "ada/scratch.ipynb", b'{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": []}')
    write(root, "ada/table.csv.gz", b"x")
    write(root, "ada/.ipynb_checkpoints/01_setup-checkpoint.ipynb", notebook("01_setup"))
    write(root, "__MACOSX/ada/._01_setup.ipynb", b"x")
    (root / "ada" / "06_analysis.ipynb").mkdir()
    (root / "bob" / "gone.ipynb").symlink_to(tmp_path / "nowhere")
    (root / "bob" / "loop").symlink_to(root, target_is_directory=True)
    table = rows(root)
    assert {path: row.reason for path, row in table.items() if row.student == "ada" and row.status != "used"} == {
        "ada/.ipynb_checkpoints": "a file added by the operating system",
        "ada/06_analysis.ipynb": "a folder with the name of a notebook",
        "ada/scratch.ipynb": "not a lesson of the course: found no lesson name and no exercise",
        "ada/table.csv.gz": "an archive that is not opened; expected a notebook (.ipynb) or a .zip",
        "ada/deep/1/2/3/4/5/6": found.TOO_DEEP,
    }
    assert (table["__MACOSX"].student, table["__MACOSX"].status) == ("", "not used")
    assert table["bob/gone.ipynb"].reason == table["bob/loop"].reason == "a link; links are not followed"
    assert who(root)["ada"] == {"01_setup"}
    lost = {item.path for item in intake.take(root, intake.Asked()).submissions if item.problem}
    assert lost == {"bob/gone.ipynb", "ada/06_analysis.ipynb"}


def test_a_member_that_leads_out_of_its_zip_is_left_out_and_the_others_count(folder):
    members = {"01_setup.ipynb": notebook("01_setup"), "../../06_analysis.ipynb": notebook(), "C:/x.ipynb": notebook(),
               "a\\b\\06_analysis.ipynb": notebook()}  # fmt: skip
    root = folder("bob/01_setup.ipynb")
    write(root, "zoe.zip", zipped(members))
    write(root, "yan/zoe.zip", b"no zip at all")
    table = rows(root)
    assert table["zoe.zip/06_analysis.ipynb"].reason == "its name points outside the archive"
    assert table["zoe.zip/C:/x.ipynb"].status == "not readable"
    assert table["zoe.zip/a/b/06_analysis.ipynb"].status == "used"
    assert table["yan/zoe.zip"].reason == "not a zip file, or damaged; it was not opened"
    assert who(root) == {"bob": {"01_setup"}, "yan": set(), "zoe": {"01_setup", "06_analysis"}}


def hostile_zips():
    good = zipped({"01_setup.ipynb": notebook("01_setup")})
    lies = bytearray(good)
    struct.pack_into("<I", lies, good.rfind(b"PK\x01\x02") + 24, 2**32 - 1)
    encrypted = bytearray(good)
    for at in (good.find(b"PK\x03\x04") + 6, good.rfind(b"PK\x01\x02") + 8):
        encrypted[at] |= 1
    yield from (zipped({"x.ipynb": notebook()}, method) for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2))
    yield from (good[:-30], good[: len(good) // 2], bytes(lies), bytes(encrypted), b"PK\x05\x06" + b"\xff" * 18, b"")
    yield good.replace(b"01_setup.ipynb", b"\xff\xfe/\x00\x1b[31m.ipy"[:14])


@pytest.mark.parametrize("data", list(hostile_zips()))
def test_a_zip_of_whatever_kind_costs_only_its_student(folder, data):
    root = folder("ada/01_setup.ipynb")
    write(root, "mallory/hw.zip", data)
    write(
        root, "class.zip", zipped({"ada_311_90210_01_setup.ipynb": notebook("01_setup"), "mal_312_90211_x.zip": data})
    )
    for source in (root, root / "class.zip"):
        assert who(source)["ada"] == {"01_setup"}
        assert all(row.reason for row in rows(source).values() if row.status not in ("used", "other attempt"))


def test_a_students_thousands_of_files_cost_only_that_student(folder, monkeypatch):
    monkeypatch.setattr(found, "MOST_FILES", 50)
    monkeypatch.setattr(one_notebook, "MOST_NOTEBOOKS", 20)
    root = folder("ada/01_setup.ipynb", *(f"mallory/{n}/x.ipynb" for n in range(30)))
    for number in range(60):
        write(root, f"eve/{number}.txt", b"")
    write(root, "eve/00_01_setup.ipynb", notebook("01_setup"))
    table = rows(root)
    assert "more than 50 files in this folder" in table["eve/..."].reason
    assert sum("more than 20 notebooks" in row.reason for row in table.values()) == 10
    assert who(root) == {"ada": {"01_setup"}, "eve": {"01_setup"}, "mallory": {"06_analysis"}}
    write(root, "zed.zip", zipped({f"{n}/{n}/{n}.docx": b"" for n in range(60)} | {"z.ipynb": notebook()}))
    assert len([path for path in rows(root) if path.startswith("zed.zip/")]) == 52
    assert who(root)["zed"] == {"06_analysis"}
    members = {f"eve/{n}.txt": b"" for n in range(60)} | {"ada/01_setup.ipynb": notebook("01_setup")}
    path = write(root, "class.zip", zipped(members))
    assert who(path)["ada"] == {"01_setup"}


def test_code_that_is_kept_of_one_student_has_a_limit(folder, monkeypatch):
    monkeypatch.setattr(one_notebook, "LARGEST_CODE", 100)
    root = folder("ada/01_setup.ipynb")
    for number in range(4):
        write(root, f"eve/{number}.ipynb", notebook(answer="#" * 90))
    assert [row.status for row in rows(root).values()].count("not readable") == 3
    assert who(root)["ada"] == {"01_setup"}


def test_a_zip_whose_list_of_members_never_ends_is_refused_before_it_is_read(folder, monkeypatch):
    monkeypatch.setattr(zips, "LARGEST_DIRECTORY", 5_000)
    root = folder("ada/01_setup.ipynb")
    write(root, "eve.zip", zipped({f"{n}.txt": b"" for n in range(200)}))
    assert "too many members for a class" in rows(root)["eve.zip"].reason


@pytest.mark.parametrize("name", ["=cmd|'calc'!A0", "+1", "@SUM(A1)", "-2", "\u202egnp", "\x1b[31mred", "a\nb", '"'])
def test_no_name_of_a_file_is_a_formula_or_a_code_in_the_table(folder, name):
    root = folder(f"{name}/01_setup.ipynb")
    text = tables.intake(intake.take(root, intake.Asked()).rows)
    lines = text.splitlines()
    assert len(lines) == 2 and "\x1b" not in text and "\u202e" not in text
    assert not lines[1].lstrip('"').startswith(("=", "+", "-", "@"))


def test_a_name_of_255_bytes_has_a_folder_and_keeps_its_whole_name(folder):
    name = "é" * 120
    found = intake.take(folder(f"{name}/01_setup.ipynb"), intake.Asked())
    assert len(os.fsencode(found.people[0].student)) <= 160
    assert found.people[0].about["name"] == name


def test_files_of_a_notebook_given_alone_are_those_of_its_folder(folder):
    root = folder("late/ada/01_setup.ipynb")
    assert who(root / "late" / "ada" / "01_setup.ipynb") == {"ada": {"01_setup"}}
    assert who([root / "late" / "ada" / "01_setup.ipynb"]) == {"ada": {"01_setup"}}


def test_names_in_a_zip_that_no_disk_could_hold_are_named_and_cost_no_time(folder):
    members = {"-" * 60_000 + ".ipynb": notebook(), "/".join("a" * 20_000) + "/x.ipynb": notebook(),
               " " * 60_000 + "(x.ipynb": notebook(), "01_setup.ipynb": notebook("01_setup")}  # fmt: skip
    root = folder("ada/01_setup.ipynb")
    write(root, "eve.zip", zipped(members))
    start = time.process_time()
    reasons = sorted(row.reason for row in rows(root).values() if row.reason)
    assert time.process_time() - start < 2
    assert reasons == [*["its name has over 255 characters in one part"] * 2, found.TOO_DEEP]
    assert who(root)["eve"] == {"01_setup"}


def test_two_files_whose_names_differ_in_what_is_not_shown_have_two_rows(folder):
    found = intake.take(folder("ada/a\x01.ipynb", "ada/a\x02.ipynb", "ada/a\u202e.ipynb"), intake.Asked())
    assert len({row.path for row in found.rows}) == len({item.path for item in found.submissions}) == 3


def test_thousands_of_files_that_nobody_can_read_make_one_hand_in_and_few_notes(folder):
    root = folder("ada/01_setup.ipynb")
    for number in range(60):
        write(root, f"eve/{number}.docx", b"")
        write(root, f"mal/{number}.ipynb", b"{")
    items = intake.take(root, intake.Asked()).submissions
    assert [item.path for item in items if item.student == "eve"] == ["eve/0.docx"]
    assert max(len(item.notes) for item in intake.collect(root)) == 21
