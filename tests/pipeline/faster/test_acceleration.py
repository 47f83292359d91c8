"""What the kit leaves out of the stages: off again afterwards, and recorded in the products."""

import gc
import os
from pathlib import Path
from types import SimpleNamespace

import asdf
import gwcs
import numpy as np
import pytest
import stpipe.step
from astropy.modeling import models
from astropy.modeling.parameters import Parameter
from gwcs.selector import LabelMapperArray, RegionsSelector
from stdatamodels.jwst import datamodels as jwst_models

from mrskit.errors import PipelineError
from mrskit.pipeline.faster import acceleration, datamodels, patches, transforms

STAGES = ("detector1", "spec2", "spec3")


@pytest.mark.parametrize("stage", STAGES)
def test_after_a_stage_everything_is_as_it_was(stage):
    def state():
        from jwst.assign_wcs import miri
        from jwst.cube_build import ifu_cube
        from jwst.datamodels import library
        from jwst.extract_1d import ifu
        from jwst.outlier_detection import ifu as outliers
        from jwst.stpipe import core
        from jwst.straylight import straylight
        from stcal.jump import jump, twopoint_difference

        return (miri.detector_to_abl, miri.abl_to_v2v3l, ifu_cube.cube_wrapper_driz, ifu.aperture_photometry,
                outliers.medfilt, straylight.makemodel_ccode, jump.np, twopoint_difference.np, stpipe.step.gc,
                asdf.schema._make_schema_loader, "__deepcopy__" in vars(gwcs.WCS), asdf.get_config().validate_on_read,
                "__deepcopy__" in vars(Parameter), library.read_metadata, core.read_metadata,
                os.environ.get("VALIDATE_ON_ASSIGNMENT"), patches.active())  # fmt: skip

    before = state()
    with acceleration.accelerated(stage):
        assert state() != before
    assert state() == before


@pytest.mark.parametrize("stage", STAGES)
def test_what_goes_into_a_history_fits_one_card(stage):
    with acceleration.accelerated(stage):
        assert patches.active()
        assert all(text.startswith(patches.PREFIX) and len(text) <= 72 for text in patches.active())


def test_a_stage_collects_garbage_once_at_its_end(monkeypatch):
    counted = []
    monkeypatch.setattr(gc, "collect", lambda *_: counted.append("end") or 0)
    with acceleration._collected_once():
        stpipe.step.gc.collect()
        stpipe.step.gc.collect()
        assert counted == []
    assert counted == ["end"]


def test_a_model_that_is_opened_and_changed_is_checked_when_it_is_written(tmp_path):
    path = tmp_path / "image.fits"
    jwst_models.ImageModel(np.ones((2, 3), dtype=np.float32)).save(path)
    with datamodels.checked_once(), jwst_models.ImageModel(path) as model:
        model.meta.target.ra = 12.5
        model.save(path)
    with jwst_models.ImageModel(path) as model:
        assert model.meta.target.ra == 12.5


def test_a_schema_is_parsed_once_and_found_again():
    with datamodels.schemas_parsed_once():
        first, second = (asdf.schema._make_schema_loader() for _ in range(2))
        url = "http://stsci.edu/schemas/asdf/core/asdf-1.1.0"
        assert first is second
        assert first(url)[0] is second(url)[0]


def test_a_copy_has_its_own_data_and_the_same_wcs():
    model = jwst_models.ImageModel(np.zeros((2, 2), dtype=np.float32))
    model.meta.wcs = gwcs.WCS([("detector", None)])
    with datamodels.copies_share_wcs():
        copy = model.copy()
    copy.data[0, 0] = 5
    assert copy.meta.wcs is model.meta.wcs
    assert model.data[0, 0] == 0
    assert model.copy().meta.wcs is not model.meta.wcs


@pytest.fixture
def reference_files(tmp_path, monkeypatch):
    """Four small files in the place of the references, and an empty store of models."""
    monkeypatch.setattr(transforms, "_kept", {})
    files = {name: tmp_path / f"{name}.asdf" for name in ("distortion", "specwcs", "regions", "wavelengthrange")}
    for path in files.values():
        path.write_text("x")
    return {name: str(path) for name, path in files.items()}


