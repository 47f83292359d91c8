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
        Which files belong in the association of stage 3 with a master background, and in which role? Give `members`, a
        list of pairs: the path of a file as text, and `"science"` or `"background"`. Take the files from the lists in
        `files.by_kind`.
        """,
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Science members are calibrated detector images that stage 3 has not changed yet.",
            "Make the pairs for one role with a list comprehension over one of the lists, then add the pairs for the "
            "other role.",
        ),
        check=near_array(expected.association),
        misconceptions=(
            array_is(lambda facts: expected.association(facts, {"Source cal": 0, "Background cal": 1}),
                "Stage 3 subtracts a spectrum, not an image, so the background members must be extracted spectra.",
                "background-images"),
            array_is(lambda facts: expected.association(facts, {"Source rate": 0, "Background x1d": 1}),
                "Rate images are in DN/s, without wavelengths and positions. Stage 2 has to calibrate them first.",
                "rates"),
            array_is(lambda facts: expected.association(facts, {"Source crf": 0, "Background x1d": 1}),
                "crf files are a product of outlier detection, a step of stage 3. They are not an input.",
                "products-for-inputs"),
            array_is(lambda facts: expected.association(facts, {"Source cal": 0}),
                "The background members are missing. Without them, stage 3 skips the master background and does not "
                "report an error.", "no-background"),
        ),
        judged_by="products",
        explanation="Stage 3 drizzles the calibrated pixels of all dithers into one cube. It evaluates one background "
            "spectrum at the wavelength of every pixel. So it needs images of the source and spectra of the sky.",
    ),
    Exercise(
        id="05-own-call",
        title="A call of your own",
        question="""
        Write `own_steps` for a call with a **single** exposure. Skip `master_background`, `outlier_detection` (it
        compares exposures) and `spectral_leak`. Let `cube_build` build only the **bluer** channel of your setting, and
        let `extract_1d` extract a point source, independent of the header. Give `own_steps` with exactly these five
        settings.
        """,
        kind="text", unit=None, points=2, minutes=3,
        hints=(
            "The parameter skip leaves out a step. The dictionary above this question shows the form.",
            "The parameter of cube_build is channel, a text such as '1'. The parameter of extract_1d is "
            "ifu_set_srctype.",
        ),
        check=steps_dictionary.holds(expected.own_call),
        misconceptions=(
            steps_dictionary.looks_like(lambda facts: expected.own_call(facts, 0, "EXTENDED"),
                "EXTENDED would sum the whole field. Set the other type.", "extended"),
            steps_dictionary.looks_like(lambda facts: expected.own_call(facts, 1), "That is the redder channel. Give "
                "the bluer one.",
                "redder"),
        ),
        judged_by="products",
        explanation="The dictionary overrides the parameter reference files from CRDS, and these files override the "
            "defaults in the code. Parameters that you do not set may change with the next context.",
    ),
    Exercise(
        id="05-least-difference",
        title="The core of outlier detection",
        question="""
        Write `least_difference(images)` for one-row images, an array of shape (exposures, columns). In each exposure,
        compute the absolute differences between a pixel and its left and right neighbours, and keep the **smaller**
        one. Return the **least** value over all exposures. The first and the last column have only one neighbour. The
        function is called with several sets of images; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "np.diff(images, axis=1) gives the differences between neighbours. Their number is one less than that of "
            "the columns.",
            "For an inner column, use np.minimum of the differences on both sides. Add the two end columns with "
            "np.column_stack.",
        ),
        check=code(functions.least_difference, rel=1e-3),
        misconceptions=(
            code_agrees(functions.larger_difference, "You keep the larger of the two differences. Then each neighbour "
                "of a bad pixel looks bad as well.", "larger"),
            code_agrees(functions.greatest_over_exposures, "You keep the largest value over the exposures, so a moving "
                "source would count as bad. A bad pixel stands out in every exposure.", "greatest"),
            code_agrees(functions.difference_of_mean, "You average the exposures first. Then a bright source in one of "
                "them still stands out.", "mean-first"),
        ),
        probes=functions.least_difference_probes,
        explanation="The smaller of two differences stays small on a slope or at an edge. The least value over dithers "
            "stays small where a source passes by. Only a pixel that stands out in every exposure keeps a large value.",
    ),
    Exercise(
        id="05-warm-pixels",
        title="Tuning outlier detection",
        question="""
        What fraction of the pixels in `warm`, in **{unit}**, is flagged with the default settings, and what fraction
        with the settings from the observatory's notebook? Compute both from `masks` and give `warm_found`, an array of
        these two numbers; tolerance {tolerance}. Then try your own settings.
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "If you index a mask with a second mask, mask[other], you get its values in the pixels that are True in "
            "`other`.",
            "The mean of a boolean array is the fraction that is True. Multiply the mean by 100 for percent.",
        ),
        check=near_array(expected.warm_found, abs=0.5),
        misconceptions=(
            array_is(lambda facts: expected.warm_found(facts, reverse=True), "You divided by the number of flagged "
                "pixels. That gives the purity, the fraction of flagged pixels that are warm.", "purity"),
            array_is(lambda facts: expected.warm_found(facts) / 100, "Those are shares. Give percent.",
                "shares", abs=0.005),
        ),
        judged_by="products",
        explanation="The threshold is a percentile. It sets how many pixels are flagged, not how bad they are. A "
            "kernel along the slice compares a pixel with pixels that see the same part of the sky, so edges count "
            "less.",
    ),
    Exercise(
        id="05-pointing",
        title="Where the nucleus really is",
        question="""
        How far is the nucleus in the cube from its planned coordinates? Give `pointing`, an array `[east, north]` in
        {unit}, measured minus planned, from `centre` and `planned`; tolerance {tolerance}.
        """,
        kind="array", unit="arcsec", points=2, minutes=3,
        hints=(
            "Both positions are right ascension and declination in degrees. One degree is 3600 arcsec.",
            "To get an angle on the sky, multiply the difference in right ascension by cos(declination).",
        ),
        check=near_array(expected.pointing, abs=0.01),
        misconceptions=(
            array_is(lambda facts: expected.pointing(facts) / (expected.cosine(facts), 1), "East is too large. "
                "Multiply the difference in right ascension by cos(declination).", "no-cosine", abs=0.003),
            array_is(lambda facts: -expected.pointing(facts), "That is planned minus measured. Reverse the sign.",
                "sign", abs=0.005),
            array_is(lambda facts: expected.pointing(facts) / 3600, "That is in degrees.", "degrees", abs=1e-6),
        ),
        judged_by="products",
        explanation="The guide stars keep the pointing stable to a few milliarcseconds. But their catalogue positions "
            "and the offset between guider and MRS have errors of a few tenths of an arcsecond, the same in all "
            "dithers of a visit.",
    ),
    Exercise(
        id="05-aperture-correction",
        title="The light outside the aperture",
        question="""
        What fraction of a point source's light, in **{unit}**, does the pipeline's aperture miss in each band? Use the
        median over wavelength of the ratio of `without` to `with_correction`. Give `missed`, an array: bluer band, then
        redder band; tolerance {tolerance}.
        """,
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "The corrected flux is the uncorrected flux divided by the fraction of light inside the aperture.",
            "The missed fraction is 1 minus the ratio of the two fluxes. Use np.nanmedian of the ratio.",
        ),
        check=near_array(expected.missed_light, abs=0.3),
        misconceptions=(
            array_is(lambda facts: 100 - expected.missed_light(facts), "That is the light inside the aperture. Give "
                "the light outside it.",
                "inside"),
            array_is(lambda facts: 100 * expected.missed_light(facts) / (100 - expected.missed_light(facts)),
                "That is the percentage by which the correction raises the flux. Missed light is a fraction of all "
                "light, so divide by the corrected flux.", "raised", abs=0.2),
        ),
        judged_by="products",
        explanation="Diffraction and scattering in the detector put about a tenth of a point source's light beyond 2 "
            "FWHM. The apcorr reference file was measured on stars, so it is valid only for point sources.",
    ),
    Exercise(
        id="05-srctype",
        title="The choice of the source type",
        question="""
        A **star** was proposed as an extended target in APT and observed with a point-source dither pattern. What does
        the `x1d` file contain if you do not change any parameter? Give the letter as `srctype`.

        - `"a"`: the sum over the field of view
        - `"b"`: the sum in an aperture on the star, corrected for its wings
        - `"c"`: the sum in an aperture on the star, without correction
        - `"d"`: nothing, because the step stops if APT and the dither pattern contradict each other
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Go through the list above from its beginning and stop at the first item that is set.",
            "The choice in APT is the keyword SRCTYAPT, and the dither pattern is PATTTYPE. Which comes first in the "
            "list?",
        ),
        check=among("a"),
        misconceptions=(
            choice_is("b", "The dither pattern is used only if the proposer did not choose a type. SRCTYAPT comes "
                "before it.",
                "dither-decides"),
            choice_is("c", "The correction is on by default for every POINT extraction. Is this a POINT extraction?",
                "no-correction"),
            choice_is("d", "The step never compares the two keywords. It uses the first one that is set.",
                "contradiction"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="SRCTYAPT comes before the dither pattern, so the star counts as EXTENDED. You can correct this "
            "with ifu_set_srctype, without a new run of stage 2.",
    ),
    Exercise(
        id="05-stitch",
        title="Bands that join",
        question="""
        Write `factors(ratios, anchor)`. It returns the factor for each band that makes all bands join. `ratios`
        contains, for each border, the flux of the redder band divided by that of the bluer one. The result has one more
        value. The band with the number `anchor` (counted from 0) keeps the factor 1. The function is called with
        several sets of ratios; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Two bands that are not neighbours differ by the product of all ratios between them.",
            "np.cumprod(ratios) gives each band's level relative to the first; compare it with the anchor's level.",
        ),
        check=code(functions.factors, rel=1e-3),
        misconceptions=(
            code_agrees(functions.factors_upside_down, "Your factors double the steps. The flux of a band that is too "
                "bright must be divided.", "inverse"),
            code_agrees(functions.factors_of_neighbours, "You correct each band only for its own border. That opens "
                "the next border, because the factors multiply along the bands.", "not-cumulative"),
            code_agrees(functions.factors_to_the_first, "In your result the first band keeps 1. The band number "
                "`anchor` has to keep 1.", "first-kept"),
        ),
        probes=functions.factors_probes,
        explanation="Each border fixes only the ratio of two bands. All ratios together leave one factor free, the "
            "overall level. The anchor sets this level, so choose the band whose calibration you trust most.",
    ),
    Exercise(
        id="05-clipped-mean",
        title="The mean of an empty field",
        question="""
        Write `clipped_mean(values, sigma)`. Remove the values farther than `sigma` standard deviations from the
        **median**. Repeat this until no value is removed, and return the mean of the remaining values. Ignore NaNs; if
        nothing is left, return NaN. The function is called with several simulated fields; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=4,
        hints=(
            "Begin with the finite values. In a loop, compute the median and standard deviation of the remaining "
            "values.",
            "Keep the values within `sigma` standard deviations of the median. Stop when a round removes nothing.",
        ),
        check=code(functions.clipped_mean, rel=1e-3),
        misconceptions=(
            code_agrees(functions.plain_mean, "That is the mean of all values. A single star in the field raises it.",
                "no-clipping"),
            code_agrees(functions.plain_median, "That is the median, as on the slides. The pipeline uses the mean of "
                "the values after clipping, which is less noisy.", "median"),
            code_agrees(functions.clipped_about_the_mean, "You clip about the mean. Bright stars raise the mean, but "
                "they hardly change the median.", "about-the-mean"),
            code_agrees(functions.clipped_once, "You clip once. A bright star makes the first standard deviation so "
                "large that fainter stars survive. Repeat until no value is removed.", "clipped-once"),
        ),
        probes=functions.clipped_mean_probes,
        explanation="Clipping removes stars and cosmic rays, and the mean then uses all good values. The median of "
            "Gaussian noise is noisier by a quarter.",
    ),
    Exercise(
        id="05-background-level",
        title="Brightness of the background",
        question="""
        How bright is the background in the middle of the **redder** band of your setting? For each of its spectra in
        `levels`, compute the mean within 0.1 µm of `middle`, then average the exposures. Give `background_level` in
        {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="MJy / sr", points=2, minutes=3,
        hints=(
            "`levels` contains one spectrum per band and exposure. Choose the spectra whose `band` is `red`.",
            "Select the wavelengths near `middle` with a mask. Average the flux at these wavelengths, then average the "
            "spectra.",
        ),
        check=near(lambda facts: expected.background_level(facts, 1), rel=0.03),
        misconceptions=(
            value_near(lambda facts: expected.background_level(facts, 0), "That is the bluer band. The sky is much "
                "brighter in the redder band.", "other-band", rel=0.05),
        ),
        judged_by="products",
        explanation="Zodiacal dust at about 265 K and the warm telescope both emit on the steep side of a black-body "
            "curve. So a slightly longer wavelength gives much more light.",
    ),
    Exercise(
        id="05-background-error",
        title="Where the background is the signal",
        question="""
        Assume that the background you subtract is wrong by 1 percent. By how many **{unit}** does this error change the
        flux of the nucleus, in an aperture with a radius of 2 FWHM, and the brightness of the galaxy? Use 2A, 4A and
        4C, with the median flux and wavelength of the bands in `nuclei`. Give `background_error`, an array of shape (2,
        3): the nucleus, then the galaxy; tolerance {tolerance} of each. Then try a smaller aperture.
        """,
        kind="array", unit="percent", points=3, minutes=5,
        hints=(
            "Convert one percent of the sky to a flux in the aperture, and compare it with the flux of the nucleus.",
            "Brightness x 1e6 x solid angle is a flux in Jy. An arcsecond is 1/206265 rad; square the radius in rad.",
        ),
        check=near_array(lambda facts: expected.background_error(), rel=0.05),
        misconceptions=(
            array_is(lambda facts: expected.background_error() * [[1 / 4], [1]], "Your values for the nucleus are too "
                "small by a factor of 4. The radius of the aperture is 2 FWHM, not its diameter.",
                "diameter", rel=0.03),
            array_is(lambda facts: expected.background_error() / 100, "These are fractions. Give percent.",
                "fractions", rel=0.03),
            array_is(lambda facts: expected.background_error()[::-1], "The nucleus comes first, then the galaxy.",
                "rows", rel=0.03),
        ),
        explanation="An aperture on a point source collects little sky, so the nucleus is hardly affected even in 4C. "
            "Light that fills the field competes with the sky in every spaxel, and a smaller aperture does not help.",
    ),
    Exercise(
        id="05-spaxel-flux",
        title="From MJy/sr to Jy",
        question="""
        What is the flux density of the brightest spaxel in the **bluer** cube, in the middle plane (index
        `len(cube.wavelength) // 2`)? Give `spaxel_flux` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="Jy", points=2, minutes=3,
        hints=(
            "A surface brightness times a solid angle is a flux density.",
            "Multiply the value in MJy/sr by 1e6 and by `cube.pixel_area`.",
        ),
        check=near(expected.spaxel_flux, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.spaxel_flux(facts) / 1e6, "That is in MJy. 1 MJy is 1e6 Jy.",
                "megajansky", rel=0.02),
            value_near(expected.spaxel_brightness, "That is still the surface brightness in MJy/sr. Multiply it by the "
                "solid angle of a spaxel.", "no-solid-angle", rel=0.02),
            value_near(lambda facts: expected.spaxel_brightness(facts) * 1e6 * expected.cube(facts, 0).spaxel_size ** 2,
                "The solid angle must be in steradian, not in square arcsec.", "square-arcsec", rel=0.02),
        ),
        judged_by="products",
        explanation="Surface brightness is flux per solid angle. It does not depend on the size of the spaxel, but the "
            "flux in a spaxel does.",
    ),
    Exercise(
        id="05-waves",
        title="One spaxel against apertures",
        question="""
        How strong are the waves? For each of the five spectra, compute half the difference between the 5th and the 95th
        percentile (`np.nanpercentile`) of `waves(spectrum, program.redshift)`, in **{unit}**. Give `strengths`, an
        array of five numbers in the order of `sizes`; tolerance {tolerance} of each.
        """,
        kind="array", unit="percent", points=3, minutes=4,
        hints=(
            "Loop over `sizes.values()`. np.nanpercentile(..., (5, 95)) gives both percentiles.",
            "Take half the difference between the two percentiles. Multiply the fraction by 100 for percent.",
        ),
        check=near_array(expected.waves, rel=0.03),
        misconceptions=(
            array_is(lambda facts: 2 * expected.waves(facts), "That is the full difference between the percentiles. "
                "Give half of it.", "whole-distance"),
            array_is(lambda facts: expected.waves(facts) / 100, "Those are fractions. Give percent.",
                "fractions"),
        ),
        judged_by="products",
        explanation="The aperture adds up neighbouring spaxels. The light that one spaxel loses at a wavelength falls "
            "on its neighbours. So the sum is free of waves if it includes nearly all of the core.",
    ),
    Exercise(
        id="05-dithers",
        title="How dithers improve a spaxel",
        question="""
        By what factor are the waves in a spaxel smaller with all dithers than with one dither? Use `amplitude(spectrum,
        program.redshift)` on the spectra in `one`. Give `dither_gain`; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "`amplitude` gives the strength of the waves in a spectrum. `one` contains one spectrum for each number of "
            "dithers.",
            "The key 1 means one dither, and the largest key means all dithers. Which of the two spectra has stronger "
            "waves?",
        ),
        check=near(expected.dither_gain, rel=0.05),
        misconceptions=(
            value_near(lambda facts: 1 / expected.dither_gain(facts), "You divided the wrong way round.", "inverse"),
            value_near(2.0, "That is the factor for noise, the square root of the number of exposures. The waves are "
                "not noise. Compare the measured numbers.", "square-root", abs=0.02),
        ),
        judged_by="products",
        explanation="Positions half a slice apart sample the image at opposite phases. Light that falls between the "
            "samples at one position is sampled at the next.",
    ),
    Exercise(
        id="05-nucleus-flux",
        title="Brightness of the nucleus",
        question="""
        What is the flux density of the nucleus within `radius` of `centre`, in the **bluer** band? Use the median of
        the spectrum `aperture` within 0.1 µm of `middle_blue`. Give `nucleus_flux` in **{unit}**. Your value is
        compared with the simulated sky (real data: our own measurement) in the same aperture; tolerance {tolerance}.
        """,
        kind="quantity", unit="mJy", points=3, minutes=3,
        hints=(
            "`aperture.flux` is already in Jy, because aperture_spectrum has multiplied by the solid angle.",
            "Select the wavelengths near `middle_blue` with a mask. Use np.nanmedian of the flux there. 1 Jy is 1000 "
            "mJy.",
        ),
        # twice the 3 % rms of a band's conversion, 1 % of the setting's, 1 % that drizzling moves out of the aperture
        check=near(expected.nucleus_flux, rel=0.08, error=expected.nucleus_error),
        misconceptions=(
            value_near(lambda facts: expected.nucleus_flux(facts) / 1e3, "That is in Jy. Give mJy.",
                "jansky", rel=0.08),
        ),
        judged_by="truth",
        explanation="The aperture collects the core of the nucleus and the disk around it. The wings outside the "
            "aperture are lost, also in the simulated sky to which your value is compared.",
    ),
    Exercise(
        id="05-area-ratio",
        title="Fields of different sizes",
        question="""
        The EXTENDED spectra sum different **areas on the sky**. By what factor is the area in the redder band larger
        than in the bluer one? In each band, the area is the median of `NPIXELS` times the area of a spaxel. Give
        `area_ratio`; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=3,
        hints=(
            "Area = number of spaxels x area of a spaxel. The spaxels of the two cubes have different areas.",
            "The table gives the number of spaxels, and the cube has `pixel_area`. Multiply for each band before you "
            "divide.",
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
        explanation="Slices become wider and more widely spaced from channel to channel. So the field of view grows, "
            "and so does a sum over the field.",
    ),
    Exercise(
        id="05-leak-extended",
        title="The leak step and an extended source",
        question="""
        What does the step `spectral_leak` do to the 3A spectrum of **this** observation, with all bands in the
        association? Give the letter as `leak_extended`.

        - `"a"`: it subtracts the leak from the spectrum
        - `"b"`: it subtracts the leak from the cube
        - `"c"`: nothing, because the source is EXTENDED
        - `"d"`: its action depends on the number of dithers
        """,
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "The last lines of the stage 3 log show what the step did here.",
            "The step scales the 1B spectrum to 3A. That works only if both spectra were extracted from the same area.",
        ),
        check=among("c"),
        misconceptions=(
            choice_is("a", "The step would do this for a point source. Here stage 2 set SRCTYPE to EXTENDED, and the "
                "step checks this keyword.", "subtracts"),
            choice_is("b", "The standard stage 3 does not correct the cube for the leak, even for a point source.",
                "cube"),
            choice_is("d", "The step does not depend on the dithers.", "dithers"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="The step scales an extracted 1B spectrum to 3A. For an extended source the two spectra come from "
            "fields of different sizes, so the step does nothing.",
    ),
    Exercise(
        id="05-leak",
        title="The spectral leak subtracted",
        question="""
        Write `leak(wavelength_3a, wavelength_1b, flux_1b, fraction)`. It returns the light that leaks from 1B into 3A
        at each wavelength of 3A. `fraction` is the fraction of the 1B light that leaks, at each wavelength of 3A. The
        function is called with several simulated spectra; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=3,
        hints=(
            "np.interp(new, old, values) interpolates. Beyond the ends it repeats the last value, as needed here.",
            "Light of wavelength w in 1B appears at 2 w in 3A. Interpolate over the doubled wavelengths of 1B.",
        ),
        check=code(functions.spectral_leak, rel=1e-3),
        misconceptions=(
            code_agrees(functions.leak_without_half, "You looked for 12 um in a spectrum at 6 um. The light that leaks "
                "has half the wavelength, so double the wavelengths of 1B.", "not-halved"),
            code_agrees(functions.leak_without_fraction, "That is all the light in 1B. Only `fraction` of it leaks.",
                "no-fraction"),
        ),
        probes=functions.leak_probes,
        explanation="The grating sends light of half the wavelength, in second order, to the same pixels. The filter "
            "transmits a few percent of it.",
    ),
    Exercise(
        id="05-method-noise",
        title="The noise from four background methods",
        question="""
        How noisy is **one spaxel** in `region` with each method? Give `method_noise`, an array of four numbers in
        {unit} in the order of `four`, from `bakeoff.noise(cube, region).spaxel`; tolerance {tolerance} of each.
        """,
        kind="array", unit="MJy / sr", points=2, minutes=3,
        hints=(
            "`four` is a dictionary of cubes. Loop over its values.",
            "Use np.array of a list comprehension over four.values(). Each item is a cube.",
        ),
        check=near_array(expected.method_noise, rel=0.03),
        misconceptions=(
            array_is(lambda facts: np.full(4, expected.method_noise(facts)[2]), "Those are four values from the same "
                "cube. Use each cube in `four`.", "one-cube"),
        ),
        judged_by="products",
        explanation="A background image has noise in every pixel, and its subtraction adds this noise to every spaxel. "
            "A master spectrum is an average over a thousand spaxels, so its noise is small.",
    ),
    Exercise(
        id="05-disk-brightness",
        title="The brightness of the faint disk",
        question="""
        How bright is the disk in `region`? Choose the cube whose background is right for an extended source, and use
        `bakeoff.level(cube, region)`, the mean. Give `disk_brightness` in {unit}. Your value is compared with the
        simulated disk (real data: our own measurement); tolerance {tolerance}.
        """,
        kind="quantity", unit="MJy / sr", points=3, minutes=3,
        hints=(
            "The method must remove the sky but not the galaxy. Which methods use the empty field?",
            "Use a cube in `four` that was corrected with the exposures of the empty field, then bakeoff.level(cube, "
            "region).",
        ),
        check=near(expected.disk_brightness, rel=0.04, abs=4.0, error=expected.disk_error),
        misconceptions=(
            value_near(lambda facts: expected.method_level(facts, "annulus"), "The ring lies on the galaxy, so you "
                "have subtracted the brighter disk from the fainter disk.", "annulus", rel=0.01),
            value_near(lambda facts: expected.method_level(facts, "none"), "Your value still includes the sky. Compare "
                "it with your background level.", "sky-included", rel=0.01),
        ),
        judged_by="truth",
        explanation="Only the exposures of the empty field measure the sky without the galaxy. The ring inside the "
            "galaxy mistakes light from the galaxy for sky.",
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
            "Which of the methods does not need an exposure of an empty field?",
            "Which method removes light from the source only if the source is extended?",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "In channels 3 and 4 the sky and the telescope outshine most quasars.", "none"),
            choice_is("c", "The master background is made from background exposures, and this observation does not "
                "have any.", "master"),
            choice_is("d", "Pixel-by-pixel subtraction needs background exposures, and this observation does not have "
                "any.", "pixel"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="Around a point source a ring contains only sky, at the same time and the same place on the "
            "detector. The aperture correction accounts for the little light from the wings in the ring.",
    ),
)  # fmt: skip
