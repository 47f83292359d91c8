"""Names as learning platforms and instructors write them: one person has one row, two never share one."""

import os
from datetime import UTC, datetime, timedelta, timezone

import pytest
from handed import notebook, who, write, zipped

from mrskit.errors import GradingError
from mrskit.grading.intake import intake, layouts

BOTH = {"01_setup", "06_analysis"}


@pytest.mark.parametrize(
    ("paths", "students"),
    [
        (["hopperg_20431_551207_01_setup.ipynb", "hopperg_20431_551390_06_analysis.ipynb"], {"hopperg": BOTH}),
        (["noetheremmy_LATE_311_90210_01_setup-1.ipynb", "noetheremmy_311_90333_06_analysis (2).IPYNB"],
         {"noetheremmy": BOTH}),
        (["Emmy Noether_1201_assignsubmission_file/01_setup.ipynb",
          "Emmy Noether_1388_assignsubmission_file/06_analysis.ipynb",
          "Emmy Noether_1388_assignsubmission_onlinetext/onlinetext.html"], {"Emmy_Noether": BOTH}),
        (["HW1-4711/Emmy Noether_1201_assignsubmission_file_/01_setup.ipynb",
          "HW1-4711/Alan_T_1202_assignsubmission_file_/01_setup.ipynb",
          "HW6-4713/Emmy Noether_1388_assignsubmission_file_/06_analysis.ipynb"],
         {"Emmy_Noether": BOTH, "Alan_T": {"01_setup"}}),
        (["Emmy Noether_1201_assignsubmission_file_01_setup.ipynb"], {"Emmy_Noether": {"01_setup"}}),
        (["Week 1_noether_attempt_2026-03-01-10-20-30_01_setup.ipynb",
          "Week 6_noether_attempt_2026-04-01-10-20-30_06_analysis.ipynb",
          "Week 6_noether_attempt_2026-04-01-10-20-30.txt"], {"noether": BOTH}),
        (["123456-789012 - Emmy Noether - Mar 1, 2026 1020 AM/01_setup.ipynb",
          "123456-789333 - Emmy Noether - Apr 12, 2026 120 PM/06_analysis.ipynb", "index.html"],
         {"Emmy_Noether": BOTH}),
        (["123456-789012 - Emmy Noether - 13 September 2025 310 PM - 01_setup.ipynb"], {"Emmy_Noether": {"01_setup"}}),
        (["submitted/emmy/ps1/01_setup.ipynb", "submitted/emmy/ps6/06_analysis.ipynb",
          "submitted/alan/ps1/01_setup.ipynb"], {"emmy": BOTH, "alan": {"01_setup"}}),
        (["lesson01/ada/01_setup.ipynb", "lesson06/ada/06_analysis.ipynb", "lesson06/bob/06_analysis.ipynb"],
         {"ada": BOTH, "bob": {"06_analysis"}}),
        (["week 1/ada/01_setup.ipynb", "week6/ada/06_analysis.ipynb", "Homework_3/cem.ipynb"],
         {"ada": BOTH, "cem": {"06_analysis"}}),
        (["week6/ada/06_analysis.ipynb"], {"ada": {"06_analysis"}}),
        (["ada_01_setup.ipynb", "06_analysis-ada (1).ipynb", "bob 06_analysis-Copy1.ipynb",
          "cem_06_analysis_1.ipynb"], {"ada": BOTH, "bob": {"06_analysis"}, "cem": {"06_analysis"}}),
        (["ada/01_setup-Copy1.ipynb", "ada/06_analysis_1.ipynb.txt", "bob/x.IPYNB", "cem/y.ipynb.json"],
         {"ada": BOTH, "bob": {"06_analysis"}, "cem": {"06_analysis"}}),
        (["class/ada/01_setup.ipynb", "class/bob/01_setup.ipynb", "class/README.md"],
         {"ada": {"01_setup"}, "bob": {"01_setup"}}),
        (["ada/kent_20431_551207_01_setup.ipynb"], {"ada": {"01_setup"}}),
        (["1/01_setup.ipynb", "2/01_setup.ipynb"], {"1": {"01_setup"}, "2": {"01_setup"}}),
        (["ada/Bob Kent_77_assignsubmission_file/01_setup.ipynb", "ada/kent_20431_551207_06_analysis.ipynb",
          "bob/01_setup.ipynb"], {"ada": BOTH, "bob": {"01_setup"}}),
    ],
)  # fmt: skip
def test_the_students_of_a_download_are_recognised(folder, paths, students):
    files = [path for path in paths if "ipynb" in path.casefold()]
    root = folder(*files)
    for path in set(paths) - set(files):
        write(root, path, b"<html>")
    assert who(root) == students


