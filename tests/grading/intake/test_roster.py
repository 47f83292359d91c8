"""The roster: everybody has a row, nobody gets another's, and what is not clear is told and not decided."""

import pytest
from handed import who, write

from mrskit.errors import GradingError
from mrskit.grading.intake import intake, times
from mrskit.grading.intake.roster import People, Person, read_roster

CLASS = """\ufeffe-mail;Name;student;canvas_id;moodle_id;email;year
;Lovelace, Ada;s1;311;1201;ada@uni.edu;2
;Zoë Müller;s2;312;1202;zmueller@uni.edu;3
;Nguyễn Văn Ân;s3;;;;1
;Emmy Noether;s4;;4711;;1
;Noether, Emmy;s5;;4712;;1
"""


@pytest.mark.parametrize(
    ("text", "student"),
    [
        ("s1", "s1"), ("S1 ", "s1"), ("ADA@uni.edu", "s1"), ("zmueller", "s2"), ("Ada Lovelace", "s1"),
        ("lovelaceada", "s1"), ("Lovelace_Ada", "s1"), ("müllerzoë", "s2"), ("mullerzoe", "s2"), ("mllerzo", "s2"),
        ("Mu\u0308ller, Zoe\u0308", "s2"), ("ânnguyễnvăn", "s3"), ("annguyenvan", "s3"),
    ],
)  # fmt: skip
def test_a_student_is_found_by_id_email_or_name(people, text, student):
    assert people(CLASS).find(text) == student


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("who_311_99_01_setup.ipynb", "s1"), ("mullerzoe_LATE_312_9000_01_setup.ipynb", "s2"),
        ("Emmy Noether_4712_assignsubmission_file/01_setup.ipynb", "s5"),
        ("Participant_4711_assignsubmission_file/01_setup.ipynb", "s4"),
        ("My_work_for_zmueller_attempt_2026-03-01-10-20-30_01_setup.ipynb", "s2"),
        ("1-2 - s1 Ada Lovelace - Mar 1, 2026 1020 AM/01_setup.ipynb", "s1"),
        ("Ramps/Ada Lovelace/01_setup.ipynb", "s1"), ("01_setup_s1_1.ipynb", "s1"),
    ],
)  # fmt: skip
def test_a_path_finds_its_student(folder, people, path, student):
    assert who(folder(path), "canvas" if "_311_" in path else "auto", roster=people(CLASS)) == {student: {"01_setup"}}


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("Emmy Noether/01_setup.ipynb", "'Emmy Noether' can be s4 or s5"),
        ("Ada Lovelade/01_setup.ipynb", "matches none of the 5 students; did you mean 'Lovelace, Ada'?"),
        ("lovelaceada_999_12345_01_setup.ipynb", "has the name of s1, but a different canvas_id"),
        ("Emmy Noether_1_assignsubmission_file/01_setup.ipynb", "can be s4 or s5"),
        ("../s1".strip("./") + "x/01_setup.ipynb", "matches none"),
    ],
)
def test_what_names_nobody_or_several_is_told_and_given_to_nobody(folder, people, path, reason):
    found = intake.take(folder(path), intake.Asked(roster=people(CLASS)))
    assert found.submissions == ()
    assert [(row.status, row.student) for row in found.rows] == [("matches nobody", "")]
    assert reason in found.rows[0].reason
    assert [person.student for person in found.people] == ["s1", "s2", "s3", "s4", "s5"]


@pytest.mark.parametrize(
    ("folder_name", "found"),
    [
        ("Team 7-Ada Lovelace_1201_assignsubmission_file", "s1"),
        ("team 7-Lovelace, Ada_1201_assignsubmission_file", "s1"),
        ("Default group-Ada Lovelace_1201_assignsubmission_file", "s1"),
        ("Team-8-Jean-Luc Picard_77_assignsubmission_file", "s2"),
        ("Jean-Luc Picard_77_assignsubmission_file", "s2"),
        ("Team 8-Ada Lovelace_1201_assignsubmission_file", ""),  # not her group
        ("Jean-Ada Lovelace_1202_assignsubmission_file", ""),  # somebody else
    ],
)
def test_the_group_that_moodle_writes_before_a_name_is_that_of_the_roster(people, folder, folder_name, found):
    roster = people("student,name,group\ns1,Ada Lovelace,Team 7\ns2,Jean-Luc Picard,Team-8\n")
    taken = intake.take(folder(f"{folder_name}/06_analysis.ipynb"), intake.Asked(roster=roster))
    assert taken.rows[0].student == found
    if not found:
        assert "may be s1, whose group in the roster is team 7" in taken.rows[0].reason


def test_unknown_columns_are_kept(people):
    assert people(CLASS).members[0].about["year"] == "2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,email\nAda,a@b", "no column student; found name, email"),
        ("student,name\ns1,A\nS1,B", "line 3: student 'S1' is already in line 2"),
        ("student,email\ns1,a@b\ns2,A@B", "line 3: email"),
        ("student,canvas_id\ns1,7\ns2,7", "line 3: canvas_id '7'"),
        ("student,name\n,Ada", "line 2: no student id"),
        ("student\n", "the roster is empty"),
        ("", "no column student; found none"),
        ("student\n" + "\n".join(f"s{n}" for n in range(50_001)), "more than 50000 lines"),
        ('student,name\ns1,"' + "x" * 200_000, "line"),
    ],
)
def test_a_roster_with_a_fault_is_refused_with_its_line(people, text, said):
    with pytest.raises(GradingError, match=r"roster\.csv") as caught:
        people(text)
    assert said in str(caught.value)


def test_a_roster_that_is_no_utf8_says_how_to_save_it(tmp_path, people):
    with pytest.raises(GradingError, match="CSV UTF-8"):
        write(tmp_path, "roster.csv", "student,name\ns1,Zoë".encode("latin-1"))
        read_roster(tmp_path / "roster.csv")


@pytest.mark.parametrize("name", ["../../etc", "=1+1", "a/b", "\x1b[31ms", "\u202egnp", "con", ".", "x" * 300, "s\n1"])
def test_an_id_like_a_path_formula_or_code_makes_a_harmless_name(people, name):
    quoted = name.replace('"', '""')
    member = people(f'student,name\n"{quoted}",Ada\nother,Bob').members[0]
    assert member.student.replace("-", "").replace("_", "").replace(".", "").isalnum() or member.student == "unnamed"
    assert not member.student.startswith(".") and len(member.student.encode()) <= 160


@pytest.mark.parametrize("table", [times.SUBMITTED, times.EXTENSIONS])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("adda,01,2026-11-30T19:00:00Z", "line 2: 'adda' matches none of the 2 students; did you mean 'ada'?"),
        ("bobb ,01,2026-11-30T19:00:00Z", "did you mean 'bob'?"),
        ("ada,11,2026-11-30T19:00:00Z", "no lesson '11'"),
        (
            "ada,01,2026-11-30T19:00:00Z\nAda,01_setup,2026-11-30T20:00:00Z",
            "line 3: a different line has a different time",
        ),
        ("ada,01,\u202ex", "line 2"),
    ],
)
def test_a_row_of_times_that_matches_nobody_is_an_error_with_the_nearest_name(tmp_path, table, line, said):
    column = "due" if table == times.EXTENSIONS else "time"
    write(tmp_path, table, f"student,lesson,{column}\n{line}\n".encode())
    with pytest.raises(GradingError) as caught:
        times.read(tmp_path, table, People([Person("ada"), Person("bob")]))
    assert said in str(caught.value)
