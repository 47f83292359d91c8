"""All deliberate errors of mrskit: one class per remedy, with the facts as attributes."""

from __future__ import annotations

from pathlib import Path


class MrskitError(Exception):
    """Base class of the deliberate errors; the message states found, expected, where, and the next command."""

    def __init__(self, message: str, **facts: object) -> None:
        super().__init__(message)
        self.facts = facts
        for name, value in facts.items():
            setattr(self, name, value)

    def _render_traceback_(self) -> list[str]:
        """Return the output in a notebook: only the message, without a traceback."""
        return [f"{type(self).__name__}: {self}"]


class UnknownBandError(MrskitError):
    """A band, sub-band or setting that the MRS does not have."""


class PlanError(MrskitError):
    """A program file that is missing, unreadable or contradicts itself."""


class WorkspaceError(MrskitError):
    """A folder that is not, or is no longer, a workspace of the kit."""


class ProductError(MrskitError):
    """A product file that is missing, truncated, foreign or of the wrong kind."""


class ReferenceCacheError(MrskitError):
    """A reference file or cache that is missing, incomplete or from a different kit."""


class ManifestError(MrskitError):
    """A file of ``data_manifest`` that is missing, unreadable or lacks an entry."""


class FetchError(MrskitError):
    """An archive that cannot be reached, refuses, or sends something else; the same command resumes the transfer."""


class AccessError(MrskitError):
    """Data with restricted access in the archive: a token is missing or not accepted."""


class ChecksumError(MrskitError):
    """A file that arrived with a wrong checksum; it is not kept."""


class SimulationError(MrskitError):
    """A request that the simulation cannot fulfil."""


class PipelineError(MrskitError):
    """A pipeline stage that stopped; the message names the log."""


class DiskSpaceError(MrskitError):
    """Not enough disk space for the next output."""


class AnalysisError(MrskitError):
    """Spectra or cubes that an analysis function cannot use."""


class ViewerError(MrskitError):
    """A viewer that is not installed, has no display, or cannot show this product."""


class AnswerError(MrskitError):
    """An answer that cannot be recorded: unknown exercise, wrong kind, shape, unit or size."""


class LessonError(MrskitError):
    """A lesson that does not exist, lacks its parameters cell, or does not have a requested parameter."""


class GradingError(MrskitError):
    """Submissions, a key or rules that cannot be read, or a class that cannot be graded as requested."""


class SandboxError(GradingError):
    """Isolation that is too weak for unknown code; install a sandbox, or state that you trust the code."""


def missing_file(path: Path, expected: str, remedy: str) -> ProductError:
    """Return the error for a missing file, with its name and the next command."""
    return ProductError(f"{path}: no such file; expected {expected}. {remedy}", path=path)
