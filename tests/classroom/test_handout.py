"""What learners get of a key."""

import json

import pytest
from astropy.io import fits

from mrskit.card import Card
from mrskit.classroom.handout import hand_out
from mrskit.course.paths import PATHS
from mrskit.errors import GradingError
from mrskit.grading.key import open_key
from mrskit.learner.progress import check
from mrskit.workspace import create


@pytest.fixture
def key(tmp_path):
    """A small key: one raw exposure, one product, truth, answers; its seed is 987654321."""
    space = create(tmp_path / "key")
    fits.PrimaryHDU().writeto(space.stage("source", "uncal") / "a_uncal.fits")
    fits.PrimaryHDU().writeto(space.stage("source", "stage1") / "a_rate.fits")
    space.truth.mkdir()
    (space.truth / "scene.json").write_text('{"seed": 987654321}')
    (space.answers / "01_setup.json").write_text("{}")
    (space.root / "grading.toml").write_text('secret = "abc"\n')
    space.update_card(seed=987654321, scene="0f0f", references="/somewhere", simulated=True, settings=["12:SHORT"])
    return open_key(space.root)


def files(root):
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_learners_get_the_raw_files_and_a_card_without_seed(key, tmp_path):
    made = hand_out(key, tmp_path / "out")
    assert files(made.root) == ["Source/uncal/a_uncal.fits", "workspace.json"]
    assert made.card() == Card(handed_out=True, settings=("12:SHORT",), simulated=True)
    assert b"987654321" not in b"".join(path.read_bytes() for path in made.root.rglob("*") if path.is_file())


def test_learners_get_the_path_through_the_course_that_counts(key, tmp_path):
    (key.root / "grading.toml").write_text('secret = "abc"\npath = "workshop"\n')
    made = hand_out(open_key(key.root), tmp_path / "out")
    assert made.card().path == "workshop" and len(check(made).rows) == len(PATHS["workshop"])


def test_learners_get_the_products_too_where_asked_for(key, tmp_path):
    made = hand_out(key, tmp_path / "out", products=True)
    assert files(made.root) == ["Source/stage1/a_rate.fits", "Source/uncal/a_uncal.fits", "workspace.json"]


def test_a_folder_that_holds_something_is_not_touched(key, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(GradingError, match="is not empty"):
        hand_out(key, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep"


def test_raw_files_that_tell_the_seed_are_not_handed_out(key, tmp_path):
    header = fits.Header([("SIMSEED", 987654321)])
    fits.PrimaryHDU(header=header).writeto(key.workspace.stage("source", "uncal") / "b_uncal.fits")
    with pytest.raises(GradingError, match="SIMSEED"):
        hand_out(key, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_raw_files_whose_digest_confirms_a_guess_are_handed_out_for_practice_alone(key, tmp_path):
    header = fits.Header([("SIMSCENE", "0f0f0f0f0f0f")])
    fits.PrimaryHDU(header=header).writeto(key.workspace.stage("source", "uncal") / "b_uncal.fits")
    assert key.practice and hand_out(key, tmp_path / "out").stage("source", "uncal").is_dir()
    key.workspace.update_card(seed=2**127)
    (key.workspace.truth / "scene.json").write_text(f'{{"seed": {2**127}}}')
    with pytest.raises(GradingError, match="SIMSCENE"):
        hand_out(open_key(key.root), tmp_path / "other")


@pytest.mark.pipeline
def test_data_that_were_handed_out_are_reduced_and_never_simulated_anew(quick_workspace, tmp_path, monkeypatch):
    from mrskit.learner import course

    made = hand_out(open_key(quick_workspace.root), tmp_path / "out", products=True)
    assert not course.has_data(made.root)
    raw = {path: path.read_bytes() for path in made.root.rglob("*_uncal.fits")}
    monkeypatch.setenv("MRSKIT_REFERENCES", quick_workspace.card().references)
    course.make_data(made.root, lambda text: None)
    assert course.has_data(made.root)
    assert {path: path.read_bytes() for path in made.root.rglob("*_uncal.fits")} == raw
    assert "seed" not in json.loads((made.root / "workspace.json").read_text())
