"""What may be the key of a course: data whose seed nobody finds by trying."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from mrskit import seed
from mrskit.cli import app
from mrskit.errors import GradingError
from mrskit.grading import rules
from mrskit.grading.key import make_key, open_key

SECRET = 2**127 + 9


@pytest.fixture
def seeded(plan_key):
    """A function that says in card, scene and the truth of an exposure with which seeds they were made."""

    def write(card=SECRET, scene=SECRET, exposure=SECRET):
        space = plan_key.workspace
        if card is not None:
            space.update_card(seed=card)
        (space.truth / "scene.json").write_text(json.dumps({"seed": scene} if scene is not None else {}))
        if exposure is not None:
            np.savez(space.truth / "a_mirifushort.npz", facts=np.array(json.dumps({"seed": exposure})))
        return plan_key.root

    return write


@pytest.mark.parametrize("weak", [0, 1, seed.PUBLIC, 740215539871, 2**63 - 1])
@pytest.mark.parametrize("place", ["card", "scene", "exposure"])
def test_a_public_or_short_seed_makes_no_key_wherever_it_stands(seeded, place, weak):
    root = seeded(**{place: weak})
    with pytest.raises(GradingError, match=f"is {weak}, expected .*--seed random.*--practice"):
        make_key(root)
    assert not (root / rules.FILE).exists()


def test_data_that_do_not_tell_their_seed_make_no_key(seeded):
    with pytest.raises(GradingError, match="is not known"):
        make_key(seeded(None, None, None))


def test_a_secret_seed_makes_a_key_and_a_public_one_only_for_practice(seeded):
    key, _ = make_key(seeded())
    assert len(key.rules.secret) == 48 and not key.practice
    key, _ = make_key(seeded(seed.PUBLIC, seed.PUBLIC, None), practice=True)
    assert key.practice


def test_the_command_says_how_to_make_a_key_and_takes_a_public_seed_for_practice(seeded):
    root = seeded(seed.PUBLIC, seed.PUBLIC, seed.PUBLIC)
    refused = CliRunner().invoke(app, ["key", str(root)])
    assert isinstance(refused.exception, GradingError) and "--seed random" in str(refused.exception)
    assert not (root / rules.FILE).exists()
    taken = CliRunner().invoke(app, ["key", str(root), "--practice"])
    assert "grading.toml" in taken.output and (root / rules.FILE).exists()


def test_a_digest_that_students_see_does_not_follow_from_the_seed_alone(seeded):
    root = seeded()
    found = set()
    for secret in ("a" * 48, "b" * 48):
        (root / rules.FILE).write_text(f'secret = "{secret}"\n', encoding="utf-8")
        found.add(open_key(root).data_digest)
    assert len(found) == 2
