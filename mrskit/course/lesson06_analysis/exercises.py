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
        A strong line stands at **15.905 µm** (band 3C). Which species emits it? Divide by 1 + z and look into the list
        printed below. Give `species`, a text written like `"[Ar II]"` or `"H2 S(3)"`.
        """,
        kind="text", unit=None, points=1, minutes=2,
        hints=(
            "The list holds rest wavelengths: divide the observed one by 1 + z first.",
            "15.905 / 1.0225 = 15.555 um: look for it in LINES.",
        ),
        check=checks.text_matches(species("ne(on)?", "iii")),
        misconceptions=(
            choice_is(("[Ne II]", "Ne II", "[Ne V]", "Ne V"), "Neon it is, but of another charge. Compute the rest "
                "wavelength: observed wavelength / (1 + z).", "other-ion"),
            choice_is("H2 S(1)", "That line stands at 17.035 um at rest. Compute the rest wavelength of yours: "
                "observed wavelength / (1 + z).", "hydrogen"),
        ),
    ),
    Exercise(
        id="06-pah",
        title="What the bump at 8 um is",
        question="""
        What is the broad bump between 7.5 and 8.4 µm in the spectrum of the field? Give the letter as `bump`.

        - `"a"`: many lines of H2, blended
        - `"b"`: PAH molecules in the disk, their feature at 7.7 µm (rest)
        - `"c"`: hot dust about the nucleus
        - `"d"`: sky that was not subtracted
        """,
        kind="choice", unit=None, points=1, minutes=1,
        hints=(
            "It is hundreds of times broader than a line, and stronger in the field than in the nucleus.",
            "Look at the shaded ranges of the figure.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "The lines of H2 stand out as narrow peaks; the bump is as wide as half a band.", "lines"),
            choice_is("c", "Hot dust makes a continuum without bumps, and it sits in the nucleus.", "hot-dust"),
            choice_is("d", "The sky rises smoothly with wavelength, and stage 3 has subtracted it.", "sky"),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="06-velocity",
        title="From wavelength to velocity",
        question="""
        Write `velocity(observed, rest, redshift)`: the velocity in **km/s** about the redshift of light that is
        observed at a wavelength (a number or an array, µm); positive if it moves away. The speed of light is 299792.458
        km/s. It is called with several lines; within {tolerance} km/s.
        """,
        kind="code", unit=None, points=2, minutes=3,
        hints=(
            "At velocity 0 the line stands at rest * (1 + redshift).",
            "299792.458 * (observed / (rest * (1 + redshift)) - 1).",
        ),
        check=code(functions.velocity, abs=0.1),
        misconceptions=(
            code_agrees(functions.velocity_of_the_galaxy, "That is the velocity of the whole galaxy, thousands of "
                "km/s: count from the redshifted rest wavelength.", "no-redshift"),
            code_agrees(functions.velocity_reversed, "The sign is the other one: light of what moves away arrives at "
                "longer wavelengths.", "sign"),
            code_agrees(functions.velocity_in_metres, "That is in m/s.", "metres"),
            code_agrees(functions.velocity_by_observed, "Nearly: divide the shift by the expected wavelength, not by "
                "the observed one.", "divided-by-observed", abs=0.05),
        ),
        probes=functions.velocity_probes,
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
            value_near(lambda facts: expected.continuum_level(facts) / 1e3, "That is in Jy; asked for are mJy.",
                "jansky", rel=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="06-line-sum",
        title="The flux of a line without a model",
        question="""
        Add up the line within ±1000 km/s of `expected`: `(flux - continuum) * c * step / wavelength²`, with the flux in
        W m⁻² Hz⁻¹ (1 mJy = 10⁻²⁹ W m⁻² Hz⁻¹), c = 2.99792458·10⁸ m/s, wavelength and step in **metres**. Give
        `line_sum` in {unit}. It is compared with the simulated galaxy in the same aperture; tolerance {tolerance}.
        """,
        kind="quantity", unit="W / m2", points=3, minutes=5,
        hints=(
            "Everything in SI: flux x 1e-29, wavelengths and the step x 1e-6.",
            "np.nansum((flux - continuum) * 1e-29 * 2.998e8 * step / wavelength**2) over the points within 1000 km/s.",
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
    ),
    Exercise(
        id="06-gas-width",
        title="The width of the gas",
        question="""
        Write `gas_width(observed_sigma, wavelength)`: sigma of the gas in km/s, of a line with `observed_sigma` km/s at
        an observed wavelength (µm), the instrument removed; **NaN** if the line is narrower than the instrument. It is
        called with several lines; within {tolerance}.
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
            code_agrees(functions.gas_width_zero, "A line narrower than the instrument has no width that could be "
                "given: return NaN, not 0.", "zero-for-unresolved"),
        ),
        probes=functions.gas_width_probes,
    ),
    Exercise(
        id="06-bic",
        title="A criterion for models",
        question="""
        Write `bic(chi2, points, parameters)`: n ln(χ²/n) + k ln n, with n points and k parameters. (This form does not
        ask for the right scale of the errors.) It is called with several fits; within {tolerance}.
        """,
        kind="code", unit=None, points=2, minutes=2,
        hints=("np.log is the natural logarithm.", "points * np.log(chi2 / points) + parameters * np.log(points)."),
        check=code(functions.bic, abs=1e-3),
        misconceptions=(
            code_agrees(functions.aic, "That is Akaike's criterion: there a parameter costs 2, here ln n.", "aic"),
            code_agrees(functions.bic_of_known_errors, "That form holds when the errors are known to be right; those "
                "of a cube are too small. Take n ln(chi2 / n).", "known-errors"),
            code_agrees(functions.bic_decimal, "np.log10 is the logarithm to base 10; ln is np.log.", "base-ten"),
        ),
        probes=functions.bic_probes,
    ),
    Exercise(
        id="06-components",
        title="One Gaussian or two",
        question="""
        How many Gaussians does this line need, by a difference in BIC of more than 10? (`one.bic`, `two.bic`.) Give
        `components`, 1 or 2. It is compared with the number of gas components in the simulated nucleus.
        """,
        kind="scalar", unit=None, points=1, minutes=1,
        hints=(
            "The smaller BIC is the better one: compare `one.bic` with `two.bic`.",
            "2 if one.bic - two.bic > 10, else 1.",
        ),
        check=near(expected.component_count),
        misconceptions=(
            value_near(lambda facts: 3 - expected.component_count(facts), "Compare the BIC of both fits: the smaller "
                "one wins, if the difference exceeds 10. Is it positive or negative?", "bic-sign", abs=0.1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-broad-width",
        title="The broad component",
        question="""
        How wide is the **broadest** component that this line needs, the instrument removed? (It is in `two.components`,
        or in `one.components` if one Gaussian is enough.) Give `broad_width` as sigma in {unit}. It is compared with
        the simulated galaxy seen through the same aperture; tolerance {tolerance}.
        """,
        kind="quantity", unit="km / s", points=2, minutes=2,
        hints=(
            "`two.components` holds both Gaussians, the narrower one first; `one.components` the only one.",
            "Its `width` has the instrument removed; `observed_width` has not.",
        ),
        check=near(expected.broadest_width, rel=0.2),
        misconceptions=(
            value_near(lambda facts: expected.ion_fit(facts, 2).components[0].width, "That is the narrow component.",
                "narrow-for-broad", rel=0.15),
            value_near(lambda facts: 2.3548 * expected.broadest_width(facts), "That looks like a FWHM; asked for is "
                "sigma.",
                "fwhm-for-sigma", rel=0.15),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-false-positives",
        title="How often two Gaussians win by chance",
        question="""
        In how many **{unit}** of the made lines with **correlated** noise do two Gaussians win by more than 0, and by
        more than 10? Give `false_positives`, an array of two numbers; tolerance {tolerance}.
        """,
        kind="array", unit="percent", points=2, minutes=2,
        hints=(
            "`correlated > 0` is a boolean array; its mean is a share.",
            "np.array([100 * np.mean(correlated > 0), 100 * np.mean(correlated > 10)]).",
        ),
        check=near_array(expected.false_positives, abs=3.0),
        misconceptions=(
            array_is(lambda facts: expected.false_positives(facts) / 100, "Those are shares; asked for are percent.",
                "shares", rel=0.1),
            array_is(lambda facts: 100 - expected.false_positives(facts), "Those are the lines in which one Gaussian "
                "wins.",
                "one-wins", abs=1.5),
        ),
        judged_by="products",
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
            "A comparison with NaN is False: np.nan_to_num(molecule.snr) > 10.",
        ),
        check=overlap(expected.detected, completeness=0.95, false=0.05),
        misconceptions=(
            region_is(lambda facts: expected.detected(facts, 5.0), "That is 5 times the error; asked for is 10.",
                        "five"),
            region_is(expected.fitted_everywhere, "Those are all spaxels in which something was fitted, noise "
                "included. Compare with 10.", "everything-fitted"),
        ),
        judged_by="products",
    ),
    Exercise(
        id="06-velocity-map",
        title="A velocity map with a mask",
        question="""
        Make the velocity map of H2 with your mask: `molecule.velocity` in {unit} where `detected`, **NaN** elsewhere.
        Give `velocity_map`. {share} of its spaxels must lie within {tolerance} of the simulated galaxy, and at most
        {others} more may hold a number where NaN is expected.
        """,
        kind="array", unit="km / s", points=2, minutes=2,
        hints=(
            "np.where(condition, value, np.nan) keeps what is true.",
            "np.where(detected, molecule.velocity, np.nan).",
        ),
        check=near_array(expected.true_velocity, abs=15.0, share=0.85, others=0.05),
        misconceptions=(
            array_is(lambda facts: -expected.true_velocity(facts), "The sign is the other one: what moves away is "
                "positive.", "sign", abs=5.0),
        ),
        judged_by="truth", reveals=expected.true_maps,
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
            "region.to_pixel(cube.wcs).to_mask(mode='center').to_image(molecule.flux.shape) > 0.",
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
    ),
    Exercise(
        id="06-knot-place",
        title="The place of the jet knot",
        question="""
        Where is it? In the spaxels between 0.75 and 1.25 arcsec from the nucleus and north of it, find the maximum of
        the **ion**'s flux. Give `knot_place`, an array `[east, north]` of offsets from the nucleus in {unit}. It is
        compared with the simulated jet knot; tolerance {tolerance} (in channel 2, a spaxel and a half).
        """,
        kind="array", unit="arcsec", points=2, minutes=3,
        hints=(
            "np.where(searched, ion.masked('flux'), np.nan) leaves only the part that you search in.",
            "np.nanargmax gives one number: use it with `east.ravel()` and `north.ravel()`.",
        ),
        check=near_array(expected.knot_place, abs=0.25),
        misconceptions=(
            array_is(lambda facts: np.zeros(2), "That is the nucleus: leave it out of what you search.", "nucleus",
                abs=0.2),
            array_is(lambda facts: expected.knot_place(facts) * (-1, 1), "East is left: it is positive where x is "
                "smaller.",
                "mirrored"),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-width-ratio",
        title="Ions against molecules",
        question="""
        How many times broader is the ion's line than the line of H2 at the jet knot, the instrument removed? Give
        `width_ratio`. It is compared with the simulated galaxy in an aperture at the true place of the knot; tolerance
        {tolerance}.
        """,
        kind="scalar", unit=None, points=2, minutes=2,
        hints=(
            "`fits[name]` is a pair: the spectrum and the fit. The fit has `width`.",
            "fits[lines.ion][1].width / fits[lines.molecule][1].width.",
        ),
        check=near(expected.width_ratio, rel=0.2),
        misconceptions=(
            value_near(lambda facts: 1 / expected.width_ratio(facts), "You divided the wrong way round.",
                "inverse", rel=0.15),
            value_near(lambda facts: np.square(expected.width_ratio(facts)), "That is the ratio of the squares.",
                "squares", rel=0.15),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
