"""Expected answers of lesson 01: the configuration of a program, and the readout and planning of exposures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Unpack

import numpy as np

from mrskit.bands import SUBBANDS
from mrskit.course.shown.unknown_exposure import GROUPS, INTEGRATIONS
from mrskit.exercises.checks import Expected, evaluate, failed, partial, passed
from mrskit.exercises.misconceptions import Own, allowed
from mrskit.exercises.record import Answer, Facts, Misconception, Verdict
from mrskit.exercises.tolerance import Tolerance
from mrskit.plan import FRAME_TIME, Observation


def frames(groups: int = GROUPS, integrations: int = INTEGRATIONS) -> int:
    """Return the number of frame times in an exposure, including resets between integrations."""
    return groups * integrations + integrations - 1


def reading(groups: int = 0, integrations: int = 0, total: int = 0) -> list[int]:
    """Return groups, integrations and frames of the exposure in the figure, plus the given mistakes."""
    return [GROUPS + groups, INTEGRATIONS + integrations, frames() + total]


def groups_that_fit_probes(seed: int) -> tuple[tuple, ...]:
    """Return arguments of the function: seconds, integrations and dithers; the last time is too short for one group."""
    random = np.random.default_rng(seed)
    found = [(float(random.uniform(200, 3000)), int(random.integers(1, 4)), int(random.integers(2, 5)))
             for _ in range(6)]  # fmt: skip
    return (*found, ((40 * 2 + 1) * FRAME_TIME["FASTR1"] * 4 + 0.01, 2, 4), (10.0, 2, 4))


def own_plan(answer: Answer, facts: Facts) -> Verdict:
    """Return the verdict on a plan, [groups, integrations] at four dithers; all plans within the limits are right."""
    if answer.array.shape != (2,) or (answer.array != answer.array.round()).any() or (answer.array < 1).any():
        return failed(answer, "Not yet: expected two whole numbers, [groups, integrations].")
    groups, integrations = answer.array.tolist()
    step = FRAME_TIME["FASTR1"]
    broken = [words for words, kept in {
        f"it takes {4 * step * frames(groups, integrations):.0f} s": 4 * step * frames(groups, integrations) <= 750,
        f"it collects photons for {4 * step * groups * integrations:.0f} s": 4 * step * groups * integrations >= 650,
        f"{100 * (groups - 3) / groups:.1f} % of that time is used": (groups - 3) / groups >= 0.9,
        f"an integration lasts {step * groups:.0f} s": step * groups <= 100,
    }.items() if not kept]  # fmt: skip
    return failed(answer, f"Not yet: {'; '.join(broken)}.") if broken else passed(answer)


def groups_that_fit(seconds: float, integrations: int, dithers: int) -> int:
    """Return the largest number of FASTR1 groups per integration for a band's time, in APT's definition."""
    each = seconds / dithers / FRAME_TIME["FASTR1"]
    return max(int((each - (integrations - 1)) // integrations), 0)


def without_resets(seconds: float, integrations: int, dithers: int) -> int:
    """Forget the reset frames."""
    return int(seconds / dithers / FRAME_TIME["FASTR1"] // integrations)


def without_dithers(seconds: float, integrations: int, dithers: int) -> int:
    """Forget that each band is observed once at every dither."""
    return max(int((seconds / FRAME_TIME["FASTR1"] - (integrations - 1)) // integrations), 0)


def rounded_up(seconds: float, integrations: int, dithers: int) -> int:
    """Round to the nearest whole number of groups."""
    return max(round((seconds / dithers / FRAME_TIME["FASTR1"] - (integrations - 1)) / integrations), 0)


_APT = "the time that APT prints, with the reset frame between the integrations"
_PHOTONS = "the time in which photons are counted (EFFEXPTM), without the reset frame"
TIMES = Tolerance(abs=1.0)  # of exposure times, s


def observations(facts: Facts) -> list[Observation]:
    """Return the observations in the question: the science observation and, if any, the background observation."""
    found = {item.role: item for item in reversed(facts.program.observations)}  # the first of each role
    return [found[role] for role in ("source", "background") if role in found]


def each(name: str) -> Callable[[Facts], list]:
    """Return a function that returns one entry for each observation: science, background."""
    return lambda facts: [getattr(item, name) for item in observations(facts)]


def configuration(facts: Facts) -> dict[str, list[str]]:
    """Return the table of the configuration, with a regular expression for each row and observation."""
    return {name: [pattern(item) for item in observations(facts)] for name, pattern in _ROWS.items()}


def cells(text: str) -> dict[str, list[str]]:
    """Return the rows of a text table with cells between ``|``; repeated rows are joined into one long row."""
    found: dict[str, list[str]] = {}
    for line in unicodedata.normalize("NFKC", text[:2000]).casefold().splitlines():
        name, *values = (part.strip(" \t'\"“”`*[](),.") for part in line.strip().strip("|").split("|"))
        if name or values:
            found.setdefault(name, []).extend(values)
    return found


def compare_configuration(answer: Answer, wanted: dict[str, list[str]]) -> Verdict:
    """Count the rows in which all cells are right, and name the other rows."""
    given = cells(str(answer.value))
    if strange := [name for name in given if name not in wanted]:
        return failed(answer, f"Not yet: {strange[0][:40]!r} is no row of the table. The rows are {', '.join(wanted)}.")
    wrong = [name for name, patterns in wanted.items() if not _right(given.get(name, []), patterns)]
    if not wrong:
        return passed(answer)
    share = 1 - len(wrong) / len(wanted)
    message = f"{len(wanted) - len(wrong)} of {len(wanted)} rows are right. Look again at {', '.join(wrong)}."
    return partial(answer, share, message) if share else failed(answer, f"Not yet: {message}")


def _right(values: list[str], patterns: list[str]) -> bool:
    return len(values) == len(patterns) and all(map(re.fullmatch, patterns, values))


def cell_is(row: str, wrong: Callable[[Facts], list[str]], message: str, name: str, cell: int = 0) -> Misconception:
    """Return the misconception for these texts in one cell of a row, by default the first cell."""

    def matches(answer: Answer, facts: Facts) -> bool:
        value = cells(str(answer.value)).get(row, [])[cell : cell + 1]
        return bool(value) and value[0] in [text.casefold() for text in wrong(facts)]

    return Misconception(name, matches, message, example=lambda facts: f"{row} | {wrong(facts)[0]} | {wrong(facts)[0]}")


def channels(item: Observation) -> str:
    some = r"\D{0,5}".join(item.channels) if item.channels != "ALL" else r"1\D{0,5}2\D{0,5}3\D{0,5}4|1 ?(-|to) ?4"
    return f"(all|{some})" if item.channels == "ALL" else f"({some})"


def bands(item: Observation) -> str:
    names = list(SUBBANDS) if item.bands == "ALL" else item.bands.split(",")
    whole = r".{1,7}".join(name.lower() for name in names)
    letters = r"\W{1,3}".join("abc"[list(SUBBANDS).index(name)] for name in names)
    return f"({'all|' if item.bands == 'ALL' else ''}{whole}|{letters})"


def readout(item: Observation) -> str:
    return item.readout.lower().replace("r1", " ?r1")


def _number(name: str) -> Callable[[Observation], str]:
    return lambda item: rf"{getattr(item, name)}(\.0)?"


_ROWS = {
    "channels": channels, "sub-bands": bands, "readout": readout, "groups": _number("groups"),
    "integrations": _number("integrations"), "dithers": _number("dithers"),
}  # fmt: skip


def times(facts: Facts) -> dict[str, list[float]]:
    return {_APT: each("exposure_time")(facts), _PHOTONS: each("photon_time")(facts)}


def compare_times(answer: Answer, named: dict[str, list[float]]) -> Verdict:
    """Accept both definitions of the exposure time in each cell, and report the definition that was used."""
    value, cells = answer.array.astype(float), len(named[_APT])
    if value.shape != (cells,):
        return failed(answer, f"Not yet: the shape is {value.shape}, asked for is ({cells},): {_names(cells)}.")
    found = [next((name for name, times in named.items() if TIMES.holds(value[cell], times[cell])), None)
             for cell in range(cells)]  # fmt: skip
    if None not in found:
        same = len(set(found)) == 1
        return passed(
            answer, f"Right: {found[0]}." if same else f"Right: science is {found[0]}; background {found[1]}."
        )
    right = [role for role, name in zip(("science", "background"), found, strict=False) if name]
    if right:
        return partial(answer, 0.5, f"Half of it: {right[0]} is right, the other cell is not yet.")
    return failed(answer, f"Not yet: {'both cells are' if cells == 2 else 'it is'} off by more than "
                          f"{TIMES.words('s')}. Count frames, then multiply.")  # fmt: skip


def _names(cells: int) -> str:
    return ", ".join(("science", "background")[:cells])


def same(expected: Expected, message: str, name: str, **own: Unpack[Own]) -> Misconception:
    """Return the misconception for cells that are all near these values, or near one of several rows of values."""

    def candidates(facts: Facts) -> np.ndarray:
        return np.atleast_2d(np.asarray(evaluate(expected, facts)))

    def matches(answer: Answer, facts: Facts) -> bool:
        value, rows = answer.array.astype(float), candidates(facts)
        return value.shape == rows.shape[1:] and any(allowed(answer, own).holds(value, row).all() for row in rows)

    return Misconception(name, matches, message, example=lambda facts: list(candidates(facts)[0]))


def mistaken(integrations: int | None = None, dithers: int | None = None) -> Expected:
    """Return a function that returns both times of each observation with a wrong entry, as two rows."""

    def expected(facts: Facts) -> list[list[float]]:
        wrong = [replace(item, integrations=integrations or item.integrations, dithers=dithers or item.dithers)
                 for item in observations(facts)]  # fmt: skip
        return [[item.exposure_time for item in wrong], [item.photon_time for item in wrong]]

    return expected


def reset_after_each(facts: Facts) -> list[float]:
    """Return the times with one reset after every integration, including the last."""
    return [item.exposure_time + FRAME_TIME[item.readout] * item.dithers for item in observations(facts)]


def same_for_both(facts: Facts) -> list[list[float]]:
    return [[times[0]] * len(times) for times in times(facts).values()]


def files(science: float, background: float) -> Expected:
    """Return the numbers of raw files, multiplied by a factor."""

    def expected(facts: Facts) -> list[float]:
        right = each("uncal_count")(facts)
        return [count * factor for count, factor in zip(right, (science, background), strict=False)]

    return expected


def compare_files(answer: Answer, wanted: list[int]) -> Verdict:
    value = answer.array.astype(float)
    if value.shape != (len(wanted),):
        return failed(answer, f"Not yet: the shape is {value.shape}, asked for is ({len(wanted)},): "
                              f"{_names(len(wanted))}.")  # fmt: skip
    right = value == np.asarray(wanted)
    if right.all():
        return passed(answer)
    if right.any():
        return partial(answer, 0.5, f"Half of it: {('science', 'background')[int(right[1])]} is right.")
    return failed(answer, f"Not yet: {'both cells are' if len(wanted) == 2 else 'it is'} wrong.")


def first(answer: Answer) -> float:
    return float(answer.array.ravel()[0])


def totals(facts: Facts) -> list[int]:
    return [item.integrations * item.dithers for item in observations(facts)]


def slow_or_fast(facts: Facts) -> list[str]:
    """Return two spellings of the other readout pattern."""
    other = "SLOWR1" if observations(facts)[0].readout == "FASTR1" else "FASTR1"
    return [other, other.removesuffix("R1")]
