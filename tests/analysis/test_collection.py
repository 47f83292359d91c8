"""Spectra of one target out of files and folders as people have them."""

import shutil

import numpy as np
import pytest
from astropy.io import fits

from mrskit.analysis.collection import collect, in_regions
from mrskit.errors import AnalysisError, ProductError
from mrskit.fitsfile import ProductWarning

ENDS = {"1A": (4.91, 5.73), "1B": (5.67, 6.62), "2A": (7.52, 8.75)}


def write(path, band="1A", unit="Jy", **header):
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = np.linspace(*ENDS[band], 200)
    columns = [fits.Column(name, "D", unit=text, array=values) for name, text, values in (
        ("WAVELENGTH", "um", wave), ("FLUX", unit, 1 + 0 * wave), ("FLUX_ERROR", unit, 0.1 + 0 * wave))]  # fmt: skip
    primary = fits.PrimaryHDU()
    primary.header.update(header)
    fits.HDUList([primary, fits.BinTableHDU.from_columns(columns, name="EXTRACT1D")]).writeto(path)
    return path


def test_folders_below_are_searched_and_the_nearest_level_counts(tmp_path):
    write(tmp_path / "mast" / "JWST" / "a" / "a_x1d.fits")
    write(tmp_path / "mast" / "JWST" / "b" / "b_x1d.fits", "1B")
    write(tmp_path / "mast" / "JWST" / "b" / "tries" / "c_x1d.fits", "2A")
    (tmp_path / "mast" / "notes.pdf").write_text("x")
    with pytest.warns(ProductWarning, match=r"1 more in subfolders are not used, such as .*tries/c_x1d\.fits"):
        assert [item.band.name for item in collect([tmp_path])] == ["1A", "1B"]
    assert len(collect([tmp_path / "mast" / "JWST" / "a" / "a_x1d.fits"])) == 1  # a file instead of a folder


def test_of_a_workspace_the_products_of_stage_3_count_and_fits_files_may_end_otherwise(tmp_path):
    for role in ("Source", "Background"):
        write(tmp_path / role / "stage2" / "a_mirifushort_0_x1d.fits")
    write(tmp_path / "Source" / "stage3" / "b_x1d.FTS", "2A")
    assert [item.band.name for item in collect([tmp_path])] == ["2A"]
    assert [item.band.name for item in collect([tmp_path / "Source"])] == ["1A", "2A"]
    (tmp_path / "a.reg").write_text('fk5\ncircle(1,1,1")')
    with pytest.raises(AnalysisError, match=r"no cubes; expected files \*_s3d.fits.*found 1 other files"):
        in_regions([tmp_path], tmp_path / "a.reg")


def test_tables_of_other_names_count_where_there_are_no_others(tmp_path):
    path = write(tmp_path / "mine.fits")
    assert collect([tmp_path])[0].label == "mine"
    (tmp_path / "mine_s3d.fits").write_bytes(b"no spectrum")
    assert len(collect([tmp_path])) == 1
    write(tmp_path / "mine_x1d.fits", "1B")
    assert [item.label for item in collect([tmp_path])] == ["mine_x1d"]
    assert path.is_file()


def test_what_is_missing_or_empty_has_its_own_message(tmp_path):
    with pytest.raises(AnalysisError, match="no such file or folder"):
        collect([tmp_path / "none"])
    (tmp_path / "a_rate.fits").touch()
    with pytest.raises(AnalysisError, match=r"no spectra; expected files \*_x1d.fits.*found 1 other files"):
        collect([tmp_path])


def test_a_damaged_file_is_named_and_passed_over(tmp_path):
    good = write(tmp_path / "a_x1d.fits")
    bad = tmp_path / "b_x1d.fits"
    bad.write_bytes(good.read_bytes()[:7000])
    (tmp_path / "c_x1d.fits").touch()
    with pytest.warns(ProductWarning) as said:
        assert [item.label for item in collect([tmp_path])] == ["a_x1d"]
    messages = " ".join(str(item.message) for item in said)
    assert "b_x1d.fits: skipped" in messages and "c_x1d.fits: skipped" in messages
    with pytest.raises(ProductError, match="b_x1d"):
        collect([bad])
    good.unlink()
    with pytest.raises(AnalysisError, match="none of 2 files"), pytest.warns(ProductWarning):
        collect([tmp_path])


def test_several_targets_are_listed_and_one_is_chosen(tmp_path):
    write(tmp_path / "a_x1d.fits", TARGNAME="NGC 7319", OBSERVTN="004")
    write(tmp_path / "b_x1d.fits", "1B", TARGNAME="VV114", OBSERVTN="015")
    write(tmp_path / "c_x1d.fits", "1B", TARGNAME="VV114", OBSERVTN="016")
    with pytest.raises(
        AnalysisError, match=r"3 targets or observations: 'NGC 7319 004', 'VV114 015'.*--target 'VV114 016'"
    ):
        collect([tmp_path])
    for chosen, label in (("ngc-7319", "a_x1d"), ("VV114 015", "b_x1d"), ("o016", "c_x1d"), ("16", "c_x1d")):
        assert [item.label for item in collect([tmp_path], chosen)] == [label]
    with pytest.raises(AnalysisError, match="2 targets or observations: 'VV114 015', 'VV114 016'"):
        collect([tmp_path], "VV114")
    with pytest.raises(AnalysisError, match="3 targets"):
        collect([tmp_path], "M 82")


def test_one_target_in_two_observations_is_one_where_the_bands_differ(tmp_path):
    write(tmp_path / "a_x1d.fits", TARGNAME="VV114", OBSERVTN="015")
    write(tmp_path / "b_x1d.fits", "1B", TARGNAME="VV114", OBSERVTN="016")
    assert len(collect([tmp_path])) == 2


def test_the_same_wavelengths_twice_are_asked_about_but_not_in_another_kind_of_unit(tmp_path):
    first = write(tmp_path / "a_x1d.fits")
    write(tmp_path / "b_x1d.fits", unit="MJy/sr")
    assert {item.unit for item in collect([tmp_path])} == {"Jy", "MJy/sr"}
    shutil.copy(first, tmp_path / "c_s1d.fits")
    with pytest.raises(
        AnalysisError, match="a_x1d and c_s1d cover the same wavelengths, and do not name their targets"
    ):
        collect([tmp_path])
    assert len(collect([first, tmp_path / "b_x1d.fits"])) == 2


def test_a_background_is_passed_over(tmp_path):
    write(tmp_path / "a_x1d.fits", TARGNAME="VV114")
    write(tmp_path / "b_x1d.fits", TARGNAME="VV114-BKG", BKGDTARG=True)
    with pytest.warns(ProductWarning, match=r"b_x1d\.fits: skipped: it is a background"):
        assert len(collect([tmp_path])) == 1


def test_a_folder_of_backgrounds_alone_says_so(tmp_path):
    for band in ("1A", "1B"):
        write(tmp_path / f"{band}_x1d.fits", band, BKGDTARG=True)
    with pytest.raises(AnalysisError, match="2 of 2 files are backgrounds"), pytest.warns(ProductWarning):
        collect([tmp_path])


def test_cubes_of_a_folder_are_found_in_capitals_too(tmp_path):
    (tmp_path / "A_S3D.FITS").write_bytes(b"no cube")
    with pytest.raises(ProductError, match="A_S3D"):
        in_regions([tmp_path], tmp_path / "a.reg")
