"""Paths through the course: lists of exercises for shorter courses."""

from __future__ import annotations

from mrskit.errors import LessonError

PATHS = {
    "workshop": frozenset({  # half a day, in the order of the slides
        "01-read-a-ramp", "01-configuration", "01-exposure-time", "01-uncal-files", "01-dither-slices", "01-context",
        "02-sci-shape", "02-sky-glow", "02-nucleus-column", "02-line-row", "02-line-name", "02-line-extended",
        "02-same-place",
        "03-saturation-first", "03-rate-of-one-pixel", "03-own-steps", "03-shower-boxes", "03-questionable-parameter",
        "03-count-slices", "03-dark-strip",
        "04-asn-members", "04-step-order", "04-own-steps", "04-cross-artifact",
        "04-fringe-choice", "04-both-backgrounds",
        "05-association", "05-own-call", "05-waves", "05-background-level", "05-method-noise", "05-background-choice",
        "05-srctype",
        "06-identify", "06-pah", "06-continuum", "06-components", "06-detected", "06-knot-place",
        "06-width-ratio",
    }),
}  # fmt: skip


def includes(path: str, exercise: str) -> bool:
    """Return whether an exercise is on a path, by id; all are on the path "". LessonError for an unknown path."""
    if path and path not in PATHS:
        raise LessonError(f"no path {path!r} through the course: expected {', '.join(PATHS)}, or whole for all of it",
                          path=path)  # fmt: skip
    return not path or exercise in PATHS[path]
