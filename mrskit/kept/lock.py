"""A lock file for processes and threads that is released when its process ends."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

FOREVER = -1.0
_WITHOUT_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)


def take(path: Path, patience: float = FOREVER) -> filelock.BaseFileLock | None:
    """
    Return a lock, held until its ``release()``; None if it stays locked for longer than the patience.

    On a file system without locks, everybody gets the lock, so only one process may use the kit there.

    ``path``: the lock file, which is not removed (a missing folder is created); ``patience``: time to wait, s.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path, timeout=patience, thread_local=False)
    try:
        lock.acquire()
    except filelock.Timeout:
        return None
    except NotImplementedError:  # filelock says so where the file system has no locks
        pass
    except OSError as error:
        if error.errno not in _WITHOUT_LOCKS:
            raise
    return lock


@contextmanager
def held(path: Path, patience: float = FOREVER) -> Iterator[bool]:
    """Hold a lock inside the block, and yield whether it is held (false after the patience)."""
    lock = take(path, patience)
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()
