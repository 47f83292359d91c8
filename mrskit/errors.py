"""Every error that mrskit raises on purpose: one class per remedy, the facts kept as attributes."""

from __future__ import annotations

from pathlib import Path


class MrskitError(Exception):
    """Root of the deliberate errors; the message says what was found, expected, where, and what to do next."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the message alone, no traceback."""
        return [f"{type(self).__name__}: {self}"]


class UnknownBandError(MrskitError):
    """A band, sub-band or setting that the MRS does not have."""


class PlanError(MrskitError):
    """A program file that is missing, unreadable or contradicts itself."""


class WorkspaceError(MrskitError):
    """A folder that is not (or not any more) a workspace of the kit."""


class ProductError(MrskitError):
    """A product file that is missing, truncated, foreign or of the wrong kind."""


class ReferenceCacheError(MrskitError):
    """A reference file or reference cache that is missing, incomplete or of another kit."""


class ManifestError(MrskitError):
    """A file of ``data_manifest`` that is missing, unreadable or lacks an entry."""


class FetchError(MrskitError):
    """An archive that cannot be reached, refuses, or gives something else: the same command goes on from there."""


class AccessError(MrskitError):
    """Data that the archive gives only to those who may see them: a token is missing or not accepted."""


class ChecksumError(MrskitError):
    """A file that arrived with other bytes than were promised; nothing of it is kept."""


class SimulationError(MrskitError):
    """A simulation that was asked for something impossible."""


class PipelineError(MrskitError):
    """A pipeline stage that stopped; the log's place is in the message."""


class DiskSpaceError(MrskitError):
    """Not enough room for what is about to be written."""


class AnalysisError(MrskitError):
    """Spectra or cubes that an analysis function cannot use."""


class ViewerError(MrskitError):
    """A viewer that is not installed, has no display, or cannot show such a product."""


class AnswerError(MrskitError):
    """An answer that cannot be recorded: unknown exercise, wrong kind, shape, unit or size."""


class LessonError(MrskitError):
    """A lesson that does not exist, lacks its parameters cell, or was asked for an unknown parameter."""


class GradingError(MrskitError):
    """Submissions, a key or rules that cannot be read, or a class that cannot be graded as asked."""


class SandboxError(GradingError):
    """No isolation of the strength that strangers' code needs; install a sandbox, or say that you trust the code."""


def missing_file(path: Path, expected: str, remedy: str) -> ProductError:
    """Return the error for a file that should be there, named with what to run next."""
    return ProductError(f"{path}: no such file; expected {expected}. {remedy}", path=path)
