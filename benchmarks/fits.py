"""
Time and agreement of the line maps: all spaxels at once against lmfit, spaxel by spaxel.

    python benchmarks/fits.py

A made cube of 50 x 50 spaxels about a line in band 2A, fluxes over a factor of thirty, is mapped; a sample
of spaxels is fitted again by `mrskit.analysis.fits.fit_line`, which minimises with lmfit. Printed are the seconds of
processor time (of all cores together), and how far the two lie apart in units of the error.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.wcs import WCS

from mrskit.analysis.batch import fit_spectra
from mrskit.analysis.catalogue import SPEED_OF_LIGHT
from mrskit.analysis.fits import fit_line
from mrskit.analysis.gaussians import instrument_sigma
from mrskit.analysis.maps import LineMaps, line_map
from mrskit.bands import BANDS
from mrskit.products import Cube

REST, REDSHIFT, NOISE = 7.6524, 0.0225, 40.0  # um, -, MJy/sr
QUANTITIES = ("flux", "velocity", "width")


def made_cube(side: int, seed: int = 1) -> Cube:
    """Return a cube of a rotating, flattened source, MJy/sr, with a line of one Gaussian in every spaxel."""
    wavelength = np.arange(7.75, 7.90, 0.0013)
    centre = REST * (1 + REDSHIFT)
    velocity = SPEED_OF_LIGHT * (wavelength / centre - 1)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    width = np.hypot(80 + 2 * np.abs(y), instrument_sigma(centre))
    peak = 3000 * np.exp(-(x**2 + (1.5 * y) ** 2) / (0.35 * side) ** 2) + 100
    shape = np.exp(-0.5 * ((velocity[:, None, None] - 6 * x) / width) ** 2)
    noise = np.random.default_rng(seed).normal(0, NOISE, shape.shape)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype, wcs.wcs.cdelt = ("RA---TAN", "DEC--TAN"), (-0.17 / 3600, 0.17 / 3600)
    flux = 500 + peak * shape + noise
    return Cube(flux, np.full(flux.shape, NOISE), wavelength, wcs, 6.8e-13, BANDS["2A"], True, Path("made_s3d.fits"))


def compare(cube: Cube, maps: LineMaps, count: int, seed: int = 2) -> tuple[dict[str, np.ndarray], float]:
    """Return differences (in errors) and ratios of errors on a sample of spaxels, and the seconds a spaxel of lmfit."""
    rows, columns = np.nonzero(maps.detected)
    chosen = np.random.default_rng(seed).choice(rows.size, min(count, rows.size), replace=False)
    found: dict[str, list[float]] = {name: [] for quantity in QUANTITIES for name in (quantity, f"{quantity}_error")}
    start = time.process_time()
    for y, x in zip(rows[chosen], columns[chosen], strict=True):
        fit = fit_line(cube.wavelength, cube.flux[:, y, x], cube.error[:, y, x], REST, REDSHIFT, unit="MJy/sr",
                       window=1000.0, search=400.0)  # fmt: skip
        for quantity in QUANTITIES:
            error = getattr(fit, f"{quantity}_error")
            found[quantity].append((getattr(maps, quantity)[y, x] - getattr(fit, quantity)) / error)
            found[f"{quantity}_error"].append(getattr(maps, f"{quantity}_error")[y, x] / error)
    seconds = (time.process_time() - start) / len(chosen)
    return {name: np.array(values) for name, values in found.items()}, seconds


def two_components(cube: Cube) -> float:
    """Return the seconds of processor time that two Gaussians in every spaxel take."""
    centre = REST * (1 + REDSHIFT)
    velocity = SPEED_OF_LIGHT * (cube.wavelength / centre - 1)
    use = np.abs(velocity) <= 1000
    spectra = cube.flux[use].reshape(use.sum(), -1).T
    start = time.process_time()
    fit_spectra(velocity[use], spectra, np.full(spectra.shape, NOISE), instrument_sigma(centre), 400.0, 2)
    return time.process_time() - start


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=50, help="spaxels along one side of the cube")
    parser.add_argument("--sample", type=int, default=60, help="spaxels that lmfit fits too")
    chosen = parser.parse_args(arguments)
    cube = made_cube(chosen.side)
    start = time.process_time()
    maps = line_map(cube, REST, REDSHIFT)
    seconds = time.process_time() - start
    found, each = compare(cube, maps, chosen.sample)
    spaxels = chosen.side**2
    print(f"{spaxels} spaxels, one Gaussian, all at once: {seconds:.2f} s of processor time "
          f"({1e3 * seconds / spaxels:.2f} ms a spaxel)")  # fmt: skip
    print(f"{spaxels} spaxels, two Gaussians, all at once: {two_components(cube):.2f} s")
    print(f"lmfit, one by one: {1e3 * each:.0f} ms a spaxel, {each * spaxels:.0f} s for all: "
          f"{each * spaxels / seconds:.0f} times as long")  # fmt: skip
    print(f"agreement on {len(found['flux'])} of {maps.detected.sum()} detected spaxels:")
    for quantity in QUANTITIES:
        ratio = found[f"{quantity}_error"]
        print(f"  {quantity:<9} largest difference {np.abs(found[quantity]).max():.4f} of its error; "
              f"ratio of the errors {ratio.min():.3f} to {ratio.max():.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
