"""
Differences between the simulated instrument and a perfect one, and between the instrument and its reference files.

`Imperfections` are scales from 0 to 2; `departures` draws the resulting sizes in one setting. Most sizes are adopted;
the fields with a published figure name its source.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

import numpy as np

from mrskit.bands import Band, Setting
from mrskit.errors import SimulationError

LARGEST = 2.0
DISPERSION = (9.0, 27.0)  # km/s at 5 and at 28 um, scatter of the wavelength scale: see Departures.dispersion


@dataclass(frozen=True, slots=True)
class Imperfections:
    """Scales of the imperfections: 0 is perfect, 1 is the stated size, and 2 is twice this size."""

    flat: float = 1.0
    gain: float = 1.0
    pedestal: float = 1.0
    fringes: float = 1.0
    straylight: float = 1.0
    wavelength: float = 1.0
    photometry: float = 1.0
    wings: float = 1.0  # of the point-spread function: mrskit.simulate.psf
    pointing: float = 1.0
    dispersion: float = 1.0
    bands: float = 1.0
    warm_pixels: float = 1.0
    settling: float = 1.0
    interference: float = 1.0
    persistence: float = 0.0
    brighter_fatter: float = 0.0

    def changed(self) -> dict[str, float]:
        """Return the scales that differ from the defaults."""
        return {item.name: value for item in fields(self) if (value := getattr(self, item.name)) != item.default}


DEFAULT = Imperfections()
# The wings stay: the aperture correction of the reference files is for those of the default instrument.
PERFECT = replace(Imperfections(*(0.0 for _ in fields(Imperfections))), wings=DEFAULT.wings)


@dataclass(frozen=True, slots=True)
class Departures:
    """
    The differences between the instrument and the reference files in one setting; all zero for no difference.

    The dark's pedestal has the value that the pipeline derives from real exposures of each detector. Photometry repeats
    to 1 % (Law et al. 2025, AJ 169, 67, doi:10.3847/1538-3881/ad9685).
    """

    flat: float = 0.0  # rms of the pixel flat's error, relative
    gain: float = 0.0  # relative
    pedestal: float = 0.0  # DN/s, mean of the dark's drift
    pedestal_scatter: float = 0.0  # DN/s, from exposure to exposure
    # The fringes of a point source against those of the fringe flat: ahead of them in phase (rad), that phase's change
    # along the slice (rad per FWHM of the point-spread function), contrast (relative). Illumination decides them
    # (Argyriou et al. 2020, A&A 641, A150); sizes adopted so that amplitudes of 1-5 % are left, as by the flight flats
    # (Crouzet et al. 2025, A&A 698, A77).
    fringe_phase: float = 0.0
    fringe_slope: float = 0.0
    fringe_contrast: float = 0.0
    straylight: float = 0.0  # relative error of the cross-artifact kernel's scale
    wavelength: float = 0.0  # km/s: the light in a pixel is redder by this than the wavelength solution says
    photometry: float = 0.0  # relative: the instrument gives more DN/s than the conversion says
    wings: float = 0.0  # scale of the light outside the core of the point-spread function
    # arcsec east and north, and deg: the telescope points there while the header says otherwise. A visit is off by some
    # 0.3 arcsec without target acquisition (JDox, "JWST Pointing Performance"); size 0.2 and the roll adopted.
    offset_east: float = 0.0
    offset_north: float = 0.0
    roll: float = 0.0
    # Scatter of the wavelength scale from band to band and from slice to slice, relative to 9 km/s at 5 um rising to
    # 27 km/s at 28 um (Argyriou et al. 2023, A&A 675, A111, arXiv:2303.13469); shared equally among the two (adopted).
    dispersion: float = 0.0
    bands: float = 0.0  # rms of the conversion's error from band to band, relative (adopted: 3 %)
    warm_pixels: float = 0.0  # fraction of the pixels that are warm and in neither mask nor dark (adopted: 0.2 %)
    settling: float = 0.0  # DN, decay of the first groups of every integration, which rscd flags (adopted: 12)
    output_drift: float = 0.0  # DN per group, random walk of each of the four outputs (adopted: 0.15; knob: pedestal)
    # DN, amplitude of the electronic interference: it raises the noise of a read by 20 % (jwst documentation, emicorr)
    interference: float = 0.0
    persistence: float = 0.0  # share of the rate of the exposure before, at the start of an exposure (adopted: 0.3 %)
    brighter_fatter: float = 0.0  # share of a full well's charge that moves on per full well of contrast (adopted: 2 %)

    def as_dict(self) -> dict[str, float]:
        """Return the departures by name."""
        return asdict(self)


def departures(setting: Setting, seed: int, scales: Imperfections = DEFAULT) -> Departures:
    """Return the departures in one setting; the seed sets signs and directions, and the scales set the sizes."""
    rng = np.random.default_rng([seed, 2, *setting.name.encode()])
    gain, fringe, stray, wavelength, photometry = rng.choice((-1.0, 1.0), 5)
    short = setting.channels == "12"
    visit = np.random.default_rng([seed, 5])  # one visit: the same pointing in all settings
    direction, turn = visit.uniform(0.0, 2.0 * np.pi), visit.choice((-1.0, 1.0))
    return Departures(
        flat=0.005 * scales.flat,
        gain=0.03 * float(gain) * scales.gain,
        pedestal=(-0.005 if short else 0.065) * scales.pedestal,
        pedestal_scatter=(0.007 if short else 0.012) * scales.pedestal,
        fringe_phase=0.25 * float(fringe) * scales.fringes,
        fringe_slope=0.5 * float(fringe) * scales.fringes,
        fringe_contrast=0.15 * scales.fringes,
        straylight=0.08 * float(stray) * scales.straylight,
        wavelength=3.0 * float(wavelength) * scales.wavelength,
        photometry=0.01 * float(photometry) * scales.photometry,
        wings=scales.wings,
        offset_east=0.2 * float(np.sin(direction)) * scales.pointing,
        offset_north=0.2 * float(np.cos(direction)) * scales.pointing,
        roll=0.05 * float(turn) * scales.pointing,
        dispersion=scales.dispersion,
        bands=0.03 * scales.bands,
        warm_pixels=0.002 * scales.warm_pixels,
        settling=12.0 * scales.settling,
        output_drift=0.15 * scales.pedestal,
        interference=4.0 * scales.interference,
        persistence=0.003 * scales.persistence,
        brighter_fatter=0.02 * scales.brighter_fatter,
    )


def slice_errors(band: Band, seed: int, errors: Departures) -> tuple[list[float], float]:
    """
    Return the errors of a band's slices and of the band.

    Returns
    -------
    (velocity, conversion) : (list of 22 floats, float)
        Of the wavelength scale by number of the slice, from 1, km/s at 5 um; of the conversion, relative.
    """
    rng = np.random.default_rng([seed, 6, *band.name.encode()])
    of_band, of_slices = rng.standard_normal(2), rng.standard_normal(22)
    velocity = errors.dispersion * DISPERSION[0] / np.sqrt(2.0) * (of_band[0] + of_slices)
    return velocity.tolist(), float(errors.bands * of_band[1])


def parse(texts: Iterable[str], start: Imperfections = DEFAULT) -> Imperfections:
    """
    Return scales updated with texts such as ``warm_pixels=0.5``.

    Raises
    ------
    SimulationError
        If there is no such knob, or its scale is no number from 0 to 2.
    """
    known = [item.name for item in fields(Imperfections)]
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise SimulationError(f"--imperfection {text}: " + (f"did you mean {near[0]}? " if near else "") +
                                  f"Expected NAME=SCALE with a name of: {', '.join(known)}", found=text)  # fmt: skip
        try:
            scale = float(value)
        except ValueError:
            scale = np.nan
        if not 0.0 <= scale <= LARGEST:
            raise SimulationError(f"--imperfection {text}: the scale is {value.strip() or 'missing'}; expected a "
                                  f"number from 0 (perfect) to {LARGEST:g}", found=text)  # fmt: skip
        start = replace(start, **{name: scale})
    return start
