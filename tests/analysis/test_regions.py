"""Region files of DS9: written, read again, and turned into weights and spectra."""

import re
import warnings

import numpy as np
import pytest

from mrskit.analysis import regions
from mrskit.errors import AnalysisError
from mrskit.fitsfile import ProductWarning
from mrskit.products import read_cube

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


SHAPES = {  # statements behind "fk5", area in arcsec2, what is said
    "circle": ('circle(339.0,34.0,0.6")', np.pi * 0.36, ""),
    "ellipse in arcmin, turned": ("ellipse(339.0,34.0,0.02',0.01',30)", np.pi * 1.2 * 0.6, ""),
    "box in degrees, turned": ("box(339.0,34.0,0.0004d,0.0002d,30)", 1.44 * 0.72, ""),
    "polygon": ("polygon(339.0,34.0,339.0002,34.0,339.0,34.0002)", 0.5 * 0.72 * np.cos(np.radians(34)) * 0.72, ""),
    "annulus": ('annulus(339.0,34.0,0.3",0.6")', np.pi * 0.27, ""),
    "elliptical annulus": ('ellipse(339.0,34.0,0.5",0.3",0.8",0.5",30)', np.pi * (0.4 - 0.15), ""),
    "box annulus": ('box(339.0,34.0,1",0.5",2",1",30)', 2.0 - 0.5, ""),
    "sexagesimal": ('circle(22:36:00.0,+34:00:00,0.6")', np.pi * 0.36, ""),
    "a size in pixels": ("circle(339.0,34.0,5i)", np.pi * 25 * 0.13**2, ""),
    "galactic": ('circle(339.0,34.0,0.6"); galactic; circle(92.4,-21.0,0.5")', np.pi * 0.36, ""),
    "image coordinates": ("image; circle(26,26,5)", np.pi * 25 * 0.13**2, ""),
    "image coordinates, arcsec": ('image; circle(26,26,0.6")', np.pi * 0.36, ""),
    "physical coordinates": ("physical\ncircle(26,26,5p)", np.pi * 25 * 0.13**2, ""),
    "a hole": ('circle(339.0,34.0,0.6")\n-circle(339.0,34.0,0.3")', np.pi * 0.27, ""),
    "a hole before": ('-box(339.0,34.0,0.5",0.5",0)\ncircle(339.0,34.0,0.6")', np.pi * 0.36 - 0.25, ""),
    "point": ("point(339.0,34.0) # point=cross", 0.13**2, "its nearest spaxel (column 25, row 25)"),
    "partly outside": ('circle(339.0,34.0,6")', (51 * 0.13) ** 2, "cover 39 % of the region"),
    "with a line": ('circle(339.0,34.0,0.6")\nline(339.0,34.0,339.1,34.0)', np.pi * 0.36, "left out: line"),
    "with a vector": ('circle(339.0,34.0,0.6")\n# vector(339.0,34.0,1",30)', np.pi * 0.36, "left out: vector"),
    "a composite": ('# composite(339,34,0) || composite=1\ncircle(339.0,34.0,0.6") ||\ncircle(339.0,34.0,0.3")',
                    np.pi * 0.36, "the joining of a composite region"),
    "two in one line": ('circle(339.0,34.0,0.6") || circle(339.0,34.0,0.3")', np.pi * 0.36, ""),
    "a background": ('circle(339.0,34.0,0.3") # background\ncircle(339.0,34.0,0.6") # text={background}', np.pi * 0.36,
                     'circle(339.0,34.0,0.3"), which is marked as background'),
    "a background by property": ('box(339.0,34.0,1",1",0) # color=red source=0\ncircle(339.0,34.0,0.6")', np.pi * 0.36,
                                 "which is marked as background"),
    "with a panda": ('panda(339,34,0,90,1,0.3",0.6",1)\ncircle(339.0,34.0,0.6")', np.pi * 0.36, "left out: panda"),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["LF", "CRLF, BOM"])
def test_the_first_region_of_a_file_has_the_area_that_was_drawn(cube, tmp_path, shape, ending):
    text, area, message = SHAPES[shape]
    head = "# Region file format: DS9 version 4.1\nglobal color=green dashlist=8 3\nfk5\n"
    path = tmp_path / "a.reg"
    path.write_bytes((("\ufeff" if ending == "\r\n" else "") + (head + text + "\n").replace("\n", ending)).encode())
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ProductWarning)
        region = next(iter(regions.read_regions(path, cube).values()))
        weights = regions.region_weights(cube, region)
    assert weights.sum() * 0.13**2 == pytest.approx(area, rel=0.015)
    assert message in " ".join(str(item.message) for item in said) and bool(message) == bool(said)


