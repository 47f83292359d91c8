"""Reference files that the whole mode shares: cross-artifact, leak, cubes, apertures, residual fringes, parameters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits
from stdatamodels.jwst import datamodels

from mrskit.bands import BANDS, SETTINGS, SUBBANDS, Band
from mrskit.references import flight
from mrskit.simulate import imperfections, psf
from mrskit.simulate.references import tables
from mrskit.simulate.references.files import EVERYWHERE, save_model, save_tree
from mrskit.simulate.references.geometry import ROWS, coverage, edge, geometry
from mrskit.workspace import replacing

TYPES = ("mrsxartcorr", "mrsptcorr", "cubepar", "extract1d", "apcorr", "fringefreq", "emicorr", *flight.FILES)


def write(folder: Path) -> dict[str, str]:
    """Write the files of the mode; return reference type -> file name."""
    result = {
        "mrsxartcorr": _artifact(folder),
        "mrsptcorr": _leak(folder),
        "cubepar": _cubes(folder),
        "fringefreq": _residual_fringes(folder),
        "emicorr": _interference(folder),
    }
    for kind in flight.FILES:
        result[kind] = save_tree(flight.tree(kind), kind, EVERYWHERE, folder, "StepParsModel", origin="mrskit")
    return result | _apertures(folder)


def artifact_rows(band: Band) -> dict[str, np.ndarray]:
    """
    Return the cross-artifact kernel of a band, one value a detector row, in the columns of the reference file.

    Parameters
    ----------
    band : Band
        The band.

    Returns
    -------
    dict of str to ndarray of shape (1024,)
        ``lor_fwhm``, ``gau_fwhm`` and ``gau_xoff`` in pixels; peaks ``lor_scale``, ``gau_scale1``, ``gau_scale2``.
    """
    rows = np.arange(ROWS, dtype=float)
    slices = [item for item in geometry(band.setting).slices if item.channel == band.channel]
    middle = slices[len(slices) // 2]
    wavelength = middle.wavelength(rows, edge(middle, 0.0, rows))
    scale = tables.ARTIFACT_SCALE[band.name]
    first, second = (peak * scale / tables.ARTIFACT_SCALE["1A"] for peak in tables.ARTIFACT_GAUSSIAN[band.channel])
    constant = {
        "lor_fwhm": tables.ARTIFACT_FWHM, "lor_scale": scale, "gau_fwhm": tables.ARTIFACT_GAUSSIAN_FWHM,
        "gau_scale1": first, "gau_scale2": second,
    }  # fmt: skip
    offset = tables.ARTIFACT_OFFSET * wavelength / tables.ARTIFACT_WAVELENGTH
    return {"yrow": rows, "gau_xoff": offset} | {key: np.full(ROWS, value) for key, value in constant.items()}


def _artifact(folder: Path) -> str:
    model = datamodels.MirMrsXArtCorrModel()
    for band in BANDS.values():
        table = f"ch{band.name.lower()}_table"
        rows = np.zeros(ROWS, model.get_dtype(table))
        for column, values in artifact_rows(band).items():
            rows[column] = values
        setattr(model, table, rows)
    return save_model(model, "mrsxartcorr", EVERYWHERE, folder)


def leak(wavelength: np.ndarray) -> np.ndarray:
    """Return which fraction of the flux density at half the wavelength, um, appears at the wavelength."""
    sigma = tables.LEAK_FWHM / np.sqrt(8 * np.log(2))
    return tables.LEAK_PEAK * np.exp(-0.5 * ((wavelength - tables.LEAK_WAVELENGTH) / sigma) ** 2)


def _leak(folder: Path) -> str:
    model = datamodels.MirMrsPtCorrModel()
    wavelength = np.arange(11.4, 13.6, 0.01)
    rows = np.zeros(wavelength.size, model.get_dtype("leakcor_table"))
    rows["wavelength"], rows["frac_leak"] = wavelength, leak(wavelength)
    rows["err_leak"] = 0.05 * rows["frac_leak"]
    model.leakcor_table = rows
    return save_model(model, "mrsptcorr", EVERYWHERE, folder)


def cube_range(band: Band) -> tuple[float, float]:
    """Return the wavelengths of a band's cube, um: the adopted limits as far as every slice reaches them."""
    *_, low, high = coverage(band)
    return max(band.wavelength_min, round(low + 0.005, 2)), min(band.wavelength_max, round(high - 0.005, 2))


