"""Which lines the lessons follow in each setting: one strong line of an ion, one of molecular hydrogen."""

from __future__ import annotations

from dataclasses import dataclass

from mrskit.analysis.catalogue import find_line
from mrskit.bands import Setting


@dataclass(frozen=True, slots=True)
class Targets:
    """The two lines that lessons 04 to 06 follow in one setting; names as in mrskit.analysis.catalogue."""

    ion: str
    molecule: str  # where a setting has no line of H2: the strongest line of its other band
    at_knot: bool = True  # whether the ion shines at the jet knot
    blended: bool = False  # whether so much of that light falls into the aperture on the nucleus that it counts there

    @property
    def ion_rest(self) -> float:
        """Rest wavelength of the ion's line, um (vacuum)."""
        return find_line(self.ion).rest

    @property
    def molecule_rest(self) -> float:
        """Rest wavelength of the H2 line, um (vacuum)."""
        return find_line(self.molecule).rest

    @property
    def molecular(self) -> bool:
        """Whether the second line is one of H2."""
        return self.molecule.startswith("H2")


_TARGETS = {
    "12:SHORT": Targets("[Ne VI] 7.652", "H2 S(4) 8.025"),
    "12:MEDIUM": Targets("[Ar III] 8.991", "H2 S(3) 9.665", at_knot=False),
    "12:LONG": Targets("[Ar II] 6.985", "H2 S(5) 6.910"),
    "34:SHORT": Targets("[Ne II] 12.814", "H2 S(2) 12.279", blended=True),
    "34:MEDIUM": Targets("[Ne V] 14.322", "[Ar III] 21.829", at_knot=False),  # no H2 at the redshift of NGC 7319
    "34:LONG": Targets("[Ne III] 15.555", "H2 S(1) 17.035", blended=True),
}


def targets(setting: Setting) -> Targets:
    """Return the lines to follow in a setting."""
    return _TARGETS[setting.name]


def band_of(line: str, setting: Setting, redshift: float) -> str:
    """Return the name of the band of a setting in which a line falls at a redshift, e.g. ``2A``."""
    observed = find_line(line).rest * (1 + redshift)
    return next(band.name for band in setting.bands if band.covers(observed))


def views(setting: Setting, redshift: float) -> tuple[str, dict[str, float]]:
    """Return the band of the ion's line, and wavelengths (um) to look at in its cube: continuum, ion, molecule."""
    lines, shift = targets(setting), 1 + redshift
    shown = band_of(lines.ion, setting, redshift)
    wanted = {"Continuum": lines.ion_rest * shift + 0.1, lines.ion.rsplit(" ", 1)[0]: lines.ion_rest * shift}
    if band_of(lines.molecule, setting, redshift) == shown:
        wanted[lines.molecule.rsplit(" ", 1)[0]] = lines.molecule_rest * shift
    return shown, wanted