def exposure(band="SHORT", velocity=None):
    """What the model of an exposure says about itself, as far as the geometry depends on it."""
    instrument = SimpleNamespace(channel="12", band=band)
    return SimpleNamespace(meta=SimpleNamespace(instrument=instrument, wcsinfo=SimpleNamespace(velosys=velocity)))


def test_the_geometry_is_read_again_when_band_velocity_or_a_file_is_another(reference_files):
    made = []

    def original(input_model, reference_files):
        made.append(input_model)
        return models.Polynomial2D(2, c0_0=len(made))

    read = transforms._remembering(original)
    first = read(exposure(), reference_files)
    assert read(exposure(), reference_files).c0_0 == first.c0_0 == 1
    others = [read(exposure("MEDIUM"), reference_files), read(exposure(velocity=1200.0), reference_files)]
    Path(reference_files["specwcs"]).write_text("longer")
    others.append(read(exposure(), reference_files))
    assert [other.c0_0.value for other in others] == [2, 3, 4]
    assert len(made) == 4


def test_a_renamed_geometry_has_its_own_name_and_box_and_the_kept_one_neither(reference_files):
    parts = RegionsSelector(
        ("x", "y"), ("a",), {1: models.Polynomial2D(1, c1_0=2.0)}, LabelMapperArray(np.ones((9, 9)))
    )
    read = transforms._remembering(lambda *_: parts)
    one = read(exposure(), reference_files).rename("detector_to_abl")
    one.bounding_box = ((0.0, 1.0), (0.0, 1.0))
    other = read(exposure(), reference_files)
    assert (one.name, other.name) == ("detector_to_abl", None)
    place = np.array([3.0]), np.array([4.0])
    assert np.ravel(one.evaluate(*place)).tolist() == np.ravel(other.evaluate(*place)).tolist() == [6.0]
    assert one.selector[1] is other.selector[1]
    with pytest.raises(NotImplementedError):
        _ = other.bounding_box
    later = one.copy()  # deep, as the pipeline's
    assert later.selector[1] is not one.selector[1] and later.name == one.name
    assert later.bounding_box == one.bounding_box


def test_a_model_made_with_plainly_copied_parameters_is_the_same_model():
    coefficients = {"c0_0": 1.5, "c1_0": -2.0, "c0_1": 0.25}
    plain = models.Polynomial2D(1, **coefficients, fixed={"c1_0": True}, bounds={"c0_1": (0, 1)}, name="alpha")
    with datamodels.parameters_copied_plainly():
        quick = models.Polynomial2D(1, **coefficients, fixed={"c1_0": True}, bounds={"c0_1": (0, 1)}, name="alpha")
        copy = quick.copy()
    for made in (quick, copy):
        assert made.name == plain.name and made.param_names == plain.param_names
        assert (made.fixed, made.bounds, made(3.0, 4.0)) == (plain.fixed, plain.bounds, plain(3.0, 4.0))
        assert all(getattr(made, name).model is made for name in made.param_names)
    copy.c0_0 = 9.0
    assert quick.c0_0 == 1.5 and models.Polynomial2D(1).c0_0 == 0.0


def test_metadata_are_read_once_while_the_file_is_the_same_and_nobody_changes_what_is_kept(tmp_path):
    path, read = tmp_path / "image.fits", []
    jwst_models.ImageModel(np.ones((2, 3), dtype=np.float32)).save(path)

    def counted(*arguments, **keywords):
        read.append(arguments)
        return jwst_models.read_metadata(*arguments, **keywords)

    once = datamodels._reading_once(counted)
    nested, flat = once(path, flatten=False), once(path)
    assert nested == jwst_models.read_metadata(path, flatten=False) and flat == jwst_models.read_metadata(path)
    flat["meta.asn.exptype"] = "science"
    nested["meta"]["telescope"] = "another"
    assert once(path) == jwst_models.read_metadata(path) and len(read) == 1
    with jwst_models.ImageModel(path) as model:
        model.meta.target.catalog_name = "another"
        model.save(path)
    assert once(path)["meta.target.catalog_name"] == "another" and len(read) == 2


def test_a_method_that_the_class_has_already_is_not_replaced():
    with (
        pytest.raises(PipelineError, match="already has its own method __call__"),
        patches.added("gwcs.wcs", "WCS", "__call__", print, "mrskit: nothing"),
    ):
        pass
