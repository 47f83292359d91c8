"""What speaks against a reduction is said before it: marks, places, fields, memory."""

from types import SimpleNamespace

import psutil
import pytest

from mrskit.adopt import together
from mrskit.adopt.found import Found
from mrskit.card import AdoptedFile


@pytest.fixture
def exposure(pointed, tmp_path):
    """A function that returns an exposure by its keywords."""

    def make(**keywords):
        made = pointed(**keywords)
        stem = f"jw01523{made['OBSERVTN']}001_03102_{int(made['EXPOSURE']):05d}_{made['DETECTOR'].lower()}"
        return Found(tmp_path / f"{stem}_uncal.fits", "uncal", stem, made)

    return make


@pytest.fixture(autouse=True)
def memory(monkeypatch):
    """A computer with 16 GB free."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=16e9))


def test_a_marked_background_among_the_science_is_named_with_its_distance(exposure):
    some = [(exposure(), "source"), (exposure(observation=4, BKGDTARG=True, offset=(90, 120)), "source")]
    problems, _ = together.look(some, {})
    assert (
        "jw01523004001_03102_00001_mirifushort_uncal.fits is marked as background (BKGDTARG), 150 arcsec" in problems[0]
    )
    decided = {some[1][0].name: AdoptedFile("", "source", "copy")}
    assert not any("marked" in text for text in together.look(some, decided)[0])
    alone = [(exposure(BKGDTARG=True), "source"), (exposure(exposure=2, BKGDTARG=True), "source")]
    assert together.look(alone, {})[0] == []


def test_swapped_folders_are_seen(exposure):
    problems, _ = together.look([(exposure(observation=4, BKGDTARG=True, offset=(150, 0)), "source"),
                                 (exposure(), "background")], {})  # fmt: skip
    assert "move it to Background" in problems[0]


def test_an_exposure_in_both_folders_or_a_background_on_the_source_is_refused(exposure):
    problems, _ = together.look([(exposure(), "source"), (exposure(), "background")], {})
    assert "is in Source and in Background" in problems[0]
    problems, _ = together.look([(exposure(), "source"), (exposure(exposure=2, offset=(1, 0)), "background")], {})
    assert "points 1.0 arcsec from an exposure of the source" in problems[0]


@pytest.mark.parametrize(("offset", "refused"), [((150, -120), True), ((600, -900), True), ((20, 0), False)])
def test_a_cube_beyond_the_memory_is_refused_and_a_gap_is_told(exposure, offset, refused):
    problems, notes = together.look([(exposure(), "source"), (exposure(exposure=2, offset=offset), "source")], {})
    text = (problems or notes)[0]
    assert bool(problems) == refused and "12:SHORT: the source exposures span" in text
    assert ("GB of memory; 16 GB are free" in text) if refused else ("20 arcsec from the others" in text)


def test_a_mosaic_a_dither_and_a_target_that_moves_are_nothing_to_say(exposure):
    mosaic = [(exposure(exposure=n + 1, offset=(4 * n, 0)), "source") for n in range(6)]
    moving = [(exposure(TARGTYPE="MOVING", exposure=n, TARG_RA=339 + n / 10), "source") for n in (1, 2)]
    assert together.look(mosaic, {}) == ([], []) and together.look(moving, {}) == ([], [])


def test_one_group_and_a_setting_without_background_are_told(exposure):
    some = [(exposure(NGROUPS=1), "source"), (exposure(exposure=2, channel="34", band="LONG"), "source"),
            (exposure(observation=4, offset=(150, 0)), "background")]  # fmt: skip
    _, notes = together.look(some, {})
    assert any("has one group: a count rate needs two" in note for note in notes)
    assert any(note.startswith("34:LONG: no background exposures") for note in notes) and len(notes) == 2
