"""The twelve bands of the MRS: channel, sub-band, detector, wavelengths and resolving power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mrskit.errors import UnknownBandError

SUBBANDS = ("SHORT", "MEDIUM", "LONG")  # A, B, C; values of the FITS keyword BAND
CHANNEL_PAIRS = {"12": "MIRIFUSHORT", "34": "MIRIFULONG"}

# jwst 3.0.0 uses one sub-band for both channels in assign_wcs, and CRDS has cross-dichroic settings only for
# photom and fringe (jwst issues 2398, 2551 and 3373).
CROSS_DICHROIC = ("cross-dichroic, BAND is {}: the two channels have different sub-bands, for which the pipeline has "
                  "no geometry (distortion, specwcs); it cannot be reduced")  # fmt: skip

# Adopted limits of each band, um: the MRS entries of PAHFIT's instrument pack (pahfit/packs/instrument/jwst.yaml);
# 4C begins where all slices of the flight solution FLT9 begin.
_LIMITS = {
    "1A": (4.90, 5.74), "1B": (5.66, 6.63), "1C": (6.53, 7.65),
    "2A": (7.51, 8.76), "2B": (8.67, 10.15), "2C": (10.01, 11.71),
    "3A": (11.55, 13.47), "3B": (13.29, 15.52), "3C": (15.41, 18.02),
    "4A": (17.71, 20.94), "4B": (20.69, 24.44), "4C": (24.19, 28.10),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Band:
    """One of the twelve bands, e.g. ``1A``: channel 1 through the SHORT (A) setting of the gratings."""

    name: str
    channel: int
    subband: str  # SHORT, MEDIUM or LONG
    wavelength_min: float  # um
    wavelength_max: float  # um

    @property
    def setting(self) -> Setting:
        """The detector and grating setting that observes this band."""
        return Setting("12" if self.channel <= 2 else "34", self.subband)

    @property
    def width(self) -> float:
        """Length of the band, um."""
        return self.wavelength_max - self.wavelength_min

    def covers(self, wavelength: float) -> bool:
        """Return whether a wavelength, um, lies within the adopted limits of the band."""
        return self.wavelength_min <= wavelength <= self.wavelength_max


@dataclass(frozen=True, slots=True)
class Setting:
    """One detector in one grating setting: two bands in one exposure, e.g. ``12:SHORT`` contains 1A and 2A."""

    channels: str  # "12" or "34", as in the FITS keyword CHANNEL
    subband: str  # SHORT, MEDIUM or LONG, as in the FITS keyword BAND

    @property
    def name(self) -> str:
        """Name of the setting on the command line, e.g. ``12:SHORT``."""
        return f"{self.channels}:{self.subband}"

    @property
    def detector(self) -> str:
        """Name of the detector, MIRIFUSHORT or MIRIFULONG."""
        return CHANNEL_PAIRS[self.channels]

    @property
    def bands(self) -> tuple[Band, Band]:
        """The two bands of the setting, shorter channel first."""
        letter = "ABC"[SUBBANDS.index(self.subband)]
        return band(self.channels[0] + letter), band(self.channels[1] + letter)


BANDS = {name: Band(name, int(name[0]), SUBBANDS["ABC".index(name[1])], *limits) for name, limits in _LIMITS.items()}
SETTINGS = {f"{pair}:{subband}": Setting(pair, subband) for pair in CHANNEL_PAIRS for subband in SUBBANDS}


def band(name: str) -> Band:
    """Return the band with this name; UnknownBandError if it is not one of 1A ... 4C."""
    if name not in BANDS:
        raise UnknownBandError(f"no MRS band {name!r}; expected 1A, 1B, ... 4C", found=name)
    return BANDS[name]


def settings(text: str) -> tuple[Setting, ...]:
    """Return the settings named by e.g. ``12:SHORT``, ``12:SHORT,34:LONG`` or ``all``; UnknownBandError if unknown."""
    if text.strip().lower() == "all":
        return tuple(SETTINGS.values())
    found = []
    for part in text.split(","):
        name = part.strip().upper()
        if name not in SETTINGS:
            raise UnknownBandError(
                f"no MRS setting {part.strip()!r}; expected one of {', '.join(SETTINGS)}, or 'all'",
                found=part,
            )
        found.append(SETTINGS[name])
    return tuple(dict.fromkeys(found))


def band_of(channel: str, subband: str, low: float, high: float) -> Band | None:
    """
    Return the band of data between two wavelengths (um), or None for several bands or none.

    If the keywords CHANNEL and BAND name one band and the wavelengths agree, this band is returned; otherwise the
    only band that contains the wavelengths.

    Examples
    --------
    >>> band_of("1", "SHORT", 4.90, 5.74).name, band_of("", "", 4.91, 5.73).name, band_of("12", "SHORT", 4.90, 8.76)
    ('1A', '1A', None)
    """
    keywords = channel.strip(), subband.strip()
    named = [item for item in BANDS.values() if (str(item.channel), item.subband) == keywords]
    if named and named[0].covers((low + high) / 2) and high - low < 1.1 * named[0].width:
        return named[0]
    around = [item for item in BANDS.values()
              if item.wavelength_min * 0.995 <= low and high <= item.wavelength_max * 1.005]  # fmt: skip
    return around[0] if len(around) == 1 else None


def is_cross_dichroic(subband: str) -> bool:
    """Return whether the FITS keyword BAND names two sub-bands, e.g. ``SHORT-MEDIUM``."""
    parts = subband.split("-")
    return len(parts) == 2 and set(parts) <= set(SUBBANDS)


def resolving_power(wavelength: float | np.ndarray) -> float | np.ndarray:
    """
    Return the adopted resolving power lambda / FWHM.

    It is linear in wavelength, R = 4603 - 128 lambda, as quoted for the flight MRS (after Jones et al. 2023,
    MNRAS 523, 2519, doi:10.1093/mnras/stad1609). The kit adopts this line for the simulator and to correct for the
    instrument's width; it is not a measurement by the kit.

    ``wavelength`` is in um; the result is dimensionless.
    """
    return 4603.0 - 128.0 * wavelength