NOTHING = {
    "empty": ("", "no region: the file is empty"),
    "a header alone": ("# Region file format: DS9 version 4.1\nglobal color=green\n", "no region: the file is empty"),
    "a line alone": ("fk5\nline(339.0,34.0,339.1,34.0)", "only line"),
    "a ruler alone": ("fk5\n# ruler(339.0,34.0,339.1,34.0)", "only ruler"),
    "an epanda alone": ('fk5\nepanda(339,34,0,90,1,0.3",0.2",0.6",0.4",1,0)', "only epanda"),
    "as CIAO writes": ("circle(4096.5,4096.5,20.0)", "no coordinate system before 'circle"),
    "a detector's coordinates": ("detector\ncircle(20,20,3)", "detector"),
    "a background alone": (
        'fk5\ncircle(339.0,34.0,0.6") # background=1',
        "only circle.* which is marked as background",
    ),
    "backgrounds by default": ('global source=0\nfk5\ncircle(339.0,34.0,0.6")', "marked as background"),
    "a hole alone": ('fk5\n-circle(339.0,34.0,0.6")', "only excluded regions"),
}


@pytest.mark.parametrize("case", NOTHING)
def test_a_file_with_nothing_to_measure_is_refused_by_name(cube, tmp_path, case):
    text, message = NOTHING[case]
    (tmp_path / "a.reg").write_text(text)
    with pytest.raises(AnalysisError, match=message):
        regions.read_regions(tmp_path / "a.reg", cube)


CASES = {  # region file of a collection of such -> area in spaxels of 0.13 arcsec, or what is said
    "annulus": np.pi * 0.27 / 0.13**2, "bom": np.pi * 0.16 / 0.13**2, "crlf": np.pi * 0.16 / 0.13**2,
    "epanda": np.pi * 0.25 / 0.13**2, "exclude": np.pi * 0.32 / 0.13**2, "image": np.pi * 9, "point": 1.0,
    "partly": "the data cover 24 %", "dup": ["a (1)", "a (2)"], "ciao": "no coordinate system before",
    "empty": "the file is empty", "line": "only line", "panda": "only panda", "off": r"outside the field by 112\.0 deg",
    "aper_T_DF_extraction": r"outside the field by 105\.3 deg",
}  # fmt: skip


@pytest.mark.real
@pytest.mark.parametrize("name", CASES)
def test_region_files_of_a_collection_give_their_area_or_say_why_not(real_data, name):
    cases, right, said = real_data.parent / "cases", CASES[name], ""
    cube = read_cube(cases / "cubes" / "cd_matrix_s3d.fits")
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ProductWarning)
        try:
            found = regions.read_regions(cases / "regions" / f"{name}.reg", cube)
            weights = regions.region_weights(cube, next(iter(found.values())))
        except AnalysisError as error:
            said = str(error)
    said += " ".join(str(item.message) for item in warned)
    if isinstance(right, str):
        assert re.search(right, said)
    elif isinstance(right, list):
        assert list(found) == right
    else:
        assert weights.sum() == pytest.approx(right, rel=0.02)


def test_two_regions_of_one_name_are_numbered_and_image_coordinates_need_a_cube(cube, tmp_path):
    path = tmp_path / "a.reg"
    path.write_text("image\ncircle(20,20,3) # text={a}\ncircle(30,30,3) # text={a}\ncircle(26,26,3) # text={b}")
    assert list(regions.read_regions(path, cube)) == ["a (1)", "a (2)", "b"]
    with pytest.raises(AnalysisError, match="image coordinates, but no cube was given"):
        regions.read_regions(path)


@pytest.mark.parametrize(("statement", "distance"), [
    ('circle(339.0,34.01,0.5")', r"by 3\d\.\d arcsec"), ('box(83.8,-5.4,2",2",40)', r"by 1\d\d\.\d deg"),
    ("polygon(159,34,159.001,34,159,34.001)", r"by \d+\.\d deg"), ("point(339.01,34.0)", r"by 2\d\.\d arcsec"),
])  # fmt: skip
def test_a_region_outside_is_told_by_how_far(cube, tmp_path, statement, distance):
    (tmp_path / "a.reg").write_text(f"icrs\n{statement}\n")
    with pytest.raises(AnalysisError, match=f"outside the field {distance}"):
        regions.region_spectrum(cube, regions.read_regions(tmp_path / "a.reg")["region 1"])


def test_a_region_half_on_spaxels_without_data_gives_a_spectrum_of_the_rest(cube):
    cube.flux[:, :, :25] = np.nan
    with pytest.warns(ProductWarning, match="cover 5[0-9] % of the region"):
        spectrum = regions.region_spectrum(cube, regions.ellipse(CENTRE, 0.0, 0.0, 1.0, 1.0, 0.0))
    assert np.isfinite(spectrum.flux).all()


def test_a_region_that_no_plane_covers_has_no_spectrum(cube):
    cube.flux[::2, :, :25] = np.nan
    cube.flux[1::2, :, 26:] = np.nan
    with pytest.raises(AnalysisError, match=r"lacks data in part of the region.*smaller region"):
        regions.region_spectrum(cube, regions.ellipse(CENTRE, 0.0, 0.0, 1.0, 1.0, 0.0))
