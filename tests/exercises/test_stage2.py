"""What lesson 04 is compared with is found again in images made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from mrskit.exercises import measured, stage2

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
    monkeypatch.setattr(measured, "coordinates", lambda facts: SimpleNamespace(wavelength=wavelength, slice=slices))
    return SimpleNamespace(slices=slices, wavelength=wavelength)


def test_the_fringe_amplitude_is_the_injected_one_from_crest_to_trough(detector, monkeypatch):
    image = np.ones(SHAPE)
    image[:, 300] = 40 * (1 + 0.09 * np.cos(2 * np.pi * 1e4 / detector.wavelength[:, 300] / 2.92))
    image[:7, 300] = np.nan
    monkeypatch.setattr(measured, "step_image", lambda facts, step: image)
    assert stage2.fringe(FACTS, "flat_field") == pytest.approx(18.0, abs=0.3)


def test_the_line_falls_into_the_rows_of_its_wavelength(detector):
    # [Ne VI] 7.6524 um at z = 0.0225 is 7.8246 um: row 424.6 of channel 2, none of channel 1.
    assert stage2.line_rows(FACTS) == pytest.approx([424.5], abs=0.6)


def test_the_strip_level_is_the_stray_light_over_the_brightest_column(detector, monkeypatch):
    image = np.full(SHAPE, 0.3)
    image[:, 300] = 20.0
    monkeypatch.setattr(measured, "exposures", lambda *_: ["first"])
    monkeypatch.setattr(measured, "image", lambda path: image)
    assert stage2.strip_level(FACTS) == pytest.approx(1.5)


def test_the_photometric_factor_is_taken_from_one_channel_alone(detector, monkeypatch):
    rates = np.full(SHAPE, 2.0)
    cal = np.where(detector.slices // 100 == 1, 1200.0, 640.0)
    monkeypatch.setattr(measured, "exposures", lambda *_: ["first"])
    monkeypatch.setattr(measured, "image", lambda path: cal)
    monkeypatch.setattr(measured, "step_image", lambda facts, step: rates)
    assert stage2.photom_factor(FACTS, 1) == 600.0
    assert stage2.photom_factor(FACTS, 2) == 320.0


def test_missing_pixels_are_counted_inside_the_slices(detector, monkeypatch):
    cal = np.ones(SHAPE)
    cal[detector.slices == 0] = np.nan
    cal[:10, 100:200] = np.nan
    monkeypatch.setattr(measured, "exposures", lambda *_: ["first"])
    monkeypatch.setattr(measured, "image", lambda path: cal)
    assert stage2.missing(FACTS) == pytest.approx(100 * 1000 / (690 * 1024))
    assert stage2.missing(FACTS, inside=False) > 30


def test_a_background_exposure_is_a_member_of_the_association_twice(monkeypatch):
    counts = {"source": 4, "background": 2}
    monkeypatch.setattr(measured, "exposures", lambda facts, role, *_: [role] * counts[role])
    assert stage2.member_count(FACTS) == 1 + 2 + (3 + 2)
