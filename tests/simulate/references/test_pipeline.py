"""CRDS and jwst's own steps on caches that the kit built: offline, all settings, both geometries."""

import hashlib
import inspect

import numpy as np
import pytest

from mrskit.bands import SETTINGS
from mrskit.references import own_cache
from mrskit.simulate.references import mappings

SETTING = pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
HAVE = {
    "mask", "gain", "readnoise", "saturation", "linearity", "reset", "rscd", "dark", "flat", "fringe", "photom",
    "distortion", "specwcs", "regions", "wavelengthrange", "mrsxartcorr", "mrsptcorr", "cubepar", "extract1d", "apcorr",
    "fringefreq", "emicorr", "pars-jumpstep", "pars-emicorrstep", "pars-detector1pipeline",
}  # fmt: skip


def exposure(setting):
    """A rate image of ones, with the keywords that assign_wcs needs, pointed at (10, 20) degrees."""
    from stdatamodels.jwst.datamodels import IFUImageModel

    model = IFUImageModel((1024, 1032))
    entries = {
        "telescope": "JWST", "exposure.type": "MIR_MRS", "exposure.readpatt": "FASTR1", "instrument.name": "MIRI",
        "instrument.detector": setting.detector, "instrument.channel": setting.channels,
        "instrument.band": setting.subband, "observation.date": "2022-07-03", "observation.time": "00:00:00",
        "subarray.name": "FULL", "subarray.xstart": 1, "subarray.ystart": 1, "subarray.xsize": 1032,
        "subarray.ysize": 1024, "wcsinfo.v2_ref": -503.3406, "wcsinfo.v3_ref": -318.864, "wcsinfo.ra_ref": 10.0,
        "wcsinfo.dec_ref": 20.0, "wcsinfo.roll_ref": 0.0, "wcsinfo.v3yangle": 0.0, "wcsinfo.vparity": -1,
    }  # fmt: skip
    for key, value in entries.items():
        model[f"meta.{key}"] = value
    return model


def requests():
    """Every reference type that a step of the installed pipelines lists."""
    import jwst.step
    from jwst.pipeline import Detector1Pipeline, Spec2Pipeline, Spec3Pipeline

    steps = [Detector1Pipeline, Spec2Pipeline, Spec3Pipeline]
    steps += [item for _, item in inspect.getmembers(jwst.step, inspect.isclass) if hasattr(item, "get_config_reftype")]
    found = set()
    while steps:
        step = steps.pop()
        found.add(step.get_config_reftype())
        types = getattr(step, "reference_file_types", None)
        found.update(types if isinstance(types, (list, tuple)) else ())
        steps += (getattr(step, "step_defs", None) or {}).values()
    return found


def test_the_rules_name_every_type_that_a_step_of_the_installed_pipeline_asks_for():
    assert mappings.requested_types() == requests()


def test_every_mapping_has_a_valid_checksum(all_references):
    paths = list(own_cache.mapping_folder(all_references).iterdir())
    assert len(paths) == len(HAVE) + 2
    for path in paths:
        lines = path.read_text().splitlines(keepends=True)
        digest = hashlib.sha1("".join(line for line in lines if "sha1sum" not in line).encode()).hexdigest()
        assert f"'sha1sum': '{digest}'" in path.read_text(), path.name


@SETTING
def test_crds_resolves_every_type_without_a_network(setting, all_references, use, no_network):
    import crds

    use(all_references)
    parameters = exposure(setting).get_crds_parameters()
    found = crds.getreferences(parameters, reftypes=sorted(mappings.requested_types()), observatory="jwst")
    there = {kind for kind, path in found.items() if not path.startswith("NOT FOUND")}
    assert there == HAVE
    folder = own_cache.reference_folder(all_references)
    assert all(path.startswith(str(folder)) for kind, path in found.items() if kind in HAVE)