def _cubes(folder: Path) -> str:
    model = datamodels.MiriIFUCubeParsModel()
    drizzle, shepard, exponential = [], [], []
    for band in BANDS.values():
        key = (str(band.channel), band.subband)
        spaxel, step = tables.CUBE_SPAXEL[band.channel], tables.CUBE_STEP[band.channel]
        drizzle.append((*key, spaxel, step, *cube_range(band)))
        shepard.append((*key, 3 * spaxel, 2 * step, 2, 0.01))  # radii in space and wavelength, power, softening
        exponential.append((*key, 3 * spaxel, 2 * step, 0.5 * spaxel))
    wavelength = _all_wavelengths()
    contents = {
        "ifucubepars_table": drizzle,
        "ifucubepars_msm_table": shepard,
        "ifucubepars_emsm_table": exponential,
        "ifucubepars_multichannel_driz_wavetable": [(value,) for value in wavelength],
        "ifucubepars_multichannel_msm_wavetable": [(value, 0.4, 0.002, 2, 0.01) for value in wavelength],
        "ifucubepars_multichannel_emsm_wavetable": [(value, 0.4, 0.002, 0.1) for value in wavelength],
    }
    for table, rows in contents.items():
        setattr(model, table, np.array(rows, dtype=model.get_dtype(table)))
    return save_model(model, "cubepar", EVERYWHERE, folder)


def _all_wavelengths() -> np.ndarray:
    """Return the planes of a cube of several channels, um: each channel's own step over the whole range."""
    parts: list[np.ndarray] = []
    for channel, step in tables.CUBE_STEP.items():
        ranges = [cube_range(band) for band in BANDS.values() if band.channel == channel]
        start = parts[-1][-1] + step if parts else ranges[0][0]
        parts.append(np.arange(start, ranges[-1][1], step))
    return np.concatenate(parts)


def aperture_correction(size: np.ndarray | float, wavelength: np.ndarray, wings: float) -> np.ndarray:
    """
    Return a point source's light over what an aperture finds in a cube when the mean of the annulus is subtracted.

    Parameters
    ----------
    size : ndarray or float
        Radius of the aperture in FWHM.
    wavelength : ndarray
        um.
    wings : float
        Of the point-spread function: mrskit.simulate.psf.
    """
    inside, inner, outer = (
        psf.enclosed(np.asarray(times * psf.fwhm(wavelength)), wavelength, wings) for times in (size, *tables.ANNULUS)
    )
    first, last = tables.ANNULUS
    return 1.0 / (inside - (outer - inner) * size**2 / (last**2 - first**2))


