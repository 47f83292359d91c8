"""The products of the three stages: there, of the right shape, and made by all the steps they need."""

import numpy as np
import pytest
from astropy.io import fits

from mrskit import products
from mrskit.errors import MrskitError

ROLES = pytest.mark.parametrize("role", ["source", "background"])
DETECTOR = (1024, 1032)
STEPS = {
    "rate": {"S_DQINIT": "bad pixels", "S_SATURA": "saturation", "S_LINEAR": "linearity", "S_DARK": "dark",
             "S_JUMP": "jump detection", "S_RAMP": "slope fit"},
    "cal": {"S_WCS": "world coordinates", "S_STRAY": "straylight", "S_FLAT": "flat field", "S_FRINGE": "fringe flat",
            "S_PHOTOM": "flux calibration"},
    "s3d": {"S_PHOTOM": "flux calibration", "S_IFUCUB": "cube building"},
}  # fmt: skip
COMMANDS = "Run the stage again: lesson {lesson}, or 'mrskit reduce {workspace}'."


def check_steps(path, suffix, say):
    header = fits.getheader(path)
    missing = [word for keyword, word in STEPS[suffix].items() if header.get(keyword) != "COMPLETE"]
    if missing:
        say(f"{path}: these steps were not done: {', '.join(missing)}. Look for skip=True among your parameters.")


def check_image(path, say):
    image = fits.getdata(path, "SCI")
    if image.shape != DETECTOR:
        say(f"{path}: the image has shape {image.shape}, expected {DETECTOR}.")
    if not np.isfinite(image).any():
        say(f"{path}: no pixel has a value. Look at the log of the stage.")


def images(claims, role, setting, stage, suffix, lesson, say):
    """Return the products of all raw files of a setting, or fail with the names of those that are missing."""
    folder = claims.workspace.stage(role, stage)
    paths = [folder / products.product_name(path, suffix) for path in claims.raw(role, setting)]
    missing = [path.name for path in paths if not path.is_file()]
    if claims.card.is_real and not paths:
        pytest.skip(f"no {role} exposure of {setting.name} in this workspace")
    if claims.unfinished(role, int(stage[-1])):
        pytest.skip(
            f"not made yet: {stage} of the {role}. {COMMANDS.format(lesson=lesson, workspace=claims.workspace.root)}"
        )
    if missing or not paths:
        remedy = COMMANDS.format(lesson=lesson, workspace=claims.workspace.root)
        say(f"{folder} lacks {', '.join(missing) or 'all products'} ({setting.name}). {remedy}")
    return paths


@ROLES
def test_the_count_rate_images_of_stage_1(setting, role, claims, say):
    reduced = setting.name in claims.reduced()
    if not reduced and not products.find(claims.workspace.stage(role, "stage1"), "rate", setting):
        pytest.skip(f"{setting.name} is not reduced in this workspace")
    for path in images(claims, role, setting, "stage1", "rate", "03", say):
        check_steps(path, "rate", say)
        check_image(path, say)


@ROLES
def test_the_calibrated_images_of_stage_2(reduced_setting, role, claims, say):
    for path in images(claims, role, reduced_setting, "stage2", "cal", "04", say):
        check_steps(path, "cal", say)
        check_image(path, say)
        if (unit := fits.getheader(path, "SCI").get("BUNIT")) != "MJy/sr":
            say(f"{path}: the unit is {unit}, expected MJy/sr: was the flux calibration left out?")


def test_the_background_spectra_of_stage_2(reduced_setting, claims, say):
    folder = claims.workspace.stage("background", "stage2")
    for path in images(claims, "background", reduced_setting, "stage2", "cal", "04", say):
        if not sorted(folder.glob(path.name.replace("_cal.fits", "*_x1d.fits"))):
            remedy = COMMANDS.format(lesson="04", workspace=claims.workspace.root)
            say(f"{folder} lacks the spectrum (x1d) of {path.name}, which the master background needs. {remedy}")


def readable(read, path, say):
    """Return what a reader makes of a product, or fail with the reader's message."""
    problem = None
    try:
        return read(path)
    except MrskitError as error:
        problem = str(error)
    say(problem)


def level3(claims, band, suffix, say):
    folder = claims.workspace.stage("source", "stage3")
    path = folder / f"Level3_ch{band.channel}-{band.subband.lower()}_{suffix}.fits"
    if claims.unfinished("source", 3):
        pytest.skip(f"not made yet: stage3. {COMMANDS.format(lesson='05', workspace=claims.workspace.root)}")
    if not path.is_file():
        remedy = COMMANDS.format(lesson="05", workspace=claims.workspace.root)
        say(f"{folder} lacks the {suffix} file of band {band.name}. {remedy}")
    return path


def test_the_cube_of_stage_3(band, claims, say):
    path = level3(claims, band, "s3d", say)
    check_steps(path, "s3d", say)
    cube = readable(products.read_cube, path, say)
    if cube.band != band:
        say(f"{path} is a cube of band {cube.band.name}, expected {band.name}.")
    if not (cube.wavelength[0] < band.wavelength_max and cube.wavelength[-1] > band.wavelength_min):
        say(f"{path} covers {cube.wavelength[0]:.2f} to {cube.wavelength[-1]:.2f} um, which is not band {band.name}.")
    if not np.nanmax(cube.flux) > 0:
        say(f"{path}: nothing in the cube is above zero. Was the background subtracted twice?")


def test_the_spectrum_of_stage_3(band, claims, say):
    path = level3(claims, band, "x1d", say)
    spectrum = readable(products.read_spectrum, path, say)
    if not np.isfinite(spectrum.flux).mean() > 0.5:
        say(f"{path}: {np.isnan(spectrum.flux).mean():.0%} of the samples have no value.")