def test_the_pipeline_called_plainly_takes_what_flight_practice_is(all_references, use, no_network):
    from jwst.pipeline import Detector1Pipeline
    from stdatamodels.jwst.datamodels import EmiModel

    from mrskit.references import flight

    use(all_references)
    keywords = exposure(SETTINGS["34:LONG"]).get_crds_parameters()
    config = Detector1Pipeline.get_config_from_reference(keywords, crds_observatory="jwst")
    pipeline = Detector1Pipeline.from_config_section(Detector1Pipeline.build_config(None, **config)[0])
    assert (pipeline.emicorr.skip, pipeline.refpix.skip, pipeline.ipc.skip) == (False, True, True)
    assert pipeline.jump.find_showers is True
    for item in flight.PRACTICE:
        assert getattr(getattr(pipeline, item.step), item.parameter) == item.value
        assert type(getattr(pipeline, item.step)).__name__ == item.step_class.rpartition(".")[2]
    path = own_cache.reference_folder(all_references) / "jwst_miri_emicorr_9001.asdf"
    with EmiModel(path) as model:
        from jwst.emicorr import emicorr

        for readout, clocks in (("FASTR1", 271), ("SLOWR1", 2333)):
            _, row, frame, names = emicorr.get_subarcase(model, "FULL", readout, "MIRIFULONG")
            assert (row, frame) == (clocks, 1024 * clocks)
            assert emicorr.get_frequency_info(model, names[0])[0] == pytest.approx(10.039216)


def test_files_of_a_detector_are_written_once_for_its_three_settings(all_references):
    card = own_cache.read_card(all_references)
    for kind in ("dark", "reset", "flat", "linearity", "mask"):
        files = {name: card["types"][name][kind] for name in SETTINGS}
        assert len({files[name] for name in SETTINGS if name.startswith("12")}) == 1
        assert len(set(files.values())) == 2


def test_a_cache_of_one_setting_is_smaller_than_150_megabytes(all_references):
    card = own_cache.read_card(all_references)
    names = set(card["types"]["12:SHORT"].values())
    assert sum(card["sizes"][name] for name in names) < 150e6


@SETTING
def test_assign_wcs_gives_wavelengths_that_cover_both_bands(setting, all_references, use, no_network):
    from jwst.assign_wcs import AssignWcsStep

    use(all_references)
    image = AssignWcsStep.call(exposure(setting))
    y, x = np.mgrid[:1024:4, :1032]
    ra, dec, wavelength = image.meta.wcs(x, y)
    for band in setting.bands:
        here = wavelength[np.abs(wavelength / np.mean([band.wavelength_min, band.wavelength_max]) - 1) < 0.15]
        assert here.min() < band.wavelength_min
        assert here.max() > band.wavelength_max
    distance = np.hypot((ra - 10) * np.cos(np.radians(20)), dec - 20) * 3600
    assert np.nanmax(distance) < 7  # arcsec: the largest field is 7.1 x 7.9


def test_the_pipelines_world_coordinates_are_those_of_the_table(all_references, use):
    from jwst.assign_wcs import AssignWcsStep

    from mrskit.simulate.references import geometry

    use(all_references)
    setting = SETTINGS["12:SHORT"]
    transform = AssignWcsStep.call(exposure(setting)).meta.wcs.get_transform("detector", "alpha_beta")
    item = geometry.geometry(setting).slices[10]
    rows, columns = np.array([100.0, 512.0, 900.0]), np.array([25.0, 28.0, 22.0])
    alpha, beta, wavelength = transform(columns, rows)
    assert alpha == pytest.approx(item.alpha(rows, columns), abs=1e-9)
    assert wavelength == pytest.approx(item.wavelength(rows, columns), abs=1e-9)
    assert beta == pytest.approx(0.0, abs=1e-6)  # slice 11 of channel 1


@pytest.mark.real
def test_assign_wcs_uses_flight_files_unchanged(flight_references, real_data, use, no_network):
    from jwst.assign_wcs import AssignWcsStep

    use(flight_references)
    for kind in ("distortion", "specwcs"):
        copy = own_cache.reference_folder(flight_references) / f"jwst_miri_{kind}_9121.asdf"
        assert copy.read_bytes() == (real_data / "flt9" / f"jwst_miri_mrs12A_{kind}_flt9.asdf").read_bytes()
    y, x = np.mgrid[:1024:1023, :1032]  # the first and the last row
    *_, wavelength = AssignWcsStep.call(exposure(SETTINGS["12:SHORT"])).meta.wcs(x, y)
    assert np.nanmin(wavelength) == pytest.approx(4.851, abs=0.005)
    assert np.nanmax(wavelength) == pytest.approx(8.846, abs=0.005)


def test_conversion_and_fringe_flat_have_values_exactly_in_the_slices(all_references):
    from astropy.io import fits

    from mrskit.simulate.references import geometry

    inside = geometry.regions(geometry.geometry(SETTINGS["34:SHORT"]).slices)[0] > 0
    for kind in ("photom", "fringe"):
        data = fits.getdata(own_cache.reference_folder(all_references) / f"jwst_miri_{kind}_9341.fits", "SCI")
        assert np.array_equal(np.isfinite(data), inside)
