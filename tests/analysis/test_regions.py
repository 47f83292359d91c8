"""Region files of DS9: written, read again, and turned into weights and spectra."""

import numpy as np
import pytest

from mrskit.analysis import regions
from mrskit.errors import AnalysisError

CENTRE = (339.0, 34.0)


@pytest.fixture
def cube(make_cube):
    """A cube of 51 x 51 spaxels of 0.13 arcsec with a brightness of 2 MJy/sr, and a gradient to the east."""
    wavelength = 5.0 + 0.0008 * np.arange(12)
    x = np.arange(51)[None, None, :] - 25.0
    return make_cube(2.0 - 0.01 * x * np.ones((12, 51, 51)), 0.1, wavelength)


def test_a_region_comes_back_from_its_file_with_its_name_and_shape(tmp_path):
    drawn = regions.ellipse(CENTRE, 0.5, -0.3, 1.6, 0.8, 30.0)
    path = regions.write_regions(tmp_path / "plots" / "mine.reg", {"knot, north": drawn})
    assert "icrs" in path.read_text() and "ellipse(" in path.read_text()
    found = regions.read_regions(path)
    assert list(found) == ["knot, north"]
    assert found["knot, north"].width.to_value("arcsec") == pytest.approx(1.6, abs=1e-4)


def test_a_file_that_ds9_wrote_is_read(tmp_path):
    path = tmp_path / "ds9.reg"
    path.write_text('# Region file format: DS9 version 4.1\nglobal color=green\nicrs\n'
                    'circle(339.0,34.0,0.5") # text={core}\nbox(339.0001,34.0,1.0",0.4",20)\n')  # fmt: skip
    assert list(regions.read_regions(path)) == ["core", "region 2"]


@pytest.mark.parametrize("text", ["", "image\ncircle(10,10,3)\n", "nothing of the kind"])
def test_a_file_without_sky_regions_is_refused_with_the_remedy(tmp_path, text):
    path = tmp_path / "bad.reg"
    path.write_text(text)
    with pytest.raises(AnalysisError, match="icrs"):
        regions.read_regions(path)


def test_the_position_angle_counts_from_north_through_east(cube):
    weights = regions.region_weights(cube, regions.ellipse(CENTRE, 0.0, 0.0, 3.0, 0.8, 40.0))
    y, x = np.indices(weights.shape)
    east, north = (25 - x) * 0.13, (y - 25) * 0.13
    moments = [[(weights * a * b).sum() for a in (north, east)] for b in (north, east)]
    long = np.linalg.eigh(moments)[1][:, 1]
    assert np.degrees(np.arctan2(long[1], long[0])) % 180 == pytest.approx(40.0, abs=1.0)


def test_the_weights_add_up_to_the_area_about_the_place(cube):
    weights = regions.region_weights(cube, regions.ellipse(CENTRE, 0.6, -0.4, 1.6, 0.8, 25.0))
    assert weights.sum() * 0.13**2 == pytest.approx(np.pi * 0.8 * 0.4, rel=0.01)
    y, x = np.indices(weights.shape)
    assert ((25 - x) * 0.13 * weights).sum() / weights.sum() == pytest.approx(0.6, abs=0.01)
    assert ((y - 25) * 0.13 * weights).sum() / weights.sum() == pytest.approx(-0.4, abs=0.01)


def test_the_spectrum_of_a_region_is_brightness_times_area(cube):
    spectrum = regions.region_spectrum(cube, regions.ellipse(CENTRE, 0.65, 0.0, 1.0, 1.0, 0.0))
    brightness = 2.0 + 0.01 * 0.65 / 0.13  # five spaxels to the east
    assert spectrum.flux == pytest.approx(brightness * 1e6 * np.pi * 0.25 / 206264.806**2, rel=0.01)


def test_a_region_outside_the_cube_is_refused(cube):
    with pytest.raises(AnalysisError, match="outside the field by 5"):
        regions.region_spectrum(cube, regions.ellipse(CENTRE, 60.0, 0.0, 1.0, 1.0, 0.0))
