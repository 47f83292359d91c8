"""Optics: straylight is what the pipeline subtracts, fringes shift, reference errors act as stated."""

import numpy as np
import pytest

from mrskit.bands import SETTINGS
from mrskit.errors import ReferenceCacheError
from mrskit.simulate import exposure, imperfections, instrument, optics
from mrskit.simulate.imperfections import Departures
from mrskit.simulate.optics import HALVES, SHAPE, kernel_transform, with_straylight
from mrskit.simulate.pointing import pointing
from mrskit.simulate.scene import default_scene, surface_brightness


@pytest.fixture
def table() -> np.ndarray:
    """A cross-artifact table whose parameters change from row to row."""
    names = ("YROW", "LOR_FWHM", "LOR_SCALE", "GAU_FWHM", "GAU_XOFF", "GAU_SCALE1", "GAU_SCALE2")
    rows = np.zeros(SHAPE[0], dtype=[(name, float) for name in names])
    ramp = np.linspace(0.8, 1.2, SHAPE[0])
    for name, value in zip(names[1:], (100.0, 1.2e-3, 6.0, 14.0, 3e-3, 1e-3), strict=True):
        rows[name] = value * ramp
    return rows


@pytest.fixture(scope="module")
def chosen(references):
    """Setting, reference files and instrument without errors, of 12:SHORT."""
    setting = SETTINGS["12:SHORT"]
    files = instrument.reference_files(setting)
    errors = Departures()
    return setting, files, exposure._instrument(setting, tuple(files.items()), "test", errors, 1)


def test_the_pipelines_artifact_model_subtracted_from_the_image_gives_the_clean_image(table):
    from jwst.straylight.straylight import makemodel_composite

    rng = np.random.default_rng(1)
    image = np.zeros(SHAPE, dtype=np.float32)
    image[rng.integers(0, SHAPE[0], 4000), rng.integers(4, 1020, 4000)] = rng.uniform(1, 500, 4000)
    kernel = kernel_transform(table)
    recorded = with_straylight(image, (kernel, kernel)).astype(float)
    names = ("LOR_FWHM", "LOR_SCALE", "GAU_FWHM", "GAU_XOFF", "GAU_SCALE1", "GAU_SCALE2")
    rows = slice(200, 216)  # a few rows: the pipeline's own sum is slow
    model = sum(
        makemodel_composite(
            recorded[rows], np.arange(SHAPE[1], dtype=float), *half, *(table[name][rows] for name in names)
        )
        for half in HALVES
    )
    model[:, :4] = model[:, 1028:] = 0.0
    np.testing.assert_allclose(recorded[rows] - model, image[rows], atol=2e-4 * image.max())
    assert (recorded - image).max() > 0.5  # there was something to subtract


def test_shifted_fringes_are_read_between_the_rows():
    column = np.sin(2 * np.pi * np.arange(50.0) / 10.0)[:, None]
    shifted = optics._shift_rows(column, 0.3)
    np.testing.assert_allclose(shifted[:-1], 0.7 * column[:-1] + 0.3 * column[1:])
    np.testing.assert_array_equal(optics._shift_rows(column, 0.0), column)


def test_errors_have_the_same_size_for_every_seed_and_are_zero_when_perfect():
    setting = SETTINGS["34:SHORT"]
    sizes = {tuple(abs(v) for v in imperfections.departures(setting, seed).as_dict().values()) for seed in range(5)}
    assert len(sizes) == 1
    assert set(imperfections.departures(setting, 1, imperfections.PERFECT).as_dict().values()) == {0.0}


def test_the_count_rate_is_the_scene_times_the_references(chosen):
    _, files, parts = chosen
    where = pointing(default_scene().ra, default_scene().dec, 1)
    ra, dec = optics.sky_positions(parts.optics, where)
    sky = surface_brightness(default_scene(), ra, dec, parts.optics.wavelength)
    read = instrument.read_reference
    factors = read(files["flat"]).ravel() * read(files["fringe"]).ravel() / read(files["photom"]).ravel()
    clean = optics.light_rate(default_scene(), _without_straylight(parts.optics), where).ravel()[parts.optics.pixels]
    ratio = clean / (sky * factors[parts.optics.pixels])
    assert np.nanpercentile(ratio, [1, 99]) == pytest.approx([1.0, 1.0], abs=0.03)  # throughput lost since launch
    rate = optics.light_rate(default_scene(), parts.optics, where)
    assert rate.shape == SHAPE
    assert np.isfinite(rate).all()
    assert rate.min() >= -1e-3


def test_the_nucleus_falls_where_the_dither_table_says(chosen):
    _, _, parts = chosen
    scene = default_scene()
    for dither in (1, 2):
        where = pointing(scene.ra, scene.dec, dither)
        ra, dec = optics.sky_positions(parts.optics, where)
        distance = np.hypot((ra - scene.ra) * np.cos(np.deg2rad(scene.dec)), dec - scene.dec) * 3600
        nearest = parts.optics.pixels[np.argmin(distance)]
        assert distance.min() < 0.15  # arcsec: half a slice and half a pixel
        assert nearest % SHAPE[1] not in (0, SHAPE[1] - 1)


def test_wavelength_and_photometric_errors_are_those_stated(chosen):
    from dataclasses import replace

    from stdatamodels.jwst import datamodels

    from mrskit.plan import program

    setting, files, parts = chosen
    errors = Departures(wavelength=30.0, photometry=0.02)
    plan = exposure.exposure_plans([setting], exposure.profile_of("quick"), False, {})[0]
    plan = replace(plan, groups=40, integrations=2)  # as the instrument of a setting is made
    with datamodels.IFUImageModel(SHAPE) as model:
        exposure.fill_header(model, plan, program(), pointing(10.0, 10.0, 1))
        off = optics.load_optics(setting, files, errors, model, 1)
    velocity = (off.wavelength / parts.optics.wavelength - 1) * 299792.458
    np.testing.assert_allclose(velocity, 30.0, rtol=1e-6)
    np.testing.assert_allclose(off.conversion / parts.optics.conversion, 1.02, rtol=1e-6)


def test_a_context_without_the_setting_is_refused_with_what_to_run(references):
    with pytest.raises(ReferenceCacheError, match="mrskit references --settings 12:LONG"):
        instrument.reference_files(SETTINGS["12:LONG"])


def test_light_at_half_the_wavelength_leaks_into_band_3a_alone(references):
    setting = SETTINGS["34:SHORT"]
    share = optics._leak(setting, instrument.reference_files(setting), np.array([11.6, 12.217, 13.3, 19.0]))
    assert share[1] == pytest.approx(0.0275, rel=0.1)
    assert max(share[0], share[2]) < 0.005
    assert share[3] == 0.0


def _without_straylight(parts: optics.Optics) -> optics.Optics:
    from dataclasses import replace

    return replace(parts, kernels=None)
