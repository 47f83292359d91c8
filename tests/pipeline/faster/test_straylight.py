"""The cross-artifact model by FFT equals the pipeline's, and its replacement is checked, recorded and undone."""

import importlib.metadata

import numpy as np
import pytest

from mrskit.errors import PipelineError
from mrskit.pipeline.faster import patches, straylight

COLUMNS = np.arange(1032.0)
HALVES = {"left": (0, 516), "right": (516, 1024)}


@pytest.fixture(scope="module")
def image():
    """A detector of noise around zero with some bright columns, shape (1024, 1032)."""
    generator = np.random.default_rng(7319)
    data = generator.normal(0.5, 2.0, (1024, 1032))
    data[:, generator.integers(0, 1032, 60)] += generator.uniform(10, 300, 60)
    return data.astype("f4")


def kernel(detector: str, rows: int = 1024) -> tuple[np.ndarray, ...]:
    """A kernel that changes from row to row: Lorentzian and Gaussians (SHORT), Lorentzian alone (LONG)."""
    along = np.linspace(0, 1, rows).astype(">f4")
    if detector == "MIRIFUSHORT":
        values = (
            60 + 80 * along,
            1e-3 * (1 + along),
            4 + 4 * along,
            8 + 9 * along,
            3e-3 * (1 + along),
            1e-3 * (2 - along),
        )
    else:
        values = (140 - 30 * along, 4e-4 * (1 + along), 6 + along, 14 + along, 0 * along, 0 * along)
    return tuple(value.astype(">f4") for value in values)


@pytest.mark.parametrize("detector", ["MIRIFUSHORT", "MIRIFULONG"])
@pytest.mark.parametrize("half", HALVES)
def test_the_model_of_some_rows_equals_the_pipelines_python_sum_over_the_whole_half(image, detector, half):
    from jwst.straylight.straylight import makemodel_composite

    rows = np.r_[0:6, 500:506, 1018:1024]
    parameters = [value[rows] for value in kernel(detector)]
    arguments = (image[rows].astype(float), COLUMNS, *HALVES[half], *parameters)
    expected = makemodel_composite(*arguments)
    np.testing.assert_allclose(straylight.cross_artifact_model(*arguments), expected, rtol=1e-6)


@pytest.mark.parametrize("detector", ["MIRIFUSHORT", "MIRIFULONG"])
@pytest.mark.parametrize("first", [0, 506, 516, 1014])
def test_the_model_of_some_source_columns_equals_the_pipelines_compiled_sum_on_the_whole_detector(
    image, detector, first
):
    from jwst.straylight.straylight import makemodel_ccode

    arguments = (image, COLUMNS, first, first + 10, *kernel(detector))
    expected = makemodel_ccode(*arguments)
    assert expected.max() > 0
    np.testing.assert_allclose(straylight.cross_artifact_model(*arguments), expected, rtol=1e-6)


def test_one_bright_pixel_scatters_the_kernel_and_nothing_wraps_around():
    row = np.zeros((1, 1032))
    row[0, 2] = 1000.0
    one = (np.array([value]) for value in (100.0, 1e-3, 6.0, 14.0, 0.0, 0.0))
    model = straylight.cross_artifact_model(row, COLUMNS, 0, 516, *one)
    distance = COLUMNS - 2
    np.testing.assert_allclose(model[0], 1000 * 1e-3 * 50**2 / (50**2 + distance**2), rtol=1e-10)


def test_negative_pixels_and_pixels_of_the_other_half_scatter_nothing():
    row = np.full((1, 1032), -5.0)
    row[0, 600] = 1000.0
    one = [np.array([value]) for value in (100.0, 1e-3, 6.0, 14.0, 1e-3, 1e-3)]
    assert np.abs(straylight.cross_artifact_model(row, COLUMNS, 0, 516, *one)).max() == 0


def test_a_kernel_of_zero_width_goes_to_the_pipelines_own_sum_and_says_so(image, caplog):
    from jwst.straylight.straylight import makemodel_ccode

    parameters = list(kernel("MIRIFUSHORT"))
    parameters[2] = np.zeros_like(parameters[2])
    arguments = (image, COLUMNS, 0, 1, *parameters)
    with caplog.at_level("WARNING", "jwst.straylight"):
        model = straylight.cross_artifact_model(*arguments)
    np.testing.assert_array_equal(model, makemodel_ccode(*arguments))
    assert "not finite" in caplog.text


def test_the_replacement_is_in_place_inside_the_context_and_gone_after_an_error():
    from jwst.straylight import straylight as home

    original = home.makemodel_ccode
    with pytest.raises(ZeroDivisionError), straylight.fast_cross_artifact():
        assert home.makemodel_ccode is straylight.cross_artifact_model
        assert patches.active() == (straylight.DESCRIPTION,)
        raise ZeroDivisionError
    assert home.makemodel_ccode is original
    assert patches.active() == ()


def test_another_version_of_the_pipeline_is_refused(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "3.1.0")
    with pytest.raises(PipelineError, match=r"jwst 3\.1\.0 is installed.*--stock"), straylight.fast_cross_artifact():
        pass


def test_a_function_with_other_arguments_is_refused(monkeypatch):
    from jwst.straylight import straylight as home

    def makemodel_ccode(fimg, xvec):
        return None

    monkeypatch.setattr(home, "makemodel_ccode", makemodel_ccode)
    with pytest.raises(PipelineError, match="has the arguments"), straylight.fast_cross_artifact():
        pass


def test_a_function_that_somebody_else_has_replaced_is_refused(monkeypatch):
    from jwst.straylight import straylight as home

    monkeypatch.setattr(home, "makemodel_ccode", straylight.cross_artifact_model)
    with pytest.raises(PipelineError, match="was already replaced"), straylight.fast_cross_artifact():
        pass


def test_the_replacement_is_written_into_the_history_once_and_fits_one_card(tmp_path):
    from astropy.io import fits
    from stdatamodels.jwst.datamodels import IFUImageModel

    model = IFUImageModel((4, 4))
    with straylight.fast_cross_artifact():
        patches.record(model)
        patches.record([model])
    model.save(tmp_path / "one_cal.fits")
    assert list(fits.getheader(tmp_path / "one_cal.fits")["HISTORY"]) == [straylight.DESCRIPTION]


def test_a_later_stage_passes_on_what_the_files_that_it_reads_say():
    with patches.inherited([["mrskit: one", "somebody: other"], ["mrskit: one", "mrskit: two"]]):
        assert patches.active() == ("mrskit: one", "mrskit: two")
    assert patches.active() == ()
