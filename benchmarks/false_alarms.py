"""
How often 'mrskit lines' finds a line, or tells a redshift, where there is none.

    python benchmarks/false_alarms.py [--forest FZTau_s1d.fits] [--trials 100]

Simulated backgrounds: the twelve bands with a smooth continuum and noise, and an error column that is three times too
small, as those of extracted spectra are. The noise is independent, or shared by neighbouring samples as in a drizzled
cube, or has residual fringes of 1 % of the continuum on top. Each is measured at a random redshift and without one. A
forest: a real spectrum of molecular lines, at ten times as many random redshifts of a galaxy. Prints the share of false
lines among those that were looked for, and the redshifts that were told.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT
from mrskit.analysis.lines import measure_lines
from mrskit.analysis.search import STANDS_OUT, stands_out, strength, unexplained
from mrskit.bands import BANDS
from mrskit.products import Spectrum, read_spectra

KINDS = ("independent", "correlated", "fringes")
SAMPLING = 1900  # samples a band
NOISE = 0.003  # of the continuum
FRINGES = 0.01  # of the continuum
PERIOD = 2.8  # cm-1, of the main fringe (Argyriou et al. 2020, A&A 641, A150)
LIMIT = 0.01  # of trials that may tell a wrong redshift


def background(kind: str, rng: np.random.Generator) -> list[Spectrum]:
    """Return simulated spectra of an empty field in all bands, Jy."""
    found = []
    for name, band in BANDS.items():
        wavelength = np.linspace(band.wavelength_min, band.wavelength_max, SAMPLING)
        noise = rng.normal(0, 1, SAMPLING)
        if kind != "independent":
            noise = gaussian_filter1d(noise, 1.0)
            noise /= noise.std()
        level = 0.02 * (wavelength / 10) ** 1.5
        wave = FRINGES * np.sin(2 * np.pi * 1e4 / wavelength / PERIOD + rng.uniform(0, 6)) if kind == "fringes" else 0.0
        flux = level * (1 + NOISE * noise + wave)
        found.append(Spectrum(wavelength, flux, level * NOISE / 3, "Jy", band, name))
    return found


def may_have_lines(spectra: list[Spectrum], redshift: float) -> bool:
    """Return whether anything stands out where a line is looked for: if not, nothing is detected, without a fit."""
    for found in filter(None, map(strength, spectra)):
        free = unexplained(found, redshift)
        for line in LINES:
            for velocity in (-450, -150, 150, 450):  # each with 150 km/s about it
                place = line.rest * (1 + redshift) * (1 + velocity / SPEED_OF_LIGHT)
                if not stands_out(found, place, free) < STANDS_OUT and found.place[0] < np.log(place) < found.place[-1]:
                    return True
    return False


def measured(sets: list[list[Spectrum]], rng: np.random.Generator) -> tuple[int, int]:
    """Return how many lines were detected and how many redshifts told, at random redshifts."""
    detected = told = 0
    for spectra in sets:
        redshift = float(rng.uniform(0.001, 0.1))
        if may_have_lines(spectra, redshift):
            table = measure_lines(spectra, redshift)
            detected, told = detected + len(table.detected), told + bool(np.isfinite(table.redshift))
    return detected, told


def main() -> int:
    """Print the rates; return 1 where more than one trial in a hundred tells a wrong redshift."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forest", type=Path, help="a spectrum of molecular lines, such as FZ Tau")
    parser.add_argument(
        "--trials", type=int, default=100, help="of each kind of background; ten times that of the forest"
    )
    chosen = parser.parse_args()
    rng = np.random.default_rng(7319)
    sets = {kind: [background(kind, rng) for _ in range(chosen.trials)] for kind in KINDS}
    if chosen.forest:
        sets["forest"] = [list(read_spectra(chosen.forest))] * (10 * chosen.trials)
    print(f"{'spectra':<12} {'trials':>6} {'false lines':>12} {'redshift told':>14} {'told without a guess':>21}")
    worst = 0.0
    for kind, trials in sets.items():
        detected, told = measured(trials, rng)
        different = trials[:1] if kind == "forest" else trials
        searched = sum(bool(np.isfinite(measure_lines(spectra).redshift)) for spectra in different)
        share = f"{detected} of {len(LINES) * len(trials)}"
        print(f"{kind:<12} {len(trials):>6} {share:>12} {told:>14} {f'{searched} of {len(different)}':>21}", flush=True)
        worst = max(worst, told / len(trials), searched / len(different))
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
