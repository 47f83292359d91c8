"""A folder for the files of a running grader. If the grader is killed, the next one removes the folder."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import tempfile
from pathlib import Path

from filelock import BaseFileLock

from mrskit.kept import lock

_FOLDER, _LOCK = "mrskit-grade-", "lock"


def own_folder(parent: Path) -> tuple[Path, BaseFileLock]:
    """Return a new folder and the lock that marks it as in use; remove the folders of killed graders."""
    remove_unused(parent)
    folder = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}", dir=parent))
    taken = lock.take(folder / _LOCK)
    if taken is None:  # impossible: no other process knows the new folder
        raise OSError(f"{folder}: cannot be locked")
    folder.chmod(0o711)
    return folder.rename(parent / folder.name.removeprefix(".")), taken  # visible to others only when locked


def remove_unused(parent: Path) -> None:
    """Remove the folders that killed graders left behind, but no links and no folders of other users."""
    for old in parent.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError):
            facts = old.lstat()
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
                continue
            with lock.held(old / _LOCK, patience=0) as unused:
                if unused:
                    remove(old)


def remove(folder: Path) -> None:
    """Remove a folder that untrusted code has written to, even if the code removed the owner's permissions."""
    for command in (
        ["chmod", "-R", "u+rwX"],
        ["rm", "-rf"],
    ):  # these do not follow links and handle folders of any depth
        subprocess.run([*command, folder], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
