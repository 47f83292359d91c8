"""The picker of pixels says what a pixel sees, with widgets as in a static figure."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from mrskit import viewers
from mrskit.viewers import notebook


@pytest.fixture
def coordinates():
    """One slice, number 105, in columns 10 to 19 of a small detector."""
    slices = np.zeros((60, 80), dtype=int)
    slices[:, 10:20] = 105
    seen = slices > 0
    there = {"alpha": -0.5, "beta": 1.25, "wavelength": 5.4321, "ra": 339.0148, "dec": 33.9757}
    return SimpleNamespace(slice=slices, **{name: np.where(seen, value, np.nan) for name, value in there.items()})


def test_a_pixel_of_a_slice_has_wavelength_and_place_and_one_between_the_slices_has_none(coordinates):
    words = "; ".join(notebook.describe(coordinates, 30, 12))
    assert "row 30, column 12: channel 1, slice 5" in words and "5.4321 µm" in words
    assert "alpha -0.50 arcsec, beta +1.25 arcsec" in words and "RA 339.014800°" in words
    assert notebook.describe(coordinates, 30, 40) == (
        "row 30, column 40",
        "between the slices: no wavelength, no sky position",
    )


def test_the_static_figure_says_in_its_alternative_text_what_the_pixel_sees(coordinates, space):
    viewers.places(np.ones((60, 80)), coordinates, (30, 12), "Surface brightness (MJy/sr)", "00-pick", True)
    with Image.open(space.plots / "00-pick.png") as picture:
        assert "simulated" in picture.text["Description"] and "wavelength 5.4321 µm" in picture.text["Description"]


def test_the_sliders_choose_another_pixel(coordinates, space, monkeypatch):
    shown, drawn = [], []
    monkeypatch.setenv(notebook.SWITCH, "live")
    monkeypatch.setattr("IPython.display.display", shown.append)
    monkeypatch.setattr(notebook, "_draw_pixel", lambda figure, image, words, *others: drawn.append(words))
    viewers.places(np.ones((60, 80)), coordinates, (30, 12), "Surface brightness (MJy/sr)", "00-pick", True)
    boxes = {box.description: box for box in shown[-1].children if hasattr(box, "max")}
    assert (boxes["row"].max, boxes["column"].max) == (59, 79)
    boxes["column"].value = 40
    assert drawn[-1][0] == "row 30, column 40"
