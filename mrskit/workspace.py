"""A workspace: the workshop's folders, and the file that records the origin of its data."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mrskit import card as cards, inventory
from mrskit.card import CARD, Card
from mrskit.errors import DiskSpaceError, WorkspaceError

ROLES = {"source": "Source", "background": "Background"}
STAGES = ("uncal", "stage1", "stage2", "stage3")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder of one course: raw files, products, answers, plots and logs."""

    root: Path

    def stage(self, role: str, stage: str) -> Path:
        """Return a data folder, e.g. ``stage("source", "stage2")`` -> ``Source/stage2``."""
        return self.root / ROLES[role] / stage

    @property
    def ramp(self) -> Path:
        """Folder of the long ramp, which is not in an association and does not belong to the program's files."""
        return self.root / "Ramp" / "uncal"

    @property
    def plots(self) -> Path:
        """Folder of the learner's figures."""
        return self.root / "Plots"

    @property
    def answers(self) -> Path:
        """Folder of the recorded answers, with one JSON file per lesson."""
        return self.root / "answers"

    @property
    def logs(self) -> Path:
        """Folder of the pipeline's logs."""
        return self.root / "logs"

    @property
    def truth(self) -> Path:
        """Folder of the simulator's truth, only for the judge and the benchmarks and never released."""
        return self.root / "truth"

    def card(self) -> Card:
        """Return the content of ``workspace.json``, if any; WorkspaceError if it is unreadable or invalid."""
        return cards.read(self.root)

    def require_card(self) -> Card:
        """Return the content of ``workspace.json``; WorkspaceError as for `card`, or if the file is missing."""
        if not self.has_card:
            path = self.root / CARD
            raise WorkspaceError(f"{path}: no such file, so this is not a workspace. {advice(self.root)}", path=path)
        return self.card()

    @property
    def has_card(self) -> bool:
        """Whether ``workspace.json`` exists."""
        return (self.root / CARD).is_file()

    def update_card(self, **changes: object) -> None:
        """Change entries of ``workspace.json`` and keep the others; entries with default values are not written."""
        write_text(self.root / CARD, cards.updated(self.root, changes))


def create(root: Path | str) -> Workspace:
    """Create the missing folders of a workspace and return it."""
    workspace = Workspace(Path(root).resolve())
    for role in ROLES:
        for stage in STAGES:
            workspace.stage(role, stage).mkdir(parents=True, exist_ok=True)
    for folder in (
        workspace.ramp,
        workspace.plots,
        workspace.answers,
        workspace.logs,
        workspace.root / "Notebook",
    ):
        folder.mkdir(parents=True, exist_ok=True)
    return workspace


def open_workspace(root: Path | str) -> Workspace:
    """Return the workspace in a folder; WorkspaceError if the folder has no ``Source/uncal``."""
    workspace = Workspace(Path(root).resolve())
    if not workspace.stage("source", "uncal").is_dir():
        raise WorkspaceError(
            f"{workspace.root}: no workspace; expected folders Source/uncal and Background/uncal. {advice(root)}",
            path=workspace.root,
        )  # fmt: skip
    return workspace


def advice(root: Path | str, setting: str = "") -> str:
    """
    Describe a folder without the required raw exposures, and advise what to do next.

    Simulation is advised only if no foreign data are at risk: the folder does not exist, is empty, or the kit
    has filled it.

    ``root``: the folder, as in the next command; ``setting``: name of the setting whose raw exposures are
    missing, or empty if all are missing.
    """
    root = Path(root)
    if not root.exists():
        return ("This folder does not exist: check the name. For a new workspace run 'mrskit simulate "
                f"--out {root}', or for real exposures 'mrskit fetch --out {root}'.")  # fmt: skip
    if not root.is_dir():
        return "This is a file; name the folder of a workspace."
    found, card = inventory.look(root, ignored=(CARD,)), _readable_card(root)
    if found.foreign:
        return _advice_on_foreign(root, found, setting)
    if card.is_real:
        return (f"The data of this workspace are real. Run 'mrskit fetch --out {root}' for the missing raw files, or "
                f"'mrskit adopt FOLDER --out {root}' if you have them.")  # fmt: skip
    if card.handed_out:
        return "The data of this workspace were handed out. Unpack them again, or ask your instructor."
    if found.ours or card.simulated or (root / "truth").is_dir():
        return f"Run 'mrskit simulate{setting and f' --settings {setting}'} --out {root}'."
    if found.is_empty:
        return (f"Run 'mrskit simulate{setting and f' --settings {setting}'} --out {root}', or for real exposures "
                f"'mrskit fetch --out {root}'.")  # fmt: skip
    return _advice_on_other_files(root, found)


def is_foreign(root: Path) -> bool:
    """Return whether a folder has, or will have, raw exposures that the kit must not simulate again."""
    if not root.is_dir():
        return False
    card = _readable_card(root)
    return card.is_real or bool(card.handed_out or inventory.look(root).foreign)


def _advice_on_foreign(root: Path, found: inventory.Inventory, setting: str) -> str:
    """Return advice on raw exposures from elsewhere: adopt them into a workspace, or get their references."""
    count = len(found.foreign)
    text = f"Found {count} uncal file{'s' if count > 1 else ''}, not made by mrskit, in {found.places(found.foreign)}. "
    if not any(path.parent == root / ROLES["source"] / "uncal" for path in found.foreign):
        return text + f"Run 'mrskit adopt {root} --out WORKSPACE', which makes a workspace from them."
    if setting:
        return text + f"Add those of {setting}: 'mrskit adopt FOLDER --out {root}' or 'mrskit fetch --out {root}'."
    return text + f"Run 'mrskit references --real {root}'."


def _advice_on_other_files(root: Path, found: inventory.Inventory) -> str:
    """Return advice on a folder with other files but without raw exposures."""
    if not found.kinds:
        return f"The folder has {found.others} files, but no FITS files. Name a different folder."
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
    text = (f"There are other FITS files ({kinds}), but no raw ones (*_uncal.fits). Run 'mrskit adopt {root} --out "
            "WORKSPACE', which also accepts rate and cal files.")  # fmt: skip
    return text + (f" 'mrskit lines {root}' measures spectra (x1d)." if "x1d" in found.kinds else "")


def _readable_card(root: Path) -> Card:
    """Return the card of a folder, or an empty card if it is missing or unreadable."""
    try:
        return cards.read(root)
    except WorkspaceError:
        return Card()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path next to ``path``, with its suffix, which becomes ``path`` if the block succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, text: str, errors: str = "strict", sync: bool = False) -> None:
    """Write a text file under a temporary name, flush it to disk with ``sync``, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing-{secrets.token_hex(8)}")
    try:
        with temporary.open("w", encoding="utf-8", errors=errors) as stream:
            stream.write(text)
            if sync:
                stream.flush()
                os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def require_space(folder: Path, needed: float, what: str) -> None:
    """Check that a folder's disk has ``needed`` bytes free; DiskSpaceError if it has less."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskSpaceError(
            f"{folder}: {free / 1e9:.2f} GB free, but {what} needs {needed / 1e9:.2f} GB. "
            "Free some space or choose another folder.", path=folder, free=free, needed=needed,
        )  # fmt: skip
