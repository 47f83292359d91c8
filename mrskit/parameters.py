"""The parameters of lessons and their allowed values."""

from __future__ import annotations

from collections.abc import Mapping

from mrskit.bands import CHANNEL_PAIRS, SUBBANDS
from mrskit.errors import LessonError

_STAGES = ("", "1", "2", "3", "12", "13", "23", "123")
PARAMETERS: dict[str, tuple] = {
    "workspace": (), "use_ch": tuple(CHANNEL_PAIRS), "use_band": SUBBANDS, "stages": _STAGES, "stages_bg": _STAGES,
    "pixel_bg": (True, False), "master_bg": (True, False), "start_from": ("", "rate", "cal", "s3d"),
    "data_source": ("simulated", "real"), "spectra_dir": (), "redshift": (), "scheduler": (),
}  # fmt: skip  # all parameters of lessons and their allowed values; without values: any text


def require_values(parameters: Mapping[str, object]) -> None:
    """Check that parameters have allowed values; LessonError if a value is not allowed."""
    for name, value in parameters.items():
        allowed = PARAMETERS.get(name, ())
        if allowed and not any(type(value) is type(item) and value == item for item in allowed):
            raise LessonError(f"parameter {name} is {value!r:.40}, expected one of {', '.join(map(repr, allowed))}",
                              name=name, value=value)  # fmt: skip
