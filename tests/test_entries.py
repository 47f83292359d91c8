"""Plain values as dataclasses: an entry of the wrong kind is told by its name, with what was found and expected."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

import pytest
from msgspec import Meta

from mrskit import entries


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    count: Annotated[int, Meta(ge=1)] = 1
    share: Annotated[float, Meta(ge=0, le=sys.float_info.max)] | Annotated[int, Meta(ge=0, le=100)] = 0

    def __post_init__(self):
        if self.name == "none":
            raise ValueError("name is 'none', expected another one")


@dataclass(frozen=True, slots=True)
class Whole:
    names: tuple[str, ...] = ()
    pairs: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    due: datetime | None = None


def test_values_come_back_as_dataclasses_and_numbers_stay_what_they_were():
    read = entries.read({"names": ["a"], "pairs": {"b": [1, 2]}, "parts": {"c": {"name": "c", "share": 2}}}, Whole)
    assert read == Whole(("a",), {"b": (1, 2)}, {"c": Part("c", share=2)})
    assert type(read.parts["c"].share) is int


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([], "the whole is [], expected a table"),
        ({"names": "06-gas-width"}, "names is '06-gas-width', expected a list"),
        ({"names": ["a", 3]}, "names.1 is 3, expected text"),
        ({"pairs": {"12:SHORT": [4, 2], "34:SHORT": [1, "x"]}}, "pairs.34:SHORT.1 is 'x', expected a whole number"),
        ({"pairs": {"34:SHORT": [1]}}, "pairs.34:SHORT is [1], expected a list of length 2"),
        ({"parts": {"a": {"name": "b"}, "b": {}}}, "parts.b is {}, expected the entry 'name' in it"),
        ({"parts": {"a": {"name": "a", "count": 0}}}, "parts.a.count is 0, expected a number of at least 1"),
        ({"parts": {"a": {"name": "a", "share": -1}}}, "parts.a.share is -1, expected a number that is not negative"),
        ({"parts": {"a": {"name": "a", "share": 101}}}, "parts.a.share is 101, expected a number of at most 100"),
        ({"parts": {"a": {"name": "a", "share": math.inf}}}, "parts.a.share is inf, expected a number that is finite"),
        ({"parts": {"a": {"name": "a", "share": True}}}, "parts.a.share is True, expected a number"),
        ({"parts": {"a": {"name": "none"}}}, "parts.a: name is 'none', expected another one"),
        ({"due": date(2026, 11, 30)}, "due is datetime.date(2026, 11, 30), expected a time such as 2026-11-30T18"),
        ({"names": 10**80}, f"names is {'1' + 56 * '0'}..., expected a list"),
    ],
)
def test_a_value_of_another_kind_is_told_by_its_name(table, said):
    with pytest.raises(ValueError) as caught:
        entries.read(table, Whole)
    assert str(caught.value).startswith(said)


def test_the_values_that_were_read_are_not_changed_by_the_search_for_the_wrong_one():
    table = {"pairs": {"a": [1, 2], "b": [1, "x"], "c": [3, 4]}}
    with pytest.raises(ValueError, match=r"pairs\.b\.1"):
        entries.read(table, Whole)
    assert table == {"pairs": {"a": [1, 2], "b": [1, "x"], "c": [3, 4]}}


def test_a_part_of_a_file_is_told_with_the_name_that_it_has_there():
    with pytest.raises(ValueError, match=r"^late\.names is 3"):
        entries.read({"names": 3}, Whole, "late")
