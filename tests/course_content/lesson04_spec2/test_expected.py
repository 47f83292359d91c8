"""What lesson 04 is compared with is found again in images made by hand."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mrskit import workspace
from mrskit.course import measured_again
from mrskit.course.lesson04_spec2 import expected
from mrskit.exercises.record import Answer

FACTS = SimpleNamespace(use_ch="12", use_band="SHORT", program=SimpleNamespace(redshift=0.0225))
SHAPE = (1024, 1032)


@pytest.fixture
def detector(monkeypatch):
    """Two slices of channel 1, one of channel 2, a dark strip, and 0.001 um a row."""
    slices = np.zeros(SHAPE, dtype=int)
    slices[:, 100:200], slices[:, 250:480], slices[:, 540:900] = 101, 102, 201
    rows = np.arange(1024.0)[:, None] * np.ones(SHAPE)
    wavelength = np.where(slices // 100 == 1, 5.0 + 0.001 * rows, 7.4 + 0.001 * rows)
    wavelength[slices == 0] = np.nan
    monkeypatch.setattr(
        measured_again, "coordinates", lambda facts: SimpleNamespace(wavelength=wavelength, slice=slices)
    )
    return SimpleNamespace(slices=slices, wavelength=wavelength)


def test_the_fringe_amplitude_is_the_injected_one_from_crest_to_trough(detector, monkeypatch):
    image = np.ones(SHAPE)
    image[:, 300] = 40 * (1 + 0.09 * np.cos(2 * np.pi * 1e4 / detector.wavelength[:, 300] / 2.92))
    image[455:460, 300] = np.nan
    monkeypatch.setattr(measured_again, "step_image", lambda facts, step: image)
    assert expected.fringe(FACTS, "flat_field") == pytest.approx(18.0, abs=0.3)


def test_the_line_falls_into_the_rows_of_its_wavelength(detector):
    # [Ne VI] 7.6524 um at z = 0.0225 is 7.8246 um: row 424.6 of channel 2, none of channel 1.
    assert expected.line_rows(FACTS) == pytest.approx([424.5], abs=0.6)


def test_the_scattered_light_is_that_in_the_gaps_over_that_in_the_slices_before(detector, monkeypatch):
    before, after = np.full(SHAPE, 0.3), np.full(SHAPE, 0.03)
    before[:, 100:200] = before[:, 250:480] = 20.0
    after[:, 100:480] = np.where(detector.slices[:, 100:480] > 0, 19.0, 0.03)
    monkeypatch.setattr(measured_again, "exposures", lambda *_: ["first"])
    monkeypatch.setattr(measured_again, "image", lambda path: before)
    monkeypatch.setattr(measured_again, "step_image", lambda facts, step: after)
    assert expected.scattered(FACTS) == pytest.approx([1.5, 0.15])


def test_the_gaps_keep_two_pixels_away_from_every_slice(detector):
    columns = np.flatnonzero(expected.gaps(FACTS)[500])
    assert set(columns) == {*range(21, 98), *range(202, 248), *range(482, 485)}
    assert not expected.gaps(FACTS)[[99, 924]].any()


def test_the_distance_on_the_sky_shrinks_with_the_cosine_of_the_declination(detector, monkeypatch):
    for number, first in enumerate((700, 760, 820)):  # five slices in row 512: the fourth and the fifth are asked for
        detector.slices[:, first : first + 40] = 202 + number
    (row, first), (_, second) = expected.neighbours(FACTS)
    assert (row, first, second) == (512, 719, 779)
    ra, dec = np.full(SHAPE, 10.0), np.full(SHAPE, 60.0)
    ra[512, second] += 2 / 3600
    sky = SimpleNamespace(slice=detector.slices, ra=ra, dec=dec)
    monkeypatch.setattr(measured_again, "coordinates", lambda facts: sky)
    assert expected.sky_distance(FACTS) == pytest.approx(1.0)
    assert expected.sky_distance(FACTS, shrink=False) == pytest.approx(2.0)


def test_the_fringes_left_are_fractions_of_those_before(detector, monkeypatch):
    wave = np.cos(2 * np.pi * 1e4 / detector.wavelength[:, 300] / 2.92)
    images = {}
    for step, size in (("flat_field", 0.10), ("fringe", 0.03), ("residual_fringe", 0.005)):
        images[step] = np.ones(SHAPE)
        images[step][:, 300] = 40 * (1 + size * wave)
    monkeypatch.setattr(measured_again, "step_image", lambda facts, step: images[step])
    monkeypatch.setattr(expected, "_after", lambda facts, step: images[step])
    assert expected.fringes_left(FACTS) == pytest.approx([0.3, 0.05], abs=0.01)


def test_the_line_is_found_in_columns_by_those_who_take_the_second_index(detector):
    assert expected.line_columns(FACTS) == pytest.approx([719.5])


def test_the_photometric_factor_is_taken_from_one_channel_alone(detector, monkeypatch):
    rates = np.full(SHAPE, 2.0)
    cal = np.where(detector.slices // 100 == 1, 1200.0, 640.0)
    monkeypatch.setattr(measured_again, "exposures", lambda *_: ["first"])
    monkeypatch.setattr(measured_again, "image", lambda path: cal)
    monkeypatch.setattr(measured_again, "step_image", lambda facts, step: rates)
    assert expected.photom_factor(FACTS, 1) == 600.0
    assert expected.photom_factor(FACTS, 2) == 320.0


def test_missing_pixels_are_counted_inside_the_slices(detector, monkeypatch):
    cal = np.ones(SHAPE)
    cal[detector.slices == 0] = np.nan
    cal[:10, 100:200] = np.nan
    monkeypatch.setattr(measured_again, "exposures", lambda *_: ["first"])
    monkeypatch.setattr(measured_again, "image", lambda path: cal)
    assert expected.missing(FACTS) == pytest.approx(100 * 1000 / (690 * 1024))
    assert expected.missing(FACTS, inside=False) > 30


@pytest.fixture
def facts(monkeypatch, tmp_path):
    """Four science and two background rate files."""
    names = {"source": [f"s{number}_rate.fits" for number in range(4)], "background": ["b0_rate.fits", "b1_rate.fits"]}
    monkeypatch.setattr(
        measured_again, "exposures", lambda facts, role, *_: [Path("/a") / name for name in names[role]]
    )
    return SimpleNamespace(**vars(FACTS), workspace=workspace.create(tmp_path / "space"))


def association(*members, name="own", products=1):
    rows = [{"expname": f"/other/folder/{path}_rate.fits", "exptype": kind} for path, kind in members]
    return Answer("04-asn-members", "text", json.dumps({"products": [{"name": name, "members": rows}] * products}))


SCIENCE, SKY = [("s0", "science")], [("b0", "background"), ("b1", "background")]
OTHERS = [(f"s{number}", "selfcal") for number in (1, 2, 3)]
STOCK = [(name, "selfcal") for name in ("s0", "s1", "s2", "s3", "b0", "b1")]  # as the observatory's notebook


@pytest.mark.parametrize(
    ("members", "outcome"),
    [
        (SCIENCE + SKY + OTHERS, "passed"),
        (SCIENCE + SKY + STOCK, "passed"),
        (OTHERS + SKY + SCIENCE, "passed"),
        (SCIENCE + SKY + OTHERS[1:], "failed"),
        (SCIENCE + SKY[:1] + OTHERS, "failed"),
        ([("s1", "science"), *SKY, *OTHERS], "failed"),
        (SCIENCE + SKY + OTHERS + [("x", "selfcal")], "failed"),
        (SCIENCE + SKY + OTHERS + [("b0", "imprint")], "failed"),
        (SCIENCE * 2 + SKY, "failed"),
    ],
)
def test_an_association_is_judged_by_its_members_and_roles_wherever_the_files_are(facts, members, outcome):
    assert expected.ASSOCIATION(association(*members), facts).outcome == outcome


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "nan", '{"products": 3}', '{"products": [{}]}', '{"products": [[]]}',
     '{"products": [{"name": "a", "members": [{"expname": 1, "exptype": 2}]}]}'],
)  # fmt: skip
def test_what_is_no_association_fails_with_a_verdict(facts, text):
    assert expected.ASSOCIATION(Answer("04-asn-members", "text", text), facts).outcome == "failed"


def test_a_product_in_a_folder_and_several_products_are_refused(facts):
    good = SCIENCE + SKY + OTHERS
    assert "folder" in expected.ASSOCIATION(association(*good, name="/data/own"), facts).message
    assert expected.ASSOCIATION(association(*good, products=2), facts).outcome == "failed"


def test_lines_as_close_as_fringes_are_lost_to_the_correction_and_wide_ones_are_kept():
    left = expected.lines_left(FACTS)
    assert left[0] < 0.3 and left[2] > 0.8
