"""Right and known wrong answers on raw exposures, against arrays whose content is known."""

from dataclasses import dataclass

import numpy as np
import pytest
from astropy.io import fits

from mrskit import plan, workspace
from mrskit.answering.judge import judge
from mrskit.course import index
from mrskit.course.lesson02_raw_overview import expected
from mrskit.exercises.values import from_learner
from mrskit.workspace import Workspace

FREQUENCY = 10.04  # Hz, of the interference
GLOW = {"4": 2.0, "3": 1.0, "dark": 0.5}  # DN/s of the background exposure
HITS = np.array([(610, 30), (650, 100), (651, 101), (700, 150), (300, 300)])  # row, column of the background's hits
HOT = np.array([(620, 60), (660, 70), (690, 90), (705, 40)])


@dataclass
class FakeFacts:
    """Facts of a workspace with raw files of both detectors, whose truth is given."""

    workspace: Workspace
    table: dict
    use_ch: str = "12"
    use_band: str = "SHORT"
    program: object = None
    basis: str = ""

    def of(self, space):
        """Return these facts: the exposures are the workspace's own."""
        assert space == self.workspace
        return self

    def truth(self, exposure: str) -> dict:
        """Return the given truth, whatever the exposure."""
        return self.table


def write(folder, name, channel, ramp):
    primary = fits.PrimaryHDU()
    primary.header.update({"CHANNEL": channel, "BAND": "SHORT", "TGROUP": 2.77504})
    fits.HDUList([primary, fits.ImageHDU(ramp, name="SCI")]).writeto(folder / name)


@pytest.fixture(scope="module")
def facts(tmp_path_factory):
    """A science exposure, a background exposure with interference, and a long one with GLOW."""
    space = workspace.create(tmp_path_factory.mktemp("raw") / "ws")
    science = np.full((1, 10, 1024, 1032), 9500, dtype=np.uint16)
    write(space.stage("source", "uncal"), "jw02732004001_02101_00001_mirifushort_uncal.fits", "12", science)
    humming = science[:, :2].copy()
    humming[0, 1] += np.round(20 + 8 * np.sin(2 * np.pi * FREQUENCY * 271e-5 * np.arange(1024)))[:, None].astype("u2")
    time = plan.FRAME_TIME["FASTR1"] * np.arange(10)[:, None, None]
    level = np.full((1, 1032), GLOW["dark"])
    level[0, :460], level[0, 516:] = GLOW["dark"] + GLOW["4"], GLOW["dark"] + GLOW["3"]
    noise = np.random.default_rng(2).normal(0, 5, (10, 1024, 1032))
    background = (9500.5 + level * time + noise).astype(np.uint16)[None]
    write(space.stage("background", "uncal"), "jw02732005001_02101_00001_mirifulong_uncal.fits", "34", background)
    write(space.stage("background", "uncal"), "jw02732005001_02101_00001_mirifushort_uncal.fits", "12",
          humming)  # fmt: skip
    dark = np.zeros((1024, 1032))
    dark[tuple(HOT.T)] = 10.0
    columns = np.zeros(len(HITS), int), np.full(len(HITS), 4), *HITS.T, np.full(len(HITS), 500.0)
    return FakeFacts(space, {"cosmic_ray_dn": columns, "dark": dark}, program=plan.program())


@pytest.fixture
def verdict(facts):
    """A function that judges an answer."""
    return lambda name, value: judge(from_learner(index.exercise(name), value), facts)


def boxes(places, size=1):
    mask = np.zeros((1024, 1032), dtype=bool)
    for row, column in places:
        mask[row - size : row + size + 1, column - size : column + size + 1] = True
    return mask


