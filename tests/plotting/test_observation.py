"""Drawings of the observation and of raw files: saved, described, at most a page wide."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from mrskit import plan, workspace
from mrskit.course.shown import dither_patterns, lesson01_figures
from mrskit.plotting import diagrams, style

TARGET = (339.014833, 33.975750)
DRAWINGS = {
    "01-exposure": lambda: lesson01_figures.exposure(40, 2),
    "01-readouts": lambda: lesson01_figures.patterns(),
    "01-unknown-exposure": lambda: lesson01_figures.samples(np.arange(6.0), np.array([1.0, 2, 3, 1, 2, 3])),
    "01-field": lambda: lesson01_figures.field(245.0, True, plan.program()),
    "01-dithers": lambda: lesson01_figures.dithers([0.1, -0.4], [0.2, 0.3], 245.0, [1, 2, 3, 4], True),
    "01-patterns": dither_patterns.draw,
    "01-half-slices": lambda: lesson01_figures.half_slices(0.975),
    "01-stages": diagrams.stages,
    "02-raw-file": lambda: diagrams.raw_file(1, 10),
}


@pytest.fixture
def space(tmp_path):
    """An empty workspace in which figures are saved."""
    made = workspace.create(tmp_path / "ws")
    style.use(made)
    return made


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_saved_with_a_description_and_is_no_wider_than_a_page(space, name):
    DRAWINGS[name]()
    with Image.open(space.plots / f"{name}.png") as picture:
        assert picture.width <= 1310
        assert len(picture.text["Description"]) > 60
    assert not plt.get_fignums()


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are finished."""
    seen = []
    monkeypatch.setattr(style, "finish", lambda figure, name, alt: seen.append(figure))
    yield seen
    plt.close("all")


def test_the_exposure_is_drawn_with_its_81_frames_and_224_778_seconds(drawn):
    lesson01_figures.exposure(40, 2)
    words = " ".join(text.get_text() for text in drawn[0].axes[0].texts)
    assert "81 frames" in words and "224.778 s" in words and "reset" in words


def test_galaxies_lie_where_their_coordinates_say(drawn):
    lesson01_figures.field(0.0, False, plan.program())
    east, north = lesson01_figures._offset(lesson01_figures.GALAXIES["NGC 7320"][:2], TARGET)
    assert (east, north) == pytest.approx((-1.9, -99.5), abs=1.0)  # 22:36:03.4 +33:56:53 from 22:36:03.56 +33:58:32.7
    east, north = lesson01_figures._offset(lesson01_figures.GALAXIES["NGC 7318A"][:2], TARGET)
    assert (east, north) == pytest.approx((-85.4, -36.7), abs=1.0)  # 22:35:56.7 +33:57:56


@pytest.mark.parametrize("place", [(153.118, -12.431), (338.9, 33.4)])
def test_the_chart_of_the_courses_group_does_not_claim_another_target(drawn, place):
    other = dataclasses.replace(plan.program(), target="MCG-02-27", target_ra=place[0], target_dec=place[1])
    for program in (plan.program(), other):
        lesson01_figures.field(71.0, False, program)
    (chart, fields), (theirs, own) = (figure.axes for figure in drawn)
    said = [[text.get_text() for text in axis.texts] for axis in (chart, theirs)]
    assert "field of the MRS" in said[0] and "field of the MRS" not in said[1]
    assert len(chart.patches) == len(theirs.patches) + 1 and "not your target" in theirs.get_title(loc="left")
    assert [axis.get_legend().get_texts()[-1].get_text() for axis in (fields, own)] == ["nucleus", "MCG-02-27"]


def test_all_four_channels_are_drawn_with_every_dither_on_one_scale(drawn):
    lesson01_figures.dithers([0.1, -0.4], [0.2, 0.3], 245.0, [1, 2, 3, 4], True)
    axes = drawn[0].axes
    assert [len(axis.patches) for axis in axes] == [2, 2, 2, 2]
    assert len({axis.get_xlim() for axis in axes}) == 1
    assert all("SIMULATED" in axis.get_title(loc="left") for axis in axes)


def test_the_step_is_a_whole_number_of_slices_and_a_half_in_every_channel():
    in_slices = 0.975 / np.array(list(lesson01_figures.SLICE_WIDTH.values()))
    assert np.abs(in_slices % 1 - 0.5).max() < 0.02
