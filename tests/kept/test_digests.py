"""Digests say that something has changed, and nothing else does."""

import hashlib
import os
import shutil

import pytest

from mrskit.kept import digests


def test_plain_values_have_one_digest_whatever_the_order_of_a_table():
    one = {"b": [1, 2.5, {"y": None, "x": "text"}], "a": (True,)}
    other = {"a": (True,), "b": [1, 2.5, {"x": "text", "y": None}]}
    assert digests.of_values(one) == digests.of_values(other)


@pytest.mark.parametrize(
    "other", [(1, "12:SHORT", 0.25), (2, "12:SHORT", 0.5), (2, ["12:SHORT"], 0.25), [2, "12:SHORT", 0.25]]
)
def test_other_values_have_another_digest(other):
    assert digests.of_values((2, "12:SHORT", 0.25)) != digests.of_values(other)


def test_the_digest_of_values_is_that_of_what_python_writes():  # the marks of simulated exposures are made of it
    assert digests.of_values((2, "ab", [("x", 0.5)])) == hashlib.sha256(b"(2, 'ab', [('x', 0.5)])").hexdigest()


def test_a_file_is_its_content(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    assert digests.of_file(path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert digests.of_file(path) == hashlib.sha256(b"two").hexdigest()


def test_files_count_with_their_names_and_contents_not_with_their_times_and_places(tmp_path):
    for name in ("a", "b"):
        (tmp_path / "one" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "one" / name).write_text(name)
    shutil.copytree(tmp_path / "one", tmp_path / "other", copy_function=shutil.copy)

    def digest(folder):
        return digests.of_files((tmp_path / folder).iterdir(), tmp_path / folder)

    assert digest("one") == digest("other")
    (tmp_path / "other" / "a").rename(tmp_path / "other" / "c")
    assert digest("one") != digest("other")


def test_looks_change_with_a_name_a_size_or_a_time(tmp_path):
    path, seen = tmp_path / "data" / "a", []

    def look():
        seen.append(digests.of_looks([tmp_path / "data", tmp_path / "card"]))

    path.parent.mkdir()
    path.write_text("one")
    look()
    os.utime(path, ns=(1, 1))
    look()
    path.rename(path.with_name("b"))
    look()
    (tmp_path / "card").write_text("")
    look()
    assert len({*seen}) == 4
    look()
    assert seen[-1] == seen[-2]