def test_the_frequency_of_the_bands_follows_from_the_time_of_a_row(verdict):
    assert verdict("02-interference", FREQUENCY).outcome == "passed"
    assert verdict("02-interference", 10.09).outcome == "passed"  # the nearest of the frequencies of 1024 rows
    waves = FREQUENCY * 1024 * 271e-5
    for value, name in ((1 / FREQUENCY, "period"), (1024 / waves, "rows"), (waves, "waves"), (9.5, None)):
        assert (verdict("02-interference", value).outcome, verdict("02-interference", value).misconception) == (
            "failed", name
        )  # fmt: skip


def test_the_glow_is_the_rate_above_the_dark_strip(verdict):
    assert verdict("02-sky-glow", [GLOW["4"], GLOW["3"]]).outcome == "passed"
    assert verdict("02-sky-glow", [GLOW["3"], GLOW["4"]]).misconception == "exchanged"
    assert verdict("02-sky-glow", [GLOW["4"] + 0.5, GLOW["3"] + 0.5]).misconception == "dark-included"


def test_tracks_are_found_by_boxes_and_hits_outside_the_window_do_not_count(verdict):
    inside = HITS[:4]
    assert verdict("02-tracks", boxes(inside)).outcome == "passed"
    assert verdict("02-tracks", boxes(inside[:1])).outcome == "failed"  # one event of three
    assert verdict("02-tracks", boxes(HOT)).misconception == "hot-pixels"
    assert verdict("02-tracks", boxes(inside[:, ::-1])).misconception == "swapped"
    assert verdict("02-tracks", np.ones((1024, 1032), dtype=bool)).misconception == "everything"


def test_cosmic_rays_and_hot_pixels_are_told_apart(facts, verdict):
    hot = expected.hot_pixels(facts)
    assert verdict("02-hot-pixels", hot).outcome == "passed"
    assert verdict("02-cosmic-rays", hot).misconception == "hot-pixels"
    assert verdict("02-cosmic-rays", np.zeros((1032, 1024), dtype=bool)).misconception == "transposed"
    hits = expected.hit_pixels(facts).data
    noise = hits.copy()
    noise[400, :3] = True
    assert verdict("02-cosmic-rays", hits).outcome == "passed"
    assert verdict("02-cosmic-rays", noise).misconception == "noise-too"
    assert verdict("02-cosmic-rays", hits | hot).misconception != "noise-too"


def test_robust_z_is_one_for_a_pixel_one_standard_deviation_away():
    frame = np.random.default_rng(5).normal(50, 4, 100_000)
    z = expected.robust_z(np.append(frame, [54.0, np.nan, 1e6]))
    assert z[-3] == pytest.approx(1.0, abs=0.02) and np.isnan(z[-2])
    assert np.isnan(expected.robust_z(np.full(5, 3.0))).all()


@pytest.mark.parametrize(
    ("name", "value", "misconception"),
    [
        ("02-line-name", "[Ar V]", "no-redshift"), ("02-line-name", "H2 S(2)", "direction"),
        ("02-line-extended", "c", "spectral-width"), ("02-same-place", "a", "cosmic-ray"),
    ],
)  # fmt: skip
def test_a_known_wrong_answer_gets_the_message_made_for_it(verdict, name, value, misconception):
    assert verdict(name, value).misconception == misconception


def test_four_exercises_are_judged_on_the_learners_own_products():
    kinds = [exercise.judged_by for exercise in index.lesson_exercises("02")]
    assert kinds.count("products") >= 4


def test_any_limit_that_keeps_noise_out_and_outliers_in_is_accepted(verdict, monkeypatch):
    image = np.random.default_rng(4).normal(0, 5, (1024, 1032))
    image.flat[:6000] = 200.0  # 40 standard deviations
    monkeypatch.setattr(expected, "_empty_field", lambda facts: image)
    said = {4.2: "", 30: "", 3.6: "should be noise", 45: "lose too many", 3: "Three sigma", 500: "brightest",
            -2: "should be noise", np.nan: "lose too many"}  # fmt: skip
    for limit, words in said.items():
        judged = verdict("02-limit", limit)
        assert (judged.outcome == "passed") == (not words) and words in judged.message, (limit, judged.message)
