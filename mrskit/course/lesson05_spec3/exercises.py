"""Exercises of lesson 05: associations, backgrounds, outliers, cubes, sampling, extraction and the spectral leak."""

from __future__ import annotations

import numpy as np

from mrskit.course.lesson05_spec3 import expected, functions
from mrskit.exercises.checks import among, code, near, near_array, overlap
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, region_is, value_near
from mrskit.exercises.record import Exercise

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="05-asn-members",
        title="Members of the association of stage 3",
        question="""
        How many members of each kind are there? Give `asn_members`, an array of two whole numbers: first `science`,
        then `background`.
        """,
        kind="array", unit=None, points=1, minutes=2,
        hints=(
            "The cell above prints every member with its exptype.",
            "Count the entries of `association['products'][0]['members']` whose 'exptype' is 'science', then "
            "'background'.",
        ),
        check=near_array(expected.members),
        misconceptions=(
            array_is(lambda facts: np.array(expected.exposures(facts)),
                "Those are the exposures. Each background exposure gives one spectrum for each of its two channels.",
                "exposures-for-spectra"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-clipped-mean",
        title="The mean of an empty field",
        question="""
        Write `clipped_mean(values, sigma)`: the mean of what is left when values farther than `sigma` standard
        deviations from the **median** are left out, again and again until none is. NaN does not count; without any
        value the result is NaN. It is called with several made fields; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Begin with the finite values. In a loop, compute median and standard deviation of what is left.",
            "kept = left[abs(left - np.median(left)) <= sigma * np.std(left)]; stop when kept is as long as left.",
        ),
        check=code(functions.clipped_mean, rel=1e-3),
        misconceptions=(
            code_agrees(functions.plain_mean, "That is the mean of everything: one star in the field raises it.",
                "no-clipping"),
            code_agrees(functions.plain_median, "That is the median, which the slides name. The pipeline takes the "
                "mean of what is left after clipping: it is less noisy.", "median"),
            code_agrees(functions.clipped_once, "You clip once. A bright star makes the first standard deviation so "
                "large that fainter ones survive: repeat until nothing is left out.", "clipped-once"),
        ),
        probes=functions.clipped_mean_probes,
    ),
    Exercise(
        id="05-background-level",
        title="Brightness of the background",
        question="""
        How bright is the background in the middle of the **redder** band of your setting? Take each of its spectra in
        `levels`, the mean within 0.1 µm of `middle`, and average the exposures. Give `background_level` in {unit};
        tolerance {tolerance}.
        """,
        kind="quantity", unit="MJy / sr", points=2, minutes=3,
        hints=(
            "`levels` holds one spectrum a band and exposure: choose those whose `band` is `red`.",
            "np.nanmean of `item.flux[abs(item.wavelength - middle) < 0.1]`, averaged over the spectra.",
        ),
        check=near(lambda facts: expected.background_level(facts, 1), rel=0.03),
        misconceptions=(
            value_near(lambda facts: expected.background_level(facts, 0), "That is the bluer band. The sky is much "
                "brighter in the redder one.", "other-band", rel=0.05),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-outliers",
        title="What outlier detection flagged",
        question="""
        Which pixels of the first exposure did the step flag? Each flag is one bit of `quality`; OUTLIER has the value
        **16**. Give `flagged`, a boolean array with the shape of `quality`: {completeness} of the flagged pixels must
        be there, and at most {false} others.
        """,
        kind="region", unit=None, points=2, minutes=3,
        hints=(
            "A flag is one bit of a whole number: the operator & picks it out.",
            "(quality & 16) > 0.",
        ),
        check=overlap(expected.outliers, completeness=0.99, false=0.01),
        misconceptions=(
            region_is(expected.unusable, "Those are all pixels without a value: gaps between slices and bad pixels of "
                "the mask too. Pick out the one bit.", "all-without-value"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-spaxel-flux",
        title="From MJy/sr to Jy",
        question="""
        Which flux density does the brightest spaxel of the **bluer** cube have, at the plane in the middle (index
        `len(cube.wavelength) // 2`)? Give `spaxel_flux` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="Jy", points=2, minutes=3,
        hints=(
            "A surface brightness times a solid angle is a flux density.",
            "MJy/sr x 1e6 x `cube.pixel_area`.",
        ),
        check=near(expected.spaxel_flux, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.spaxel_flux(facts) / 1e6, "That is in MJy: 1 MJy = 1e6 Jy.",
                "megajansky", rel=0.02),
            value_near(expected.spaxel_brightness, "That is still the surface brightness in MJy/sr: multiply by the "
                "solid angle of a spaxel.", "no-solid-angle", rel=0.02),
            value_near(lambda facts: expected.spaxel_brightness(facts) * 1e6 * expected.cube(facts, 0).spaxel_size ** 2,
                "The solid angle must be in steradian, not in square arcsec.", "square-arcsec", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-waves",
        title="One spaxel against apertures",
        question="""
        How strong are the waves? Take half the distance between the 5th and the 95th percentile (`np.nanpercentile`) of
        `waves(spectrum, program.redshift)`, in **{unit}**, for each of the five spectra. Give `strengths`, an array of
        five numbers in the order of `sizes`; tolerance {tolerance} of each.
        """,
        kind="array", unit="percent", points=3, minutes=4,
        hints=(
            "A loop over `sizes.values()`; np.nanpercentile(..., (5, 95)) gives both percentiles.",
            "np.array([50 * np.ptp(np.nanpercentile(waves(item, program.redshift), (5, 95))) for item in "
            "sizes.values()]).",
        ),
        check=near_array(expected.waves, rel=0.03),
        misconceptions=(
            array_is(lambda facts: 2 * expected.waves(facts), "That is the whole distance between the percentiles; "
                "half of it is asked for.", "whole-distance"),
            array_is(lambda facts: expected.waves(facts) / 100, "Those are fractions; asked for are percent.",
                "fractions"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-dithers",
        title="What dithers do for a spaxel",
        question="""
        How many times smaller are the waves of a spaxel with all dithers than with one? Give `dither_gain` from
        `strength`; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "`strength` holds the waves for each number of dithers.",
            "strength[1] / strength[4].",
        ),
        check=near(expected.dither_gain, rel=0.05),
        misconceptions=(
            value_near(lambda facts: 1 / expected.dither_gain(facts), "You divided the wrong way round.", "inverse"),
            value_near(2.0, "That is what noise would do, by the root of the number of exposures. The waves are no "
                "noise: compare the measured numbers.", "square-root", abs=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-nucleus-flux",
        title="Brightness of the nucleus",
        question="""
        What is the flux density of the nucleus within `radius` of `centre`, in the **bluer** band? Take the median of
        the aperture's spectrum within 0.1 µm of `middle_blue`. Give `nucleus_flux` in **{unit}**. It is compared with
        the simulated sky in the same aperture; tolerance {tolerance}.
        """,
        kind="quantity", unit="mJy", points=3, minutes=3,
        hints=(
            "`aperture.flux` is in Jy already: aperture_spectrum has multiplied by the solid angle.",
            "np.nanmedian(aperture.flux[abs(aperture.wavelength - middle_blue) < 0.1]) in Jy, times 1000.",
        ),
        # twice the 3 % rms of a band's conversion, 1 % of the setting's, 1 % that drizzling moves out of the aperture
        check=near(expected.nucleus_flux, rel=0.08),
        misconceptions=(
            value_near(lambda facts: expected.nucleus_flux(facts) / 1e3, "That is in Jy; asked for are mJy.",
                "jansky", rel=0.08),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="05-area-ratio",
        title="Fields of different size",
        question="""
        How many times larger is the **area on the sky** that the redder EXTENDED spectrum sums than that of the bluer
        one? Take the median of `NPIXELS` times the area of a spaxel, in both bands. Give `area_ratio`; tolerance
        {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "Area = number of spaxels x area of a spaxel; spaxels differ between the cubes.",
            "np.nanmedian(tables[name]['NPIXELS']) * cubes[name].pixel_area for both bands, then the ratio.",
        ),
        check=near(expected.area_ratio, rel=0.02),
        misconceptions=(
            value_near(lambda facts: expected.area_ratio(facts, spaxels_only=True),
                "That is the ratio of the numbers of spaxels. The spaxels of the two cubes have different areas.",
                "spaxels-for-area"),
            value_near(lambda facts: 1 / expected.area_ratio(facts), "You divided the wrong way round.",
                "inverse"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-leak-extended",
        title="The leak step and an extended source",
        question="""
        What does the step do to the 3A spectrum of **this** observation, with all bands in the association? Give the
        letter as `leak_extended`.

        - `"a"`: it subtracts the leak from the spectrum
        - `"b"`: it subtracts the leak from the cube
        - `"c"`: nothing, as the source is EXTENDED
        - `"d"`: that depends on the number of dithers
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "The last lines of the log of stage 3 say what the step did here.",
            "It scales the 1B spectrum to 3A: that works only if both were extracted from the same area.",
        ),
        check=among("c"),
        misconceptions=(
            choice_is("a", "For a point source it would. Here stage 2 set SRCTYPE to EXTENDED, and the step looks at "
                "that.", "subtracts"),
            choice_is("b", "No step of the standard stage 3 touches the cube: the leak stays in it, for a point source "
                "too.", "cube"),
            choice_is("d", "It makes no difference how the exposures were dithered; but the pattern has decided "
                "SRCTYPE.", "dithers"),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="05-leak",
        title="The spectral leak subtracted",
        question="""
        Write `leak(wavelength_3a, wavelength_1b, flux_1b, fraction)`: the light that leaks into 3A at each of its
        wavelengths. That is `fraction` times the flux density at **half** the wavelength, interpolated in the spectrum
        of 1B with `np.interp`. It is called with several made spectra; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=3,
        hints=(
            "np.interp(new, old, values) interpolates; beyond the ends it repeats the last value, which is right here.",
            "fraction * np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b).",
        ),
        check=code(functions.spectral_leak, rel=1e-3),
        misconceptions=(
            code_agrees(functions.leak_without_half, "You looked for 12 um in a spectrum of 6 um. The light that leaks "
                "has half the wavelength: double the wavelengths of 1B.", "not-halved"),
            code_agrees(functions.leak_without_fraction, "That is all the light of 1B. Only the fraction leaks.",
                "no-fraction"),
        ),
        probes=functions.leak_probes,
    ),
    Exercise(
        id="05-method-noise",
        title="What four backgrounds cost in noise",
        question="""
        How noisy is **one spaxel** of the region with each method? Give `method_noise`, an array of four numbers in
        {unit} in the order of `four`, from `bakeoff.noise(cube, region).spaxel`; tolerance {tolerance} of each.
        """,
        kind="array", unit="MJy / sr", points=2, minutes=3,
        hints=(
            "`four` is a dictionary of cubes: loop over its values.",
            "np.array([bakeoff.noise(item, region).spaxel for item in four.values()]).",
        ),
        check=near_array(expected.method_noise, rel=0.03),
        misconceptions=(
            array_is(lambda facts: np.full(4, expected.method_noise(facts)[2]), "Those are four times the same cube: "
                "use each of `four`.", "one-cube"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-disk-brightness",
        title="The brightness of the faint disk",
        question="""
        How bright is the disk in `region`? Choose the cube whose background is right for an extended source, and take
        `bakeoff.level(cube, region)`, the mean. Give `disk_brightness` in {unit}. It is compared with the simulated
        disk; tolerance {tolerance}.
        """,
        kind="quantity", unit="MJy / sr", points=3, minutes=3,
        hints=(
            "The sky must go, the galaxy must stay: which methods use the empty field?",
            "bakeoff.level(four['master'], region).",
        ),
        check=near(expected.disk_brightness, rel=0.04, abs=4.0),
        misconceptions=(
            value_near(lambda facts: expected.method_level(facts, "annulus"), "The ring lies on the galaxy: you have "
                "subtracted the brighter disk from the fainter one.", "annulus", rel=0.01),
            value_near(lambda facts: expected.method_level(facts, "none"), "The sky is still in it: compare with your "
                "background level.", "sky-included", rel=0.01),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="05-background-choice",
        title="A background for a point source",
        question="""
        A quasar, a point source on an empty field, was observed **without** background exposures. Which background do
        you choose? Give the letter as `background_choice`.

        - `"a"`: none
        - `"b"`: the annulus
        - `"c"`: the master background
        - `"d"`: pixel by pixel
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Which of the methods needs no exposure of an empty field?",
            "And which takes light from the source only if the source is extended?",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "In channels 3 and 4 the sky and the telescope outshine most quasars.", "none"),
            choice_is("c", "It is made from background exposures, and there are none.", "master"),
            choice_is("d", "It needs background exposures, and there are none.", "pixel"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
