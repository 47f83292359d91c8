import shutil

import pytest

from mrskit import workspace
from mrskit.errors import DiskSpaceError, WorkspaceError


def test_a_new_workspace_has_the_folders_of_the_workshop(tmp_path):
    space = workspace.create(tmp_path / "mine")
    for folder in ("Source/uncal", "Source/stage3", "Background/stage2", "Ramp/uncal", "Plots", "Notebook", "answers"):
        assert (space.root / folder).is_dir()
    assert not space.truth.exists()


def test_opening_a_folder_that_is_no_workspace_says_what_to_run(tmp_path):
    with pytest.raises(WorkspaceError, match=r"expected the folders Source/uncal.*mrskit simulate"):
        workspace.open_workspace(tmp_path)


def test_the_card_keeps_what_was_written_before(tmp_path):
    space = workspace.create(tmp_path)
    space.write_card(seed=1, profile="quick")
    space.write_card(seed=2)
    assert space.card() == {"seed": 2, "profile": "quick"}


def test_a_workspace_without_its_card_says_what_to_run(tmp_path):
    with pytest.raises(WorkspaceError, match="no workspace here"):
        workspace.create(tmp_path).card()


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


def test_too_little_space_is_said_with_both_figures(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 9, 1_000_000_000))
    with pytest.raises(DiskSpaceError, match=r"1\.00 GB free, the demo needs 2\.50 GB"):
        workspace.require_space(tmp_path, 2.5e9, "the demo")
