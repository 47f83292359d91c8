"""The emission lines in the MRS range: names, rest wavelengths in vacuum, and neighbours that blend."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from mrskit.errors import AnalysisError

SPEED_OF_LIGHT = 299792.458  # km/s


@dataclass(frozen=True, slots=True)
class Line:
    """One emission line."""

    species: str  # e.g. "[Ne II]" or "H2 S(2)"
    rest: float  # um, vacuum
    potential: float  # eV needed to make the ion; 0 for atoms of low potential and H2

    @property
    def name(self) -> str:
        """Species and wavelength, e.g. ``[Ne II] 12.814``."""
        return f"{self.species} {self.rest:.3f}"


# Ions: fine-structure wavelengths of the JWST line list (A. P. Marston 2017, as distributed with jdaviz), which agree
# with the ISO list of Lutz, Colgan & Haas (1998) within its errors; [Fe VIII] 5.447 and [Fe VI] 19.553 are adopted.
# [Ne V] 24.3175 gets a last digit so that its name is the usual 24.318.
# H2: differences of the levels of Komasa et al. 2011, J. Chem. Theory Comput. 7, 3105, doi:10.1021/ct200438t.
# H I: R_H (1/n^2 - 1/m^2) with R_H = 109677.583 cm^-1.  Potentials: NIST, as tabulated by Lutz et al.
LINES: tuple[Line, ...] = (
    Line("H2 S(8)", 5.053115, 0.0), Line("[Fe II]", 5.340169, 7.9), Line("[Fe VIII]", 5.446600, 125.0),
    Line("[Mg VII]", 5.503300, 186.5), Line("H2 S(7)", 5.511183, 0.0), Line("[Mg V]", 5.609800, 109.2),
    Line("H2 S(6)", 6.108561, 0.0), Line("[Si VII]", 6.492300, 205.0), Line("[Ni II]", 6.636000, 7.6),
    Line("[Fe II]", 6.721277, 7.9), Line("H2 S(5)", 6.909509, 0.0), Line("[Ar II]", 6.985274, 15.8),
    Line("[Na III]", 7.317800, 47.3), Line("H I 6-5", 7.459880, 13.6), Line("H I 8-6", 7.502516, 13.6),
    Line("[Ne VI]", 7.652400, 126.2), Line("[Fe VII]", 7.814500, 99.0), Line("[Ar V]", 7.901580, 59.8),
    Line("H2 S(4)", 8.025044, 0.0), Line("[Ar III]", 8.991380, 27.6), Line("[Fe VII]", 9.526700, 99.0),
    Line("H2 S(3)", 9.664906, 0.0), Line("[S IV]", 10.510490, 34.8), Line("H I 9-7", 11.308700, 13.6),
    Line("H2 S(2)", 12.278613, 0.0), Line("H I 7-6", 12.371936, 13.6), Line("[Ne II]", 12.813540, 21.6),
    Line("[Ar V]", 13.102190, 59.8), Line("[Mg V]", 13.521000, 109.2), Line("[Ne V]", 14.321680, 97.1),
    Line("[Cl II]", 14.367800, 13.0), Line("[Ne III]", 15.555050, 41.0), Line("H2 S(1)", 17.034839, 0.0),
    Line("[P III]", 17.884600, 19.8), Line("[Fe II]", 17.936020, 7.9), Line("[S III]", 18.713030, 23.3),
    Line("H I 8-7", 19.061880, 13.6), Line("[Fe VI]", 19.553000, 75.0), Line("[Ar III]", 21.829100, 27.6),
    Line("[Fe III]", 22.925000, 16.2), Line("[Ne V]", 24.317501, 97.1), Line("[Fe II]", 24.519190, 7.9),
    Line("[O IV]", 25.890300, 54.9), Line("[Fe II]", 25.988390, 7.9),
)  # fmt: skip


def redshift_of(text: str) -> float:
    """
    Return the redshift given as a number or as a velocity (then v / c); negative for an approaching source.

    AnalysisError if the text is neither a number nor a velocity.

    Examples
    --------
    >>> redshift_of("0.0225"), round(redshift_of("1500 km/s"), 6), round(redshift_of("-300km/s"), 6)
    (0.0225, 0.005003, -0.001001)
    """
    found = re.fullmatch(r"\s*([+-]?\d*\.?\d+(?:e[+-]?\d+)?)\s*(km/s|km s-1|km s\^-1|m/s)?\s*", text, re.IGNORECASE)
    if found is None:
        raise AnalysisError(f"redshift is {text!r}; expected a number such as 0.0225, or a velocity such as 6700km/s",
                            found=text)  # fmt: skip
    value, unit = float(found[1]), (found[2] or "").lower()
    return value / (SPEED_OF_LIGHT * (1e3 if unit == "m/s" else 1.0)) if unit else value


def find_line(name: str) -> Line:
    """
    Return the line with a name such as ``[Ne II] 12.814`` or, if its species has only one line, ``[Ne II]``.

    AnalysisError if the catalogue has no line or several lines with this name.

    Examples
    --------
    >>> find_line("[Ne II]").rest  # um
    12.81354
    >>> find_line("[Ne V] 14.322").species
    '[Ne V]'
    """
    found = [line for line in LINES if name in (line.name, line.species)]
    if len(found) == 1:
        return found[0]
    close = found or [line for line in LINES if line.species.split()[0] == name.split(" ")[0]] or list(LINES)
    raise AnalysisError(
        f"{'several lines are' if found else 'no line is'} named {name!r}; expected one of "
        f"{', '.join(line.name for line in close)}", found=name,
    )  # fmt: skip


def separation(line: Line, other: Line) -> float:
    """
    Return the velocity offset, km/s, from a line to the other line, positive to the red.

    Examples
    --------
    A wavelength that is 0.1 % longer corresponds to 0.001 c:

    >>> round(separation(Line("a", 10.00, 0.0), Line("b", 10.01, 0.0)), 1)
    299.8
    """
    return SPEED_OF_LIGHT * (other.rest / line.rest - 1.0)


def neighbours(line: Line, reach: float, beyond: float = 0.0) -> tuple[Line, ...]:
    """
    Return the other catalogue lines between ``beyond`` and ``reach`` km/s from a line.

    Examples
    --------
    >>> [line.name for line in neighbours(find_line("[O IV]"), reach=1200)]  # km/s
    ['[Fe II] 25.988']
    """
    return tuple(other for other in LINES if other is not line and beyond < abs(separation(line, other)) <= reach)


def line_free(wavelength: np.ndarray, redshift: float, margin: float = 700.0) -> np.ndarray:
    """
    Return a mask of the wavelengths without a catalogue line nearby.

    ``wavelength`` (n,): observed wavelength, um; ``redshift``: source redshift; ``margin``: half-width of the gap
    around each line, km/s.
    The result has shape (n,) and is true where the spectrum is free of lines.

    Examples
    --------
    At a redshift of 0.01 the line [Ne II] 12.814 is at 12.942 um:

    >>> line_free(np.array([12.814, 12.942]), redshift=0.01).tolist()
    [True, False]
    """
    free = np.ones(np.shape(wavelength), dtype=bool)
    for line in LINES if np.isfinite(redshift) else ():  # unknown redshift, so no line is excluded
        free &= np.abs(wavelength / (line.rest * (1.0 + redshift)) - 1.0) * SPEED_OF_LIGHT > margin
    return free
