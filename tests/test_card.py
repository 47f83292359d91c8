"""The card of a workspace: typed, empty where there is none, kept as it is but for what is changed."""

import json

import pytest

from mrskit import card, workspace
from mrskit.card import CARD, Card, FetchedFile, Pinned
from mrskit.errors import WorkspaceError

# As the demo of version 0.1.0 has written it.
DEMO = """{
  "dithers": {
    "34:SHORT": [
      1,
      1
    ]
  },
  "perfect": false,
  "profile": "quick",
  "rate_only": [
    "34:SHORT"
  ],
  "references": "/cache/crds/8033be84e8e8e5fc",
  "scene": "f8c10cf1c21b",
  "seed": 2732,
  "settings": [
    "12:SHORT",
    "34:SHORT"
  ],
  "simulated": true,
  "versions": {
    "jwst": "3.0.0",
    "mrskit": "0.1.0"
  },
  "whole": [
    "12:SHORT"
  ]
}
"""


@pytest.fixture
def space(tmp_path):
    """A workspace without a card."""
    return workspace.create(tmp_path)


@pytest.fixture
def demo(space):
    """A workspace with the card of an older version's demo."""
    (space.root / CARD).write_text(DEMO)
    return space


def test_a_workspace_without_a_card_has_an_empty_one(space):
    assert space.card() == Card() and not space.has_card


def test_where_nothing_goes_on_without_a_card_its_absence_says_what_to_run(space):
    with pytest.raises(
        WorkspaceError, match=rf"{CARD}: no such file, so this is not a workspace.*mrskit simulate --out"
    ):
        space.require_card()


def test_the_card_of_an_older_version_is_read(demo):
    read = demo.require_card()
    assert (read.profile, read.seed, read.settings, read.perfect) == ("quick", 2732, ("12:SHORT", "34:SHORT"), False)
    assert read.dithers == {"34:SHORT": (1, 1)} and read.versions["jwst"] == "3.0.0" and not read.is_real


def test_what_is_written_again_unchanged_leaves_every_byte(demo):
    read = demo.card()
    demo.update_card(
        profile=read.profile, perfect=False, dithers=read.dithers, whole=read.whole, settings=read.settings
    )
    assert (demo.root / CARD).read_text() == DEMO


def test_a_change_leaves_the_other_entries_also_those_of_another_version(demo):
    table = json.loads(DEMO) | {"weather": {"seeing": 0.4}}
    (demo.root / CARD).write_text(json.dumps(table))
    demo.update_card(seed=7, learner=True)
    assert json.loads((demo.root / CARD).read_text()) == table | {"seed": 7, "learner": True}


def test_an_entry_with_its_default_is_not_in_the_file(space, demo):
    demo.update_card(rate_only=(), dithers={}, learner=False)
    left = json.loads((demo.root / CARD).read_text())
    assert left == {name: value for name, value in json.loads(DEMO).items() if name not in ("rate_only", "dithers")}


def test_tables_in_the_card_come_back_as_they_were(space):
    file = FetchedFile("https://there/a_uncal.fits", 3, "0a", "source", "12:SHORT", 2)
    crds = Pinned("/crds", "jwst_1464.pmap", "https://there", True, {"a.fits": "0b"})
    space.update_card(data_source=card.REAL, program=2732, fetched={"a_uncal.fits": file}, crds=crds)
    read = space.card()
    assert read.is_real and read.fetched == {"a_uncal.fits": file} and read.crds == crds


def test_the_text_of_a_card_is_what_an_update_writes(space):
    space.update_card(seed=7, settings=("12:SHORT",))
    assert card.text(space.card()) == (space.root / CARD).read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"seed": "x"}', "seed is 'x', expected a whole number"),
        ('{"dithers": {"12:SHORT": [4, 2], "34:SHORT": [1]}}', "dithers.34:SHORT is .1., expected a list of length 2"),
        ('{"crds": {"path": "/crds", "context": "jwst_1464.pmap"}}', "crds is .*expected the entry 'server' in it"),
        ("[]", "contains list, expected a table"),
        ("{", "cannot be read .JSONDecodeError"),
    ],
)
def test_a_card_that_is_wrong_is_told_with_file_entry_and_what_mends_it(space, text, said):
    (space.root / CARD).write_text(text)
    with pytest.raises(WorkspaceError, match=rf"{CARD}: {said}.*Repair it.*mrskit fetch") as caught:
        space.card()
    assert caught.value.path == space.root / CARD
    assert "mrskit simulate" in workspace.advice(space.root)  # which needs no card


def test_what_is_no_entry_or_of_another_kind_is_not_written(demo):
    with pytest.raises(TypeError):
        demo.update_card(sead=1)
    with pytest.raises(WorkspaceError, match="seed is 'x', expected a whole number"):
        demo.update_card(seed="x")
    assert (demo.root / CARD).read_text() == DEMO
