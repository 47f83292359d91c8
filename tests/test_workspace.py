import shutil

import pytest
from astropy.io import fits

from mrskit import inventory, workspace
from mrskit.errors import DiskSpaceError, WorkspaceError


def test_a_new_workspace_has_the_folders_of_the_workshop(tmp_path):
    space = workspace.create(tmp_path / "mine")
    for folder in ("Source/uncal", "Source/stage3", "Background/stage2", "Ramp/uncal", "Plots", "Notebook", "answers"):
        assert (space.root / folder).is_dir()
    assert not space.truth.exists()


def test_opening_a_folder_that_is_no_workspace_says_what_to_run(tmp_path):
    with pytest.raises(WorkspaceError, match=r"expected folders Source/uncal.*mrskit simulate"):
        workspace.open_workspace(tmp_path)


def uncal(path, origin="STSCI"):
    """Write the header of a raw exposure, as the archive or (SIMULATED) the kit gives it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.PrimaryHDU(header=fits.Header({"TELESCOP": "JWST", "ORIGIN": origin})).writeto(path)


def refused(folder):
    with pytest.raises(WorkspaceError) as caught:
        workspace.open_workspace(folder)
    return str(caught.value)


LAYOUTS = {
    "flat": ("{}_uncal.fits", ""),
    "a tree of MAST": ("mastDownload/JWST/{0}/{0}_uncal.fits", "/mastDownload"),
    "lower-case folders": ("source/uncal/{}_uncal.fits", "/source/uncal"),
    "packed": ("raw/{}_uncal.fits.gz", "/raw"),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_raw_files_that_the_kit_has_not_made_are_to_be_moved_and_nothing_is_simulated(tmp_path, layout):
    pattern, place = LAYOUTS[layout]
    for number in range(12):
        uncal(tmp_path / pattern.format(number))
    said = refused(tmp_path)
    assert f"Found 12 uncal files, not made by mrskit, in {tmp_path}{place}. Run" in said
    assert f"'mrskit adopt {tmp_path} --out WORKSPACE'" in said and "simulate" not in said


def test_raw_files_behind_a_link_are_found_and_one_that_leads_back_does_no_harm(tmp_path):
    uncal(tmp_path / "disk" / "a_uncal.fits")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "data").symlink_to(tmp_path / "disk")
    (tmp_path / "mine" / "again").symlink_to(tmp_path / "mine")
    assert f"Found 1 uncal file, not made by mrskit, in {tmp_path}/mine/data." in refused(tmp_path / "mine")


def test_a_raw_file_that_cannot_be_read_counts_as_somebody_s(tmp_path):
    (tmp_path / "a_uncal.fits").write_bytes(b"")
    assert "not made by mrskit" in refused(tmp_path)


def test_one_raw_file_of_somebody_among_simulated_ones_is_enough(tmp_path):
    uncal(tmp_path / "a_uncal.fits", "SIMULATED")
    assert f"mrskit simulate --out {tmp_path}" in refused(tmp_path)
    uncal(tmp_path / "b_uncal.fits")
    assert "Found 1 uncal file" in refused(tmp_path) and "simulate" not in refused(tmp_path)


def test_products_without_raw_files_are_told_by_kind(tmp_path):
    for name in ("a_rate", "b_rate", "a_cal", "Level3_ch1-short_s3d", "Level3_ch1-short_x1d"):
        uncal(tmp_path / f"{name}.fits")
    said = refused(tmp_path)
    assert "other FITS files (1 cal, 2 rate, 1 s3d, 1 x1d), but no raw ones" in said
    assert f"mrskit lines {tmp_path}" in said and "simulate" not in said


def test_a_folder_with_other_files_is_not_to_be_filled(tmp_path):
    for name in ("thesis.tex", "thesis.pdf"):
        (tmp_path / name).write_text("")
    assert "has 2 files, but no FITS files" in refused(tmp_path) and "simulate" not in refused(tmp_path)


@pytest.mark.parametrize("card", [{"data_source": "real"}, {"data_source": "real", "simulated": True}])
def test_a_workspace_of_real_data_is_to_be_filled_from_the_archive(tmp_path, card):
    workspace.create(tmp_path).update_card(**card)
    said = workspace.advice(tmp_path, "12:LONG")
    assert f"mrskit fetch --out {tmp_path}" in said and "simulate" not in said


def test_data_that_were_handed_out_are_not_to_be_simulated_again(tmp_path):
    workspace.create(tmp_path).update_card(simulated=True, handed_out=True)
    assert "Unpack" in workspace.advice(tmp_path) and "simulate" not in workspace.advice(tmp_path)


def test_a_workspace_that_the_kit_has_filled_is_to_be_simulated_again(tmp_path):
    space = workspace.create(tmp_path)
    space.update_card(simulated=True)
    (space.plots / "mine.fits").write_bytes(b"")
    assert workspace.advice(tmp_path, "12:LONG") == f"Run 'mrskit simulate --settings 12:LONG --out {tmp_path}'."


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path):
    said = refused(tmp_path / "typo")
    assert "This folder does not exist: check the name" in said and f"mrskit simulate --out {tmp_path}/typo" in said


def test_a_file_in_place_of_a_workspace_is_called_one(tmp_path):
    uncal(tmp_path / "a_uncal.fits")
    assert "This is a file" in refused(tmp_path / "a_uncal.fits")


def test_a_very_large_folder_is_not_read_to_its_end_and_not_to_be_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(inventory, "MOST", 10)
    for number in range(20):
        (tmp_path / f"{number:02d}.txt").write_text("")
    uncal(tmp_path / "z_uncal.fits")
    assert inventory.look(tmp_path).others == 10 and "simulate" not in refused(tmp_path)


def test_a_file_that_fails_half_way_leaves_the_old_one_and_no_rubbish(tmp_path):
    path = tmp_path / "result.txt"
    workspace.write_text(path, "old")
    with pytest.raises(RuntimeError), workspace.replacing(path) as temporary:
        temporary.write_text("ha", encoding="utf-8")
        raise RuntimeError("power cut")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_file_keeps_the_name_that_writers_look_at(tmp_path):
    with workspace.replacing(tmp_path / "image.fits") as temporary:
        assert temporary.name == "image.fits"
        temporary.write_bytes(b"x")
    assert (tmp_path / "image.fits").read_bytes() == b"x"


def test_a_text_that_cannot_be_written_leaves_the_old_one_and_nothing_beside(tmp_path):
    path = tmp_path / ("x" * 240 + ".json")
    workspace.write_text(path, "old", sync=True)
    with pytest.raises(UnicodeEncodeError):
        workspace.write_text(path, "half a pair: \ud800")
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_too_little_space_is_said_with_both_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1_000_000_000))
    with pytest.raises(DiskSpaceError, match=r"1\.00 GB free, but the demo needs 2\.50 GB"):
        workspace.require_space(tmp_path, 2.5e9, "the demo")
