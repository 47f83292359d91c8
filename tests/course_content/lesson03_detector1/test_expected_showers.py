"""What the judge knows of showers follows from their truth."""

from types import SimpleNamespace

import numpy as np
import pytest

from mrskit import workspace
from mrskit.course.lesson03_detector1 import expected_showers
from mrskit.exercises.record import Answer
from mrskit.simulate.events import SHAPE, Shower


@pytest.fixture
def facts(monkeypatch, tmp_path):
    """A workspace whose truth has a shallow shower above a bright one, each 20 x 40 pixels with a faint edge."""

    def shower(strength, row, group, level):
        light = np.zeros(SHAPE, dtype=np.float32)
        light[row - 5 : row + 25, 95:145] = 0.2 * level
        light[row : row + 20, 100:140] = level
        return Shower(strength, 0, group, 1.0, 15.0, light)

    found = (shower("shallow", 700, 25, 0.5), shower("bright", 100, 10, 4.0))
    monkeypatch.setattr(expected_showers, "ramp_file", lambda facts: tmp_path / "ramp_uncal.fits")
    facts = SimpleNamespace(truth=lambda name: {"showers": found}, workspace=workspace.create(tmp_path / "ws"))
    facts.of = {facts.workspace: facts}.get
    return facts


def test_the_brightest_shower_is_told_from_the_others(facts):
    assert expected_showers.groups(facts) == [10]
    assert expected_showers.groups(facts, brightest=False) == [25]


def test_the_faint_edges_of_showers_need_not_be_marked(facts):
    region = expected_showers.region(facts)
    assert region[105, 110] and region[705, 110] and not region[500, 500]
    assert region.mask[97, 97] and not region.mask[105, 110] and not region.mask[500, 500]


def test_whoever_marks_one_shower_of_two_is_told_so(facts):
    assert expected_showers.some_marked(Answer("x", "region", expected_showers.first_alone(facts)), facts)
    assert not expected_showers.some_marked(Answer("x", "region", np.ma.getdata(expected_showers.region(facts))), facts)
    assert not expected_showers.some_marked(Answer("x", "region", expected_showers.everything(facts)), facts)


def test_the_light_of_a_shower_that_is_left_is_measured_between_the_slices(facts, monkeypatch):
    slices = np.zeros(SHAPE, dtype=int)
    slices[:, 100:200], slices[:, 250:480] = 101, 102
    flagged = np.zeros(SHAPE, dtype=bool)
    flagged[400:440, 190:260] = flagged[100, 100] = True
    after, model = np.where(slices > 0, 5.0, 0.1), np.full(SHAPE, 0.3)
    monkeypatch.setattr(expected_showers, "read_setting", lambda path: None)
    monkeypatch.setattr(expected_showers.ramps, "slices", lambda *_: slices)
    monkeypatch.setattr(expected_showers.search, "read", lambda path: {1.2: flagged})
    monkeypatch.setattr(expected_showers, "search_file", lambda facts: "file")
    monkeypatch.setattr(expected_showers, "cleaned", lambda facts: (after, model))
    assert expected_showers.shower_left(facts) == pytest.approx(25.0)
