"""The proposal of a program, as lessons show it, without answers."""

from __future__ import annotations

from collections.abc import Sequence

from mrskit import plan
from mrskit.bands import SETTINGS, SUBBANDS
from mrskit.plan import Program


def description(program: Program) -> str:
    """Return the proposal's description of the observations as a Markdown list, one item per observation."""
    lines = []
    for item in program.observations:
        channels_text = "All MRS" if item.channels == "ALL" else f"{item.channels[0]} and {item.channels[1]}"
        label = f', "{item.label}"' if item.label else ""
        target = f", target {item.target}" if item.target else ""
        lines.append(f"- **Observation {item.number}{label}**{target} ({item.role}). Channels: {channels_text}. "
                     f"Dithers: {item.pattern or f'{item.dithers} positions'}.")  # fmt: skip
    return "\n".join(lines)


def table(program: Program) -> list[dict[str, str]]:
    """Return the exposure table, one dict per row, from the proposal of the course's program or else from headers."""
    if program.id == plan.program().id:
        return plan.exposure_table()
    rows = []
    for item in program.observations:
        for setting in SETTINGS.values():
            if item.has(setting):
                letter = "ABC"[SUBBANDS.index(setting.subband)]
                detector = "MRSSHORT" if setting.channels == "12" else "MRSLONG"
                rows.append({
                    "observation": str(item.number), "detector": detector, "wavelength": f"{setting.subband}({letter})",
                    "filter": "", "readout": item.readout, "groups": str(item.groups),
                    "integrations": str(item.integrations), "exposures_per_dither": "1", "dithers": str(item.dithers),
                })  # fmt: skip
    return rows


def first(program: Program, rows: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Return the table's rows for the first science observation and the first background observation, if any."""
    numbers = {item.role: str(item.number) for item in reversed(program.observations)}
    chosen = [numbers[role] for role in ("source", "background") if role in numbers]
    return [next(row for row in rows if row["observation"] == number) for number in chosen]
