"""The compact geometry against the flight solution and against numbers worked out independently of the kit."""

from itertools import pairwise

import numpy as np
import pytest

from mrskit.bands import BANDS, SETTINGS
from mrskit.simulate.references import geometry as own, wcs

SETTING = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)


@pytest.fixture(scope="module")
def labels():
    """Slice numbers of 12:SHORT, shape (9, 1024, 1032)."""
    return own.regions(own.geometry(SETTINGS["12:SHORT"]).slices)


def slice_of(setting, number):
    return next(item for item in own.geometry(SETTINGS[setting]).slices if item.number == number)


@SETTING
def test_a_setting_has_the_slices_of_its_two_channels(setting):
    counts = {1: 21, 2: 17, 3: 16, 4: 12}
    expected = [100 * b.channel + k for b in setting.bands for k in range(1, counts[b.channel] + 1)]
    assert [item.number for item in own.geometry(setting).slices] == expected


@SETTING
def test_the_table_states_residuals_below_a_tenth_of_a_pixel(setting):
    for band in setting.bands:
        residual = own.table()["settings"][setting.name]["residuals"][band.name]
        assert residual["columns"]["rms"] < 0.1
        assert residual["rows"]["rms"] < 0.1
        assert residual["sky"]["max"] < 1  # mas


@pytest.mark.real
@SETTING
def test_the_fit_reproduces_the_flight_solution_as_well_as_the_table_states(setting, real_data):
    slices = own.geometry(setting).slices
    rows, fraction = np.arange(4.0, own.ROWS, 32), np.linspace(0, 1, 12)
    in_columns, in_rows = {}, {}
    for mine, flight in zip(slices, wcs.flight_slices(setting, real_data / "flt9"), strict=True):
        left, right = own.edges(flight, 0.0, rows)
        x = left[:, None] * (1 - fraction) + right[:, None] * fraction
        y = np.repeat(rows[:, None], fraction.size, axis=1)
        along = flight.alpha(y, x + 0.5) - flight.alpha(y, x - 0.5)
        down = flight.wavelength(y + 0.5, x) - flight.wavelength(y - 0.5, x)
        in_columns.setdefault(mine.channel, []).append((mine.alpha(y, x) - flight.alpha(y, x)) / along)
        in_rows.setdefault(mine.channel, []).append((mine.wavelength(y, x) - flight.wavelength(y, x)) / down)
    for band in setting.bands:
        stated = own.table()["settings"][setting.name]["residuals"][band.name]
        for found, limit in ((in_columns, stated["columns"]), (in_rows, stated["rows"])):
            values = np.concatenate(found[band.channel])
            assert np.sqrt(np.mean(values**2)) < 0.1
            assert np.abs(values).max() <= limit["max"] + 1e-3


@pytest.mark.parametrize(
    ("setting", "number", "left", "right", "wavelength"),
    [
        ("12:SHORT", 101, 479.1, 496.7, 5.3409),
        ("12:SHORT", 209, 981.7, 1001.0, 8.1830),
        ("34:SHORT", 305, 754.6, 777.8, 12.6074),
        ("34:SHORT", 412, 28.3, 55.6, 19.4363),
    ],
)
def test_a_slice_lies_at_row_512_where_a_separate_evaluation_of_the_flight_models_puts_it(
    setting, number, left, right, wavelength
):
    item, row = slice_of(setting, number), np.array([512.0])
    assert np.concatenate(own.edges(item, 0.0, row)) == pytest.approx([left, right], abs=0.15)
    assert item.wavelength(row, own.edge(item, 0.0, row))[0] == pytest.approx(wavelength, abs=2e-4)


def test_the_origin_of_1a_lies_at_the_reference_point_of_the_telescope():
    sky = wcs.sky_model(own.geometry(SETTINGS["12:SHORT"]).sky["1A"])
    assert sky(0.0, 0.0) == pytest.approx((-503.3406, -318.8640), abs=2e-4)


@SETTING
def test_the_sky_model_and_its_inverse_agree_within_a_milliarcsecond(setting):
    alpha, beta = np.meshgrid(np.linspace(-3.5, 3.5, 9), np.linspace(-3.8, 3.8, 9))
    for sky in own.geometry(setting).sky.values():
        model = wcs.sky_model(sky)
        back = model.inverse(*model(alpha, beta))
        assert np.abs(np.array(back) - [alpha, beta]).max() < 1e-3


@SETTING
def test_the_inverse_surfaces_agree_with_the_forward_ones_within_two_hundredths_of_a_pixel(setting):
    rows, fraction = np.linspace(0, own.ROWS - 1, 23), np.linspace(0, 1, 9)
    for item in own.geometry(setting).slices[::5]:
        left, right = own.edges(item, 0.1, rows)
        x = left[:, None] * (1 - fraction) + right[:, None] * fraction
        y = np.repeat(rows[:, None], fraction.size, axis=1)
        to_column, to_row = wcs.inverse(item)
        wavelength, alpha = item.wavelength(y, x), item.alpha(y, x)
        assert np.abs(to_column(wavelength, alpha) - x).max() < 0.02
        assert np.abs(to_row(wavelength, alpha) - y).max() < 0.02


def test_the_models_written_for_the_pipeline_equal_the_polynomials_of_the_table():
    item = slice_of("12:SHORT", 111)
    rows, columns = np.meshgrid(np.linspace(0, 1023, 7), np.linspace(15, 37, 5))
    assert wcs.surface(item.alpha)(rows, columns) == pytest.approx(item.alpha(rows, columns), abs=1e-9)


def test_an_edge_is_where_alpha_reaches_its_limit():
    item, rows = slice_of("34:SHORT", 301), np.arange(0.0, 1024, 100)
    assert item.alpha(rows, own.edge(item, item.alpha_limits[1], rows)) == pytest.approx(item.alpha_limits[1], abs=1e-4)


def test_every_row_of_the_pipelines_plane_has_all_38_slices_of_the_short_detector(labels):
    plane = labels[own.PIPELINE_PLANE]
    assert all(len(np.unique(row[row > 0])) == 38 for row in plane)
    width = np.array([[np.sum(row == number) for number in np.unique(plane) if number] for row in plane[::64]])
    assert width.min() >= 16
    assert width.max() <= 24  # columns


def test_slices_only_shrink_from_one_throughput_plane_to_the_next(labels):
    for wider, narrower in pairwise(labels):
        assert np.all((narrower == 0) | (narrower == wider))
        assert np.sum(narrower > 0) < np.sum(wider > 0)


def test_reference_columns_belong_to_no_slice(labels):
    assert not labels[:, :, :4].any()
    assert not labels[:, :, 1028:].any()


def test_maps_are_nan_between_the_slices_and_within_the_limits_inside(labels):
    result = own.maps(own.geometry(SETTINGS["12:SHORT"]).slices, labels[own.PIPELINE_PLANE])
    inside = result.slices > 0
    assert np.isnan(result.alpha[~inside]).all()
    assert np.isfinite(result.wavelength[inside]).all()
    first = result.alpha[result.slices == 101]
    low, high = slice_of("12:SHORT", 101).alpha_limits
    assert first.min() >= low - 1e-3
    assert first.max() <= high + 1e-3


@pytest.mark.parametrize("name", sorted(BANDS))
def test_a_band_reaches_its_adopted_limits(name):
    low, high, *_ = own.coverage(BANDS[name])
    assert low < BANDS[name].wavelength_min
    assert high > BANDS[name].wavelength_max
