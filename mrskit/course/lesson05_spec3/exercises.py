"""Exercises of lesson 05: associations, backgrounds, outliers, cubes, sampling, extraction and the spectral leak."""

from __future__ import annotations

import numpy as np

from mrskit.course import steps_dictionary
from mrskit.course.lesson05_spec3 import expected, functions
from mrskit.exercises.checks import among, code, near, near_array
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, value_near
from mrskit.exercises.record import Exercise

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="05-association",
        title="The association of stage 3",
        question="""
        Which files belong in the association of stage 3, with the master background, and in which role? Give
        `members`, a list of pairs: the path of a file as text, and `"science"` or `"background"`. The lists are in
        `files.by_kind`.
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Science members are detector images that are calibrated, before stage 3 has touched them.",
            "A list comprehension over one of the lists makes the pairs of one role; add those of the other role.",
        ),
        check=near_array(expected.association),
        misconceptions=(
            array_is(lambda facts: expected.association(facts, {"Source cal": 0, "Background cal": 1}),
                "Stage 3 subtracts a spectrum, not an image: the background members are extracted spectra.",
                "background-images"),
            array_is(lambda facts: expected.association(facts, {"Source rate": 0, "Background x1d": 1}),
                "Rate images are in DN/s, without wavelengths and positions: stage 2 has to calibrate them first.",
                "rates"),
            array_is(lambda facts: expected.association(facts, {"Source crf": 0, "Background x1d": 1}),
                "crf files come out of outlier detection, a step of stage 3: they are a product, not an input.",
                "products-for-inputs"),
            array_is(lambda facts: expected.association(facts, {"Source cal": 0}),
                "Without background members stage 3 skips the master background without an error.", "no-background"),
        ),
        judged_by="products",
        explanation="Stage 3 drizzles the calibrated pixels of all dithers into one cube, and expands one "
            "background spectrum to every pixel by its wavelength: so it needs images of the source and spectra of "
            "the sky.",
    ),
    Exercise(
        id="05-own-call",
        title="A call of your own",
        question="""
        Write `own_steps` for a call with a **single** exposure: skip `master_background`, `outlier_detection` (it
        compares exposures) and `spectral_leak`; let `cube_build` build the **bluer** channel of your setting alone; let
        `extract_1d` extract a point source whatever the header says. Give `own_steps` with exactly these five settings.
        """,
        kind="text", unit=None, points=2, minutes=3,
        hints=(
            "A step is left out with {'skip': True}; the dictionary above this question shows the form.",
            "cube_build has the parameter channel, a text such as '1'; extract_1d has ifu_set_srctype.",
        ),
        check=steps_dictionary.holds(expected.own_call),
        misconceptions=(
            steps_dictionary.looks_like(lambda facts: expected.own_call(facts, 0, "EXTENDED"),
                "EXTENDED would sum the whole field. Ask for the other type.", "extended"),
            steps_dictionary.looks_like(lambda facts: expected.own_call(facts, 1), "That is the redder channel.",
                "redder"),
        ),
        judged_by="products",
        explanation="The dictionary overrides the parameter reference files of CRDS, and those override the "
            "defaults of the code: what you do not name may change with the next context.",
    ),
    Exercise(
        id="05-least-difference",
        title="The core of outlier detection",
        question="""
        Write `least_difference(images)` for images of one row, shape (exposures, columns): in each exposure the
        absolute difference of a pixel to its left and to its right neighbour, of these the **smaller** one; then the
        **least** over all exposures. The first and the last column have one neighbour only. It is called with several
        sets of images; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "np.diff(images, axis=1) holds the differences between neighbours, one fewer than there are columns.",
            "An inner column takes np.minimum of the difference before and after it; np.column_stack puts the ends on.",
        ),
        check=code(functions.least_difference, rel=1e-3),
        misconceptions=(
            code_agrees(functions.larger_difference, "You keep the larger of both differences. Then each neighbour of "
                "a bad pixel looks bad as well.", "larger"),
            code_agrees(functions.greatest_over_exposures, "You keep the largest over the exposures: a moving source "
                "would count as bad. A bad pixel stands out in every exposure.", "greatest"),
            code_agrees(functions.difference_of_mean, "You average the exposures first. Then a bright source in one of "
                "them still stands out.", "mean-first"),
        ),
        probes=functions.least_difference_probes,
        explanation="The smaller of two differences stays small on a slope or at an edge, and the least over "
            "dithers stays small where a source passes by: only a pixel that stands alone in every exposure "
            "keeps a large value.",
    ),
    Exercise(
        id="05-warm-pixels",
        title="Tuning outlier detection",
        question="""
        How many **{unit}** of the pixels in `warm` are flagged with the default, and how many with the settings of the
        observatory's notebook? Give `warm_found`, an array of these two numbers, from `masks`; tolerance {tolerance}.
        Then try a setting of your own.
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "A mask indexed with another one, mask[other], holds its values in the pixels of the other one.",
            "The mean of a boolean array is the share that is true; in percent, times 100.",
        ),
        check=near_array(expected.warm_found, abs=0.5),
        misconceptions=(
            array_is(lambda facts: expected.warm_found(facts, reverse=True), "You divided by the number of flagged "
                "pixels. That is the purity: how many of the flagged pixels are warm.", "purity"),
            array_is(lambda facts: expected.warm_found(facts) / 100, "Those are shares. Give percent.",
                "shares", abs=0.005),
        ),
        judged_by="products",
        explanation="The threshold is a percentile: it fixes how many pixels are flagged, not how bad they are. A "
            "kernel along the slice compares a pixel with pixels that see the same part of the sky, so that edges "
            "count less.",
    ),
    Exercise(
        id="05-pointing",
        title="Where the nucleus really is",
        question="""
        How far from its planned coordinates does the nucleus lie in the cube? Give `pointing`, an array `[east, north]`
        in {unit}, measured minus planned, from `centre` and `planned`; tolerance {tolerance}.
        """,
        kind="array", unit="arcsec", points=2, minutes=3,
        hints=(
            "Both places are right ascension and declination in degrees; a degree has 3600 arcsec.",
            "A difference in right ascension is an angle on the sky only after multiplication by cos(declination).",
        ),
        check=near_array(expected.pointing, abs=0.01),
        misconceptions=(
            array_is(lambda facts: expected.pointing(facts) / (expected.cosine(facts), 1), "East is too large: "
                "multiply the difference in right ascension by cos(declination).", "no-cosine", abs=0.003),
            array_is(lambda facts: -expected.pointing(facts), "That is planned minus measured.", "sign", abs=0.005),
            array_is(lambda facts: expected.pointing(facts) / 3600, "That is in degrees.", "degrees", abs=1e-6),
        ),
        judged_by="products",
        explanation="The guide stars fix the telescope to a few milliarcseconds, but their catalogue and the offset "
            "between guider and MRS leave an error of some tenths of an arcsecond, the same in all dithers of a "
            "visit.",
    ),
    Exercise(
        id="05-aperture-correction",
        title="The light outside the aperture",
        question="""
        How many **{unit}** of a point source's light does the pipeline's aperture miss, in each band? Compare the
        median over wavelength of `without` and `with_correction`. Give `missed`, an array: bluer band, then redder
        band; tolerance {tolerance}.
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "The corrected flux is the uncorrected one divided by the share of light inside the aperture.",
            "Missed is 1 minus the ratio of the two fluxes; take np.nanmedian of the ratio.",
        ),
        check=near_array(expected.missed_light, abs=0.3),
        misconceptions=(
            array_is(lambda facts: 100 - expected.missed_light(facts), "That is the light inside the aperture.",
                "inside"),
            array_is(lambda facts: 100 * expected.missed_light(facts) / (100 - expected.missed_light(facts)),
                "That is by how much the correction raises the flux. Missed light counts from all light: divide by the "
                "corrected flux.", "raised", abs=0.2),
        ),
        judged_by="products",
        explanation="Diffraction and scattering in the detector put about a tenth of the light of a point beyond 2 "
            "FWHM; the apcorr reference was measured on stars, and so holds for points alone.",
    ),
    Exercise(
        id="05-srctype",
        title="What decides the source type",
        question="""
        A **star** was proposed with "Extended: YES" in APT and observed with a point-source dither pattern. What does
        the `x1d` file hold if you change nothing? Give the letter as `srctype`.

        - `"a"`: the sum over the field of view
        - `"b"`: an aperture on the star, corrected for its wings
        - `"c"`: an aperture on the star, without correction
        - `"d"`: nothing: the step stops, as the two contradict each other
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Go through the list above from its beginning and stop at the first item that is there.",
            "What APT says is the keyword SRCTYAPT; the dither pattern is PATTTYPE. Which stands first in the list?",
        ),
        check=among("a"),
        misconceptions=(
            choice_is("b", "The dither pattern is asked only if the proposer left it open: SRCTYAPT stands before it.",
                "dither-decides"),
            choice_is("c", "The correction is switched on by default for every POINT extraction; but is this one?",
                "no-correction"),
            choice_is("d", "The step never compares them: it takes the first that is there.", "contradiction"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="SRCTYAPT comes before the dither pattern, so the star counts as EXTENDED. ifu_set_srctype is "
            "the cure, without another run of stage 2.",
    ),
    Exercise(
        id="05-stitch",
        title="Bands that join",
        question="""
        Write `factors(ratios, anchor)`: the factor for each band that makes all bands join. `ratios` holds, at each
        border, the flux of the redder band divided by that of the bluer one; the result has one value more. The band
        with the number `anchor` (counted from 0) keeps the factor 1. It is called with several sets; within
        {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Two bands that are not neighbours differ by the product of all ratios between them.",
            "np.cumprod(ratios) gives each band's level relative to the first; compare it with the anchor's level.",
        ),
        check=code(functions.factors, rel=1e-3),
        misconceptions=(
            code_agrees(functions.factors_upside_down, "Your factors double the steps: a band that is too bright must "
                "be divided.", "inverse"),
            code_agrees(functions.factors_of_neighbours, "You correct each band for its own border alone. Then the "
                "next border opens: errors add up along the bands.", "not-cumulative"),
            code_agrees(functions.factors_to_the_first, "The first band keeps 1 here. The band number `anchor` "
                "has to.", "first-kept"),
        ),
        probes=functions.factors_probes,
        explanation="Each border fixes only a ratio of two bands. All ratios together leave one factor free, the "
            "level of the whole: the anchor decides it, so choose the band whose calibration you trust most.",
    ),
    Exercise(
        id="05-clipped-mean",
        title="The mean of an empty field",
        question="""
        Write `clipped_mean(values, sigma)`. Remove the values farther than `sigma` standard deviations from the
        **median**, again and again until none is removed, and return the mean of the others. Ignore NaNs; if nothing is
        left, return NaN. It is called with several simulated fields; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Begin with the finite values. In a loop, compute median and standard deviation of the values so far.",
            "Keep the values within `sigma` standard deviations of the median. Stop when a round removes nothing.",
        ),
        check=code(functions.clipped_mean, rel=1e-3),
        misconceptions=(
            code_agrees(functions.plain_mean, "That is the mean of everything: one star in the field raises it.",
                "no-clipping"),
            code_agrees(functions.plain_median, "That is the median, which the slides name. The pipeline takes the "
                "mean of what is left after clipping: it is less noisy.", "median"),
            code_agrees(functions.clipped_about_the_mean, "You clip about the mean. Bright stars pull the mean towards "
                "them; the median stays.", "about-the-mean"),
            code_agrees(functions.clipped_once, "You clip once. A bright star makes the first standard deviation so "
                "large that fainter ones survive: repeat until nothing is left out.", "clipped-once"),
        ),
        probes=functions.clipped_mean_probes,
        explanation="Clipping removes stars and cosmic rays, and the mean of what remains uses all good values: a "
            "median of Gaussian noise is noisier by a quarter.",
    ),
    Exercise(
        id="05-background-level",
        title="Brightness of the background",
        question="""
        How bright is the background in the middle of the **redder** band of your setting? From each of its spectra in
        `levels` take the mean within 0.1 µm of `middle`, and average the exposures. Give `background_level` in {unit};
        tolerance {tolerance}.
        """,
        kind="quantity", unit="MJy / sr", points=2, minutes=3,
        hints=(
            "`levels` holds one spectrum a band and exposure: choose those whose `band` is `red`.",
            "A mask chooses the wavelengths near `middle`. Average the flux there, then average the spectra.",
        ),
        check=near(lambda facts: expected.background_level(facts, 1), rel=0.03),
        misconceptions=(
            value_near(lambda facts: expected.background_level(facts, 0), "That is the bluer band. The sky is much "
                "brighter in the redder one.", "other-band", rel=0.05),
        ),
        judged_by="products",
        explanation="Zodiacal dust at about 265 K and the warm telescope both radiate on the steep side of a black "
            "body, so a little more wavelength gives much more light.",
    ),
    Exercise(
        id="05-background-error",
        title="Where the background is the signal",
        question="""
        The background that you subtract is wrong by 1 percent. By how many **{unit}** does that change the flux of the
        nucleus in an aperture with a radius of 2 FWHM, and the brightness of the galaxy, in 2A, 4A and 4C? Use median
        flux and wavelength of the bands in `nuclei`. Give `background_error`, an array of shape (2, 3): the nucleus,
        then the galaxy; tolerance {tolerance} of each. Then try a smaller aperture.
        """,
        kind="array", unit="percent", points=3, minutes=5,
        hints=(
            "One percent of the sky, as a flux in the aperture, is compared with the flux of the nucleus.",
            "Brightness x 1e6 x solid angle is a flux in Jy. An arcsecond is 1/206265 rad; square the radius in rad.",
        ),
        check=near_array(lambda facts: expected.background_error(), rel=0.05),
        misconceptions=(
            array_is(lambda facts: expected.background_error() * [[1 / 4], [1]], "Your nucleus is too small by four: 2 "
                "FWHM is the radius of the aperture, not its diameter.", "diameter", rel=0.03),
            array_is(lambda facts: expected.background_error() / 100, "These are fractions. Give percent.",
                "fractions", rel=0.03),
            array_is(lambda facts: expected.background_error()[::-1], "The nucleus comes first, then the galaxy.",
                "rows", rel=0.03),
        ),
        explanation="An aperture on a point source collects little sky, so the nucleus is safe even in 4C. Light that "
            "fills the field competes with the sky in every spaxel, and no aperture helps.",
    ),
    Exercise(
        id="05-spaxel-flux",
        title="From MJy/sr to Jy",
        question="""
        What flux density does the brightest spaxel of the **bluer** cube have, at the plane in the middle (index
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
        explanation="Surface brightness is flux per solid angle: it does not depend on the size of the spaxel, but "
            "the flux in a spaxel does.",
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
            "Half of the distance between two percentiles, times 100: a fraction becomes percent.",
        ),
        check=near_array(expected.waves, rel=0.03),
        misconceptions=(
            array_is(lambda facts: 2 * expected.waves(facts), "That is the whole distance between the percentiles. "
                "Give half of it.", "whole-distance"),
            array_is(lambda facts: expected.waves(facts) / 100, "Those are fractions. Give percent.",
                "fractions"),
        ),
        judged_by="products",
        explanation="The aperture adds up neighbouring spaxels, and what one of them loses at a wavelength its "
            "neighbours gain: the sum does not wave if it holds nearly all of the core.",
    ),
    Exercise(
        id="05-dithers",
        title="What dithers do for a spaxel",
        question="""
        How many times smaller are the waves of a spaxel with all dithers than with one? Use `amplitude(spectrum,
        program.redshift)` on the spectra in `one`. Give `dither_gain`; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "`amplitude` gives the strength of the waves of a spectrum; `one` holds one for each number of dithers.",
            "The key 1 is one dither, and the largest key is all of them. Which of the two waves more?",
        ),
        check=near(expected.dither_gain, rel=0.05),
        misconceptions=(
            value_near(lambda facts: 1 / expected.dither_gain(facts), "You divided the wrong way round.", "inverse"),
            value_near(2.0, "That is what noise would do, by the root of the number of exposures. The waves are not "
                "noise: compare the measured numbers.", "square-root", abs=0.02),
        ),
        judged_by="products",
        explanation="Positions half a slice apart sample the image at opposite phases: the light that is lost "
            "between samples at one position is caught at the next.",
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
            "A mask chooses the wavelengths near `middle_blue`; np.nanmedian of the flux there, and 1 Jy is 1000 mJy.",
        ),
        # twice the 3 % rms of a band's conversion, 1 % of the setting's, 1 % that drizzling moves out of the aperture
        check=near(expected.nucleus_flux, rel=0.08),
        misconceptions=(
            value_near(lambda facts: expected.nucleus_flux(facts) / 1e3, "That is in Jy. Give mJy.",
                "jansky", rel=0.08),
        ),
        judged_by="truth",
        explanation="The aperture counts what falls into it: the core of the nucleus and the disk around it. The "
            "wings outside it are lost, in the sky that you are compared with as well.",
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
            "The table has the number of spaxels, the cube has `pixel_area`. Multiply for each band before you divide.",
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
        explanation="Slices become wider and more widely spaced from channel to channel, so the field of view "
            "grows; a sum over the field grows with it.",
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
            choice_is("d", "It makes no difference how the exposures were dithered.", "dithers"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="The step scales an extracted 1B spectrum to 3A. For an extended source the two spectra come "
            "from fields of different size, so the step does nothing.",
    ),
    Exercise(
        id="05-leak",
        title="The spectral leak subtracted",
        question="""
        Write `leak(wavelength_3a, wavelength_1b, flux_1b, fraction)`: the light that leaks into 3A at each of its
        wavelengths, from the spectrum of 1B and the share `fraction` that leaks at each of the wavelengths of 3A. It is
        called with several simulated spectra; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=3,
        hints=(
            "np.interp(new, old, values) interpolates; beyond the ends it repeats the last value, which is right here.",
            "Light of wavelength w in 1B appears at 2 w in 3A: interpolate over the doubled wavelengths of 1B.",
        ),
        check=code(functions.spectral_leak, rel=1e-3),
        misconceptions=(
            code_agrees(functions.leak_without_half, "You looked for 12 um in a spectrum of 6 um. The light that leaks "
                "has half the wavelength: double the wavelengths of 1B.", "not-halved"),
            code_agrees(functions.leak_without_fraction, "That is all the light of 1B. Only the fraction leaks.",
                "no-fraction"),
        ),
        probes=functions.leak_probes,
        explanation="The grating sends light of half the wavelength, in second order, to the same pixels; the "
            "filter lets through a few percent of it.",
    ),
    Exercise(
        id="05-method-noise",
        title="What four backgrounds cost in noise",
        question="""
        How noisy is **one spaxel** of the `region` with each method? Give `method_noise`, an array of four numbers in
        {unit} in the order of `four`, from `bakeoff.noise(cube, region).spaxel`; tolerance {tolerance} of each.
        """,
        kind="array", unit="MJy / sr", points=2, minutes=3,
        hints=(
            "`four` is a dictionary of cubes: loop over its values.",
            "np.array of a list comprehension over four.values(); each item is a cube.",
        ),
        check=near_array(expected.method_noise, rel=0.03),
        misconceptions=(
            array_is(lambda facts: np.full(4, expected.method_noise(facts)[2]), "Those are four times the same cube: "
                "use each of `four`.", "one-cube"),
        ),
        judged_by="products",
        explanation="A background image has noise in every pixel, which is subtracted into every spaxel. A master "
            "spectrum is an average over a thousand spaxels: its noise is small.",
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
            "A cube of `four` that the exposures of the empty field have corrected; bakeoff.level(cube, region).",
        ),
        check=near(expected.disk_brightness, rel=0.04, abs=4.0),
        misconceptions=(
            value_near(lambda facts: expected.method_level(facts, "annulus"), "The ring lies on the galaxy: you have "
                "subtracted the brighter disk from the fainter one.", "annulus", rel=0.01),
            value_near(lambda facts: expected.method_level(facts, "none"), "The sky is still in it: compare with your "
                "background level.", "sky-included", rel=0.01),
        ),
        judged_by="truth",
        explanation="Only the exposures of the empty field know the sky without the galaxy; the ring inside the "
            "galaxy takes galaxy light for sky.",
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
        explanation="Around a point source a ring holds sky alone, at the same time and the same place on the "
            "detector; the little light of the wings in it is part of the aperture correction.",
    ),
)  # fmt: skip
