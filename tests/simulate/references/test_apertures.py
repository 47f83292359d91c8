"""The aperture correction: the pipeline's own extraction of a point source, corrected with the references."""

import numpy as np
import pytest
from scipy.special import erf

from mrskit.simulate import psf
from mrskit.simulate.references import mode, tables

PLACES = {5.3: (0.13, "1"), 8.2: (0.17, "2"), 12.5: (0.20, "3"), 24.0: (0.35, "4")}  # um: spaxel (arcsec), channel
FLUX, WINGS = 0.3, 1.0  # Jy; the wings of the diffraction pattern
CENTRE, SIZE = (40.3, 39.8), 80  # spaxels


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apertures")
    return {kind: str(folder / name) for kind, name in mode._apertures(folder, WINGS).items()}


def cube(wavelength, wings):
    """A cube of five planes with a point of 0.3 Jy at all wavelengths, each spaxel the mean of the light in it."""
    from jwst.assign_wcs.pointing import create_fitswcs
    from stdatamodels.jwst.datamodels import IFUCubeModel

    spaxel, channel = PLACES[wavelength]
    edges = np.arange(SIZE + 1) - 0.5
    blur = np.interp(wavelength, psf.CUBE_WAVELENGTH, psf.CUBE_SAMPLING) / psf.FWHM_PER_SIGMA
    image = np.zeros((SIZE, SIZE))
    for share, sigma in psf.gaussians(np.array([wavelength]), wings):
        wide = np.hypot(sigma[0], blur) / spaxel * np.sqrt(2.0)
        x, y = (np.diff(erf((edges - middle) / wide)) / 2.0 for middle in CENTRE)
        image += share * np.outer(y, x)
    area = (spaxel / 3600.0 * np.pi / 180.0) ** 2
    model = IFUCubeModel((5, SIZE, SIZE))
    model.data = np.repeat(FLUX * image[None] / area / 1e6, 5, axis=0)
    model.err, model.weightmap = np.ones_like(model.data), np.ones_like(model.data)
    model.dq = np.zeros(model.data.shape, np.uint32)
    meta, world = model.meta, model.meta.wcsinfo
    meta.instrument.name, meta.instrument.channel, meta.instrument.band = "MIRI", channel, "SHORT"
    meta.exposure.type, meta.photometry.pixelarea_steradians = "MIR_MRS", area
    world.crval1, world.crval2, world.crval3 = 10.0, 20.0, wavelength
    world.crpix1 = world.crpix2 = world.crpix3 = 1.0
    world.cdelt1 = world.cdelt2 = spaxel / 3600.0
    world.cdelt3, world.dispersion_direction, world.wcsaxes = 0.001, 3, 3
    world.ctype1, world.ctype2, world.ctype3 = "RA---TAN", "DEC--TAN", "WAVE"
    world.cunit1, world.cunit2, world.cunit3 = "deg", "deg", "um"
    world.pc1_1, world.pc1_2, world.pc2_1, world.pc2_2 = -1.0, 0.0, 0.0, 1.0
    model.meta.wcs = create_fitswcs(model)
    return model


def extracted(files, wavelength, wings, corrected=True, size=None):
    """Flux, Jy, in the middle of the spectrum that the pipeline extracts."""
    from jwst.extract_1d.ifu import ifu_extract1d

    result = ifu_extract1d(
        cube(wavelength, wings), files["extract1d"], "POINT", None, 3.0, files["apcorr"] if corrected else None,
        center_xy=CENTRE, ifu_rscale=size,
    )  # fmt: skip
    return float(result.spec[0].spec_table["FLUX"][2])


@pytest.mark.parametrize("wavelength", PLACES)
def test_a_point_source_has_its_flux_and_without_correction_lacks_what_the_table_says(files, wavelength):
    assert extracted(files, wavelength, WINGS) == pytest.approx(FLUX, rel=0.01)
    lacking = extracted(files, wavelength, WINGS, corrected=False) / FLUX
    said = mode.aperture_correction(tables.APERTURE, np.array([wavelength]), WINGS)[0]
    assert lacking == pytest.approx(1.0 / said, rel=0.01)
    assert lacking < 0.91


def test_another_wavefront_is_off_by_the_error_of_the_table(files):
    """Half as much light again outside the core: what the table gives as its error, a tenth of the flux or less."""
    from stdatamodels.jwst.datamodels import MirMrsApcorrModel

    with MirMrsApcorrModel(files["apcorr"]) as model:
        table = model.apcorr_table
        size, place = 3, np.argmin(abs(np.asarray(table.wavelength) - 8.2))  # two FWHM
        error = float(table.apcorr_err[size][place] / table.apcorr[size][place])
    found = extracted(files, 8.2, WINGS + tables.PSF_WINGS_ERROR) / FLUX
    assert 0.02 < 1.0 - found < 0.12
    assert 1.0 - found == pytest.approx(error / (1.0 + error), abs=0.01)


def test_the_correction_holds_for_smaller_and_larger_apertures(files):
    for size in (1.0, 3.0):
        assert extracted(files, 8.2, WINGS, size=size) == pytest.approx(FLUX, rel=0.02)
