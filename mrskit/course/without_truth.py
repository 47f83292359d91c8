"""Judging without a truth: the kit's own measurement of the same data, and exercises that it cannot judge."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

from mrskit import products
from mrskit.bands import Setting
from mrskit.exercises.record import Facts, TruthMissing

_BACKGROUND = ("02-hot-pixels", "02-tracks", "04-background-noise", "05-warm-pixels", "05-background-level",
               "05-method-noise", "05-disk-brightness")  # fmt: skip
_REDSHIFT = ("04-line-rows", "06-continuum", "06-line-sum", "06-error-scale", "06-velocity-error", "06-components",
             "06-broad-width", "06-noise-limit", "06-false-positives", "06-detected", "06-velocity-map",
             "06-knot-place", "06-width-ratio")  # fmt: skip


def otherwise(measured: Callable) -> Callable[[Callable], Callable]:
    """Return a decorator that measures a value with another function if the truth is missing."""

    def decorate(known: Callable) -> Callable:
        @functools.wraps(known)
        def expected(facts: Facts, *args: object, **named: object) -> object:
            try:
                return (measured if facts.basis == "data" else known)(facts, *args, **named)
            except TruthMissing:
                if facts.basis == "truth":
                    raise
            return measured(facts, *args, **named)

        return expected

    return decorate


def error_of(measured: Callable[[Facts], object]) -> Callable[[Facts], object]:
    """Return the function that gives the error of the kit's own measurement, and 0 where the truth is known."""

    def known(facts: Facts) -> float:
        facts.scene()
        return 0.0

    return otherwise(measured)(known)


def count(facts: Facts, role: str) -> int:
    """Return how many exposures of a role there are in the setting, raw or reduced."""
    return max(len(products.find(facts.workspace.stage(role, stage), suffix, Setting(facts.use_ch, facts.use_band)))
               for stage, suffix in (("uncal", "uncal"), ("stage1", "rate"), ("stage2", "cal")))  # fmt: skip


def without_background(facts: Facts) -> bool:
    """Return whether real data hold no exposure of an empty field in the setting."""
    return facts.workspace.card().is_real and not count(facts, "background")


def lacking(exercise: str, facts: Facts) -> str:
    """Return the reason why real data do not suffice for an exercise, as a sentence; empty if they do."""
    if not facts.workspace.card().is_real:
        return ""
    if exercise in _BACKGROUND and without_background(facts):
        return f"no exposure of an empty field in {facts.use_ch}:{facts.use_band}."
    if exercise == "05-dithers" and count(facts, "source") < 2:
        return f"a single dither in {facts.use_ch}:{facts.use_band}."
    if exercise in _REDSHIFT and math.isnan(facts.program.redshift):
        return f"the redshift of {facts.program.target or 'the target'} is not known. Set the parameter redshift."
    return ""
