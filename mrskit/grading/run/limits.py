"""The resource limits of one submitted notebook."""

from __future__ import annotations

from dataclasses import asdict, dataclass

MIB = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one notebook; the reports name the exercise at which a limit was reached."""

    memory: int = 4096 * MIB  # bytes of all its processes and of what they write into the scratch
    processes: int = 128  # processes and threads
    files: int = 512  # open files of a process
    file_size: int = 512 * MIB  # bytes of one file
    scratch: int = 1024 * MIB  # bytes of all files
    cpu: int = 1800  # s of one process
    cell: float = 300.0  # s that a cell may take; then it is interrupted
    notebook: float = 1800.0  # s that all cells may take
    message: int = 4 * MIB  # bytes of one message of the kernel (a figure, an answer); a larger one is not kept
    cell_output: int = 16 * MIB  # bytes that a cell may show; of what follows only answers are kept
    output: int = 64 * MIB  # bytes after which a cell that shows more is interrupted

    def to_json(self) -> dict:
        """Return the limits as a table of numbers."""
        return asdict(self)
