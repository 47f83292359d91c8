"""A folder for the files of a running grader, which the next one removes when this one was killed."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from filelock import BaseFileLock

from mrskit.kept import lock

_FOLDER, _LOCK = "mrskit-grade-", "lock"


def own_folder(parent: Path) -> tuple[Path, BaseFileLock]:
    """Return a new folder and the lock that says that it is in use; those that killed graders have left are removed."""
    for old in parent.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError), lock.held(old / _LOCK, patience=0) as unused:
            if unused and old.stat().st_uid == os.geteuid() and not old.is_symlink():
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}", dir=parent))
    taken = lock.take(folder / _LOCK)
    if taken is None:  # which cannot be: nobody else knows the new folder
        raise OSError(f"{folder}: cannot be locked")
    folder.chmod(0o711)
    return folder.rename(parent / folder.name.removeprefix(".")), taken  # seen by others only with its lock
