"""The scene: what goes to JSON comes back, light is conserved, every band has lines to teach with."""

import dataclasses

import numpy as np
import pytest

from mrskit.analysis.catalogue import LINES
from mrskit.bands import BANDS, resolving_power
from mrskit.errors import SimulationError
from mrskit.simulate import scene as sky, scene_default
from mrskit.simulate.scene import SPEED_OF_LIGHT, Component, Continuum, Line, Scene, Sky

DARK_SKY = Sky(((0.0, 265.0),), ((0.0, 100.0),))


def scene_of(*components: Component) -> Scene:
    return Scene("test", 1, 10.0, 0.0, 0.02, components, DARK_SKY)


def lattice(half: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions (deg) of a square lattice around (10, 0), arcsec."""
    axis = np.arange(-half, half + step / 2, step) / 3600.0
    ra, dec = np.meshgrid(10.0 + axis, axis)
    return ra, dec


def total(brightness: np.ndarray, step: float) -> np.ndarray:
    """Sum of MJy/sr over lattice cells, Jy."""
    return brightness.sum(axis=(-2, -1)) * 1e6 * np.deg2rad(step / 3600.0) ** 2


def test_json_gives_back_an_equal_scene():
    scene = sky.default_scene(7)
    assert sky.from_json(sky.to_json(scene)) == scene


def test_text_that_is_no_scene_is_refused_with_what_to_run():
    for text in ("{", "{}", '{"sky": {"zodiacal": [], "thermal": []}, "components": [], "extra": 1}'):
        with pytest.raises(SimulationError, match="mrskit simulate"):
            sky.from_json(text)


def test_the_digest_follows_the_seed_and_nothing_else():
    assert sky.default_scene(3).digest == sky.default_scene(3).digest
    assert sky.default_scene(3).digest != sky.default_scene(4).digest


def test_an_unknown_component_is_refused_with_the_known_ones():
    with pytest.raises(SimulationError, match="nucleus"):
        sky.default_scene().component("moon")


def test_a_point_source_gives_its_flux_density_through_the_point_spread_function():
    point = Component("star", "point", 0.1, -0.2, 0.0, 0.0, 0.0, (Continuum("powerlaw", 0.5, 10.0, -1.0),))
    ra, dec = lattice(3.0, 0.05)
    flux = total(sky.surface_brightness(scene_of(point), ra, dec, 8.0), 0.05)
    assert flux == pytest.approx(0.5 * (8.0 / 10.0) ** -1, rel=1e-3)


def test_an_extended_component_has_its_own_width_and_that_of_the_spread_function():
    blob = Component("blob", "extended", 0.0, 0.0, 0.5, 0.2, 90.0, (Continuum("powerlaw", 1.0, 10.0, 0.0),))
    ra, dec = lattice(4.0, 0.05)
    image = sky.surface_brightness(scene_of(blob), ra, dec, 10.0)
    east = (ra - 10.0) * 3600
    variance = (image * east**2).sum() / image.sum()
    psf = (0.033 * 10.0 + 0.106) / (2 * np.sqrt(2 * np.log(2)))
    assert variance == pytest.approx(0.5**2 + psf**2, rel=5e-3)  # major axis at position angle 90: east
    sharp = sky.surface_brightness(scene_of(blob), ra, dec, 10.0, smooth=False)
    assert (sharp * east**2).sum() / sharp.sum() == pytest.approx(0.25, rel=5e-3)


def test_a_line_has_its_flux_velocity_and_width():
    line = Line("test 10", 10.0, 3e-17, 150.0, 120.0)
    blob = Component("blob", "extended", 0.0, 0.0, 0.2, 0.2, 0.0, (), (line,))
    ra, dec = lattice(2.0, 0.1)
    wavelength = np.linspace(10.18, 10.23, 401)[:, None, None]
    jansky = total(sky.surface_brightness(scene_of(blob), ra, dec, wavelength), 0.1)
    wave = wavelength.ravel()
    per_um = jansky * 1e-26 * SPEED_OF_LIGHT * 1e9 / wave**2  # W m-2 um-1
    flux = np.trapezoid(per_um, wave)
    centre = np.trapezoid(per_um * wave, wave) / flux
    sigma = np.sqrt(np.trapezoid(per_um * (wave - centre) ** 2, wave) / flux)
    expected = 10.0 * 1.02 * (1 + 150.0 / SPEED_OF_LIGHT)
    instrument = expected / resolving_power(expected) / (2 * np.sqrt(2 * np.log(2)))
    assert flux == pytest.approx(3e-17, rel=2e-3)
    assert centre == pytest.approx(expected, abs=1e-5)
    assert sigma == pytest.approx(np.hypot(expected * 120.0 / SPEED_OF_LIGHT, instrument), rel=2e-3)


def test_parts_add_up_and_order_of_places_does_not_matter():
    scene = sky.default_scene()
    rng = np.random.default_rng(1)
    ra, dec = (centre + rng.uniform(-2, 2, 500) / 3600 for centre in (scene.ra, scene.dec))
    wave = rng.uniform(5, 28, 500)
    whole = sky.surface_brightness(scene, ra, dec, wave)
    parts = sum(sky.surface_brightness(scene, ra, dec, wave, part=part) for part in ("point", "extended", "sky"))
    order = rng.permutation(500)
    shuffled = sky.surface_brightness(scene, ra[order], dec[order], wave[order])
    # The continuum is interpolated on a grid that spans the wavelengths asked for: equal to 1e-5, not to rounding.
    np.testing.assert_allclose(parts, whole, rtol=1e-5)
    np.testing.assert_allclose(shuffled, whole[order], rtol=1e-5)


def test_places_outside_the_field_are_nan_and_the_rest_is_not_touched():
    scene = sky.default_scene()
    wave = np.array([5.3, np.nan, 5.3])
    result = sky.surface_brightness(scene, np.array([scene.ra, scene.ra, np.nan]), scene.dec, wave)
    assert np.isfinite(result).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("wavelength", "adopted"), [(5.0, 0.52), (10.5, 14.9), (15.5, 48.0), (20.0, 189.0), (26.0, 1121.0)]
)
def test_the_sky_is_that_of_the_background_model(wavelength, adopted):
    # zodiacal and thermal columns of the background model's table, MJy/sr; the analytic form holds to 12 %
    assert float(sky.sky_background(sky.default_scene(), wavelength)) == pytest.approx(adopted, rel=0.12)


@pytest.mark.parametrize("name", BANDS)
def test_every_band_has_a_nuclear_line_that_stands_above_its_continuum(name):
    scene, band = sky.default_scene(), BANDS[name]
    nucleus = scene.component("nucleus")
    best = 0.0
    for line in nucleus.lines:
        observed = line.rest * (1 + scene.redshift) * (1 + line.velocity / SPEED_OF_LIGHT)
        if band.covers(observed):
            at = sky.surface_brightness(
                scene, scene.ra, scene.dec, np.array([observed, observed * 1.008]), part="point"
            )
            best = max(best, at[0] / at[1])
    assert best > 1.2


def test_lines_have_the_wavelengths_of_the_catalogue():
    known = {line.name: line.rest for line in LINES}
    emitted = {line.name: line.rest for item in sky.default_scene().components for line in item.lines}
    for name, rest in emitted.items():
        assert rest == pytest.approx(known[name], abs=2e-6), name


def test_one_stated_factor_brightens_all_lines_and_nothing_else(monkeypatch):
    bright = sky.default_scene()
    monkeypatch.setattr(scene_default, "BRIGHTENED", 1.0)
    plain = sky.default_scene()
    for one, other in zip(bright.components, plain.components, strict=True):
        assert one.continuum == other.continuum
        assert [line.flux for line in one.lines] == pytest.approx([50.0 * line.flux for line in other.lines])
    assert bright.sky == plain.sky


def test_the_jet_knot_has_ionised_lines_twice_as_broad_as_molecular_ones():
    widths = {line.name.startswith("H2"): line.sigma for line in sky.default_scene().component("jet knot").lines}
    assert widths[False] == pytest.approx(2 * widths[True])


def test_one_component_away_leaves_the_others_alone():
    scene = sky.default_scene()
    alone = dataclasses.replace(scene, components=(scene.component("nucleus"),))
    there = sky.surface_brightness(alone, scene.ra, scene.dec, 6.0, part="point")
    assert there == pytest.approx(sky.surface_brightness(scene, scene.ra, scene.dec, 6.0, part="point"))


def test_carbon_monoxide_absorbs_at_the_wavelengths_of_its_lines_and_only_where_the_scene_says():
    """Laboratory wavenumbers of 12C16O 1-0, cm^-1: P(14) 2086.32, P(20) 2059.91, P(25) 2037.03."""
    nucleus, redshift = sky.default_scene().component("nucleus"), sky.default_scene().redshift
    wave = np.linspace(4.89, 5.4, 8000)
    off = sky.continuum_flux(dataclasses.replace(nucleus, carbon_monoxide=0.0), wave, redshift)
    depth = -np.log(sky.continuum_flux(nucleus, wave, redshift) / off)
    rest = wave / (1.0 + redshift)
    for wavenumber in (2086.32, 2059.91, 2037.03):
        near = np.flatnonzero(abs(rest * wavenumber / 1e4 - 1.0) < 6e-4)
        found = 1e4 / rest[near[np.argmax(depth[near])]]
        assert found == pytest.approx(wavenumber, abs=0.1)
    assert 0.03 < depth.max() < 0.1
    assert np.ptp(depth[rest > 5.2]) == 0.0
    scene, there = sky.default_scene(), []
    for item in (nucleus, dataclasses.replace(nucleus, carbon_monoxide=0.0)):
        alone = dataclasses.replace(scene, components=(item,))
        there.append(sky.surface_brightness(alone, scene.ra, scene.dec, wave, part="point"))
    assert np.min(there[0] / there[1]) == pytest.approx(np.exp(-depth.max()), abs=0.004)
