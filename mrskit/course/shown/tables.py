"""Tables that lessons show, as Markdown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from IPython.display import Markdown
from scipy.ndimage import binary_dilation

from mrskit import products
from mrskit.analysis import masks
from mrskit.workspace import ROLES, Workspace

if TYPE_CHECKING:
    from mrskit.pipeline.parameters import Row
    from mrskit.products import Exposure

_SHORT = {"observation": "obs.", "integrations": "ints", "exposures_per_dither": "exp./dither"}
_STAGES = {"detector1": "1", "spec2": "2", "spec3": "3"}


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Markdown:
    """Return a Markdown table with these columns."""
    lines = [columns, ["---"] * len(columns), *rows]
    return Markdown("\n".join(f"| {' | '.join(map(str, line))} |" for line in lines))


def preflight(items: Iterable) -> Markdown:
    """Return the checks before a lesson, and the remedies for failed checks."""
    rows = [(item.name, item.found, item.expected, "yes" if item.ok else "**no**", "" if item.ok else item.remedy)
            for item in items]  # fmt: skip
    return table(("looked at", "found", "expected", "ready", "otherwise"), rows)


def proposal(apt: list[dict[str, str]], remarks: Sequence[str] = ()) -> Markdown:
    """Print remarks, and return the exposure table of a proposal."""
    print(*remarks, sep="\n", end="")
    return table([_SHORT.get(name, name) for name in apt[0]], [tuple(row.values()) for row in apt])


def exposures(found: Iterable[Exposure]) -> Markdown:
    """Return a table of header values of exposures."""
    rows = [(f"`{item.path.name}`", item.setting.name, item.dither, f"{item.integrations} x {item.groups}",
             item.readout, "SIMULATED" if item.simulated else "real") for item in found]  # fmt: skip
    return table(("file", "setting", "dither", "integrations x groups", "readout", "made"), rows)


def raw_files(space: Workspace) -> Markdown:
    """Return a table of header values of all raw exposures in a workspace."""
    paths = (products.find(space.stage(role, "uncal"), "uncal") for role in ROLES)
    return exposures(products.read_exposure(path) for found in paths for path in found)


def references(path: Path, kinds: tuple[str, ...]) -> Markdown:
    """Return the active context, and the reference files that it selects for an exposure."""
    from mrskit.references.context import selected

    used = {name: os.environ.get(name, "not set") for name in ("CRDS_CONTEXT", "CRDS_SERVER_URL")}
    rows = [(f"`{name}`", f"`{value}`") for name, value in (used | selected(path, kinds)).items()]
    return table(("variable or kind of reference", "value"), rows)


def steps() -> Markdown:
    """Return all steps for an MRS exposure: default of the code, flight practice, this course, reason."""
    from mrskit.pipeline import parameters

    def word(skip: object) -> str:
        return "off" if str(skip).lower() == "true" else "on"

    def cells(row: Row) -> tuple:
        ours = word(row.ours)
        return (_STAGES[row.stage], f"`{row.step}`", word(row.code_default), word(row.flight),
                ours if ours == word(row.flight) else f"**{ours}**", row.why)  # fmt: skip

    columns = ("stage", "step", "code default", "in flight", "in this course", "why")
    return table(columns, map(cells, parameters.step_table()))


def settings() -> Markdown:
    """Return the other parameters whose default in the code differs from flight practice or this course."""
    from mrskit.pipeline import parameters

    rows = [(_STAGES[row.stage], f"`{row.step}`", f"`{row.parameter}`", row.code_default, row.flight, row.ours, row.why)
            for row in parameters.effective_table()
            if row.parameter != "skip" and {str(row.ours), str(row.flight)} != {str(row.code_default)}]  # fmt: skip
    return table(("stage", "step", "parameter", "code default", "in flight", "in this course", "why"), rows)


def shower_search(
    search: Mapping[float, np.ndarray], parts: Sequence[np.ndarray], whole: np.ndarray
) -> Markdown | None:
    """Return a table of each shower's completeness at each threshold, and of the false flags."""
    if not search:
        return None
    lines = [f"| threshold (sigma) | {' | '.join(_names(parts))} | false share | false area |",
             "|---" * (len(parts) + 3) + "|"]  # fmt: skip
    for threshold, mask in search.items():
        shares = [100 * masks.completeness(mask, part) for part in parts] + [100 * masks.false_share(mask, whole)]
        row = " | ".join(f"{share:.0f} %" if np.isfinite(share) else "–" for share in shares)  # nothing flagged
        lines.append(f"| {threshold:.2f} | {row} | {100 * (mask & ~whole).mean():.2f} % of the detector |")
    return Markdown("\n".join(lines))


def shower_cures(images: Mapping[str, np.ndarray], parts: Sequence[np.ndarray], number: np.ndarray) -> Markdown | None:
    """Return a table of the share of each shower's light that a correction removes, and of its false area."""
    if not images:
        return None
    between = ~binary_dilation(number > 0, np.ones((1, 3)))
    near = binary_dilation(np.any(parts, axis=0), iterations=40)
    lines = [f"| cure | {' | '.join(_names(parts))} | false area |", "|---" * (len(parts) + 2) + "|"]
    level = {cure: [np.nanmedian(image[part & between]) for part in parts] for cure, image in images.items()}
    for cure in list(images)[1:]:
        shares = " | ".join(f"{100 * (1 - left / before):.0f} %"
                            for left, before in zip(level[cure], level["nothing"], strict=True))  # fmt: skip
        false = 100 * ((abs(images[cure] - images["nothing"]) > 0.05) & ~near).mean()
        lines.append(f"| `{cure}` | {shares} | {false:.2f} % of the detector |")
    return Markdown("\n".join(lines))


def _names(parts: Sequence[np.ndarray]) -> list[str]:
    return [f"shower {letter}" for letter in "ABC"[: len(parts)]]