@pytest.mark.parametrize("paths", [
    ["Emmy_1201_assignsubmission_file/01_setup.ipynb", "Emmy_1202_assignsubmission_file/01_setup.ipynb"],
    ["noether_311_90210_01_setup.ipynb", "noether_312_90211_01_setup.ipynb"],
    ["1-9 - Emmy - Mar 1, 2026 1020 AM/01_setup.ipynb", "2-9 - Emmy - Mar 1, 2026 1021 AM/01_setup.ipynb"],
])  # fmt: skip
def test_two_people_of_one_name_in_one_download_are_two(folder, paths):
    assert len(who(folder(*paths))) == 2


def test_names_in_other_normal_forms_or_capitals_are_one_student_and_capitals_are_noted(folder):
    root = folder("José/01_setup.ipynb", "Jose\u0301/06_analysis.ipynb", "Ada/01_setup.ipynb", "ada/06_analysis.ipynb")
    found = intake.take(root, intake.Asked())
    assert who(root) == {"José": BOTH, "ada": BOTH} or who(root) == {"José": BOTH, "Ada": BOTH}
    assert [note for note in found.notes if "'Ada' and 'ada' were read as one student" in note] == list(found.notes)


def test_a_name_with_other_characters_or_a_made_suffix_takes_nobodys_place(folder):
    root = folder("Ada Lovelace/01_setup.ipynb", "Ada\tLovelace/01_setup.ipynb", "Ada_Lovelace/01_setup.ipynb")
    names = {item.path: item.student for item in intake.take(root, intake.Asked()).submissions}
    assert names["Ada_Lovelace/01_setup.ipynb"] == "Ada_Lovelace"
    tabbed = next(name for name in names.values() if name not in ("Ada_Lovelace", names["Ada Lovelace/01_setup.ipynb"]))
    folder(f"{tabbed}/01_setup.ipynb")  # somebody calls himself what the kit would make up
    assert len(who(root)) == 4


@pytest.mark.parametrize(
    ("layout", "paths", "students"),
    [
        ("assignments", ["Ramps/ada/01_setup.ipynb", "Lines/ada/06_analysis.ipynb"], {"ada": BOTH}),
        ("folders", ["bob_311_90210_x/01_setup.ipynb"], {"bob_311_90210_x": {"01_setup"}}),
        ("folders", ["week1/01_setup.ipynb", "week1/06_analysis.ipynb"], {"week1": BOTH}),
        ("canvas", ["emmy_7_8_01_setup.ipynb", "emmy_LATE_7_9_06_analysis.ipynb"], {"emmy": BOTH}),
        ("flat", ["a/b/ada.ipynb", "a/c/bob_01_setup.ipynb"], {"ada": {"06_analysis"}, "bob": {"01_setup"}}),
        ("{student}/{lesson}*", ["ada/01_setup.ipynb", "ada/06_analysis.ipynb"], {"ada": BOTH}),
        ("hw-*/{student}--{lesson}", ["hw-1/ada--01_setup.ipynb", "hw-2/ada--06_analysis.ipynb"], {"ada": BOTH}),
    ],
)
def test_a_layout_can_be_set(folder, layout, paths, students):
    assert who(folder(*paths), layout) == students


def test_a_layout_that_there_is_not_is_refused_and_what_does_not_fit_one_is_nobodys(folder):
    root = folder("ada/01_setup.ipynb", "01_setup.ipynb")
    with pytest.raises(GradingError, match="unknown layout 'canvass'; expected one of auto, canvas"):
        who(root, "canvass")
    rows = {row.path: row for row in intake.take(root, intake.Asked("{student}/{lesson}*")).rows}
    assert (rows["01_setup.ipynb"].status, rows["01_setup.ipynb"].reason) == ("matches nobody", "no student is named")


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("HW_ada_attempt_2026-03-01-10-20-30_01_setup.ipynb", datetime(2026, 3, 1, 10, 20, 30)),
        ("1-2 - Ada - Mar 1, 2026 120 PM", datetime(2026, 3, 1, 13, 20)),
        ("1-2 - Ada - Sep. 13, 2025 1205 AM", datetime(2025, 9, 13, 0, 5)),
        ("1-2 - Ada - 3 May 2025 11:59 pm", datetime(2025, 5, 3, 23, 59)),
    ],
)
def test_the_time_that_a_platform_writes_into_a_name_is_read(name, moment):
    path = name if name.endswith(".ipynb") else f"{name}/x.ipynb"
    assert layouts.owners([path], "auto", lambda text: False)[path].time == moment


def test_the_time_of_the_platform_beats_that_of_the_file_in_the_zone_that_is_asked_for(folder):
    root, zone = folder("HW_ada_attempt_2026-03-01-10-20-30_01_setup.ipynb"), timezone(timedelta(hours=1))
    item = intake.take(root, intake.Asked(zone=zone)).submissions[0]
    assert datetime.fromtimestamp(item.modified, UTC) == datetime(2026, 3, 1, 9, 20, 30, tzinfo=UTC)


