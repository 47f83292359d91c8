"""
Mutated hand-ins through intake, records, judging and reports, without kernels: one submission can cost only itself.

    python benchmarks/fuzz.py [--examples 100000] [--seed 0]

Every class has one honest student and some others, whose notebooks, zips, names of files and answer records Hypothesis
has changed. A class is sound if grading raises nothing and comes to its end, the honest student has every point, every
student with a file has a row, and no answer that the key can judge is an error of the grader. The first class that is
not sound is shown. The tests run a few hundred of these.
"""
# ruff: noqa: E501

from __future__ import annotations

import argparse
import contextlib
import copy
import csv
import io
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import nbformat
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st

from mrskit import workspace
from mrskit.answering import recorded
from mrskit.course import index
from mrskit.exercises.codec import encode
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.values import from_learner
from mrskit.grading.judging.judging import Judge
from mrskit.grading.key import Key, open_key
from mrskit.grading.records import Given, Record, Timing
from mrskit.grading.reports import gradebook
from mrskit.grading.run import pool, recording
from mrskit.grading.run.limits import Limits
from mrskit.lessons import build

SIZE = 10  # hand-ins in one class
SECONDS = 60.0  # of processor time, that one class may take
PHASES = (Phase.generate,)  # a failing class is small enough; to shrink and explain it takes too long
LESSON = "01_setup"
RIGHT = {  # what the judge can decide without data, with the right answers
    "01-slow-group": 8.60887, "01-context": "b", "01-both-selectors": "d", "01-silent-default": "c",
    "01-configuration": "channels | 1, 2, 3, 4 | 1, 2, 3, 4\nsub-bands | SHORT, MEDIUM, LONG | SHORT, MEDIUM, LONG\n"
    "readout | FASTR1 | FASTR1\ngroups | 40 | 40\nintegrations | 2 | 2\ndithers | 4 | 2",
    "01-dither-slices": [5.508, 3.482, 2.5, 1.486],
}  # fmt: skip
BIG = "@@a number of many digits@@"
UNITS = [
    "10**999999999 s",
    "dex(K)",
    "1e-320 arcsec",
    "s" * 64,
    "10⁹⁹⁹⁹⁹⁹⁹⁹⁹ s",
    "Ym99",
    "mag",
    "%",
    "",
    " ",
    "s\ud800",
    "((((",
    "1",
]

