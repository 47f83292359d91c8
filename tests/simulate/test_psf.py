"""The point-spread function: its width is that of the formula, its wings those of diffraction."""

import numpy as np
import pytest

from mrskit.simulate import psf

WAVELENGTH = np.array([5.0, 8.0, 12.5, 19.3, 27.0])


@pytest.mark.parametrize("wings", [0.0, 0.3, 1.0, 2.0])
def test_the_sum_of_the_gaussians_has_the_stated_width_and_all_the_light(wings):
    for wavelength in WAVELENGTH:
        terms = psf.gaussians(np.array([wavelength]), wings)
        assert sum(share for share, _ in terms) == pytest.approx(1.0)

        def height(radius, terms=terms):
            return sum(share / sigma[0] ** 2 * np.exp(-0.5 * (radius / sigma[0]) ** 2) for share, sigma in terms)

        width = psf.fwhm_on_detector(wavelength) if wings else psf.fwhm(wavelength)
        assert height(width / 2) == pytest.approx(0.5 * height(0.0), rel=2e-3)


def test_the_wings_hold_the_light_that_a_fourier_transform_of_the_segmented_pupil_puts_there():
    """18 hexagons on a grid, transformed: the blur of the spectrometer matters little beyond two widths."""
    step, size = 0.05, 2048  # m, pixels
    y, x = (np.indices((160, 160)) - 79.5) * step
    pupil = np.zeros((160, 160))
    for q in range(-2, 3):
        for r in range(-2, 3):
            if 0 < max(abs(q), abs(r), abs(q + r)) <= 2:
                u, v = x - 1.327 * np.sqrt(3) / 2 * q, y - 1.327 * (r + q / 2)
                across = np.maximum(np.abs(v), np.maximum(*(np.abs(np.sqrt(3) / 2 * u + s * v / 2) for s in (1, -1))))
                pupil[across < 0.66] = 1.0
    image = np.abs(np.fft.fftshift(np.fft.fft2(pupil, (size, size)))) ** 2
    unit = size * step / psf.DIAMETER  # pixels of the image: wavelength over diameter
    distance = np.hypot(*(np.indices(image.shape) - size / 2))
    for wavelength in (8.0, 25.0):
        for radius in (2.0, 3.0, 6.0):  # FWHM of the formula
            arcsec = radius * psf.fwhm(wavelength)
            inside = image[distance < arcsec / (psf.DIFFRACTION_UNIT * wavelength) * unit].sum() / image.sum()
            assert psf.enclosed(arcsec, np.array([wavelength]), 1.0)[0] == pytest.approx(inside, abs=0.03)


def test_without_wings_it_is_one_gaussian():
    ((share, sigma),) = psf.gaussians(WAVELENGTH, 0.0)
    assert share == 1.0
    np.testing.assert_allclose(sigma * psf.FWHM_PER_SIGMA, [0.271, 0.370, 0.5185, 0.7429, 0.997], rtol=1e-9)