def test_nothing_in_a_students_archive_decides_who_or_when(folder, tmp_path):
    inner = {"bob/01_setup.ipynb": notebook("01_setup"), "kent_311_90210_06_analysis.ipynb": notebook()}
    root = folder("bob/01_setup.ipynb")
    path = write(root, "ada/work.zip", zipped(inner))
    os.utime(path, (1_790_000_000, 1_790_000_000))
    assert who(root) == {"ada": BOTH, "bob": {"01_setup"}}
    mine = [item for item in intake.take(root, intake.Asked()).submissions if item.student == "ada"]
    assert {item.modified for item in mine} == {1_790_000_000}


def test_the_zip_of_a_platform_is_read_with_students_zips_in_it(tmp_path):
    inner = zipped({"mine\\01_setup.ipynb": notebook("01_setup"), "again.zip": zipped({"x.ipynb": notebook()})})
    path = write(tmp_path, "submissions.zip", zipped({
        "lovelaceada_311_90210_hw.zip": inner, "hopperg_312_90211_06_analysis.ipynb": notebook(),
    }))  # fmt: skip
    assert who(path) == {"lovelaceada": {"01_setup"}, "hopperg": {"06_analysis"}}
    rows = {row.path: row for row in intake.take(path, intake.Asked()).rows}
    assert rows["lovelaceada_311_90210_hw.zip/again.zip"].reason == (
        "an archive inside a student's archive, not opened"
    )


def test_a_folder_around_all_is_taken_for_that_of_a_class_and_said_so_unless_the_roster_knows_it(folder, people):
    root = folder("ada/first/01_setup.ipynb", "ada/second/06_analysis.ipynb")
    assert "all files are in 'ada'" in intake.take(root, intake.Asked()).notes[0]
    assert who(root, roster=people("student\nada\nbob")) == {"ada": BOTH}


def test_what_lies_beside_students_files_is_not_used_and_names_nobody(folder):
    root = folder("ada/01_setup.ipynb", "week1/01_setup.ipynb")
    for path in ("README.md", "grades.csv", "index.html", ".DS_Store"):
        write(root, path, b"x")
    rows = {row.path: row.status for row in intake.take(root, intake.Asked()).rows}
    assert {path for path, status in rows.items() if status == "matches nobody"} == {"week1/01_setup.ipynb"}
    assert who(root) == {"ada": {"01_setup"}}


def test_the_time_of_nbgrader_counts_and_a_file_of_its_name_elsewhere_does_not(folder):
    stamp = b"2026-03-01 10:20:30.123456 UTC"
    root = folder("ada/ps1/01_setup.ipynb", "bob/ps1/deep/01_setup.ipynb", "cem/ps1/01_setup.ipynb", name="submitted")
    for path in ("ada/ps1", "bob/ps1"):
        write(root, f"{path}/timestamp.txt", stamp)
    write(root, "cem/ps1/timestamp.txt", b"yesterday")
    write(root, "cem/ps1/submitted/x/y/timestamp.txt", stamp)
    moment = datetime(2026, 3, 1, 10, 20, 30, 123456, UTC).timestamp()
    assert intake.take(root.parent, intake.Asked(layout="nbgrader")).submissions
    for source in (root, root.parent):  # with and without the name of the folder in the paths
        times = {item.student: item.modified for item in intake.take(source, intake.Asked()).submissions}
        assert times.pop("cem") != moment
        assert times == {"ada": moment, "bob": moment}
    whole = folder("Submitted/ada/ps1/01_setup.ipynb", "Submitted/bob/ps1/01_setup.ipynb", name="course")
    write(whole, "Submitted/ada/ps1/timestamp.txt", stamp)
    assert intake.take(whole, intake.Asked()).submissions[0].modified == moment
    forged = folder("ada/submitted/x/y/01_setup.ipynb", "bob/01_setup.ipynb", name="class")
    write(forged, "ada/submitted/x/y/timestamp.txt", stamp)
    assert moment not in {item.modified for item in intake.take(forged, intake.Asked()).submissions}


def test_the_name_that_jupyterlab_gives_to_a_new_notebook_names_nobody(folder):
    assert who(folder("Untitled.ipynb", "Untitled1.ipynb", name="ada")) == {"ada": {"06_analysis"}}
    mixed = intake.take(folder("01_setup_ada.ipynb", "Untitled-1.ipynb", name="class"), intake.Asked())
    assert {item.student for item in mixed.submissions} == {"ada"}
    assert {row.status for row in mixed.rows if row.path.startswith("Untitled")} == {"matches nobody"}