texts = st.one_of(
    st.text(max_size=30), st.text(st.characters(categories=["Cs", "Cc", "Cf", "Co"]), min_size=1, max_size=10),
    st.sampled_from(["\ud800", "\u202eipynb", "NaN", "../..", "=1+1", "<script>", "x" * 5000, "\0", "[Ne III]", "4", *UNITS]),
)  # fmt: skip
numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([2**63, 2**64, -(2**64), 10**300, 10**400, 1e308, 5e-324, BIG, True, None])
)  # fmt: skip
junk = st.recursive(
    st.one_of(numbers, texts), lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=3)), max_leaves=8,
)  # fmt: skip
deep = st.integers(1, 20_000).map(lambda depth: {"@@deep@@": depth})
names = st.one_of(
    st.binary(min_size=1, max_size=255).map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_")),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1, max_size=80).map(str.encode),
    st.sampled_from([b"CON", b"...", b"-", b"a\tb", b"a\nb", "\u202eada".encode(), "💥".encode() * 60, b"\xff\xfe", b" ", b"~", b"NUL.txt",
                     b"honest ", b"HONEST", b"Honest_01_setup", b"x" * 255, "é".encode("latin-1"), b"__MACOSX", b".ipynb_checkpoints"]),
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class HandIn:
    """What one student hands in: the bytes of a file, its name and folder, and what the run is to have recorded."""

    folder: bytes
    name: bytes
    data: bytes
    records: tuple[tuple[str, object], ...]

    def __repr__(self) -> str:
        changed = [record for record in self.records if record not in tuple(ANSWERS.items())]
        return f"HandIn({self.folder!r}, {self.name!r}, {len(self.data)} bytes, {changed!r:.500})"


def solved() -> dict:
    """Return the solved lesson as a table: its answers, a cell of text, and what is not answered left out."""
    table = json.loads(nbformat.writes(build.solved("01")))
    named = [cell for cell in table["cells"] if cell["metadata"].get("mrskit", {}).get("exercise") in RIGHT]
    return table | {"cells": [table["cells"][0], *named]}


def places(value: object, path: tuple = ()) -> Iterator[tuple]:
    """Give the place of every part of a table."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


SOLVED = solved()
PLACES = sorted(places(SOLVED), key=lambda path: (len(path), repr(path)))
ANSWERS = {name: encode(from_learner(index.exercise(name), value)) for name, value in RIGHT.items()}


def put(table: dict, path: tuple, value: object, delete: bool) -> dict:
    """Return a copy of a table in which one part is another, or gone."""
    made = copy.deepcopy(table)
    inner = made
    with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier change has taken it away
        for key in path[:-1]:
            inner = inner[key]
        if delete:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value
    return made


def as_json(table: object, ascii_only: bool = True) -> str:
    """Return a table as JSON, in which some numbers have thousands of digits and some lists go down very deep."""
    text = json.dumps(table, ensure_ascii=ascii_only).replace(f'"{BIG}"', "9" * 6000)
    return re.sub(r'\{"@@deep@@": (\d+)\}', lambda found: "[" * int(found[1]) + "]" * int(found[1]), text)


@st.composite
def notebooks(draw: st.DrawFn) -> bytes:
    """Return the bytes of a notebook with some parts changed, in some encoding, perhaps damaged."""
    table = SOLVED
    for _ in range(draw(st.integers(0, 4))):
        path = draw(st.sampled_from(PLACES))
        table = put(table, path, draw(st.one_of(junk, deep)), draw(st.booleans()))
    text = as_json(table, draw(st.booleans()))
    if draw(st.booleans()):
        key = draw(st.sampled_from(["cells", "nbformat", "metadata", "nbformat_minor"]))
        text = text[:-1] + f', "{key}": {as_json(draw(junk))}}}'
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "ascii"]))
    data = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
    return damaged(draw, data)


def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Return bytes of which some may be others, doubled or gone."""
    if not data or draw(st.integers(0, 2)):
        return data
    cut, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
    return data[:cut] + draw(st.binary(max_size=20)) + data[cut + length :]


@st.composite
def zips(draw: st.DrawFn, levels: int = 1) -> bytes:
    """Return a zip: any names, any packing, forged entries, damaged bytes, a zip in a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for _ in range(draw(st.integers(0, 3))):
            name = draw(st.one_of(
                st.sampled_from(["01_setup.ipynb", "ada/01_setup.ipynb", "../x.ipynb", "/x.ipynb", "a\\b.ipynb", "honest/01_setup.ipynb",
                                 "d/" * 30 + "x.ipynb", "C:x.ipynb", "a.zip", "x.ipynb/"]), texts.map(lambda text: f"{text}.ipynb"),
            ))  # fmt: skip
            inner = draw(zips(levels - 1)) if levels and not draw(st.integers(0, 3)) else draw(notebooks())
            info = zipfile.ZipInfo(name.encode(errors="replace").decode() or "x")
            info.compress_type = draw(st.sampled_from([0, 8, 12, 14]))
            info.external_attr = draw(st.sampled_from([0, 0o120777 << 16, 0o40755 << 16, 0o100644 << 16, 2**32 - 1]))
            info.date_time = draw(
                st.sampled_from([(1980, 1, 1, 0, 0, 0), (2099, 12, 31, 23, 59, 58), (2020, 0, 0, 0, 0, 0)])
            )
            with contextlib.suppress(ValueError, OverflowError):
                archive.writestr(info, inner)
    data = bytearray(made.getvalue())
    for _ in range(draw(st.integers(0, 3))):
        places_of = [at for mark in (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06") if (at := data.find(mark)) >= 0]
        at = draw(st.sampled_from(places_of)) + draw(st.integers(4, 45)) if places_of else 0
        if at < len(data):
            data[at] = draw(st.integers(0, 255))  # a flag, method, size, offset, date
    return damaged(draw, bytes(data))


@st.composite
def records(draw: st.DrawFn) -> tuple[tuple[str, object], ...]:
    """Return what a run has found as answers: records with entries changed."""
    found = []
    for name, record in ANSWERS.items():
        made = dict(record)
        for _ in range(draw(st.integers(0, 2))):
            key = draw(st.sampled_from([*record, "unit", "value", "shape"]))
            made[key] = draw(st.one_of(junk, st.sampled_from(UNITS), st.lists(numbers, max_size=5)))
            if draw(st.integers(0, 9)) == 9:
                del made[key]
        found.append((name, draw(junk) if draw(st.integers(0, 9)) == 9 else made))
    return tuple(found)


@st.composite
def hand_ins(draw: st.DrawFn) -> HandIn:
    """Return one hand-in; mostly one of its parts is strange."""
    kind = draw(st.sampled_from(["notebook", "zip", "name", "records"]))
    folder, name = b"student", b"01_setup.ipynb"
    if kind == "name":
        folder, name = draw(names), draw(names)[:240] + draw(st.sampled_from([b".ipynb", b".zip", b""]))
    data = draw(zips()) if kind == "zip" else draw(notebooks()) if kind == "notebook" else as_json(SOLVED).encode()
    return HandIn(
        folder,
        b"all.zip" if kind == "zip" else name,
        data,
        draw(records()) if kind == "records" else tuple(ANSWERS.items()),
    )


classes = st.lists(hand_ins(), min_size=SIZE, max_size=SIZE)


def plan_key(root: Path) -> Key:
    """Return a key that knows the plan alone, with answers of its own."""
    space = workspace.create(root)
    space.truth.mkdir()
    (space.truth / "scene.json").write_text("{}")
    space.update_card(settings=["12:SHORT"])
    left_out = [exercise.id for exercise in index.lesson_exercises(LESSON) if exercise.id not in RIGHT]
    (root / "grading.toml").write_text(f'secret = "fuzz"\nleft_out = {json.dumps(left_out)}\n')
    for record in ANSWERS.values():
        recorded.write(space, LESSON, record, "12:SHORT")
    return open_key(root)


@contextlib.contextmanager
def without_kernels(key: Key, runs: dict[str, tuple[tuple[str, object], ...]]) -> Iterator[None]:
    """Let grading run nothing: the records are those that are given by student, and the judge is in this process."""
    judge = Judge(key)

    def executed(task: object) -> tuple[Record, Timing]:
        submission = task.order.submission
        mine = runs.get(submission.path.split("/")[0].encode(errors="surrogateescape"), tuple(ANSWERS.items()))
        made = []
        for name, record in mine:
            with contextlib.suppress(ValueError, RecursionError):  # what no message of a kernel can hold
                record = json.loads(as_json(record))
            made.append(recording._recorded(name, record) if record is not None else Given(name, Outcome.ERROR))
        return Record(task.order.digest, submission.lesson, task.isolation, tuple(made), task.order.seed), Timing(1.0)

    def setting(key: Key, trust: bool, parameters: dict) -> pool.Setting:
        return pool.Setting(key, Limits(), "bubblewrap", trust, parameters)

    with (
        mock.patch.object(pool, "_executed", executed), mock.patch.object(pool, "setting", setting),
        mock.patch.object(gradebook, "JudgeProcess", lambda key: nullcontext(judge)), mock.patch.object(os, "fsync"),
    ):  # fmt: skip
        yield


def graded(key: Key, handed: list[HandIn], root: Path) -> list[dict[str, str]]:
    """Write a class into a folder, grade it, and return the rows of the gradebook."""
    honest = root / "class" / "honest" / "01_setup.ipynb"
    honest.parent.mkdir(parents=True)
    honest.write_text(as_json(SOLVED))
    runs: dict[bytes, tuple] = {}
    for number, item in enumerate(handed):
        folder = b"s%02dx" % number + item.folder[:240]
        path = os.path.join(os.fsencode(root / "class"), folder)  # noqa: PTH118 -- names of bytes
        with contextlib.suppress(OSError):  # no file system has such a name
            os.mkdir(path)  # noqa: PTH102
            with open(os.path.join(path, item.name), "wb") as file:  # noqa: PTH118, PTH123
                file.write(item.data)
        runs[folder] = item.records
    with without_kernels(key, runs):
        done = gradebook.grade(root / "class", key, root / "grades", gradebook.Options("none"))
    assert not done.errors, f"{done.errors} errors of the grader"
    assert not done.unwritten, done.unwritten
    with (root / "grades" / "gradebook.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def check(key: Key, handed: list[HandIn], root: Path) -> None:
    """Grade a class and see that it is sound."""
    start = time.process_time()
    rows = graded(key, handed, root)
    assert time.process_time() - start < SECONDS, f"{time.process_time() - start:.0f} s"
    mine = [row for row in rows if row["student"] == "honest"]
    assert len(mine) == 1 and mine[0]["score"] == mine[0]["max"] != "", mine
    students = {row["student"][:4] for row in rows}
    written = {os.fsdecode(path.name)[:4] for path in (root / "class").iterdir() for file in path.iterdir()
               if file.name.endswith((".ipynb", ".zip")) and not file.name.startswith("._")
               and not {path.name, file.name} & {"__MACOSX"}}  # fmt: skip
    names_of_zips = {f"s{number:02d}x" for number, item in enumerate(handed) if item.name.endswith(b".zip")}
    missing = written - students - names_of_zips - {"hone"}
    assert not missing, [(item.folder, item.name) for number, item in enumerate(handed) if f"s{number:02d}x" in missing]
    for path in (root / "grades").rglob("*"):
        if path.suffix in (".html", ".json", ".csv", ".xml"):
            path.read_text(encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    done, start = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        key = plan_key(Path(folder) / "key")

        @seed(arguments.seed)
        @settings(max_examples=max(1, arguments.examples // SIZE), deadline=None, database=None, print_blob=True, phases=PHASES,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(classes)
        def sound(handed: list[HandIn]) -> None:
            nonlocal done
            root = Path(folder) / "one"
            shutil.rmtree(root, ignore_errors=True)
            check(key, handed, root)
            done += len(handed)
            if done % 1000 < SIZE:
                print(f"{done} hand-ins, {time.monotonic() - start:.0f} s", flush=True)

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of zipfile, on names that stand twice
            sound()
    print(f"hand-ins {done}\nseconds  {time.monotonic() - start:.0f}\nseed     {arguments.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
