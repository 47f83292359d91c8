"""
A point source through the pipeline: how wide it is in the cubes, and what the stock aperture makes of its flux.

    python benchmarks/point_source.py WORKSPACE --settings 12:SHORT,34:LONG --imperfection wings=1

Simulates a source of constant flux density and nothing else, reduces it and prints, for three wavelengths of every
band, the full width at half maximum of a Gaussian that is fitted to the core, beside 0.033 wavelength + 0.106 arcsec
(Law et al. 2023, AJ 166, 45). Exits with 1 if one is off by more than 5 %.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import curve_fit

from mrskit.bands import settings
from mrskit.pipeline import stages
from mrskit.products import read_cube
from mrskit.simulate import exposure, imperfections, psf
from mrskit.simulate.scene import Continuum, Scene, default_scene
from mrskit.workspace import Workspace

FLUX = 0.3  # Jy
LIMIT = 0.05
PLANES = 20  # on both sides of a wavelength


def point(seed: int = 2732) -> Scene:
    """Return the course's sky with a point source of constant flux density alone."""
    scene = default_scene(seed)
    source = replace(
        scene.component("nucleus"), continuum=(Continuum("powerlaw", FLUX, 8.0, 0.0),), lines=(), silicate=0.0
    )
    return replace(scene, name="point source", components=(source,))


def width(image: np.ndarray, spaxel: float, expected: float) -> float:
    """Return the FWHM, arcsec, of a Gaussian with an offset that is fitted within 1.2 expected FWHM of the peak."""
    row, column = np.unravel_index(np.nanargmax(image), image.shape)
    y, x = np.indices(image.shape)
    near = np.isfinite(image) & (np.hypot(x - column, y - row) * spaxel < 1.2 * expected)

    def model(place, peak, x0, y0, wide, high, offset):
        return peak * np.exp(-0.5 * (((place[0] - x0) / wide) ** 2 + ((place[1] - y0) / high) ** 2)) + offset

    sigma = expected / psf.FWHM_PER_SIGMA / spaxel
    start = (image[row, column], column, row, sigma, sigma, 0.0)
    found, _ = curve_fit(model, (x[near], y[near]), image[near], p0=start)
    return float(np.sqrt(abs(found[3] * found[4])) * psf.FWHM_PER_SIGMA * spaxel)


def rows(path: Path) -> list[tuple[str, float, float, float]]:
    """Return band, wavelength (um), width found and width expected (arcsec) at three wavelengths of a cube."""
    cube = read_cube(path)
    result = []
    for share in (1 / 6, 1 / 2, 5 / 6):
        middle = int(share * len(cube.wavelength))
        image = np.nanmean(cube.flux[middle - PLANES : middle + PLANES], axis=0)
        wavelength = float(cube.wavelength[middle])
        expected = float(psf.fwhm(wavelength))
        result.append((path.stem, wavelength, width(image, cube.spaxel_size, expected), expected))
    return result


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--settings", default="12:SHORT")
    parser.add_argument("--imperfection", action="append", default=[], metavar="NAME=SCALE")
    asked = parser.parse_args()
    space = Workspace(asked.workspace.resolve())
    scales = imperfections.parse(asked.imperfection, imperfections.PERFECT)
    exposure.simulate(space, settings(asked.settings), imperfections=scales, extras=False, scene=point())
    stages.reduce(space)
    table = Table("cube", "um", "FWHM, arcsec", "0.033 um + 0.106", "ratio")
    worst = 0.0
    for path in sorted(space.stage("source", "stage3").glob("*_s3d.fits")):
        for name, wavelength, found, expected in rows(path):
            worst = max(worst, abs(found / expected - 1.0))
            table.add_row(name, f"{wavelength:.2f}", f"{found:.3f}", f"{expected:.3f}", f"{found / expected:.3f}")
    Console().print(table)
    return int(worst > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
