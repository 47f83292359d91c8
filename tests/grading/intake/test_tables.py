"""The CSV files of an instructor: whatever program has written them they are read whole, or refused with the reason."""

import pytest

from mrskit.errors import GradingError
from mrskit.grading.intake import tables

HEAD = ("student", "points")


def read(path):
    return list(tables.rows(path, HEAD))


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
def test_a_table_is_read_whatever_program_wrote_it(tmp_path, data):
    (tmp_path / "a.csv").write_bytes(data)
    ((number, row),) = read(tmp_path / "a.csv")
    assert (row["student"], row["points"], number) == ("ada", "+1", 2)
    assert row.get("remark", "") == ("kept" if b"kept" in data else "a;b" if b"a;b" in data else "")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"student,point\nada,1\n", "no column points; found student, point"),
        (b"student,points,Points\nada,1,2\n", "two columns have the name 'points'"),
        (b"student,points\nada,1,2\n", "line 2: 3 cells, expected 2"),
        (b'student,points\nada,"1\n', "unexpected end of data"),
        ("student,points\nJosé,1\n".encode("latin-1"), "Save the file as 'CSV UTF-8'"),
        ("student,points\nada,1\n".encode("utf-16"), "Save the file as 'CSV UTF-8'"),
        (b"student,points\nada," + b"x" * 200_000, "field larger than"),
        (b"", "found none, expected student, points"),
        (b"student,points\n" + b"a,1\n" * 50_001, "more than 50000 lines"),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_place(tmp_path, data, said):
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(GradingError) as caught:
        read(tmp_path / "a.csv")
    assert said in str(caught.value) and str(tmp_path / "a.csv") in str(caught.value)


def test_of_a_table_of_100_megabytes_no_more_than_the_cap_is_read(tmp_path):
    with (tmp_path / "roster.csv").open("wb") as stream:
        stream.truncate(100_000_000)
    with pytest.raises(GradingError, match="larger than 20 MB"):
        read(tmp_path / "roster.csv")
