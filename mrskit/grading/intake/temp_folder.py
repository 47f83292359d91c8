"""A folder for the files of a running grader, which the next one removes when this one was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import IO

_FOLDER, _LOCK = "mrskit-grade-", "lock"


def own_folder(parent: Path) -> tuple[Path, IO]:
    """Return a new folder and the lock that says that it is in use; those that killed graders have left are removed."""
    for old in parent.glob(f"{_FOLDER}*"):
        with contextlib.suppress(OSError), (old / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if old.stat().st_uid == os.geteuid() and not old.is_symlink():
                shutil.rmtree(old, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{_FOLDER}", dir=parent))
    lock = (folder / _LOCK).open("a")
    fcntl.flock(lock, fcntl.LOCK_EX)
    folder.chmod(0o711)
    return folder.rename(parent / folder.name.removeprefix(".")), lock  # seen by others only with its lock
