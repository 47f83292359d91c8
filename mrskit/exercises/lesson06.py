"""Exercises of lesson 06: identification, fluxes, widths, components, maps and the jet knot."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import gas
from mrskit.exercises.checks import near, near_array, overlap, text_matches, value_near
from mrskit.exercises.record import Exercise

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="06-strongest-line",
        title="The strongest line",
        question="Which line has the largest flux in the band `ion_band` of the nucleus? Give its species as "
            "`strongest_line`, a text such as '[Ar II]'.",
        kind="text", unit=None, points=1, minutes=3,
        hints=(
            "`table.detected` holds one row a line, with `row.line` and `row.flux`.",
            "max(table.detected, key=lambda row: row.flux).line is the name with its wavelength; leave the "
            "wavelength out.",
        ),
        check=text_matches(gas.strongest_species),
        judged_by="products",
    ),
    Exercise(
        id="06-redshift",
        title="The redshift from one line",
        question="Which redshift follows from the highest point of the ion's line? Give `redshift`; compared with "
            "the simulated galaxy, tolerance 0.0004.",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "np.nanargmax of the flux within 0.03 um of `expected` gives the place of the top; its wavelength is the "
            "observed one.",
            "1 + z = observed wavelength / rest wavelength.",
        ),
        check=near(lambda facts: facts.scene().redshift, abs=0.0004),
        misconceptions=(
            value_near(lambda facts: 1 + facts.scene().redshift, "That is 1 + z.", "one-plus-z", abs=0.0004),
            value_near(lambda facts: gas.SPEED_OF_LIGHT * facts.scene().redshift,
                "That is cz in km/s; the redshift has no unit.", "velocity", abs=120),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-continuum",
        title="The continuum under a line",
        question="How bright is the continuum under the ion's line (a straight line through the two windows, at "
            "`expected`)? Give `continuum_level` in mJy; tolerance 2 %.",
        kind="quantity", unit="mJy", points=2, minutes=5,
        hints=(
            "Select the points of both windows with one boolean array, then np.polyfit with degree 1.",
            "Fit over `spectrum.wavelength - expected`: then the constant term is the value at `expected`.",
        ),
        check=near(gas.continuum_level, rel=0.02),
        misconceptions=(
            value_near(gas.line_peak, "That is the top of the line, not the continuum under it.", "peak", rel=0.05),
            value_near(lambda facts: gas.continuum_level(facts) / 1e3, "That is in Jy; asked for are mJy.",
                "jansky", rel=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="06-line-sum",
        title="The flux of a line without a model",
        question="Which flux has the ion's line within 1000 km/s of `expected`, above the continuum? Give `line_sum` "
            "in W/m2; compared with the simulated galaxy in the same aperture, tolerance 8 %.",
        kind="quantity", unit="W / m2", points=3, minutes=8,
        hints=(
            "Everything in SI: flux x 1e-29, wavelengths and the step x 1e-6.",
            "np.nansum((flux - continuum) * 1e-29 * 2.998e8 * step / wavelength**2) over the points within 1000 km/s.",
        ),
        check=near(gas.line_sum, rel=0.08),
        misconceptions=(
            value_near(lambda facts: gas.line_sum(facts) * 1e6, "A factor of a million: step and wavelength must "
                "both be in metres.", "micrometres", rel=0.1),
            value_near(lambda facts: gas.line_sum(facts) * 1e-6, "A factor of a million: step and wavelength must "
                "both be in metres.", "micrometres", rel=0.1),
            value_near(lambda facts: gas.line_sum(facts) * 1e3, "The spectrum is in mJy: 1 mJy = 1e-29 W m-2 Hz-1.",
                "millijansky", rel=0.1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-instrument-width",
        title="The width of the instrument",
        question="How wide is the instrument's profile at `expected`? Give `instrument_sigma` as sigma in km/s; "
            "tolerance 1 %.",
        kind="quantity", unit="km / s", points=1, minutes=3,
        hints=(
            "The FWHM in km/s is c / R.",
            "sigma = FWHM / 2.3548.",
        ),
        check=near(gas.instrument_width, rel=0.01),
        misconceptions=(
            value_near(gas.instrument_fwhm, "That is the FWHM; sigma is smaller by a factor of 2.355.",
                "fwhm-for-sigma", rel=0.01),
        ),
        judged_by="plan",
    ),
    Exercise(
        id="06-line-width",
        title="The width of the gas",
        question="How wide is the ion's line of one Gaussian, the instrument removed? Give `line_width` as sigma in "
            "km/s; compared with the simulated galaxy, tolerance 10 %.",
        kind="quantity", unit="km / s", points=2, minutes=4,
        hints=(
            "For Gaussians observed^2 = gas^2 + instrument^2.",
            "np.sqrt(one.components[0].observed_width**2 - instrument_sigma**2).",
        ),
        check=near(lambda facts: gas.ion_fit(facts).width, rel=0.1),
        misconceptions=(
            value_near(lambda facts: 2.3548 * gas.ion_fit(facts).width, "That looks like a FWHM; asked for is sigma.",
                "fwhm-for-sigma", rel=0.1),
            value_near(lambda facts: gas.ion_fit(facts).components[0].observed_width - gas.instrument_width(facts),
                "Widths do not subtract; their squares do.", "difference", rel=0.03),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-components",
        title="One Gaussian or two",
        question="How many Gaussians does the ion's line need, by a difference in BIC of more than 10? Give "
            "`components`, 1 or 2; compared with the simulated nucleus.",
        kind="scalar", unit=None, points=1, minutes=3,
        hints=(
            "The smaller BIC is the better one: compare `one.bic` with `two.bic`.",
            "2 if one.bic - two.bic > 10, else 1.",
        ),
        check=near(gas.component_count),
        misconceptions=(
            value_near(1, "Compare the BIC of both fits: the smaller one wins, if the difference exceeds 10. Is it "
                "positive or negative?", "bic-sign", abs=0.1),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-broad-width",
        title="The broad component",
        question="How wide is the broad component of the ion's line, the instrument removed? Give `broad_width` as "
            "sigma in km/s; compared with the simulated galaxy through the same aperture, tolerance 20 %.",
        kind="quantity", unit="km / s", points=2, minutes=3,
        hints=(
            "`two.components` holds both Gaussians, the narrower one first.",
            "Its `width` has the instrument removed; `observed_width` has not.",
        ),
        check=near(lambda facts: gas.ion_fit(facts, 2).components[-1].width, rel=0.2),
        misconceptions=(
            value_near(lambda facts: gas.ion_fit(facts, 2).components[0].width, "That is the narrow component.",
                "narrow-for-broad", rel=0.15),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-detected",
        title="Where the line is detected",
        question="In which spaxels does the flux of the H2 line exceed 10 times its error? Give `detected`, a "
            "boolean array of the map's shape: 95 % of the expected spaxels, at most 5 % others.",
        kind="region", unit=None, points=2, minutes=4,
        hints=(
            "`molecule.snr` is the map of flux over error, NaN where nothing could be fitted.",
            "A comparison with NaN is False: np.nan_to_num(molecule.snr) > 10.",
        ),
        check=overlap(gas.detected, completeness=0.95, false=0.05),
        judged_by="products",
    ),
    Exercise(
        id="06-rotation",
        title="The rotation of the ring",
        question="How fast does the H2 ring rotate: half the distance between the 10th and 90th percentile of the "
            "velocity, where the line is detected at 10 sigma? Give `rotation` in km/s; compared with the simulated "
            "galaxy, tolerance 12 %.",
        kind="quantity", unit="km / s", points=2, minutes=5,
        hints=(
            "Select `molecule.velocity` where `molecule.snr > 10`, then np.nanpercentile with (10, 90).",
            "(high - low) / 2.",
        ),
        check=near(gas.rotation, rel=0.12),
        misconceptions=(
            value_near(lambda facts: 2 * gas.rotation(facts), "That is the whole distance; half of it is the speed "
                "about the middle.", "whole-distance", rel=0.12),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="06-knot-place",
        title="The place of the jet knot",
        question="Where is the jet knot? Give `knot_place`, [east, north] in arcsec from the nucleus; compared with "
            "the simulated galaxy, tolerance 0.25 arcsec.",
        kind="array", unit="arcsec", points=2, minutes=6,
        hints=(
            "np.where(searched, ion.masked('flux'), np.nan) leaves only the part that you search in.",
            "np.nanargmax gives one number: use it with `east.ravel()` and `north.ravel()`.",
        ),
        check=near_array(gas.knot_place, abs=0.25),
        judged_by="truth",
    ),
    Exercise(
        id="06-width-ratio",
        title="Ions against molecules",
        question="How many times broader is the ion's line than that of H2 at the jet knot, the instrument removed? "
            "Give `width_ratio`; compared with the simulated galaxy, tolerance 20 %.",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "`fits[name]` is a pair: the spectrum and the fit. The fit has `width`.",
            "fits[lines.ion][1].width / fits[lines.molecule][1].width.",
        ),
        check=near(gas.width_ratio, rel=0.2),
        misconceptions=(
            value_near(lambda facts: 1 / gas.width_ratio(facts), "You divided the wrong way round.",
                "inverse", rel=0.15),
            value_near(lambda facts: np.square(gas.width_ratio(facts)), "That is the ratio of the squares.",
                "squares", rel=0.15),
        ),
        judged_by="truth",
    ),
)  # fmt: skip
