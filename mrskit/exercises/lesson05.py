"""Exercises of lesson 05: associations, master background, cubes, apertures and extracted spectra."""

from __future__ import annotations

import numpy as np

from mrskit.exercises import stage3
from mrskit.exercises.checks import among, choice_is, near, near_array, value_near
from mrskit.exercises.record import Exercise, Misconception

EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        id="05-asn-members",
        title="Members of the association of stage 3",
        question="How many members of each kind does the association of stage 3 have? Give `asn_members`, an array "
            "of two whole numbers: science, then background.",
        kind="array", unit=None, points=1, minutes=2,
        hints=(
            "The cell above prints every member with its exptype.",
            "Count the entries of `association['products'][0]['members']` whose 'exptype' is 'science', then "
            "'background'.",
        ),
        check=near_array(stage3.members),
        misconceptions=(
            Misconception(
                "exposures-for-spectra",
                lambda answer, facts: np.array_equal(answer.value, stage3.exposures(facts)),
                "Those are the exposures. Each background exposure gives one spectrum for each of its two channels.",
            ),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-master-kind",
        title="What the master background is",
        question="How is the master background made from a background exposure? Give the letter as `master_kind`.",
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "Its members are x1d spectra: think of what extract_1d does with a field that is EXTENDED.",
            "extract_1d clips outliers at 3 sigma (`bkg_sigma_clip`) and averages; the spectra are then combined.",
        ),
        check=among("b"),
        misconceptions=(
            choice_is("a", "So the slides say, but the code takes a mean after clipping outliers at 3 sigma. A "
                "median of faint spaxels would be noisier.", "median"),
            choice_is("c", "That comes near to the pixel-by-pixel background of stage 2, which is a clipped mean too.",
                "pixel-background"),
            choice_is("d", "That is the annulus method; it needs no background exposure.", "annulus"),
        ),
        choices=("a", "b", "c", "d"),
    ),
    Exercise(
        id="05-background-level",
        title="Brightness of the background",
        question="How bright is the background within 0.1 um of the middle of the redder band (mean of its spectra)? "
            "Give `background_level` in MJy/sr; tolerance 3 %.",
        kind="quantity", unit="MJy / sr", points=2, minutes=4,
        hints=(
            "`levels` holds one spectrum a band and exposure: choose those whose `band` is `red`.",
            "np.nanmean of `item.flux[abs(item.wavelength - middle) < 0.1]`, averaged over the spectra.",
        ),
        check=near(lambda facts: stage3.background_level(facts, 1), rel=0.03),
        misconceptions=(
            value_near(lambda facts: stage3.background_level(facts, 0), "That is the bluer band. The sky is much "
                "brighter in the redder one.", "other-band", rel=0.05),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-cube-noise",
        title="Noise of a common background",
        question="By which factor is the noise of a faint spaxel larger with pixel-by-pixel subtraction of the mean "
            "of m background exposures than without, in a cube of n science exposures, all equally deep? Give "
            "`cube_noise`; tolerance 1 %.",
        kind="scalar", unit=None, points=2, minutes=4,
        hints=(
            "Without: the variance of a mean of n exposures. With: add the variance of the mean of m exposures.",
            "sqrt((1/n + 1/m) / (1/n)) = sqrt(1 + n/m).",
        ),
        check=near(stage3.cube_noise, rel=0.01),
        misconceptions=(
            value_near(lambda facts: np.sqrt(1 + 1 / stage3.exposures(facts)[1]),
                "That holds for one science exposure. All of them get the same background image, so its noise does "
                "not average down.", "one-exposure", rel=0.01),
            value_near(lambda facts: stage3.cube_noise(facts) ** 2, "That is the ratio of the variances; the noise "
                "is the square root.", "variance", rel=0.01),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-spaxel-size",
        title="The size of a spaxel",
        question="How large is the side of a spaxel in the redder cube? Give `spaxel_size` in arcsec; tolerance 1 %.",
        kind="quantity", unit="arcsec", points=1, minutes=3,
        hints=(
            "`cube.pixel_area` is the area of a spaxel in steradian, that is in square radians.",
            "The square root is the side in radians; np.degrees(...) * 3600 makes arcsec of it.",
        ),
        check=near(lambda facts: stage3.cube(facts, 1).spaxel_size, rel=0.01),
        misconceptions=(
            value_near(lambda facts: stage3.cube(facts, 0).spaxel_size, "That is the spaxel of the bluer cube.",
                "other-cube", rel=0.01),
            value_near(lambda facts: stage3.cube(facts, 1).spaxel_size ** 2, "That is the area in square arcsec; "
                "asked for is the side.", "area", rel=0.02),
            value_near(lambda facts: stage3.cube(facts, 1).spaxel_size / 3600, "That is in degrees.", "degrees",
                rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-velocity-step",
        title="One plane in km/s",
        question="How many km/s is one plane of the bluer cube at its middle wavelength? Give `velocity_step` in "
            "km/s; tolerance 2 %.",
        kind="quantity", unit="km / s", points=1, minutes=3,
        hints=(
            "A step in wavelength is a step in velocity: v / c = step / wavelength.",
            "The step is `cube.wavelength[1] - cube.wavelength[0]`, the middle `cube.wavelength[len(cube.wavelength) "
            "// 2]`.",
        ),
        check=near(lambda facts: stage3.velocity_step(facts, 0), rel=0.02),
        misconceptions=(
            value_near(lambda facts: stage3.velocity_step(facts, 1), "That is the redder cube.", "other-cube",
                rel=0.005),
            value_near(lambda facts: stage3.velocity_step(facts, 0) * 1e3, "That is in m/s.", "metres", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-spaxel-flux",
        title="From MJy/sr to Jy",
        question="Which flux density does the brightest spaxel of the bluer cube have in the middle plane? Give "
            "`spaxel_flux` in Jy; tolerance 1 %.",
        kind="quantity", unit="Jy", points=2, minutes=4,
        hints=(
            "A surface brightness times a solid angle is a flux density.",
            "MJy/sr x 1e6 x `cube.pixel_area`.",
        ),
        check=near(stage3.spaxel_flux, rel=0.01),
        misconceptions=(
            value_near(lambda facts: stage3.spaxel_flux(facts) / 1e6, "That is in MJy: 1 MJy = 1e6 Jy.",
                "megajansky", rel=0.02),
            value_near(lambda facts: stage3.spaxel_brightness(facts), "That is still the surface brightness in "
                "MJy/sr: multiply by the solid angle of a spaxel.", "no-solid-angle", rel=0.02),
            value_near(lambda facts: stage3.spaxel_brightness(facts) * 1e6 * stage3.cube(facts, 0).spaxel_size ** 2,
                "The solid angle must be in steradian, not in square arcsec.", "square-arcsec", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-spaxel-scatter",
        title="Scatter of a single spaxel",
        question="By how many percent does the single spaxel scatter about its continuum (half the distance between "
            "the 16th and 84th percentile of the ratio)? Give `spaxel_scatter` in percent; tolerance 5 % of the "
            "value.",
        kind="quantity", unit="percent", points=2, minutes=5,
        hints=(
            "`single.flux / continuum(single, program.redshift)` is the ratio; use np.nanpercentile with (16, 84).",
            "100 (high - low) / 2.",
        ),
        check=near(stage3.spaxel_scatter, rel=0.05),
        misconceptions=(
            value_near(lambda facts: 2 * stage3.spaxel_scatter(facts), "That is the whole distance between the "
                "percentiles; half of it is asked for.", "whole-distance", rel=0.05),
            value_near(lambda facts: stage3.spaxel_scatter(facts) / 100, "That is a fraction; asked for are percent.",
                "fraction", rel=0.05),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-nucleus-flux",
        title="Brightness of the nucleus",
        question="What is the flux density of the nucleus within 0.5 arcsec in the bluer band (median within 0.1 um "
            "of its middle)? Give `nucleus_flux` in mJy; compared with the simulated sky, tolerance 5 %.",
        kind="quantity", unit="mJy", points=3, minutes=5,
        hints=(
            "`aperture.flux` is in Jy already: aperture_spectrum has multiplied by the solid angle.",
            "np.nanmedian(aperture.flux[abs(aperture.wavelength - middle_blue) < 0.1]) in Jy, times 1000.",
        ),
        check=near(stage3.nucleus_flux, rel=0.05),
        misconceptions=(
            value_near(lambda facts: stage3.nucleus_flux(facts) / 1e3, "That is in Jy; asked for are mJy.",
                "jansky", rel=0.06),
        ),
        judged_by="truth",
    ),
    Exercise(
        id="05-area-ratio",
        title="Fields of different size",
        question="How many times larger is the area on the sky that the redder x1d spectrum sums than that of the "
            "bluer one? Give `area_ratio`; tolerance 2 %.",
        kind="scalar", unit=None, points=2, minutes=5,
        hints=(
            "Area = number of spaxels x area of a spaxel; spaxels differ between the cubes.",
            "np.nanmedian(tables[name]['NPIXELS']) * cubes[name].pixel_area for both bands, then the ratio.",
        ),
        check=near(stage3.area_ratio, rel=0.02),
        misconceptions=(
            value_near(lambda facts: stage3.area_ratio(facts, spaxels_only=True),
                "That is the ratio of the numbers of spaxels. The spaxels of the two cubes have different areas.",
                "spaxels-for-area", rel=0.02),
            value_near(lambda facts: 1 / stage3.area_ratio(facts), "You divided the wrong way round.",
                "inverse", rel=0.02),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-annulus-loss",
        title="What the annulus takes away",
        question="By how many percent is the nucleus fainter with the annulus than with the master background "
            "(median over the redder band)? Give `annulus_loss` in percent; tolerance 0.5 percentage points.",
        kind="quantity", unit="percent", points=2, minutes=4,
        hints=(
            "Divide the two spectra plane by plane and take np.nanmedian.",
            "100 (1 - median of with_annulus.flux / with_master.flux).",
        ),
        check=near(stage3.annulus_loss, abs=0.5),
        misconceptions=(
            value_near(lambda facts: 100 - stage3.annulus_loss(facts), "That is what is left, in percent; asked for "
                "is what is lost.", "left-for-lost", abs=0.6),
        ),
        judged_by="products",
    ),
    Exercise(
        id="05-background-choice",
        title="A background for a faint disk",
        question="Which background do you choose for the faint disk of an extended galaxy, with background exposures "
            "as short as those of the galaxy? Give the letter as `background_choice`.",
        kind="choice", unit=None, points=1, minutes=2,
        hints=(
            "What does an annulus hold when the galaxy fills the field?",
            "Which method uses the background exposures and adds almost no noise?",
        ),
        check=among("c"),
        misconceptions=(
            choice_is("a", "In channel 2 the sky is comparable with a faint disk: leave it in, and you measure the "
                "sky.", "none"),
            choice_is("b", "The annulus lies on the disk: you would subtract the disk from itself.",
                "annulus-on-source"),
            choice_is("d", "After the master background there is no sky left for the annulus, only the galaxy.",
                "both"),
        ),
        choices=("a", "b", "c", "d"),
    ),
)  # fmt: skip
