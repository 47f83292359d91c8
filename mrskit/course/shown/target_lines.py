"""The emission lines of the lessons in each setting: a strong line of an ion, and a line of molecular hydrogen."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace

import numpy as np

from mrskit import observed, products
from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT, find_line
from mrskit.analysis.lines import measure_lines
from mrskit.analysis.sampling import centroid, point_fwhm
from mrskit.analysis.spectra import aperture_spectrum
from mrskit.bands import Setting
from mrskit.errors import AnalysisError
from mrskit.plan import Program
from mrskit.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Targets:
    """The two lines for lessons 04 to 06 in one setting; names as in mrskit.analysis.catalogue."""

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
        """Whether the second line is an H2 line."""
        return self.molecule.startswith("H2")


_TARGETS = {
    "12:SHORT": Targets("[Ne VI] 7.652", "H2 S(4) 8.025"),
    "12:MEDIUM": Targets("[Ar III] 8.991", "H2 S(3) 9.665", at_knot=False),
    "12:LONG": Targets("[Ar II] 6.985", "H2 S(5) 6.910"),
    "34:SHORT": Targets("[Ne II] 12.814", "H2 S(2) 12.279", blended=True),
    "34:MEDIUM": Targets("[Ne V] 14.322", "[Ar III] 21.829", at_knot=False),  # no H2 at the redshift of NGC 7319
    "34:LONG": Targets("[Ne III] 15.555", "H2 S(1) 17.035", blended=True),
}


_MARGIN = 3000.0 / SPEED_OF_LIGHT  # of a line to the ends of its band: what the windows for the continuum take
_IONS = ("[Ne VI] 7.652", "[Ar II] 6.985", "[Ne II] 12.814", "[Ne III] 15.555", "[S III] 18.713", "[Ar III] 8.991",
         "[S IV] 10.510", "[O IV] 25.890", "[Ne V] 14.322", "[Fe II] 5.340")  # fmt: skip  # for another z


def targets(setting: Setting, redshift: float | None = None) -> Targets:
    """Return the lines for a setting: the course's lines if they fall in it at a redshift, else other lines."""
    chosen, names = _TARGETS[setting.name], [line.name for line in LINES]
    if redshift is None:
        return chosen
    there = [name for name in dict.fromkeys((chosen.ion, *_IONS, *names)) if _falls(name, setting, redshift)]
    hydrogen = [name for name in (chosen.molecule, *names) if name in there and name.startswith("H2")]
    second = [name for name in (chosen.molecule, *hydrogen, *there[1:], *there) if name in there]
    return (
        replace(chosen, ion=there[0], molecule=second[0]) if there else chosen
    )  # which says later that it is not here


def _falls(line: str, setting: Setting, redshift: float) -> bool:
    place = find_line(line).rest * (1 + redshift)
    return any(band.covers(place * (1 - _MARGIN)) and band.covers(place * (1 + _MARGIN)) for band in setting.bands)


def known_program(space: Workspace, setting: Setting) -> Program:
    """Return the program of a workspace with the target's redshift, measured in the cubes if it is not given."""
    told = observed.of(space)
    if told.redshift == told.redshift:
        return told
    cubes = sorted(space.stage("source", "stage3").glob(f"Level3_ch?-{setting.subband.lower()}_s3d.fits"))
    spectra = [aperture_spectrum(cube, *centroid(cube), 1.5 * point_fwhm(float(np.median(cube.wavelength))))
               for cube in map(products.read_cube, cubes)]  # fmt: skip
    found = measure_lines(spectra).redshift if spectra else np.nan
    if np.isnan(found):
        print(f"The redshift of {told.target or 'your target'} is not known: set the parameter redshift.")
        return told
    print(f"The redshift {found:.5f} is that of the lines in your cubes; the parameter redshift overrules it.")
    with contextlib.suppress(OSError):  # of a workspace that cannot be written
        space.update_card(redshift=float(found))  # for the judge
    return replace(told, redshift=float(found))


def band_of(line: str, setting: Setting, redshift: float) -> str:
    """Return the name of the setting's band that contains a line at a redshift, e.g. ``2A``."""
    place = find_line(line).rest * (1 + redshift)
    if (found := next((band.name for band in setting.bands if band.covers(place)), None)) is None:
        raise AnalysisError(f"{line} is not in {setting.name} at redshift {redshift}. Set the parameter redshift.",
                            redshift=redshift)  # fmt: skip
    return found


def with_bands(setting: Setting, redshift: float) -> tuple[Targets, str, str]:
    """Return the lines for a setting and the bands of the ion's line and of the second line, and print them."""
    lines = targets(setting, redshift)
    bands = [band_of(line, setting, redshift) for line in (lines.ion, lines.molecule)]
    print(f"{lines.ion} in {bands[0]}, {lines.molecule} in {bands[1]}")
    return lines, bands[0], bands[1]


def views(setting: Setting, redshift: float) -> tuple[str, dict[str, float]]:
    """Return the band of the ion's line, and wavelengths (um) to show in its cube: continuum, ion, molecule."""
    lines, shift = targets(setting, redshift), 1 + redshift
    if not _falls(lines.ion, setting, redshift):
        return setting.bands[0].name, {"Continuum": setting.bands[0].wavelength_min * 1.07}
    shown = band_of(lines.ion, setting, redshift)
    wanted = {"Continuum": lines.ion_rest * shift + 0.1, lines.ion.rsplit(" ", 1)[0]: lines.ion_rest * shift}
    if band_of(lines.molecule, setting, redshift) == shown:
        wanted[lines.molecule.rsplit(" ", 1)[0]] = lines.molecule_rest * shift
    return shown, wanted
