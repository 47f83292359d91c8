"""The CSV files of an instructor: whatever program has written them they are read whole, or refused with the reason."""

import pytest

from mrskit.errors import GradingError
from mrskit.grading import sheets

HEAD = ("student", "points")


@pytest.mark.parametrize(
    "data",
    [
        b"student,points\nada,+1\n",
        b"\xef\xbb\xbfstudent,points\r\nada,+1\r\n",
        b"Points , remark,Student\n+1,kept,ada\n\n,,\n",
        b'student;points;remark\nada;+1;"a;b"\n',
        b"student\tpoints\nada\t+1",
        b"student,points,,\nada,+1,,\n",
    ],
)
def test_a_sheet_is_read_whatever_program_wrote_it(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    (line,) = sheets.read(tmp_path / "a.csv", HEAD)
    assert (line["student"], line["points"], line.number) == ("ada", "+1", 2)
    assert line["remark"] in ("", "kept", "a;b") and (b"remark" in data) == bool(line["remark"])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"student,point\nada,1\n", "no column 'points'; did you mean 'point'"),
        (b"student,points,Points\nada,1,2\n", "two columns are called 'points'"),
        (b"student,points\nada,1,2\n", "line 2: 3 cells, expected 2"),
        (b'student,points\nada,"1\n', "expected CSV in UTF-8"),
        ("student,points\nJosé,1\n".encode("latin-1"), "Save it as 'CSV UTF-8'"),
        ("student,points\nada,1\n".encode("utf-16"), "Save it as 'CSV UTF-8'"),
        (b"student,points\nada,1\0\n" + b"x" * 200_000, "expected CSV in UTF-8"),
        (b"", "no column 'student'; there are none"),
        (b"student,points\n" + b"a,1\n" * 2_000_000, "more than 5 MB"),
    ],
)
def test_a_sheet_that_is_none_is_refused_with_the_place(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(GradingError) as caught:
        sheets.read(tmp_path / "a.csv", HEAD)
    assert said in str(caught.value) and str(tmp_path / "a.csv") in str(caught.value)


def test_of_a_sheet_of_100_megabytes_no_more_than_the_cap_is_read(tmp_path):
    with (tmp_path / "roster.csv").open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(GradingError, match="more than 5 MB"):
        sheets.read(tmp_path / "roster.csv", HEAD)


def test_a_sheet_that_is_not_there_has_no_lines(tmp_path):
    assert sheets.read(tmp_path / "none.csv", HEAD) == []
