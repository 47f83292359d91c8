"""The key: an instructor's solved workspace with its truth, and the rules of the course. Sandboxes never see it."""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

from mrskit import seed
from mrskit.answering.judge import Row, scorecard
from mrskit.card import Card, read_table
from mrskit.errors import GradingError
from mrskit.exercises.outcomes import Outcome
from mrskit.grading import rules
from mrskit.grading.rules import Rules
from mrskit.kept import digests
from mrskit.kept.records import products_digest
from mrskit.simulate import truth
from mrskit.workspace import Workspace, open_workspace, write_text

_AFTERWARDS = ("lessons", "late", "attempts", "limits", "roster", "layout")  # rules that do not affect verdicts
CHECKS = "checks"  # folder of the instructor's own tests, in the key
_TEMPLATE = """\
# Rules of grading; 'docs/grading.md' explains them. Keep this file secret: seeds follow from the secret.
secret = "{secret}"

# lessons = ["01", "06"]               # required lessons; without this line, all lessons with a submission
# attempts = "newest"                  # which of several notebooks counts; or "first", "best"
# roster = "roster.csv"                # next to this file: everybody in it has a row
# left_out = ["06-velocity"]           # exercises that do not count

# [points]                             # points that differ from those of the course
# "06-velocity" = 4

# [late]
# due = 2026-11-30T18:00:00+01:00
# grace = 15                           # minutes
# per_day = 10                         # percent of the points for each started day
# most = 50                            # percent of the points
"""


@dataclass(frozen=True)
class Key:
    """The data and rules for the judge."""

    workspace: Workspace
    rules: Rules

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.workspace.root

    @property
    def checks(self) -> tuple[Path, ...]:
        """The files of the instructor's own tests."""
        return tuple(sorted((self.root / CHECKS).glob("test_*.py")))

    @cached_property
    def seeds(self) -> frozenset[int]:
        """All seeds of its data, from the card, the scene and the truth of each exposure."""
        told = [self.workspace.card().seed, seed.of_scene(self.workspace)]
        told += [truth.read_facts(self.workspace, path.stem).get("seed") for path in self.workspace.truth.glob("*.npz")]
        return frozenset(number for number in told if number is not None)

    @property
    def practice(self) -> bool:
        """Whether anybody can compute the truth because a seed is public or short."""
        return not all(map(seed.is_secret, self.seeds))

    @cached_property
    def data_digest(self) -> str:
        """A digest of the key's files that notebooks can read; keyed, because students see derived digests."""
        card = json.dumps(read_table(self.workspace.root), sort_keys=True)
        return digests.of_text(f"{self.rules.secret} {card} {products_digest(self.workspace)}")

    @cached_property
    def digest(self) -> str:
        """A digest of everything that affects verdicts except the record: the key, the checks, and the kit's code."""
        own = (*(self.root / CHECKS).rglob("*.py"), *self.workspace.truth.iterdir())
        files = digests.of_files((path for path in own if path.is_file()), self.root)
        ruled = {item.name: getattr(self.rules, item.name) for item in fields(Rules) if item.name not in _AFTERWARDS}
        ruled["left_out"] = sorted(self.rules.left_out)
        return digests.of_values([digests.of_kit(), self.data_digest, files, ruled])

    def seed(self, student: str, lesson: str) -> int:
        """Return the seed of the probes for a student and a lesson: 32 bits that follow from the secret."""
        secret = self.rules.secret.encode() or (self.workspace.truth / "scene.json").read_bytes()
        whole = hmac.digest(secret, f"{student}\n{lesson}".encode(), "sha256")
        return int.from_bytes(whole[:4], "big")


def open_key(folder: Path) -> Key:
    """Return the key in a folder; WorkspaceError or GradingError if it is not a key or its rules cannot be read."""
    workspace = open_workspace(folder)
    if not (workspace.truth / "scene.json").is_file():
        raise GradingError(f"{workspace.root} has no truth/scene.json, so it is not a key. Make a key with "
                           f"'mrskit demo --workspace {folder} --seed random'.", path=workspace.root)  # fmt: skip
    return Key(workspace, rules.read_rules(workspace.root))


def make_key(folder: Path, practice: bool = False) -> tuple[Key, list[Row]]:
    """
    Turn a solved workspace into a key: write rules with a new secret if there are no rules yet.

    Return the key and the exercises that its own answers do not solve; for a sound key, this list is empty. With
    ``practice``, data with a public or short seed are accepted, and every report mentions this.

    WorkspaceError or GradingError as in `open_key`, and if the seed is not secret.
    """
    key = open_key(folder)
    if not practice and (key.practice or not key.seeds):
        found = f"is {min(key.seeds)}" if key.seeds else "is not known"
        raise GradingError(
            f"{key.root}: the seed of its data {found}, expected a secret seed of at least {seed.FEWEST} bits. With a "
            "public or short seed anybody can compute the truth at home. Make new data with 'mrskit demo --workspace "
            "work/key --seed random'. If you give no marks, use '--practice': every report will then contain a "
            "warning.",
            path=key.root,
        )  # fmt: skip
    path = key.root / rules.FILE
    if not path.is_file():
        write_text(path, _TEMPLATE.format(secret=secrets.token_hex(24)))
        path.chmod(0o600)
        key = open_key(folder)
    card = scorecard(key.workspace)
    return key, [row for lesson in card.lessons for row in lesson.rows if row.outcome != Outcome.PASSED]


def told(workspace: Workspace) -> Card:
    """Return the content of ``workspace.json`` for learners, without seed and scene, which reveal the truth."""
    return replace(workspace.require_card(), seed=None, scene="")
