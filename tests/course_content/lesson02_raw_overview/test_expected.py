"""What the judge of lesson 02 expects follows from the truth of the exposure that the lesson opened."""

from dataclasses import dataclass

import numpy as np
import pytest
from astropy.io import fits

from mrskit import plan, workspace
from mrskit.bands import Setting
from mrskit.course.lesson02_raw_overview import expected
from mrskit.errors import ProductError
from mrskit.workspace import Workspace


@dataclass
class FakeFacts:
    """Facts of a workspace with one raw file, whose truth is given."""

    workspace: Workspace
    table: dict
    use_ch: str = "34"
    use_band: str = "SHORT"
    program: object = plan.program()
    basis: str = ""

    def of(self, space):
        """Return these facts: the exposures are the workspace's own."""
        assert space == self.workspace
        return self

    def truth(self, exposure: str) -> dict:
        """Return the given truth, whatever the exposure."""
        return self.table


@pytest.fixture
def facts(tmp_path):
    """A workspace with one tiny raw file of 34:SHORT."""
    space = workspace.create(tmp_path / "ws")
    primary = fits.PrimaryHDU()
    primary.header.update({"CHANNEL": "34", "BAND": "SHORT"})
    ramp = np.zeros((1, 3, 2, 2), dtype=np.uint16)
    ramp[0, 0], ramp[0, -1] = 10, [[9, 10], [11, 8]]
    hdus = fits.HDUList([primary, fits.ImageHDU(ramp, name="SCI")])
    hdus.writeto(space.stage("source", "uncal") / "jw02732004001_02101_00001_mirifulong_uncal.fits")
    return FakeFacts(space, {})


def test_pixels_wrap_where_the_last_group_is_below_the_first(facts):
    assert expected.wrapped(facts) == 2
    assert expected.shape(facts) == [1, 3, 2, 2]


def test_a_missing_raw_file_is_an_error_that_names_the_folder_and_the_setting(facts):
    with pytest.raises(ProductError, match=r"Background.uncal: no uncal file of 12:SHORT"):
        expected.raw_file(facts, "background", Setting("12", "SHORT"))


def test_another_exposure_of_the_source_stands_in_for_a_missing_background(facts):
    assert expected.raw_file(facts, "background") == expected.raw_file(facts)


def test_only_strong_hits_after_the_first_group_must_be_found(facts):
    group, row, column = np.array([3, 4, 0]), np.array([10, 20, 30]), np.array([100, 200, 300])
    facts.table = {"cosmic_ray_dn": (np.zeros(3, int), group, row, column, np.array([500.0, 20.0, 500.0]))}
    hit = expected.hit_pixels(facts)
    assert hit.data[10, 100] and hit.data.sum() == 1
    assert list(zip(*np.nonzero(hit.mask), strict=True)) == [(20, 200), (30, 300)]


def test_by_eye_only_hits_of_the_first_integration_in_the_window_must_be_found(facts):
    source = next(facts.workspace.stage("source", "uncal").glob("*.fits"))
    copy = facts.workspace.stage("background", "uncal") / source.name.replace("4001", "5001")
    copy.write_bytes(source.read_bytes())
    integration, row = np.array([0, 1, 0]), np.array([610, 620, 30])
    facts.table = {"cosmic_ray_dn": (integration, np.full(3, 4), row, np.full(3, 100), np.full(3, 500.0))}
    hit = expected.tracks(facts)
    assert list(zip(*np.nonzero(hit.data), strict=True)) == [(610, 100)]
    assert hit.mask[620, 100] and hit.mask[30, 100] and not hit.mask[610, 100] and not hit.mask[611, 100]


def test_the_line_is_found_along_a_bowed_trace(facts):
    rows, columns = np.mgrid[:1024, :1032]
    trace = 900 - 15 * ((rows - 512) / 512) ** 2
    spectrum = 10 + 30 * np.exp(-0.5 * ((rows - 237) / 2.0) ** 2)
    facts.table = {"rate": spectrum * np.exp(-0.5 * ((columns - trace) / 1.5) ** 2)}
    assert set(expected.line_rows(facts)) == {237}


def test_the_columns_of_the_nucleus_are_the_brightest_of_the_left_half(facts):
    rate = np.ones((1024, 1032))
    rate[:, 377], rate[:, 378], rate[:, 420], rate[:, 800] = 50, 46, 30, 90
    facts.table = {"rate": rate}
    assert list(expected.nucleus_columns(facts)) == [377, 378]
    assert expected.nucleus_column_on_the_right(facts) == 800
