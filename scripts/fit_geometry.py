"""Fit the kit's compact MRS geometry to the flight solution and write mrskit/simulate/references/geometry.json.

For developers only (needs pysiaf, and the flight files of github.com/STScI-MIRI/miricoord, data/crds/flt9):
python scripts/fit_geometry.py --flight FOLDER
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import asdf
import numpy as np

from mrskit.bands import SETTINGS, SUBBANDS, Setting
from mrskit.simulate.references import geometry as own
from mrskit.workspace import write_text

SOURCE = {
    "fitted_to": "MIRI MRS flight solution FLT9 (2025-07-23), github.com/STScI-MIRI/miricoord, commit 470af6b0",
    "licence": "BSD 3-clause, STScI-MIRI/miricoord",
    "references": "Patapis et al. 2024, A&A 682, A53, arXiv:2307.01025",
    "surfaces": "sum c_k u^i v^j, u = (row - 512) / 512, v = (column - slice column) / 16, (i, j) = terms[k], "
    "0-indexed pixel centres; alpha in arcsec, wavelength in um",
    "sky": "V2, V3 (arcsec) = sum c_k alpha^i beta^j, (i, j) = sky_terms[k]",
    "residuals": "fit minus flight over the slices and 0.25 arcsec beyond their ends: rms and largest value, "
    "alpha in detector columns, wavelength in detector rows; sky in mas",
}
MARGIN = 0.25  # arcsec beyond the ends of a slice: the widest plane of the regions file
TARGET = Path(own.__file__).with_name("geometry.json")


def flight_files(folder: Path, setting: Setting) -> tuple[dict, dict]:
    """Return the trees of the flight distortion and specwcs files of a setting."""
    stem = f"jwst_miri_mrs{setting.channels}{'ABC'[SUBBANDS.index(setting.subband)]}"
    trees = []
    for kind in ("distortion", "specwcs"):
        with asdf.open(folder / f"{stem}_{kind}_flt9.asdf", lazy_load=False, memmap=False) as file:
            trees.append(dict(file.tree))
    return trees[0], trees[1]


def alpha_limits(siaf, number: int, letter: str, to_sky) -> tuple[float, float]:
    """Return the ends of a slice, arcsec, from the vertices of its aperture in the SIAF."""
    aperture = siaf[f"MIRIFU_{number // 100}{letter}SLICE{number % 100:02d}"]
    corners = [[getattr(aperture, f"{axis}IdlVert{k}") for k in (1, 2, 3, 4)] for axis in "XY"]
    alpha, _ = to_sky.inverse(*aperture.idl_to_tel(*np.array(corners)))
    return round(float(alpha.min()), 3), round(float(alpha.max()), 3)


def sample(item: own.Slice) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns that cover a slice and a margin around it."""
    rows = np.append(np.arange(0.0, own.ROWS, 8), own.ROWS - 1)
    left, right = own.edges(item, MARGIN, rows)
    fraction = np.linspace(0, 1, 31)
    columns = left[:, None] * (1 - fraction) + right[:, None] * fraction
    return np.repeat(rows, fraction.size), columns.ravel()


def fit_slice(flight: own.Slice) -> tuple[dict, np.ndarray, np.ndarray]:
    """Return one slice's entry of the table, and its residuals in columns and rows."""
    rows, columns = sample(flight)
    u, v = (rows - own.ROW_CENTRE) / own.ROW_SCALE, (columns - flight.column) / own.COLUMN_SCALE
    design = np.stack([u**i * v**j for i, j in own.TERMS], axis=1)
    entry = {"slice": flight.number, "column": flight.column, "alpha_limits": list(flight.alpha_limits)}
    residuals = []
    shift = {"alpha": (0.0, 0.5), "wavelength": (0.5, 0.0)}
    for name, digits in (("alpha", 6), ("wavelength", 8)):
        surface = getattr(flight, name)
        values = surface(rows, columns)
        coefficients = np.round(np.linalg.lstsq(design, values, rcond=None)[0], digits)
        dr, dc = shift[name]
        slope = surface(rows + dr, columns + dc) - surface(rows - dr, columns - dc)
        residuals.append((design @ coefficients - values) / slope)
        entry[name] = coefficients.tolist()
    return entry, *residuals


