"""Which lines the lessons follow in each setting: one strong line of an ion, one of molecular hydrogen."""

from __future__ import annotations

from dataclasses import dataclass

from mrskit.analysis.catalogue import find_line
from mrskit.bands import Setting
from mrskit.errors import UnknownBandError


@dataclass(frozen=True, slots=True)
class Targets:
    """The two lines that lessons 04 to 06 follow in one setting; names as in mrskit.analysis.catalogue."""

    ion: str
    molecule: str

    @property
    def ion_rest(self) -> float:
        """Rest wavelength of the ion's line, um (vacuum)."""
        return find_line(self.ion).rest

    @property
    def molecule_rest(self) -> float:
        """Rest wavelength of the H2 line, um (vacuum)."""
        return find_line(self.molecule).rest


_TARGETS = {
    "12:SHORT": Targets("[Ne VI] 7.652", "H2 S(4) 8.025"),
    "12:MEDIUM": Targets("[Ar III] 8.991", "H2 S(3) 9.665"),
    "12:LONG": Targets("[Ar II] 6.985", "H2 S(5) 6.910"),
    "34:SHORT": Targets("[Ne II] 12.814", "H2 S(2) 12.279"),
    "34:LONG": Targets("[Ne III] 15.555", "H2 S(1) 17.035"),
}


def targets(setting: Setting) -> Targets:
    """
    Return the lines to follow in a setting.

    Raises
    ------
    UnknownBandError
        For 34:MEDIUM, whose two bands hold no line of H2 at the redshift of NGC 7319.
    """
    if setting.name not in _TARGETS:
        raise UnknownBandError(
            f"the lessons follow no pair of lines in {setting.name}: expected one of {', '.join(_TARGETS)}",
            found=setting.name,
        )
    return _TARGETS[setting.name]


def band_of(line: str, setting: Setting, redshift: float) -> str:
    """Return the name of the band of a setting in which a line falls at a redshift, e.g. ``2A``."""
    observed = find_line(line).rest * (1 + redshift)
    return next(band.name for band in setting.bands if band.covers(observed))
