"""Optics: straylight is what the pipeline subtracts, fringes shift, reference errors act as stated."""

from dataclasses import replace

import numpy as np
import pytest

from mrskit.bands import SETTINGS
from mrskit.errors import ReferenceCacheError
from mrskit.simulate import exposure, imperfections, instrument, optics
from mrskit.simulate.imperfections import Departures
from mrskit.simulate.optics import HALVES, SHAPE, kernel_transform, with_straylight
from mrskit.simulate.pointing import pointing
from mrskit.simulate.scene import default_scene, light_by_extent, offsets, surface_brightness


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


def test_the_fringes_of_a_point_differ_from_the_flat_and_those_of_extended_light_do_not(chosen):
    parts = chosen[2].optics
    off = replace(parts, errors=Departures(fringe_phase=0.25, fringe_slope=0.5, fringe_contrast=0.15), kernels=None)
    plain, where = replace(parts, kernels=None), pointing(default_scene().ra, default_scene().dec, 1)
    nucleus, shares = _point().components[0], []
    for size in (0.0, 0.3, 20.0):
        kind = "extended" if size else "point"
        scene = replace(default_scene(), components=(replace(nucleus, kind=kind, major=size, minor=size),))
        with_fringes, without = (optics.light_rate(scene, item, where) for item in (off, plain))
        bright = without > 0.1 * without.max()
        shares.append(np.std(with_fringes[bright] / without[bright]))
    assert 0.01 < shares[0] < 0.05  # amplitudes of 1-5 %
    assert 0.1 * shares[0] < shares[1] < 0.6 * shares[0]
    assert shares[2] < 0.01 * shares[0]


def test_the_phase_of_a_points_fringes_changes_along_the_slice(chosen):
    """Both sides of the image run ahead by opposite phases: the mean over the image has less of the fringes' change."""
    parts = chosen[2].optics
    light, *compact = light_by_extent(
        _point(), *optics.sky_positions(parts, pointing(_point().ra, _point().dec, 1)), parts.wavelength, 0.0
    )
    along = Departures(fringe_slope=0.5)
    change = optics._excess(replace(parts, errors=along), sky_offsets(parts), *compact)
    left = parts.pixels % SHAPE[1] < 512
    near = np.flatnonzero(left & (light > 0.1 * light[left].max()))
    source = parts.alpha[near][np.argmax(light[near])]
    sides = [near[(side * (parts.alpha[near] - source)) > 0.15] for side in (-1.0, 1.0)]
    assert min(len(side) for side in sides) > 100
    from mrskit.simulate.references.optics import fringes

    row, column = np.divmod(parts.pixels, SHAPE[1])
    for sign, side in zip((-1.0, 1.0), sides, strict=True):
        place = (1, parts.wavelength[side], parts.alpha[side], row[side], column[side])
        ahead = fringes(*place, 0.05) / fringes(*place) - 1.0
        assert sign * np.corrcoef(change[side], ahead)[0, 1] > 0.9


def _point():
    return replace(default_scene(), components=(replace(default_scene().component("nucleus"), lines=()),))


def sky_offsets(parts):
    """Offsets, arcsec, of the pixels from the source in the first dither."""
    return offsets(_point(), *optics.sky_positions(parts, pointing(_point().ra, _point().dec, 1)))


def test_errors_have_the_same_size_for_every_seed_and_are_zero_when_perfect():
    setting = SETTINGS["34:SHORT"]
    sizes = set()
    for seed in range(5):
        errors = imperfections.departures(setting, seed).as_dict()
        away = np.hypot(errors.pop("offset_east"), errors.pop("offset_north"))
        sizes.add((round(away, 9), *(abs(size) for size in errors.values())))
    assert len(sizes) == 1
    none = imperfections.departures(setting, 1, imperfections.PERFECT).as_dict()
    assert {name for name, size in none.items() if size} == {"wings"}  # what the aperture correction is for


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
    return replace(parts, kernels=None)
