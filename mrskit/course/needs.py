"""What exercises need of the data, and what is said where the data lack it."""

from __future__ import annotations

import math

from mrskit import products
from mrskit.bands import Setting
from mrskit.exercises.record import Facts

_BACKGROUND = ("02-hot-pixels", "02-tracks", "04-background-noise", "05-warm-pixels", "05-background-level",
               "05-method-noise", "05-disk-brightness")  # fmt: skip
_DITHERS = ("05-dithers",)
_REDSHIFT = ("04-line-rows", *(f"06-{name}" for name in (
    "continuum", "line-sum", "error-scale", "velocity-error", "components", "broad-width", "false-positives",
    "detected", "velocity-map", "knot-place", "width-ratio")))  # fmt: skip


def lacking(exercise: str, facts: Facts) -> str:
    """Return why the data of a workspace cannot serve an exercise, as a sentence; empty where they can."""
    if not facts.workspace.card().is_real:
        return ""
    setting = Setting(facts.use_ch, facts.use_band)
    if exercise in _BACKGROUND and not _count(facts, "background", setting):
        return f"no exposure of an empty field in {setting.name}."
    if exercise in _DITHERS and _count(facts, "source", setting) < 2:
        return f"a single dither in {setting.name}."
    if exercise in _REDSHIFT and math.isnan(facts.program.redshift):
        return f"the redshift of {facts.program.target or 'the target'} is not known. Set the parameter redshift."
    return ""


def _count(facts: Facts, role: str, setting: Setting) -> int:
    """Return how many exposures there are, raw or as a product."""
    return max(len(products.find(facts.workspace.stage(role, stage), suffix, setting))
               for stage, suffix in (("uncal", "uncal"), ("stage1", "rate"), ("stage2", "cal")))  # fmt: skip
