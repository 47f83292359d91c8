"""Read units in common spellings with astropy, and convert them to the kit's units."""

from __future__ import annotations

import re

import numpy as np
from astropy import units as u

from mrskit.errors import ProductError

BRIGHTNESS = u.MJy / u.sr
_SPELLINGS = {  # pattern (in any case) -> astropy's spelling
    r"\b(spaxels?|pixels?|pix)\b": "pix", r"\b(angstroms?|ang)\b": "Angstrom", r"\bergs?\b": "erg", r"\bsr\b": "sr",
    r"\b(um|[µμ]m|micro(n|ns|meters?|metres?))\b": "um", r"\b([mµu]?)jy\b": r"\1Jy",
}  # fmt: skip


def parse(text: str, where: str) -> u.UnitBase:
    """
    Return the unit that a text names; errors cite ``where``. ``A`` means Angstrom, never ampere.

    ProductError if astropy does not know the unit.

    Examples
    --------
    >>> parse("MJY/SR", "BUNIT"), parse("Jy/spaxel", "BUNIT"), parse("erg s-1 cm-2 A-1", "FLUX")
    (Unit("MJy / sr"), Unit("Jy / pix"), Unit("erg / (Angstrom s cm2)"))
    """
    cleaned = text.strip()
    for pattern, right in _SPELLINGS.items():
        cleaned = re.sub(pattern, right, cleaned, flags=re.IGNORECASE)
    try:
        unit = u.Unit(cleaned)
    except (ValueError, TypeError) as error:
        raise ProductError(f"{where}: astropy does not know the unit {text!r}. Expected e.g. um, Jy, MJy/sr or W m-2 "
                           "um-1; correct the unit in the file.", unit=text) from error  # fmt: skip
    bases = [u.Angstrom if base == u.A else base for base in unit.bases]
    return u.CompositeUnit(unit.scale, bases, unit.powers)


def flux_unit(unit: u.UnitBase, where: str) -> u.UnitBase:
    """Return the kit's unit for a flux, Jy or MJy/sr; ProductError for units per beam, counts or line fluxes."""
    for target in (u.Jy, BRIGHTNESS):
        if unit.is_equivalent(target, u.spectral_density(1 * u.um)):
            return target
    beam = " The area of the beam is not known." if u.beam in unit.bases else ""
    raise ProductError(f"{where}: '{unit}' is not a flux density or surface brightness; expected e.g. Jy, "
                       f"MJy/sr or W m-2 um-1.{beam}", unit=str(unit))  # fmt: skip


def factors(unit: u.UnitBase, target: u.UnitBase, wavelength: np.ndarray) -> np.ndarray:
    """
    Return the factors, shape (n,), that convert values between two units at each wavelength (um).

    Examples
    --------
    1e-16 W m-2 um-1 at 10 um, multiplied by lambda^2 / c, is 3.336e-29 W m-2 Hz-1, or 3.336e-3 Jy:

    >>> f"{1e-16 * factors(u.Unit('W m-2 um-1'), u.Jy, np.array([10.0]))[0]:.3e}"
    '3.336e-03'
    """
    return unit.to(target, np.ones(wavelength.shape), u.spectral_density(wavelength * u.um))