def fit_sky(model, beta_zero: float, beta_step: float, reach: float) -> tuple[dict, np.ndarray]:
    """Return one band's entry of the table, and the residual of its V2, V3 in mas."""
    alpha, beta = (axis.ravel() for axis in np.meshgrid(np.linspace(-reach, reach, 21), np.linspace(-4, 4, 21)))
    design = np.stack([alpha**i * beta**j for i, j in own.SKY_TERMS], axis=1)
    entry = {"beta_zero": round(beta_zero, 9), "beta_step": round(beta_step, 9)}
    residual = []
    for name, values in zip(("v2", "v3"), model(alpha, beta), strict=True):
        coefficients = np.round(np.linalg.lstsq(design, values, rcond=None)[0], 7)
        residual.append(1000 * (design @ coefficients - values))
        entry[name] = coefficients.tolist()
    return entry, np.concatenate(residual)


def fit_setting(folder: Path, setting: Setting, siaf) -> dict:
    """Return one setting's part of the table, with the residuals of the fit."""
    distortion, specwcs = flight_files(folder, setting)
    letter = "ABC"[SUBBANDS.index(setting.subband)]
    models = dict(zip(distortion["abv2v3_model"]["channel_band"], distortion["abv2v3_model"]["model"], strict=True))
    bands, sky, slices, in_columns, in_rows = {}, [], [], {}, {}
    for k, band in enumerate(setting.bands):
        zero, step = distortion["bzero"]["beta_zero"][k], distortion["bdel"]["delta_beta"][k]
        bands[band.name], residual = fit_sky(models[f"{band.channel}{setting.subband}"], zero, step, 4.0)
        sky.append(residual)
    for k, number in enumerate(distortion["slices"]):
        limits = alpha_limits(siaf, number, letter, models[f"{number // 100}{setting.subband}"])
        alpha, wavelength = distortion["alpha_model"][k], specwcs["model"][k]
        start = float(distortion["x_model"][k](wavelength(512.0, 516.0), 0.0))
        middle = own.edge(own.Slice(number, limits, start, alpha, wavelength), sum(limits) / 2, np.array([512.0]))
        flight = own.Slice(number, limits, round(float(middle[0]), 2), alpha, wavelength)
        entry, columns, rows = fit_slice(flight)
        slices.append(entry)
        in_columns.setdefault(f"{number // 100}{letter}", []).append(columns)
        in_rows.setdefault(f"{number // 100}{letter}", []).append(rows)
    residuals = {
        name: {"columns": summary(in_columns[name]), "rows": summary(in_rows[name]), "sky": summary([sky[k]])}
        for k, name in enumerate(bands)
    }
    return {"bands": bands, "residuals": residuals, "slices": slices}


def summary(residuals: list[np.ndarray]) -> dict[str, float]:
    """Return the rms and the largest absolute value of residuals."""
    values = np.concatenate(residuals)
    return {"rms": round(float(np.sqrt(np.mean(values**2))), 4), "max": round(float(np.abs(values).max()), 4)}


def text(document: dict) -> str:
    """Return the table as JSON with one slice, band and residual a line."""
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in document.items() if key != "settings"]
    blocks = []
    for name, entry in document["settings"].items():
        parts = [
            f'   "{key}": {{\n'
            + ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in entry[key].items())
            + "}"
            for key in ("bands", "residuals")
        ]
        slices = ",\n".join("    " + json.dumps(row, separators=(",", ":")) for row in entry["slices"])
        blocks.append(f'  "{name}": {{\n' + ",\n".join([*parts, '   "slices": [\n' + slices + "]"]) + "}")
    return "{\n" + "\n".join(lines) + '\n "settings": {\n' + ",\n".join(blocks) + "}\n}\n"


def main() -> None:
    """Fit all six settings, write the table and print the residuals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flight", type=Path, required=True, help="folder of the FLT9 ASDF files")
    parser.add_argument("--out", type=Path, default=TARGET)
    arguments = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pysiaf

        siaf = pysiaf.Siaf("MIRI")
        document = {**SOURCE, "slice_limits": f"SIAF {pysiaf.JWST_PRD_VERSION} (pysiaf {pysiaf.__version__})"}
        document |= {"terms": own.TERMS, "sky_terms": own.SKY_TERMS}
        document["settings"] = {item.name: fit_setting(arguments.flight, item, siaf) for item in SETTINGS.values()}
    write_text(arguments.out, text(document))
    for name, entry in document["settings"].items():
        for band, residual in entry["residuals"].items():
            print(name, band, residual)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
