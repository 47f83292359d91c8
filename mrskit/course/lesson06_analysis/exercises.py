"""Exercises of lesson 06: identification, fluxes, widths, components, maps, regions and the jet knot."""

from __future__ import annotations

import numpy as np

from mrskit.course.lesson02_raw_overview.expected import species
from mrskit.course.lesson06_analysis import expected, functions
from mrskit.exercises import checks
from mrskit.exercises.checks import among, code, near, near_array, overlap
from mrskit.exercises.misconceptions import array_is, choice_is, code_agrees, region_is, value_near
from mrskit.exercises.record import Exercise

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="06-identify",
        title="Which line is it",
        question="""
        The line with the question mark lies at **15.905 µm** (band 3C). Which species emits it? The list below holds
        rest wavelengths. Give `species`, a text written like `"[Ar II]"` or `"H2 S(3)"`.
        """,
        kind="text", unit=None, points=1, minutes=2,
        hints=(
            "The list holds rest wavelengths: divide the observed one by 1 + z first.",
            "Divide 15.905 um by 1 + z, with z = 0.0225, and compare with the list.",
        ),
        check=checks.text_matches(species("ne(on)?", "iii")),
        misconceptions=(
            choice_is(("[Ne II]", "Ne II", "[Ne V]", "Ne V"), "It is neon, but of another charge. Compute the rest "
                "wavelength: observed wavelength / (1 + z).", "other-ion"),
            choice_is("H2 S(1)", "That line lies at 17.035 um at rest. Compute the rest wavelength of yours: "
                "observed wavelength / (1 + z).", "hydrogen"),
        ),
        explanation="The expansion of space stretches all wavelengths by the same factor 1 + z: only after dividing "
            "by it can you compare with laboratory wavelengths.",
    ),
    Exercise(
        id="06-pah",
        title="What the bump at 8 um is",
        question="""
        Why is the broad bump between 7.5 and 8.4 µm strong in the field and hardly there in the nucleus? Give the
        letter as `bump`.

        - `"a"`: many lines of H2 blend, and H2 is rare at the nucleus
        - `"b"`: PAH molecules in the disk glow in the light of young stars; the nucleus destroys or outshines them
        - `"c"`: hot dust surrounds the nucleus, and the aperture is too small for it
        - `"d"`: the sky was not subtracted from the field
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "It is hundreds of times broader than a line, and stronger in the field than in the nucleus.",
            "It recurs at other wavelengths in every star-forming galaxy: large carbon molecules vibrate there.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "The lines of H2 stand out as narrow peaks; the bump is as wide as half a band.", "lines"),
            choice_is("c", "Hot dust makes a continuum without bumps, and it sits in the nucleus.", "hot-dust"),
            choice_is("d", "The sky rises smoothly with wavelength, and stage 3 has subtracted it.", "sky"),
        ),
        choices=("a", "b", "c", "d"),
        explanation="PAH molecules are heated by single ultraviolet photons of young stars in the disk. Near an "
            "active nucleus hard radiation destroys them, and hot dust outshines the rest.",
    ),
    Exercise(
        id="06-velocity",
        title="From wavelength to velocity",
        question="""
        Write `velocity(observed_wavelength, rest, redshift)`: the velocity in **km/s**, c times the relative
        shift from the redshifted wavelength, of light that is observed at a wavelength (a number or an array,
        µm); positive if it moves away. The speed of light is 299792.458 km/s. It is called with several lines;
        within {tolerance} km/s.
        """,
        kind="code", unit=None, points=2, minutes=3,
        hints=(
            "At velocity 0 the line stands at rest * (1 + redshift).",
            "The shift is the difference of two observed wavelengths, divided by the one without motion.",
        ),
        check=code(functions.velocity, abs=0.1),
        misconceptions=(
            code_agrees(functions.velocity_of_the_galaxy, "That is the velocity of the whole galaxy, thousands of "
                "km/s: count from the redshifted rest wavelength.", "no-redshift"),
            code_agrees(functions.velocity_undivided, "Too large by 1 + z: divide the shift by the wavelength at which "
                "the line of the galaxy lies, not by the one at rest.", "rest-for-redshifted"),
            code_agrees(functions.velocity_relativistic, "That is the relativistic formula. Within a galaxy use the "
                "plain one that the question names.", "relativistic"),
            code_agrees(functions.velocity_reversed, "The sign is the other one: light of what moves away arrives at "
                "longer wavelengths.", "sign"),
            code_agrees(functions.velocity_in_metres, "That is in m/s.", "metres"),
            code_agrees(functions.velocity_by_observed, "Nearly: divide the shift by the expected wavelength, not by "
                "the observed one.", "divided-by-observed", abs=0.05),
        ),
        probes=functions.velocity_probes,
        explanation="Motions within the galaxy shift light that the expansion stretches as well: the two factors "
            "multiply, so the shift counts relative to the redshifted wavelength.",
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
            "Select the points of both windows with one boolean array, then np.polyfit with degree 1.",
            "Fit over `spectrum.wavelength - expected`: then the constant term is the value at `expected`.",
        ),
        check=near(expected.continuum_level, rel=0.02),
        misconceptions=(
            value_near(expected.line_peak, "That is the top of the line, not the continuum under it.", "peak",
                rel=0.05),
            value_near(lambda facts: expected.continuum_level(facts) / 1e3, "That is in Jy. Give mJy.",
                "jansky", rel=0.03),
        ),
        judged_by="products",
        explanation="The windows lie on both sides, so that the line through them follows the slope of the dust "
            "under the emission line.",
    ),
    Exercise(
        id="06-line-sum",
        title="The flux of a line without a model",
        question="""
        Add up the flux above the continuum within ±1000 km/s of `expected`, each point times its frequency step, with
        the flux in W m⁻² Hz⁻¹ (1 mJy = 10⁻²⁹ W m⁻² Hz⁻¹) and c = 2.99792458·10⁸ m/s. Give `line_sum` in {unit}. It is
        compared with the simulated galaxy in the same aperture; tolerance {tolerance}.
        """,
        kind="quantity", unit="W / m2", points=3, minutes=5,
        hints=(
            "Everything in SI: flux x 1e-29, wavelengths and the step x 1e-6.",
            "Each point counts (flux - continuum) times c times step / wavelength**2, both in metres; then np.nansum.",
        ),
        check=near(expected.line_sum, rel=0.08),
        misconceptions=(
            value_near(lambda facts: expected.line_sum(facts) * 1e6, "A factor of a million: step and wavelength must "
                "both be in metres.", "step-in-micrometres", rel=0.1),
            value_near(lambda facts: expected.line_sum(facts) * 1e-6, "A factor of a million: step and wavelength must "
                "both be in metres.", "both-in-micrometres", rel=0.1),
            value_near(lambda facts: expected.line_sum(facts) * 1e3, "The spectrum is in mJy: 1 mJy = 1e-29 W m-2 "
                "Hz-1.",
                "millijansky", rel=0.1),
        ),
        judged_by="truth",
        explanation="A flux density per hertz becomes a flux when you integrate over frequency; equal steps in "
            "wavelength are unequal steps in frequency.",
    ),
    Exercise(
        id="06-error-scale",
        title="How good the error column is",
        question="""
        By what factor is the scatter larger than the errors say? Use `spectrum` in the two `windows`: the
        standard deviation about a straight line, divided by the median of the errors there. Give `error_scale`;
        tolerance {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "Select the finite points of both windows, fit np.polyfit with degree 1, and subtract the line.",
            "np.std of what remains, divided by np.median of the error of the same points.",
        ),
        check=near(expected.error_scale, rel=0.05),
        misconceptions=(
            value_near(lambda facts: 1 / expected.error_scale(facts), "You divided the wrong way round.", "inverse"),
            value_near(expected.scatter_with_slope, "The slope of the continuum is in your scatter: subtract the "
                "straight line first.", "slope-left", rel=0.02),
        ),
        judged_by="products",
        explanation="Drizzling shares out each detector pixel to several spaxels and planes. Errors that are added "
            "as if all were independent count the same photons several times, and come out too small.",
    ),
    Exercise(
        id="06-velocity-error",
        title="The error of a velocity",
        question="""
        What error of the line's velocity do you quote? Take 9 km/s at 5 µm and 27 km/s at 28 µm for the wavelength
        calibration, a straight line between, at `expected`, and combine it with the error of the fit `one`. Both are
        independent. Give `velocity_error` in {unit}; tolerance {tolerance}.
        """,
        kind="quantity", unit="km / s", points=2, minutes=2,
        hints=(
            "np.interp gives the value between two points; the fit has velocity_error.",
            "Independent errors add in quadrature: np.hypot.",
        ),
        check=near(expected.velocity_error, rel=0.01),
        misconceptions=(
            value_near(lambda facts: expected.fit_error(facts), "That is the noise alone. The wavelength scale may be "
                "off by much more.", "noise-alone", rel=0.2),
        ),
        judged_by="products",
        explanation="The error of a fit falls with the brightness of the line; the error of the wavelength scale "
            "does not. For a bright line, only the instrument counts.",
    ),
    Exercise(
        id="06-gas-width",
        title="The width of the gas",
        question="""
        Write `gas_width(observed_sigma, wavelength)`: the sigma of the gas in km/s, corrected for the instrument, for a
        line with `observed_sigma` km/s at an observed wavelength (µm); **NaN** if the line is narrower than
        the instrument. It is called with several lines; within {tolerance}.
        """,
        kind="code", unit=None, points=3, minutes=3,
        hints=(
            "The instrument's FWHM is c / R, R from `resolving_power(wavelength)`; its sigma is 2.3548 times smaller.",
            "For Gaussians observed^2 = gas^2 + instrument^2: take the root of the difference of the squares.",
        ),
        check=code(functions.gas_width, rel=5e-3),
        misconceptions=(
            code_agrees(functions.gas_width_by_difference, "Widths do not subtract; their squares do.", "difference"),
            code_agrees(functions.gas_width_by_fwhm, "You removed the FWHM of the instrument from a sigma: divide it "
                "by 2.3548 first.", "fwhm-for-sigma"),
            code_agrees(functions.gas_width_zero, "A line narrower than the instrument has no measurable width: "
                "return NaN, not 0.", "zero-for-unresolved"),
        ),
        probes=functions.gas_width_probes,
        explanation="The observed profile is the gas profile convolved with the instrument. Variances add in a "
            "convolution, not widths.",
    ),
    Exercise(
        id="06-components",
        title="Three lines, one or two Gaussians",
        question="""
        How many Gaussians does each of the lines in `three` need? Fit each with `fit_line(wavelength, flux, error,
        lines.ion_rest, program.redshift, components=n, unit="mJy")` and use the criterion: a fit has `bic`. Give
        `components`, an array of three numbers, 1 or 2, for A, B and C. It is compared with what was simulated.
        """,
        kind="array", unit=None, points=3, minutes=5,
        hints=(
            "For each line compare the BIC of one Gaussian with that of two: by how much is the second one smaller?",
            "A loop over three.values() with two fits each; the second Gaussian must gain more than 10.",
        ),
        check=near_array(expected.component_counts),
        misconceptions=(
            array_is(lambda facts: np.where(np.arange(3) == 0, 2, expected.component_counts(facts)),
                "In one of the lines two Gaussians win by a few points only. That happens by chance.", "any-gain"),
            array_is(lambda facts: 3 - expected.component_counts(facts), "Compare again: the smaller BIC is the better "
                "one. Is the difference positive or negative?", "bic-sign"),
        ),
        judged_by="truth",
        explanation="Three more parameters always fit some of the noise. BIC charges ln n for each, so that a real "
            "second component has to gain more than noise can give.",
    ),
    Exercise(
        id="06-broad-width",
        title="The broad component",
        question="""
        How wide is the **broadest** component that your line needs, corrected for the instrument? (It is in
        `two.components`, or in `one.components` if one Gaussian is enough.) Give `broad_width` as sigma in
        {unit}. It is compared with the simulated galaxy seen through the same aperture; tolerance {tolerance}.
        """,
        kind="quantity", unit="km / s", points=2, minutes=2,
        hints=(
            "`two.components` holds both Gaussians, the narrower one first; `one.components` the only one.",
            "Its `width` is corrected for the instrument; `observed_width` is not.",
        ),
        check=near(expected.broadest_width, rel=0.2),
        misconceptions=(
            value_near(lambda facts: expected.ion_fit(facts, 2).components[0].width, "That is the narrow component.",
                "narrow-for-broad", rel=0.15),
            value_near(lambda facts: 2.3548 * expected.broadest_width(facts), "That looks like a FWHM. Give "
                "sigma.",
                "fwhm-for-sigma", rel=0.15),
        ),
        judged_by="truth",
        explanation="The outflow has a wide range of speeds along the line of sight, so its component is far "
            "broader than the instrument, and correcting for that hardly changes it.",
    ),
    Exercise(
        id="06-noise-limit",
        title="Would you have found the wing?",
        question="""
        Make your spectrum noisier with `noisier(spectrum, factor)`, for each of `factors`: the errors grow by so much.
        Fit one and two Gaussians each time. Give `noise_gains`, an array of three numbers, the BIC of one Gaussian
        minus that of two; tolerance {tolerance}.
        """,
        kind="array", unit=None, points=2, minutes=4,
        hints=(
            "A loop over the factors with two fits each, as for the three lines; use the noisier flux and error.",
            "The order of the difference says who wins: it is positive where two Gaussians are better.",
        ),
        check=near_array(expected.noise_gains, rel=0.05, abs=1.0),
        misconceptions=(
            array_is(lambda facts: -expected.noise_gains(facts), "The other way round: the BIC of one Gaussian minus "
                "that of two.", "sign", rel=0.05),
            array_is(lambda facts: np.full(3, expected.noise_gains(facts)[0]), "These are three fits of the same "
                "spectrum: use the noisier one each time.", "same-spectrum", rel=0.05),
        ),
        judged_by="products",
        explanation="The wing stays what it is, but the noise hides it. That one Gaussian is enough says something "
            "about your data, not about the gas.",
    ),
    Exercise(
        id="06-false-positives",
        title="How often two Gaussians win by chance",
        question="""
        In how many **{unit}** of the simulated lines with **correlated** noise do two Gaussians win by more
        than 0, and by more than 10? Give `false_positives`, an array of two numbers; tolerance {tolerance}.
        """,
        kind="array", unit="percent", points=2, minutes=2,
        hints=(
            "`correlated > 0` is a boolean array; its mean is a share.",
            "Twice a mean of a comparison, once with 0 and once with 10, in percent: times 100.",
        ),
        check=near_array(expected.false_positives, abs=3.0),
        misconceptions=(
            array_is(lambda facts: expected.false_positives(facts) / 100, "Those are shares. Give percent.",
                "shares", rel=0.1),
            array_is(lambda facts: 100 - expected.false_positives(facts), "Those are the lines in which one Gaussian "
                "wins.",
                "one-wins", abs=1.5),
        ),
        judged_by="products",
        explanation="Correlated noise makes bumps as wide as a line. The criterion assumes independent points, so "
            "it counts such a bump as more evidence than it is.",
    ),
    Exercise(
        id="06-detected",
        title="Where the line is detected",
        question="""
        In which spaxels is the **H2** line detected with a flux of more than **10** times its error? Give `detected`, a
        boolean array with the shape of the map, from `molecule.snr` (where it is `nan`, nothing could be fitted). It is
        compared with a map made from your cube: {completeness} of its spaxels must be there, and at most {false}
        others.
        """,
        kind="region", unit=None, points=2, minutes=2,
        hints=(
            "`molecule.snr` is the map of flux over error, NaN where nothing could be fitted.",
            "A comparison gives a boolean array, and a comparison with NaN is False.",
        ),
        check=overlap(expected.detected, completeness=0.95, false=0.05),
        misconceptions=(
            region_is(lambda facts: expected.detected(facts, 5.0), "That is 5 times the error. Use 10.",
                        "five"),
            region_is(expected.fitted_everywhere, "Those are all spaxels in which something was fitted, noise "
                "included. Compare with 10.", "everything-fitted"),
        ),
        judged_by="products",
        explanation="The flux over its error says how unlikely noise alone is. Above 10 also the velocity is known "
            "to a fraction of the line's width.",
    ),
    Exercise(
        id="06-velocity-map",
        title="A velocity map with a mask",
        question="""
        Make the velocity map of H2 with your mask: `molecule.velocity` in {unit} where the line is `detected`,
        **NaN** elsewhere. Give `velocity_map`. {share} of its spaxels must lie within {tolerance} of the
        simulated galaxy, and at most {others} more may hold a number where NaN is expected.
        """,
        kind="array", unit="km / s", points=2, minutes=2,
        hints=(
            "np.where(condition, value, np.nan) keeps what is true.",
            "The condition is your mask, or molecule.detected; the value is the map of velocities.",
        ),
        check=near_array(expected.true_velocity, abs=15.0, share=0.85, others=0.05),
        misconceptions=(
            array_is(lambda facts: -expected.true_velocity(facts), "The sign is the other one: what moves away is "
                "positive.", "sign", abs=5.0),
        ),
        judged_by="truth", reveals=expected.true_maps,
        explanation="In a rotating ring one side approaches and the other recedes; the mask keeps spaxels whose "
            "velocities are noise out of the map.",
    ),
    Exercise(
        id="06-region",
        title="A region file of DS9",
        question="""
        Which spaxels of the H2 cube have their **centres** in `region`? A region on the sky becomes one in pixels with
        `region.to_pixel(cube.wcs)`; that has `to_mask(mode="center")`, and a mask has `to_image(shape)`. Give `inside`,
        a boolean array with the shape of the map: {completeness} of the expected spaxels, at most {false} others.
        """,
        kind="region", unit=None, points=2, minutes=3,
        hints=(
            "A sky region becomes a pixel region with `region.to_pixel(cube.wcs)`.",
            "Three calls in a row: from the sky to pixels, to a mask, to an image. Above 0 means inside.",
        ),
        check=overlap(expected.ellipse_mask, completeness=0.95, false=0.05),
        misconceptions=(
            region_is(lambda facts: ~expected.ellipse_mask(facts), "That is everything outside of the region.",
                "outside"),
            region_is(expected.mirrored_mask, "East is left on the sky: your region lies on the other side of the "
                "nucleus.",
                "mirrored"),
        ),
        judged_by="products",
        explanation="A region in sky coordinates becomes pixels through the WCS of the cube: so the same file fits "
            "every cube, whatever its spaxels.",
    ),
    Exercise(
        id="06-knot-place",
        title="The place of the jet knot",
        question="""
        Where is it? Give `knot_place`, an array `[east, north]` of offsets from the nucleus in {unit}: where the lines
        of the **ion** are broad and still bright, away from the nucleus. It is compared with the simulated jet knot;
        tolerance {tolerance} (in channel 2, nearly two spaxels).
        """,
        kind="array", unit="arcsec", points=2, minutes=3,
        hints=(
            "In the width panel, look for a patch far from the nucleus and not at the edge of the field.",
            "Offsets to the left are east, and positive. Read both axes of the figure at the middle of the patch.",
        ),
        check=near_array(expected.knot_place, abs=0.3),
        misconceptions=(
            array_is(lambda facts: np.zeros(2), "That is the nucleus: leave it out of what you search.", "nucleus",
                abs=0.2),
            array_is(lambda facts: expected.knot_place(facts) * (-1, 1), "East is left: it is positive where x is "
                "smaller.",
                "mirrored"),
        ),
        judged_by="truth",
        explanation="The jet drives a shock into the gas. Gas of many velocities in one spaxel makes the line "
            "broad, even where it is not the brightest.",
    ),
    Exercise(
        id="06-width-ratio",
        title="Ions against molecules",
        question="""
        How many times broader is the ion's line than the line of H2 at the jet knot, corrected for the instrument? Give
        `width_ratio`. It is compared with the simulated galaxy in an aperture at the true place of the knot; tolerance
        {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "`fits[name]` is a pair: the spectrum and the fit. The fit has `width`.",
            "The names of the two lines are the keys. Divide the width of the ion by that of the molecule.",
        ),
        check=near(expected.width_ratio, rel=0.2),
        misconceptions=(
            value_near(lambda facts: 1 / expected.width_ratio(facts), "You divided the wrong way round.",
                "inverse", rel=0.15),
            value_near(lambda facts: np.square(expected.width_ratio(facts)), "That is the ratio of the squares.",
                "squares", rel=0.15),
        ),
        judged_by="truth",
        explanation="The thin ionised gas is swept along by the jet; dense molecular clouds have more mass for "
            "their area and are hardly accelerated.",
    ),
)  # fmt: skip