def _apertures(folder: Path, wings: float = imperfections.DEFAULT.wings) -> dict[str, str]:
    wavelength = np.linspace(4.8, 28.8, 200)
    fwhm = np.asarray(psf.fwhm(wavelength))
    sizes = np.array([0.5, 1, 1.5, 2, 2.5, 3])  # radii in FWHM
    factor = aperture_correction(sizes[:, None], wavelength, wings)
    error = abs(aperture_correction(sizes[:, None], wavelength, wings + tables.PSF_WINGS_ERROR) - factor)
    single = {key: _f4(values) for key, values in (("wavelength", wavelength), ("radius", tables.APERTURE * fwhm))}
    annulus = {f"{key}_bkg": _f4(size * fwhm) for key, size in zip(("inner", "outer"), tables.ANNULUS, strict=True)}
    units = {f"{key}_units": "arcsec" for key in ("radius", "inner_bkg", "outer_bkg")}
    units |= {"wavelength_units": "micron", "axis_pa_units": "degrees"}
    shape = {"axis_ratio": np.ones(200, np.float32), "axis_pa": np.zeros(200, np.float32)}
    parameters = {"region_type": "target", "subtract_background": True, "method": "subpixel", "subpixels": 10}
    correction = {
        "channel": "ANY", "band": "ANY", "wavelength": _f4(wavelength), "wavelength_units": "micron",
        "radius": _f4(sizes[:, None] * fwhm), "radius_units": "arcsec", "apcorr": _f4(factor), "apcorr_err": _f4(error),
    }  # fmt: skip
    return {
        "extract1d": save_tree(
            {"data": single | annulus | units | shape}, "extract1d", EVERYWHERE, folder, "Extract1dIFUModel",
            None, **parameters,
        ),
        "apcorr": save_tree({"apcorr_table": correction}, "apcorr", EVERYWHERE, folder, "MirMrsApcorrModel"),
    }  # fmt: skip


def _f4(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float32)


def _residual_fringes(folder: Path) -> str:
    """Write the periods that the residual-fringe step looks for: one row a slice, one vector element an etalon."""
    model = datamodels.FringeFreqModel()
    amplitude = [(value, tables.RESIDUAL_AMPLITUDE) for value in np.linspace(4, 30, 27)]
    model.max_amp_table = np.array(amplitude, dtype=model.get_dtype("max_amp_table"))
    file_name = save_model(model, "fringefreq", EVERYWHERE, folder)
    with replacing(folder / file_name) as temporary, fits.open(folder / file_name) as file:
        for subband in SUBBANDS:
            file.append(_fringe_table(subband))
        file.writeto(temporary)
    return file_name


def _fringe_table(subband: str) -> fits.BinTableHDU:
    slices = [item.number for pair in ("12", "34") for item in geometry(SETTINGS[f"{pair}:{subband}"]).slices]
    (period, width), count = zip(*tables.RESIDUAL_FRINGES, strict=True), len(tables.RESIDUAL_FRINGES)
    vectors = {
        "ffreq": (period, "D"), "dffreq": (width, "D"), "min_nfringes": ([5] * count, "K"),
        "max_nfringes": ([15] * count, "K"), "min_snr": ([10.0] * count, "D"), "pgram_res": ([0.001] * count, "D"),
    }  # fmt: skip
    columns = [fits.Column(name="slice", format="D", array=np.array(slices, float))]
    columns += [
        fits.Column(name=key, format=f"{count}{code}", array=np.tile(values, (len(slices), 1)))
        for key, (values, code) in vectors.items()
    ]
    return fits.BinTableHDU.from_columns(columns, name=f"RFC_FREQ_{subband}")


def _interference(folder: Path) -> str:
    """Write the wave of the electronic interference, for the full array in both readouts."""
    wave = np.sin(2 * np.pi * (np.arange(tables.EMI_BINS) + 0.5) / tables.EMI_BINS)
    slow = {detector: [f"Hz10_slow_{detector}"] for detector in ("MIRIFUSHORT", "MIRIFULONG")}
    tree = {
        "frequencies": {
            name: {"frequency": tables.EMI_FREQUENCY, "phase_amplitudes": _f4(wave)}
            for name in ("Hz10", *(names[0] for names in slow.values()))
        },
        "subarray_cases": {
            f"FULL_{speed}": {"rowclocks": clocks, "frameclocks": ROWS * clocks, "freqs": {speed: names}}
            for speed, clocks, names in (("FAST", 271, ["Hz10"]), ("SLOW", 2333, slow))
        },
    }
    return save_tree(tree, "emicorr", EVERYWHERE, folder, "EmiModel")
