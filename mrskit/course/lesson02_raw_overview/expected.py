"""Expected answers of lesson 02, from the learner's raw files or from the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.stats import mad_std, sigma_clipped_stats
from scipy.ndimage import median_filter
from scipy.stats import norm

from mrskit import products
from mrskit.bands import Setting
from mrskit.course.shown import raw_files, stand_in
from mrskit.course.shown.stand_in import LONG
from mrskit.course.without_truth import otherwise
from mrskit.errors import ProductError
from mrskit.exercises.checks import ERRORS, evaluate, failed, passed
from mrskit.exercises.record import Answer, Facts, NotHere, Verdict

ROWS = slice(462, 562)  # central rows, where the slices stand nearly upright
LINE_ROWS = (100, 600)  # rows of the long detector in which the line is looked for: 13.3 to 12.4 um in 3A
DARK_STRIP = slice(480, 512)  # columns between the channels of the long detector: no slices
TRACK_WINDOW = (600, 720, 20, 200)  # rows and columns of the short detector that are searched for tracks by eye
ROW_TIME = 271e-5  # s: the readout of a row, 258 samples of four pixels and 13 more of 10 us each
HOT = 3.0  # DN/s, signal above which a pixel without light counts as hot
STRONG_HIT = 100.0  # DN: weaker cosmic rays need not be found, but may
_SIGNIFICANT = 8  # errors: a group that gains so much more than the others was hit, without the truth
_FULL = 50_000  # DN: pixels that come so far are left out where hits are measured


def species(element: str, stage: str) -> str:
    """Return a regular expression for one species such as ``[Ne III]``, with or without its wavelength."""
    unit = r"\W*+(um|μm|microns?|micromet(er|re)s?)"  # as NFKC spells it
    wavelength = rf"((at|λ)?+\W*+(\d\d?[.,]\d{{1,6}}({unit})?|\d\d?{unit}))?"
    return rf"\W*+(the |it is )?+\W*+{element}\W*+{stage}\W*+(line)?+\W*+{wavelength}\W*+(line)?+\W*+"


LINES = {  # of the table of the lesson: how a text may spell it, and its rest wavelength, um
    species(r"h ?2", r"s ?\(2\)"): 12.279, species("h ?i", "7-6"): 12.372, species("ne(on)?", "ii"): 12.814,
    species("ar(gon)?", "v"): 13.102,
}  # fmt: skip


def of_long(facts: Facts) -> Facts:
    """Return the facts of the workspace from which the lesson shows the long detector."""
    return facts.of(stand_in.of_long(facts.workspace, facts.program.redshift))


def raw_file(facts: Facts, role: str = "source", setting: Setting | None = None) -> Path:
    """Return the raw file of the first dither, or a replacement for the background; by default of the lesson."""
    setting = setting or Setting(facts.use_ch, facts.use_band)
    folder = facts.workspace.stage(role, "uncal")
    found = products.find(folder, "uncal", setting)
    if not found and role == "background":
        found = raw_files.pair(facts.workspace, setting, say=False)[1:]
    if not found:
        raise ProductError(f"{folder}: no uncal file of {setting.name}; expected at least one. "
                           "Simulate or fetch the exposure first.", path=folder)  # fmt: skip
    return found[0]


def stem(path: Path) -> str:
    """Return the name of the truth of a raw file."""
    return path.name.removesuffix("_uncal.fits")


def shape(facts: Facts) -> list[int]:
    """Return the shape of the raw ramps: integrations, groups, rows, columns."""
    return list(fits.getdata(raw_file(facts), "SCI").shape)


def wrapped(facts: Facts) -> int:
    """Return the number of pixels in which the last group of the first integration is below the first."""
    raw = fits.getdata(raw_file(facts), "SCI")
    return int((raw[0, -1] < raw[0, 0]).sum())


def not_wrapped(facts: Facts) -> int:
    """Return the number of all other pixels."""
    return 1024 * 1032 - wrapped(facts)


def seen_light(_: Facts, path: Path) -> np.ndarray:
    """Return the rate of each raw pixel, DN/s, above the columns without light in the same row."""
    ramps, seconds = fits.getdata(path, "SCI"), fits.getval(path, "TGROUP")
    image = (ramps[:, -1].astype(float) - ramps[:, 0]).mean(axis=0) / (seconds * (ramps.shape[1] - 1))
    return image - np.median(image[:, DARK_STRIP], axis=1, keepdims=True)


def pixel_noise(image: np.ndarray) -> float:
    """Return the noise of a pixel, 1 sigma, from the differences between neighbouring rows, where light is alike."""
    return float(mad_std(np.diff(image, axis=0), ignore_nan=True) / np.sqrt(2))


@otherwise(seen_light)
def light(facts: Facts, path: Path) -> np.ndarray:
    """Return the light in an exposure, DN/s."""
    return facts.truth(stem(path))["rate"]


def nucleus_columns(facts: Facts) -> np.ndarray:
    """Return the columns in the left half that are within a tenth of the brightest column."""
    image = light(facts, raw_file(facts))[ROWS, 4:508]
    bright, error = np.median(image, axis=0), 1.25 * pixel_noise(image) / np.sqrt(len(image))  # of the median of rows
    return 4 + np.flatnonzero(bright >= bright.max() - max(0.1 * bright.max(), ERRORS * error))


def nucleus_column_on_the_right(facts: Facts) -> int:
    """Return the brightest column in the right half."""
    bright = np.median(light(facts, raw_file(facts))[ROWS], axis=0)
    return 516 + int(np.argmax(bright[516:1024]))


def line_rows(facts: Facts) -> list[int]:
    """Return the row of the strongest line along each bright trace in channel 3 (long detector)."""
    facts = of_long(facts)
    image, (first, last) = light(facts, raw_file(facts, setting=LONG)), LINE_ROWS
    bright = np.median(image[ROWS, 516:1024], axis=0)
    along = [raw_files.along_trace(image, 516 + int(start)) for start in np.flatnonzero(bright >= 0.7 * bright.max())]
    above = [(item - median_filter(item, size=61))[first:last] for item in along]
    if all(item.max() < 5 * mad_std(item) for item in above):
        raise NotHere("no line stands out five times above the scatter along the nucleus.")
    return [first + int(np.argmax(item)) for item in above]


def line_name(facts: Facts) -> str:
    """Return the line of the table that falls into that row of real data, as a regular expression; else [Ne II]."""
    own, seen = of_long(facts), 12.814  # um
    if own.workspace.card().is_real:
        seen = (13.54 + (11.49 - 13.54) * np.median(line_rows(own)) / 1023) / (1 + own.program.redshift)
    return min(LINES, key=lambda line: abs(LINES[line] - seen))


def seen_hot_pixels(facts: Facts) -> np.ma.MaskedArray:
    """Return the pixels that are bright in both exposures of the lesson; pixels near the limit do not count."""
    both = [seen_light(facts, raw_file(facts, role)) for role in ("source", "background")]
    image = np.minimum(*both)
    return np.ma.MaskedArray(image > HOT, mask=abs(image - HOT) < ERRORS * max(map(pixel_noise, both)))


@otherwise(seen_hot_pixels)
def hot_pixels(facts: Facts) -> np.ndarray:
    """Return the mask of the pixels with a dark current above HOT."""
    return facts.truth(stem(raw_file(facts)))["dark"] > HOT


def seen_hits(facts: Facts, role: str = "source", first: bool = False) -> np.ma.MaskedArray:
    """Return the pixels in which one group gains far more than the others, except saturated and unclear pixels."""
    ramps = fits.getdata(raw_file(facts, role), "SCI")[: 1 if first else None]
    strong, weak = np.zeros((2, *ramps.shape[2:]), dtype=bool)
    for ramp in ramps:
        gained = np.diff(ramp.astype(np.float32), axis=0)
        excess = gained - np.median(gained, axis=0)
        noise = 1.4826 * np.median(np.abs(excess), axis=0)  # of a few groups, so it is not less than that of all pixels
        noise = np.maximum(noise, np.median(noise))
        strong |= (excess > STRONG_HIT + ERRORS * noise).any(axis=0) & (excess > _SIGNIFICANT * noise).any(axis=0)
        weak |= (excess > np.minimum(_SIGNIFICANT * noise, STRONG_HIT - ERRORS * noise)).any(axis=0)
    return np.ma.MaskedArray(strong, mask=(weak & ~strong) | (ramps.max(axis=(0, 1)) > _FULL))


@otherwise(seen_hits)
def hit_pixels(facts: Facts, role: str = "source", first: bool = False) -> np.ma.MaskedArray:
    """
    Return the pixels with a strong cosmic-ray hit after the first group; weaker and earlier hits do not count.

    With ``first``, hits in later integrations do not count either.
    """
    integration, group, row, column, dn = facts.truth(stem(raw_file(facts, role)))["cosmic_ray_dn"]
    strong, any_hit = np.zeros((1024, 1032), dtype=bool), np.zeros((1024, 1032), dtype=bool)
    any_hit[row, column] = True
    chosen = (dn > STRONG_HIT) & (group > 0) & ((integration == 0) | (not first))
    strong[row[chosen], column[chosen]] = True
    return np.ma.MaskedArray(strong, mask=any_hit & ~strong)


def tracks(facts: Facts) -> np.ma.MaskedArray:
    """Return the strong hits in the first integration of the background; pixels outside the window do not count."""
    hit = hit_pixels(facts, "background", first=True)
    outside = np.ones(hit.shape, dtype=bool)
    outside[TRACK_WINDOW[0] : TRACK_WINDOW[1], TRACK_WINDOW[2] : TRACK_WINDOW[3]] = False
    return np.ma.MaskedArray(hit.data & ~outside, mask=hit.mask | outside)


def interference(facts: Facts) -> float:
    """Return the frequency, Hz, of the strongest band pattern above 2 Hz in the background exposure."""
    ramp = fits.getdata(raw_file(facts, "background"), "SCI")[0]
    level = np.median(ramp[-1].astype(float) - ramp[0], axis=1)
    frequency = np.fft.rfftfreq(16 * level.size, d=ROW_TIME)
    power = np.abs(np.fft.rfft(level - level.mean(), 16 * level.size))
    return float(frequency[np.argmax(np.where(frequency > 2, power, 0))])


def swapped(mask: np.ndarray) -> np.ndarray:
    """Return the marks with rows and columns exchanged back; both shapes are cut to the same size."""
    found = np.zeros_like(mask)
    found[:1024, :1024] = mask[:1024, :1024].T
    return found


def sky_glow(facts: Facts) -> np.ndarray:
    """Return the rates of channels 4 and 3 above the dark strip in the background exposure, DN/s."""
    facts = of_long(facts)
    dark = _clipped_rate(facts, DARK_STRIP)
    return np.array([_clipped_rate(facts, columns) - dark for columns in (slice(4, 460), slice(516, 1024))])


def with_dark(facts: Facts) -> np.ndarray:
    """Return the same rates without subtraction of the dark strip, DN/s."""
    return sky_glow(facts) + _clipped_rate(of_long(facts), DARK_STRIP)


def _clipped_rate(facts: Facts, columns: slice) -> float:
    """Return the clipped mean of the rate from group 3 to the second to last group, DN/s; the first groups settle."""
    path = raw_file(facts, "background", LONG)
    ramp = fits.getdata(path, "SCI")[0]
    seconds = (len(ramp) - 2 - 3) * fits.getval(path, "TGROUP")
    rate = (ramp[-2, ROWS, columns].astype(float) - ramp[3, ROWS, columns]) / seconds
    return float(sigma_clipped_stats(rate)[0])


def own_limit(answer: Answer, facts: Facts) -> Verdict:
    """Return the verdict on a limit in robust standard deviations, which must exclude noise and include bad pixels."""
    z, limit = robust_z(evaluate(_empty_field, facts)), float(answer.array)
    found, many = int((z > limit).sum()), int((z > 5).sum())
    noise = 100 * norm.sf(limit) * z.size / max(found, 1)
    if found < 0.8 * many:
        return failed(answer, f"Not yet: {found} pixels lie above your limit, and {many} above 5: you lose too many.")
    if noise > 1:
        return failed(answer, f"Not yet: about {noise:.0f} % of the {found} pixels above your limit should be noise.")
    return passed(answer)


def _empty_field(facts: Facts) -> np.ndarray:
    return seen_light(facts, raw_file(facts, "background"))


def robust_z(frame: np.ndarray) -> np.ndarray:
    """Return the distance of each pixel from the median in robust standard deviations; NaN for zero scatter."""
    distance = frame - np.nanmedian(frame)
    scatter = 1.4826 * np.nanmedian(np.abs(distance))  # the question's factor: mad_std's is not within rounding of it
    return distance / scatter if scatter > 0 else np.full(frame.shape, np.nan)


def plain_z(frame: np.ndarray) -> np.ndarray:
    """Use the mean and the standard deviation instead."""
    scatter = np.nanstd(frame)
    return (frame - np.nanmean(frame)) / scatter if scatter > 0 else np.full(frame.shape, np.nan)


def bare_mad(frame: np.ndarray) -> np.ndarray:
    """Leave out the factor that converts the median deviation to a standard deviation."""
    return 1.4826 * robust_z(frame)


def robust_z_probes(seed: int) -> tuple[tuple, ...]:
    """Return small frames with noise, hot pixels and NaN pixels; the last frame is constant."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(6):
        frame = random.normal(random.uniform(-20, 80), random.uniform(2, 15), (8, 9))
        frame.flat[: 5 + number] += random.uniform(200, 20_000)
        frame[7, 8 - number :] = np.nan
        found.append((frame,))
    return (*found, (np.full((8, 9), 7.0),))
