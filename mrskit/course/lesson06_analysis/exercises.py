"""Exercises of lesson 06: identification, fluxes, widths, components, maps, regions and the jet knot."""

from __future__ import annotations

import numpy as np

from mrskit.course.lesson02_raw_overview.expected import species
from mrskit.course.lesson06_analysis import expected, functions
from mrskit.exercises import checks
from mrskit.exercises.checks import among, code, near, near_array, overlap
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, region_is, value_near
from mrskit.exercises.record import Exercise, Misconception

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="06-identify",
        title="The name of a line",
        question="""
        The line with the question mark is at **15.905 µm** (band 3C). Which species emits it? The list below gives rest
        wavelengths. Give `species`, a text such as `"[Ar II]"` or `"H2 S(3)"`.
        """,
        kind="text", unit=None, points=1, minutes=2,
        hints=(
            "The list gives rest wavelengths. Divide the observed wavelength by 1 + z first.",
            "Divide 15.905 um by 1 + z, with z = 0.0225, and compare with the list.",
        ),
        check=checks.text_matches(species("ne(on)?", "iii")),
        misconceptions=(
            choice_is(("[Ne II]", "Ne II", "[Ne V]", "Ne V"), "It is neon, but with a different charge. Compute the "
                "rest wavelength, observed wavelength / (1 + z).", "other-ion"),
            choice_is("H2 S(1)", "The rest wavelength of that line is 17.035 um. Compute the rest wavelength of your "
                "line, observed wavelength / (1 + z).", "hydrogen"),
        ),
        explanation="The expansion of space stretches all wavelengths by the same factor 1 + z. Divide by this factor "
            "before you compare with laboratory wavelengths.",
    ),
    Exercise(
        id="06-pah",
        title="The bump at 8 um",
        question="""
        Why is the broad bump between 7.5 and 8.4 µm strong in the field and hardly visible in the nucleus? Give the
        letter as `bump`.

        - `"a"`: many lines of H2 blend, and H2 is rare at the nucleus
        - `"b"`: PAH molecules in the disk glow in the light from young stars; the nucleus destroys or outshines them
        - `"c"`: hot dust surrounds the nucleus, and the aperture is too small for it
        - `"d"`: the sky was not subtracted from the field
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "The bump is hundreds of times broader than a line, and stronger in the field than in the nucleus.",
            "Every star-forming galaxy has such bumps, also at other wavelengths. They come from vibrations of large "
            "carbon molecules.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "The lines of H2 are narrow peaks. The bump is as wide as half a band.", "lines"),
            choice_is("c", "Hot dust emits a continuum without bumps, and it is in the nucleus.", "hot-dust"),
            choice_is("d", "The sky rises smoothly with wavelength, and stage 3 has subtracted it.", "sky"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="PAH molecules are heated by single ultraviolet photons from young stars in the disk. Near an "
            "active nucleus, hard radiation destroys them, and hot dust outshines the rest.",
    ),
    Exercise(
        id="06-velocity",
        title="From wavelength to velocity",
        question="""
        Write `velocity(observed_wavelength, rest, redshift)`. It returns the velocity in **km/s**, c times the relative
        shift from the redshifted wavelength, positive for motion away from us. The observed wavelength is a number or
        an array, in µm. The speed of light is 299792.458 km/s. The function is called with several lines; within
        {tolerance} km/s.
        """,
        kind="code", unit=None, points=2, minutes=3,
        hints=(
            "At velocity 0 the line is observed at rest * (1 + redshift).",
            "The relative shift is the observed wavelength minus the wavelength at velocity 0, divided by the latter.",
        ),
        check=code(functions.velocity, abs=0.1),
        misconceptions=(
            code_agrees(functions.velocity_of_the_galaxy, "That includes the velocity of the whole galaxy, thousands "
                "of km/s. Measure the shift from the redshifted rest wavelength.", "no-redshift"),
            code_agrees(functions.velocity_undivided, "Your value is too large by a factor of 1 + z. Divide the shift "
                "by the redshifted wavelength, not by the rest wavelength.", "rest-for-redshifted"),
            code_agrees(functions.velocity_relativistic, "That is the relativistic formula. Within a galaxy, use the "
                "simple formula in the question.", "relativistic"),
            code_agrees(functions.velocity_reversed, "The sign is wrong. Light from gas that moves away is observed at "
                "longer wavelengths.", "sign"),
            code_agrees(functions.velocity_in_metres, "That is in m/s. Return km/s.", "metres"),
            code_agrees(functions.velocity_by_observed, "Your value is nearly right. Divide the shift by the "
                "redshifted wavelength, not by the observed one.", "divided-by-observed", abs=0.05),
        ),
        probes=functions.velocity_probes,
        explanation="Light is shifted by motions within the galaxy and stretched by the expansion. The two factors "
            "multiply, so the shift is relative to the redshifted wavelength.",
    ),
    Exercise(
        id="06-continuum",
        title="The continuum under a line",
        question="""
        How bright is the continuum under the line? Fit a straight line to the points in the two `windows` and evaluate
        it at `expected`. Give `continuum_level` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="mJy", points=2, minutes=3,
        hints=(
            "Select the points in both windows with one boolean array, then use np.polyfit with degree 1.",
            "If you fit against `spectrum.wavelength - expected`, the constant term is the value at `expected`.",
        ),
        check=near(expected.continuum_level, rel=0.02),
        misconceptions=(
            value_near(expected.line_peak, "That is the top of the line, not the continuum under it.", "peak",
                rel=0.05),
            value_near(lambda facts: expected.continuum_level(facts) / 1e3, "That is in Jy. Give mJy.",
                "jansky", rel=0.03),
        ),
        judged_by="products",
        explanation="The windows lie on both sides, so the line through them follows the slope of the dust continuum "
            "under the emission line.",
    ),
    Exercise(
        id="06-line-sum",
        title="The flux of a line without a model",
        question="""
        Add up the flux above the continuum within ±1000 km/s of `expected`, each point times its frequency step. Use
        the flux in W m⁻² Hz⁻¹ (1 mJy = 10⁻²⁹ W m⁻² Hz⁻¹) and c = 2.99792458·10⁸ m/s. Give `line_sum` in {unit}. Your
        value is compared with the simulated galaxy (real data: our own measurement) in the same aperture; tolerance
        {tolerance}.
        """,
        kind="quantity", unit="W / m2", points=3, minutes=5,
        hints=(
            "Use SI units: multiply the flux by 1e-29, and the wavelengths and the step by 1e-6.",
            "Each point adds (flux - continuum) * c * step / wavelength**2, with step and wavelength in metres. Use "
            "np.nansum.",
        ),
        check=near(expected.line_sum, rel=0.08, error=expected.line_error),
        misconceptions=(
            value_near(lambda facts: expected.line_sum(facts) * 1e6, "A factor of a million: step and wavelength must "
                "both be in metres.", "step-in-micrometres", rel=0.1),
            value_near(lambda facts: expected.line_sum(facts) * 1e-6, "A factor of a million: step and wavelength must "
                "both be in metres.", "both-in-micrometres", rel=0.1),
            value_near(lambda facts: expected.line_sum(facts) * 1e3, "The spectrum is in mJy. Convert it: 1 mJy = "
                "1e-29 W m-2 Hz-1.",
                "millijansky", rel=0.1),
        ),
        judged_by="truth",
        explanation="Integrate a flux density per hertz over frequency to get a flux. Equal steps in wavelength are "
            "unequal steps in frequency.",
    ),
    Exercise(
        id="06-error-scale",
        title="Testing the error column",
        question="""
        By what factor is the scatter larger than the errors? Use `spectrum` in the two `windows`. Divide the standard
        deviation about a straight line by the median error in the windows. Give `error_scale`; tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "Select the finite points in both windows, fit a line with np.polyfit (degree 1), and subtract it.",
            "Divide np.std of the residuals by np.median of the errors of the same points.",
        ),
        check=near(expected.error_scale, rel=0.05),
        misconceptions=(
            value_near(lambda facts: 1 / expected.error_scale(facts), "You divided the wrong way round.", "inverse"),
            value_near(expected.scatter_with_slope, "Your scatter includes the slope of the continuum. Subtract the "
                "straight line first.", "slope-left", rel=0.02),
        ),
        judged_by="products",
        explanation="Drizzling distributes each detector pixel over several spaxels and planes. If you add errors as "
            "if they were independent, you count the same photons several times, so the sum is too small.",
    ),
    Exercise(
        id="06-velocity-error",
        title="The error of a velocity",
        question="""
        What error do you quote for the line's velocity? The wavelength calibration is accurate to 9 km/s at 5 µm and 27
        km/s at 28 µm. Interpolate linearly to `expected`, and combine the value with the error from the fit `one`. The
        two errors are independent. Give `velocity_error` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="km / s", points=2, minutes=2,
        hints=(
            "np.interp interpolates between two points. The fit has the attribute velocity_error.",
            "Independent errors add in quadrature. Use np.hypot.",
        ),
        check=near(expected.velocity_error, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.fit_error(facts), "That is only the error from noise. The error of the "
                "wavelength scale is much larger.", "noise-alone", rel=0.2),
        ),
        judged_by="products",
        explanation="The error of a fit decreases with the brightness of the line, but the error of the wavelength "
            "scale does not. For a bright line, the wavelength scale dominates.",
    ),
    Exercise(
        id="06-gas-width",
        title="The width of the gas",
        question="""
        Write `gas_width(observed_sigma, wavelength)`. It returns the sigma of the gas in km/s, corrected for the
        instrument, for a line with `observed_sigma` in km/s at an observed wavelength in µm. Return **NaN** if the line
        is narrower than the instrument. The function is called with several lines; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=3,
        hints=(
            "The instrument's FWHM is c / R, with R from `resolving_power(wavelength)`. Divide it by 2.3548 to get "
            "sigma.",
            "For Gaussians observed^2 = gas^2 + instrument^2. Take the square root of the difference of the squares.",
        ),
        check=code(functions.gas_width, rel=5e-3),
        misconceptions=(
            code_agrees(functions.gas_width_by_difference, "You subtracted the widths. Subtract their squares.",
                "difference"),
            code_agrees(functions.gas_width_by_fwhm, "You subtracted the FWHM of the instrument from a sigma. Divide "
                "the FWHM by 2.3548 first.", "fwhm-for-sigma"),
            code_agrees(functions.gas_width_zero, "The width of a line narrower than the instrument cannot be "
                "measured. Return NaN, not 0.", "zero-for-unresolved"),
        ),
        probes=functions.gas_width_probes,
        explanation="The observed profile is the gas profile convolved with the instrument profile. In a convolution "
            "the variances add, not the widths.",
    ),
    Exercise(
        id="06-components",
        title="One or two Gaussians for three lines",
        question="""
        How many Gaussians does each of the lines in `three` need? Fit each with `fit_line(wavelength, flux, error,
        lines.ion_rest, program.redshift, components=n, unit="mJy")` and use the criterion (lower by more than 10) with
        the attribute `bic` of each fit. Give `components`, an array of three numbers, 1 or 2, for A, B and C. Your
        answer is compared with the simulation (your line in real data: with our own fits).
        """,
        kind="array", unit=None, points=3, minutes=5,
        hints=(
            "For each line, compare the BIC of one Gaussian with that of two. By how much is the second value smaller?",
            "Loop over three.values() with two fits each. The second Gaussian must lower the BIC by more than 10.",
        ),
        check=near_array(expected.component_counts),
        misconceptions=(
            array_is(lambda facts: np.where(np.arange(3) == 0, 2, expected.component_counts(facts)),
                "For one of the lines, two Gaussians win by only a few points. That happens by chance.", "any-gain"),
            array_is(lambda facts: 3 - expected.component_counts(facts), "The smaller BIC is the better one. Is your "
                "difference positive or negative?", "bic-sign"),
        ),
        judged_by="truth",
        explanation="Three more parameters always fit some of the noise. The BIC adds ln n for each parameter, so a "
            "real second component must improve the fit more than noise can.",
    ),
    Exercise(
        id="06-broad-width",
        title="The broad component",
        question="""
        How wide is the **broadest** component that your line needs, corrected for the instrument? (The component is in
        `two.components`, or in `one.components` if one Gaussian is enough.) Give `broad_width` as sigma in {unit}. Your
        value is compared with the simulated galaxy (real data: our own measurement) in the same aperture; tolerance
        {tolerance}.
        """,
        kind="quantity", unit="km / s", points=2, minutes=2,
        hints=(
            "`two.components` contains both Gaussians, the narrower one first. `one.components` contains the only "
            "Gaussian.",
            "The attribute `width` of a component is corrected for the instrument; `observed_width` is not.",
        ),
        check=near(expected.broadest_width, rel=0.2, error=expected.broadest_error),
        misconceptions=(
            value_near(lambda facts: expected.ion_fit(facts, 2).components[0].width, "That is the narrow component.",
                "narrow-for-broad", rel=0.15),
            value_near(lambda facts: 2.3548 * expected.broadest_width(facts), "That looks like a FWHM. Give "
                "sigma.",
                "fwhm-for-sigma", rel=0.15),
        ),
        judged_by="truth",
        explanation="The outflow has a wide range of velocities along the line of sight, so its component is far "
            "broader than the instrument profile. The correction for the instrument hardly changes it.",
    ),
    Exercise(
        id="06-noise-limit",
        title="Would you have found the wing?",
        question="""
        Make your spectrum noisier with `noisier(spectrum, factor)`, for each of `factors`. The errors increase by that
        factor. Fit one and two Gaussians each time. Give `noise_gains`, an array of three numbers, the BIC of one
        Gaussian minus that of two; tolerance {tolerance}.
        """,
        kind="array", unit=None, points=2, minutes=4,
        hints=(
            "Loop over the factors with two fits each, as for the three lines. Use the noisier flux and error.",
            "The sign of the difference shows which model wins. It is positive where two Gaussians are better.",
        ),
        check=near_array(expected.noise_gains, rel=0.05, abs=1.0),
        misconceptions=(
            array_is(lambda facts: -expected.noise_gains(facts), "The sign is wrong. Give the BIC of one Gaussian "
                "minus that of two.", "sign", rel=0.05),
            array_is(lambda facts: np.full(3, expected.noise_gains(facts)[0]), "You fitted the same spectrum three "
                "times. Use the noisier spectrum for each factor.", "same-spectrum", rel=0.05),
        ),
        judged_by="products",
        explanation="The wing does not change, but the noise hides it. If one Gaussian is enough, that is a statement "
            "about your data, not about the gas.",
    ),
    Exercise(
        id="06-false-positives",
        title="How often two Gaussians win by chance",
        question="""
        For what fraction of the simulated lines with **correlated** noise, in **{unit}**, do two Gaussians win by more
        than 0, and by more than 10? Give `false_positives`, an array of two numbers; tolerance {tolerance}.
        """,
        kind="array", unit="percent", points=2, minutes=2,
        hints=(
            "`correlated > 0` is a boolean array, and its mean is a fraction.",
            "Compute the mean of two comparisons, one with 0 and one with 10. Multiply by 100 for percent.",
        ),
        check=near_array(expected.false_positives, abs=3.0),
        misconceptions=(
            array_is(lambda facts: expected.false_positives(facts) / 100, "Those are shares. Give percent.",
                "shares", rel=0.1),
            array_is(lambda facts: 100 - expected.false_positives(facts), "That is the percentage of lines for which "
                "one Gaussian wins. Count the lines for which two win.",
                "one-wins", abs=1.5),
        ),
        judged_by="products",
        explanation="Correlated noise makes bumps as wide as a line. The criterion assumes independent points, so it "
            "overrates the evidence from such a bump.",
    ),
    Exercise(
        id="06-detected",
        title="Spaxels where the line is detected",
        question="""
        In which spaxels is the **H2** line detected with a flux of more than **10** times its error? Give `detected`, a
        boolean array with the shape of the map, from `molecule.snr` (`nan` where a fit was not possible). Your mask is
        compared with a map from your cube. It must include {completeness} of the spaxels in that map and at most
        {false} others.
        """,
        kind="region", unit=None, points=2, minutes=2,
        hints=(
            "`molecule.snr` is the map of flux divided by error. It is NaN where a fit was not possible.",
            "A comparison gives a boolean array. A comparison with NaN is False.",
        ),
        check=overlap(expected.detected, completeness=0.95, false=0.05),
        misconceptions=(
            region_is(lambda facts: expected.detected(facts, 5.0), "Your limit is 5 times the error. Use 10.",
                        "five"),
            region_is(expected.fitted_everywhere, "You include all spaxels with a fit, also fits to noise. Compare the "
                "ratio with 10.", "everything-fitted"),
        ),
        judged_by="products",
        explanation="The ratio of the flux to its error shows how unlikely noise alone is. Above 10 the velocity, too, "
            "is known to a fraction of the line's width.",
    ),
    Exercise(
        id="06-velocity-map",
        title="A velocity map with a mask",
        question="""
        Make the velocity map of H2 with your mask: `molecule.velocity` in {unit} where the line is `detected`, **NaN**
        elsewhere. Give `velocity_map`. {share} of its spaxels must be within {tolerance} of the simulated galaxy (real
        data: our own map), and at most {others} more may have a number where NaN is expected.
        """,
        kind="array", unit="km / s", points=2, minutes=2,
        hints=(
            "np.where(condition, value, np.nan) keeps the values where the condition is True.",
            "The condition is your mask or molecule.detected. The value is the map of velocities.",
        ),
        check=near_array(expected.true_velocity, abs=15.0, share=0.85, others=0.05, error=expected.map_error),
        misconceptions=(
            Misconception("sign", expected.reversed_sign, "The sign is wrong. The velocity of gas that moves away is "
                "positive.",
                lambda facts: -expected.true_velocity(facts)),
        ),
        judged_by="truth", reveals=expected.true_maps,
        explanation="In a rotating ring one side approaches and the other recedes. The mask excludes spaxels whose "
            "velocities are noise.",
    ),
    Exercise(
        id="06-region",
        title="A region file from DS9",
        question="""
        Which spaxels in the H2 cube have their **centres** in `region`? Convert the sky region to a pixel region with
        `region.to_pixel(cube.wcs)`. A pixel region has `to_mask(mode="center")`, and a mask has `to_image(shape)`. Give
        `inside`, a boolean array with the shape of the map. It must include {completeness} of the expected spaxels and
        at most {false} others.
        """,
        kind="region", unit=None, points=2, minutes=3,
        hints=(
            "A sky region becomes a pixel region with `region.to_pixel(cube.wcs)`.",
            "Chain three calls: from the sky to pixels, to a mask, to an image. Spaxels above 0 are inside.",
        ),
        check=overlap(expected.ellipse_mask, completeness=0.95, false=0.05),
        misconceptions=(
            region_is(lambda facts: ~expected.ellipse_mask(facts), "You selected the spaxels outside the region. "
                "Select the ones inside it.",
                "outside"),
            region_is(expected.mirrored_mask, "Your region is on the wrong side of the nucleus. East is left on the "
                "sky.",
                "mirrored"),
        ),
        judged_by="products",
        explanation="The WCS of the cube converts a region in sky coordinates to pixels. So the same file works for "
            "every cube, whatever the size of its spaxels.",
    ),
    Exercise(
        id="06-knot-place",
        title="The place of the jet knot",
        question="""
        Where does the jet hit the gas? Find the place away from the nucleus where the **ion**'s lines are broad and
        still bright. Give `knot_place`, an array `[east, north]` of offsets from the nucleus in {unit}. Your place is
        compared with the simulated jet knot (real data: our own measurement); tolerance {tolerance} (in channel 2,
        nearly two spaxels).
        """,
        kind="array", unit="arcsec", points=2, minutes=3,
        hints=(
            "In the width panel, look for a patch far from the nucleus and not at the edge of the field.",
            "Offsets to the left are to the east and positive. Read both axes of the figure at the middle of the "
            "patch.",
        ),
        check=near_array(expected.knot_place, abs=0.3),
        misconceptions=(
            array_is(lambda facts: np.zeros(2), "That is the nucleus. Exclude it from your search.", "nucleus",
                abs=0.2),
            array_is(lambda facts: expected.knot_place(facts) * (-1, 1), "The sign of your east offset is wrong. East "
                "is left, so it is positive at smaller x.",
                "mirrored"),
        ),
        judged_by="truth",
        explanation="The jet drives a shock into the gas. Gas with many velocities in one spaxel makes the line broad, "
            "even where the line is not the brightest.",
    ),
    Exercise(
        id="06-width-ratio",
        title="Ions against molecules",
        question="""
        By what factor is the ion's line broader than the H2 line at the jet knot, corrected for the instrument? Give
        `width_ratio`. Your value is compared with the simulated galaxy in an aperture at the true place of the knot
        (real data: our own measurement at the place that we found); tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "`fits[name]` is a pair of the spectrum and the fit. The fit has the attribute `width`.",
            "The keys are the names of the two lines. Divide the width of the ion's line by that of the molecule's "
            "line.",
        ),
        check=near(expected.width_ratio, rel=0.2, error=expected.ratio_error),
        misconceptions=(
            value_near(lambda facts: 1 / expected.width_ratio(facts), "You divided the wrong way round.",
                "inverse", rel=0.15),
            value_near(lambda facts: np.square(expected.width_ratio(facts)), "That is the ratio of the squared widths. "
                "Give the ratio of the widths.",
                "squares", rel=0.15),
        ),
        judged_by="truth",
        explanation="The jet sweeps the thin ionised gas along. Dense molecular clouds have more mass per area and are "
            "hardly accelerated.",
    ),
)  # fmt: skip
