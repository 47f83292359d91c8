"""A folder for the files of a running grader, which the next one removes when this one was killed."""

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
    """Return a new folder and the lock that says that it is in use; those that killed graders have left are removed."""
    remove_unused(parent)
    folder = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}", dir=parent))
    taken = lock.take(folder / _LOCK)
    if taken is None:  # which cannot be: nobody else knows the new folder
        raise OSError(f"{folder}: cannot be locked")
    folder.chmod(0o711)
    return folder.rename(parent / folder.name.removeprefix(".")), taken  # seen by others only with its lock


def remove_unused(parent: Path) -> None:
    """Remove the folders that killed graders have left; what is another user's, or a link, is not touched."""
    for old in parent.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError):
            facts = old.lstat()
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
                continue
            with lock.held(old / _LOCK, patience=0) as unused:
                if unused:
                    remove(old)


def remove(folder: Path) -> None:
    """Remove a folder that strangers' code has written to, which may have taken its owner's rights to parts of it."""
    for command in (
        ["chmod", "-R", "u+rwX"],
        ["rm", "-rf"],
    ):  # they follow no links, and no folder is too deep for them
        subprocess.run([*command, folder], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
