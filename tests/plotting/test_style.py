"""Figures are saved with their alternative text, and say SIMULATED when their data are."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from mrskit import workspace
from mrskit.course.shown import lesson01_figures, lesson03_figures
from mrskit.course.shown.ramps import Ramp
from mrskit.plotting import detector, showers, style


@pytest.fixture
def space(tmp_path):
    """An empty workspace in which figures are saved."""
    made = workspace.create(tmp_path / "ws")
    style.use(made)
    return made


def test_finish_saves_the_figure_with_its_alternative_text_and_closes_it(space):
    figure, axis = plt.subplots()
    axis.plot([0, 1])
    style.finish(figure, "00-line", "A straight line.")
    with Image.open(space.plots / "00-line.png") as picture:
        assert picture.text["Description"] == "A straight line."
    assert not plt.fignum_exists(figure.number)
    assert [path.name for path in space.plots.iterdir()] == ["00-line.png"]


@pytest.mark.parametrize(("simulated", "text"), [(True, "Rates (SIMULATED)"), (False, "Rates")])
def test_a_title_says_simulated_only_when_the_data_are(simulated, text):
    figure, axis = plt.subplots()
    style.title(axis, "Rates", simulated)
    style.title(figure, "Rates", simulated)
    assert axis.get_title(loc="left") == text or axis.get_title() == text
    assert figure.get_suptitle() == text
    plt.close(figure)


def test_an_image_of_one_value_with_gaps_can_be_drawn(space):
    image = np.full((4, 5), 2.0)
    image[1, 1] = np.nan
    figure, axis = plt.subplots()
    drawn = style.show_image(axis, image, "Count rate (DN/s)", stretch="asinh")
    style.finish(figure, "00-flat", "Nothing but one value.")
    assert drawn.get_array().shape == (4, 5)


def test_colours_differ_in_brightness_or_hue_from_each_other():
    assert len(set(style.COLOURS)) == len(style.COLOURS) == 7


def ramp_of(signal, flags):
    """A simulated exposure of 10 groups in which all pixels have one ramp, DN, and its flags after the jump step."""
    cube = np.ones((1, 10, 8, 8)) * signal[None, :, None, None]
    quality = np.zeros(cube.shape, dtype=int) + np.where(flags == 1, 1, 0)[None, :, None, None]
    after = {"raw": cube, "dark_current": cube + 1, "jump": cube + 1}
    time = 2.775 * np.arange(1.0, 11)
    return Ramp(after, {step: quality for step in after}, {}, np.zeros((8, 8)), np.full((8, 8), 2.0), time, True)


def rate_file(space, name, image):
    """A simulated rate file of the short detector that holds an image and its errors."""
    keys = {"INSTRUME": "MIRI", "EXP_TYPE": "MIR_MRS", "CHANNEL": "12", "BAND": "SHORT", "OBSERVTN": "4", "NGROUPS": 10,
            "NINTS": 1, "READPATT": "FASTR1", "EFFEXPTM": 27.75, "DETECTOR": "MIRIFUSHORT"}  # fmt: skip
    primary = fits.PrimaryHDU(header=fits.Header(keys))
    path = space.root / f"{name}_rate.fits"
    parts = [fits.ImageHDU(np.abs(image) + 1.0, name=extension) for extension in ("SCI", "ERR")]
    fits.HDUList([primary, *parts]).writeto(path)
    return path


def test_every_figure_of_lessons_01_to_03_has_an_alternative_text_and_axes_with_units(space, monkeypatch):
    seen = []
    monkeypatch.setattr(style, "finish", lambda figure, name, alt: seen.append((figure, name, alt)))
    rng = np.random.default_rng(1)
    image, mask = rng.normal(size=(1024, 1032)), rng.random((1024, 1032)) > 0.9
    line, flags = np.arange(10.0), np.array([1, 0, 0, 4, 0, 2, 2, 0, 0, 1])
    from mrskit.bands import SETTINGS

    setting = SETTINGS["12:SHORT"]
    rates = [rate_file(space, name, image) for name in ("one", "two")]
    stepped = ramp_of(line, flags)
    stepped.quality["raw"] = stepped.quality["raw"] * 0
    lesson03_figures.through_the_steps(stepped, (5, 6))
    assert "which dark_current set" in seen[-1][2] and "one step changed: dark_current." in seen[-1][2]
    one = ramp_of(100 * line + np.sin(9 * line) + 400.0 * (line > 4), flags)
    lesson03_figures.differences(one, (5, 6), lambda ramp, noise, threshold: np.zeros(ramp.size, dtype=bool), 4.0)
    assert "one line, 2.00 with the ramp cut" in seen[-1][0].axes[0].get_title(loc="left")
    one.__dict__["bright"] = (5, 6)
    lesson03_figures.bend(one)
    lesson03_figures.pulls(image, rates, 1.0)
    lesson03_figures.rates(*rates)
    lesson03_figures.gallery({"Quiet": (one, (5, 6)), "Hit": (one, (5, 6))}, "00-gallery")
    lesson03_figures.shower_rates({"nothing": image, "both": image}, mask, True)
    lesson03_figures.fit(one)
    lesson01_figures.dithers([0.1, -0.4], [0.2, 0.3], 30.0, [1, 2], True)
    detector.science_and_background(image, image, "Count rate (DN/s)", setting, "00-pair", True)
    detector.zooms({"A": image, "B": image}, (0, 50, 0, 60), "Signal (DN)", "00-zoom", "Two windows, alike.", True)
    detector.profile(line, "Row", "Signal (DN)", "Cut", "00-cut", True, {"top": 9})
    detector.compared(image, mask, ~mask, (0, 50, 0, 60), "Signal (DN)", "00-masks", True)
    showers.by_group(line, True)
    showers.images([image, image], ["Group 3", "Group 9"], True)
    showers.search({1.0: mask, 1.2: mask & (image > 1)}, image > 2, 1.2, True)
    assert detector.illumination(rates[0], (400, 624)).shape == (1032,)
    assert len(seen) == 18
    for figure, name, alt in seen:
        assert len(alt) > 15 and name, name
        for axis in figure.axes:
            if axis.axison and axis.get_label() != "<colorbar>":
                assert "(" in axis.get_xlabel() or axis.get_shared_x_axes().get_siblings(axis), name
        plt.close(figure)
