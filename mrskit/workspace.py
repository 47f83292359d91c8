"""A workspace: the workshop's folders, and the file that says how its data were made."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mrskit.errors import DiskSpaceError, WorkspaceError

ROLES = {"source": "Source", "background": "Background"}
STAGES = ("uncal", "stage1", "stage2", "stage3")
CARD = "workspace.json"


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

    def card(self) -> dict:
        """
        Return what ``workspace.json`` says: profile, seed, settings, scene digest, references, versions.

        Raises
        ------
        WorkspaceError
            If the file is missing or no JSON.
        """
        path = self.root / CARD
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise WorkspaceError(f"{path}: no workspace here ({type(error).__name__}). "
                                 f"Run 'mrskit simulate --out {self.root}' first.", path=path) from error  # fmt: skip

    def write_card(self, **entries: object) -> None:
        """Merge entries into ``workspace.json``."""
        path = self.root / CARD
        known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        write_text(path, json.dumps(known | entries, indent=2, sort_keys=True) + "\n")


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
    """
    Return the workspace of a folder.

    Raises
    ------
    WorkspaceError
        If the folder has no ``Source/uncal``.
    """
    workspace = Workspace(Path(root).resolve())
    if not workspace.stage("source", "uncal").is_dir():
        raise WorkspaceError(
            f"{workspace.root}: no workspace; expected the folders Source/uncal and Background/uncal. "
            f"Run 'mrskit simulate --out {root}'.", path=workspace.root,
        )  # fmt: skip
    return workspace


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Give a temporary path beside ``path`` and rename it to ``path`` when the block ends without an error.

    The temporary name keeps the suffix of ``path``, so that writers which look at it work.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=path.parent))
    try:
        yield folder / path.name
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file under a temporary name, then rename it."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def require_space(folder: Path, needed: float, what: str) -> None:
    """
    Check that a folder's disk has room for ``needed`` bytes.

    Raises
    ------
    DiskSpaceError
        If it has less.
    """
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskSpaceError(
            f"{folder}: {free / 1e9:.2f} GB free, {what} needs {needed / 1e9:.2f} GB. "
            "Free some space or choose another folder.", path=folder, free=free, needed=needed,
        )  # fmt: skip
