"""Exercises of lesson 04: associations, coordinates, photometry and pixel background; the steps between stand apart."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import stage2
from mrskit.exercises.checks import among, choice_is, near, near_array, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception
from mrskit.exercises.stage2_records import STEPS


def _columns(answer: Answer, facts: Facts) -> bool:
    wanted = stage2.line_columns(facts)
    return np.shape(answer.value) == wanted.shape and bool(np.all(np.abs(answer.value - wanted) <= 3))


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="04-asn-members",
        title="Members of an association",
        question="How many members has a stage 2 association with one science exposure, all background exposures as "
            "background, and every other exposure of the setting as selfcal? Give `asn_members`, a whole number.",
        kind="scalar", unit=None, points=1, minutes=2,
        hints=(
            "Background exposures are members twice: as background and as selfcal.",
            "1 + m + (n - 1 + m), with n science and m background exposures.",
        ),
        check=near(stage2.member_count),
        misconceptions=(
            value_near(lambda facts: stage2.member_count(facts) + 1, "The science exposure is not its own selfcal "
                "member.", "science-twice", abs=0.1),
            value_near(lambda facts: stage2.member_count(facts) - stage2.background_count(facts),
                "The background exposures are members twice, with two roles.", "background-once", abs=0.1),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-pixel-wavelength",
        title="The wavelength of a pixel",
        question="Which wavelength does the pixel in row 300, column 150 see? Give `pixel_wavelength` in um; "
            "tolerance one row (about 0.001 um).",
        kind="quantity", unit="um", points=1, minutes=2,
        hints=(
            "The array `wavelength` has the shape of the detector.",
            "numpy counts rows first: `wavelength[row, column]`.",
        ),
        check=near(lambda facts: stage2.wavelength(facts)[stage2.PIXEL], rel=1.8e-4),
        misconceptions=(
            value_near(lambda facts: stage2.wavelength(facts)[stage2.PIXEL[::-1]],
                "That is the pixel in row 150, column 300: numpy wants [row, column], not [x, y].",
                "x-before-y", rel=2e-4),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-pixel-slice",
        title="The slice of a pixel",
        question="Which slice of its channel does the pixel in row 512, column 770 belong to? Give `pixel_slice` as "
            "the number within the channel.",
        kind="scalar", unit=None, points=1, minutes=1,
        hints=(
            "The array `slices` holds 100 times the channel plus the slice.",
            "The remainder of a division by 100: `% 100`.",
        ),
        check=near(lambda facts: stage2.slices(facts)[stage2.SLICE_PIXEL] % 100),
        misconceptions=(
            value_near(lambda facts: stage2.slices(facts)[stage2.SLICE_PIXEL],
                "That number holds the channel too: 100 times the channel plus the slice.", "with-channel", abs=0.1),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-sky-distance",
        title="Neighbours that are none",
        question="How far apart on the sky do the pixels `first` and `second` look, which lie in slices side by side "
            "on the detector? Give `sky_distance` in arcsec; tolerance 2 %.",
        kind="quantity", unit="arcsec", points=2, minutes=3,
        hints=(
            "`pixels.ra` and `pixels.dec` are in degrees; one degree is 3600 arcsec. `pixels.ra[first]` is one number.",
            "A degree of right ascension is shorter than one of declination, by the cosine of the declination. Then "
            "Pythagoras: `np.hypot`.",
        ),
        check=near(stage2.sky_distance, rel=0.02),
        misconceptions=(
            value_near(lambda facts: stage2.sky_distance(facts, shrink=False), "Multiply the difference in right "
                "ascension by the cosine of the declination: meridians run together towards the pole.",
                       "no-cosine", rel=0.01),
            value_near(lambda facts: stage2.sky_distance(facts) / 3600, "That is in degrees.", "degrees", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-line-rows",
        title="Where a line falls on the detector",
        question="In which detector row does the ion's line fall, in each slice of `numbers`? Give `line_rows`, an "
            "array of the median rows of the pixels within 0.002 um of `observed`; tolerance 3 rows.",
        kind="array", unit=None, points=3, minutes=3,
        hints=(
            "`abs(wavelength - observed) < 0.002` marks all pixels of the line; `slices == number` those of one slice.",
            "`np.nonzero(mask)` returns the rows first, then the columns; take the median of the rows, slice by slice.",
        ),
        check=near_array(stage2.line_rows, abs=3.0),
        misconceptions=(
            Misconception("columns", _columns, "These are columns: `np.nonzero` returns the rows first.",
                          stage2.line_columns),
        ),
        judged_by="products",
    ),
    *STEPS,
    Exercise(
        id="04-photom-factor",
        title="From DN/s to MJy/sr",
        question="How many MJy/sr is one DN/s in the lower-numbered channel of the setting (median over its pixels)? "
            "Give `photom_factor` in MJy/sr per DN/s; tolerance 3 %.",
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "`slices // 100 == channel` marks the pixels of a channel.",
            "Divide `cal` by the image after `fringe`, pixel by pixel, and take np.nanmedian.",
        ),
        check=near(lambda facts: stage2.photom_factor(facts, stage2.first_channel(facts)), rel=0.03),
        misconceptions=(
            value_near(lambda facts: stage2.photom_factor(facts, stage2.first_channel(facts) + 1),
                "That is the factor of the other channel.", "other-channel", rel=0.03),
            value_near(lambda facts: 1 / stage2.photom_factor(facts, stage2.first_channel(facts)),
                "You divided the wrong way round.",
                       "inverse", rel=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-missing-pixels",
        title="Pixels without a value",
        question="Which percentage of the pixels inside the slices has no value (NaN) in the science cal image? Give "
        "`missing_pixels` in percent; tolerance 0.05.",
        kind="quantity", unit="percent", points=1, minutes=2,
        hints=(
            "`slices > 0` marks the pixels inside the slices; `np.isnan` those without a value.",
            "The mean of a boolean array is the fraction that is True.",
        ),
        check=near(stage2.missing, abs=0.05),
        misconceptions=(
            value_near(lambda facts: stage2.missing(facts, inside=False), "That counts the gaps between the slices "
                "too, where no pixel ever has a value.", "whole-detector", abs=0.5),
            value_near(lambda facts: stage2.missing(facts) / 100, "That is a fraction; asked for are percent.",
                "fraction", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-background-noise",
        title="The price of pixel subtraction",
        question="By which factor does the noise of a faint pixel in one science exposure grow when the mean of your "
            "equally deep background exposures is subtracted? Give `noise_factor`; tolerance 1 %.",
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "Variances add up. The mean of m equal exposures has a variance m times smaller.",
            "sqrt(1 + 1/m), with m the number of background rate files.",
        ),
        check=near(lambda facts: np.sqrt(1 + 1 / stage2.background_count(facts)), rel=0.01),
        misconceptions=(
            value_near(np.sqrt(2), "That holds for one background exposure. The mean of several is less noisy.",
                       "one-background", rel=0.01),
            value_near(lambda facts: 1 + 1 / stage2.background_count(facts), "That is the variance; the noise is its "
                "square root.",
                       "variance", rel=0.01),
            value_near(lambda facts: np.sqrt(1 + stage2.background_count(facts)),
                "You added the backgrounds instead of averaging them.", "sum-for-mean", rel=0.01),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-both-backgrounds",
        title="Both background switches on",
        question="What happens if pixel_bg and master_bg are both True? Give the letter as `both_backgrounds`.",
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "Stage 2 notes in the header of the cal file that the background was subtracted.",
            "The keyword S_BKDSUB is COMPLETE then, and the master background step looks at it.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "A reasonable fear, but stage 3 reads the keyword S_BKDSUB before it subtracts.", "twice"),
            choice_is("d", "Stage 2 knows nothing of what stage 3 will do.", "stage-two-knows"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
