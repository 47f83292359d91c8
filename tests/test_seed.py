"""The seed of simulated data: public, of one's own, or secret."""

import json

import pytest

from mrskit import seed
from mrskit.errors import SimulationError
from mrskit.lessons.report import provenance
from mrskit.simulate import truth
from mrskit.simulate.scene import default_scene
from mrskit.workspace import Workspace

LARGE = 2**127 + 2**64 + 1  # no float holds it


@pytest.fixture
def space(tmp_path):
    return Workspace(tmp_path / "new")


def test_a_new_workspace_gets_the_public_seed_unless_another_one_is_asked_for(space):
    assert seed.chosen("", space) == seed.PUBLIC
    assert seed.chosen("17", space) == 17
    assert seed.chosen(str(LARGE), space) == LARGE


def test_a_random_seed_has_128_bits_and_is_another_one_each_time(space):
    found = {seed.chosen("random", space) for _ in range(100)}
    assert len(found) == 100 and {number.bit_length() for number in found} == {128}
    assert all(map(seed.is_secret, found))


def test_a_workspace_keeps_its_seed_and_gets_a_random_one_where_its_own_is_public(space):
    space.truth.mkdir(parents=True)
    truth.write_scene(space, default_scene(LARGE))  # the first file of a simulation: it may have been interrupted
    assert seed.chosen("", space) == seed.chosen("random", space) == LARGE
    truth.write_scene(space, default_scene(17))
    assert seed.chosen("", space) == 17
    assert seed.is_secret(seed.chosen("random", space))


@pytest.mark.parametrize("text", ["-1", "1.5", "0x10", "ransom", "\u0662", " 7", "1" * 5000])
def test_what_is_no_seed_is_refused(text, space):
    with pytest.raises(SimulationError, match="expected a whole number"):
        seed.chosen(text, space)


def test_a_large_seed_comes_back_from_card_and_scene_digit_by_digit(space):
    space.truth.mkdir(parents=True)
    truth.write_scene(space, default_scene(LARGE))
    space.update_card(seed=LARGE)
    space.update_card(profile="quick")
    assert space.card().seed == truth.read_scene(space).seed == seed.of_scene(space) == LARGE
    assert default_scene(LARGE) != default_scene(LARGE + 1)
    assert json.loads((space.root / "workspace.json").read_text())["seed"] == LARGE


def test_a_report_shows_a_public_seed_and_no_secret_one(space):
    space.root.mkdir()
    for number, shown in ((2732, True), (LARGE, False)):
        space.update_card(simulated=True, seed=number, scene=default_scene(number).digest)
        words = " ".join(provenance(space.card()).values())
        assert (str(number) in words) is (default_scene(number).digest in words) is shown
