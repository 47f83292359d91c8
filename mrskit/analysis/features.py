"""The broad dust and PAH features in the MRS range."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feature:
    """One broad feature."""

    name: str
    rest: float  # um
    width: float  # FWHM divided by wavelength


# Wavelengths and widths are those of PAHFIT: Smith et al. 2007, ApJ 656, 770, doi:10.1086/510549, their table 3;
# a complex of several Drude profiles is one entry here.
PAH: tuple[Feature, ...] = (
    Feature("PAH 6.2", 6.22, 0.030), Feature("PAH 7.7", 7.70, 0.100), Feature("PAH 8.6", 8.61, 0.039),
    Feature("PAH 11.3", 11.30, 0.030), Feature("PAH 12.7", 12.65, 0.042), Feature("PAH 17", 17.04, 0.065),
)  # fmt: skip


def span(feature: Feature, redshift: float) -> tuple[float, float]:
    """
    Return the observed wavelengths, um, between which a feature is above half its maximum.

    Examples
    --------
    The feature at 11.3 um has a width of 3 %, half on either side:

    >>> low, high = span(Feature("PAH 11.3", 11.30, 0.030), redshift=0.0)
    >>> round(low, 4), round(high, 4)
    (11.1305, 11.4695)
    """
    centre = feature.rest * (1 + redshift)
    return centre * (1 - feature.width / 2), centre * (1 + feature.width / 2)
