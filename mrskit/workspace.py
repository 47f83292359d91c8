"""A workspace: the workshop's folders, and the file that says how its data were made."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mrskit import card as cards
from mrskit import inventory
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
        """Folder of the long ramp: in no association, never counted among the program's files."""
        return self.root / "Ramp" / "uncal"

    @property
    def plots(self) -> Path:
        """Folder of the learner's figures."""
        return self.root / "Plots"

    @property
    def answers(self) -> Path:
        """Folder of the recorded answers, one JSON file a lesson."""
        return self.root / "answers"

    @property
    def logs(self) -> Path:
        """Folder of the pipeline's logs."""
        return self.root / "logs"

    @property
    def truth(self) -> Path:
        """Folder of the simulator's truth: read by the judge and the benchmarks alone, never released."""
        return self.root / "truth"

    def card(self) -> Card:
        """Return what ``workspace.json`` says, if there; WorkspaceError if unreadable or of another kind."""
        return cards.read(self.root)

    def require_card(self) -> Card:
        """Return what ``workspace.json`` says; WorkspaceError as for `card`, or if the file is missing."""
        if not self.has_card:
            path = self.root / CARD
            raise WorkspaceError(f"{path}: no workspace here (no such file). {advice(self.root)}", path=path)
        return self.card()

    @property
    def has_card(self) -> bool:
        """Whether there is a ``workspace.json``."""
        return (self.root / CARD).is_file()

    def update_card(self, **changes: object) -> None:
        """Change entries of ``workspace.json`` and leave the others; those with their default value are not written."""
        write_text(self.root / CARD, cards.updated(self.root, changes))


def create(root: Path | str) -> Workspace:
    """Make the folders of a workspace (those that are not there yet) and return it."""
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
    """Return the workspace of a folder. WorkspaceError if the folder has no ``Source/uncal``."""
    workspace = Workspace(Path(root).resolve())
    if not workspace.stage("source", "uncal").is_dir():
        raise WorkspaceError(
            f"{workspace.root}: no workspace; expected the folders Source/uncal and Background/uncal. {advice(root)}",
            path=workspace.root,
        )  # fmt: skip
    return workspace


def advice(root: Path | str, setting: str = "") -> str:
    """
    Return what lies in a folder where raw exposures are missing, and what to do next.

    To simulate is advised only where nobody's data are: in a folder that is not there yet, is empty, or that the kit
    has filled.

    ``root``: the folder, as the next command shall name it; ``setting``: name of the setting whose raw exposures are
    missing; empty where all are.
    """
    root = Path(root)
    if not root.exists():
        return ("There is no such folder: look for the right name. For a new workspace run 'mrskit simulate "
                f"--out {root}', or for real exposures 'mrskit fetch --out {root}'.")  # fmt: skip
    if not root.is_dir():
        return "This is a file: name the folder of a workspace."
    found, card = inventory.look(root, ignored=(CARD,)), _readable_card(root)
    if found.foreign:
        return _advice_on_foreign(root, found, setting)
    if card.is_real:
        return (f"The data of this workspace are real: run 'mrskit fetch --out {root}' for the missing raw files, or "
                f"'mrskit adopt FOLDER --out {root}' if you have them.")  # fmt: skip
    if card.handed_out:
        return "The data of this workspace were handed out: unpack them again, or ask whoever gave them to you."
    if found.ours or card.simulated or (root / "truth").is_dir():
        return f"Run 'mrskit simulate{setting and f' --settings {setting}'} --out {root}'."
    if found.is_empty:
        return (f"Run 'mrskit simulate{setting and f' --settings {setting}'} --out {root}', or for real exposures "
                f"'mrskit fetch --out {root}'.")  # fmt: skip
    return _advice_on_other_files(root, found)


def is_foreign(root: Path) -> bool:
    """Return whether a folder holds, or is meant to hold, raw exposures that the kit must not simulate again."""
    if not root.is_dir():
        return False
    card = _readable_card(root)
    return card.is_real or bool(card.handed_out or inventory.look(root).foreign)


def _advice_on_foreign(root: Path, found: inventory.Inventory, setting: str) -> str:
    """Return what to do with raw exposures that the kit has not made: they wait to be laid out, or for references."""
    count = len(found.foreign)
    text = f"Found {count} uncal file{'s' if count > 1 else ''}, not made by mrskit, in {found.places(found.foreign)}. "
    if not any(path.parent == root / ROLES["source"] / "uncal" for path in found.foreign):
        return text + f"Run 'mrskit adopt {root} --out WORKSPACE', which lays them out as a workspace."
    if setting:
        return text + f"Add those of {setting}: 'mrskit adopt FOLDER --out {root}' or 'mrskit fetch --out {root}'."
    return text + f"Run 'mrskit references --real {root}'."


def _advice_on_other_files(root: Path, found: inventory.Inventory) -> str:
    """Return what to do with a folder of somebody that holds no raw exposure."""
    if not found.kinds:
        return f"The folder holds {found.others} files, none of them FITS. Name another folder."
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(found.kinds.items()))
    text = (f"There are other FITS files ({kinds}), but no raw ones (*_uncal.fits). Run 'mrskit adopt {root} --out "
            "WORKSPACE', which takes rate and cal files too.")  # fmt: skip
    return text + (f" Spectra (x1d) are measured by 'mrskit lines {root}'." if "x1d" in found.kinds else "")


def _readable_card(root: Path) -> Card:
    """Return the card of a folder, an empty one also where it cannot be read."""
    try:
        return cards.read(root)
    except WorkspaceError:
        return Card()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``, of its suffix, that becomes ``path`` if the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, text: str, errors: str = "strict", sync: bool = False) -> None:
    """Write a text file under a temporary name, with ``sync`` bring it to the disk, then rename it."""
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
    """Check that a folder's disk has room for ``needed`` bytes. DiskSpaceError if it has less."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskSpaceError(
            f"{folder}: {free / 1e9:.2f} GB free, {what} needs {needed / 1e9:.2f} GB. "
            "Free some space or choose another folder.", path=folder, free=free, needed=needed,
        )  # fmt: skip
