"""
What the simulated detector and sky do, beside what is published: the figures of docs/instrument.md.

    python benchmarks/instrument_detector.py WORKSPACE

The workspace is a simulated and reduced one, such as 'mrskit demo' makes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.stats import mad_std

from mrskit.bands import BANDS
from mrskit.products import find
from mrskit.references import own_cache
from mrskit.simulate.scene import sky_background
from mrskit.simulate.truth import read_exposure, read_scene, stem
from mrskit.workspace import Workspace, open_workspace

OUTLIER, DO_NOT_USE = 16, 1
VISIBLE = 3.0  # sigma of a rate from which a warm pixel could be found


def warm(workspace: Workspace) -> None:
    """Print the share of warm pixels, and how many of them outlier detection flags."""
    rates = {stem(path): path for path in find(workspace.stage("source", "stage1"), "rate")}
    for path in sorted(workspace.stage("source", "stage3").glob("*_crf.fits")):
        name = stem(path).rpartition("_")[0]  # without the number of the association
        told = read_exposure(workspace, name)
        with fits.open(path) as hdus:
            flagged, usable = hdus["DQ"].data & OUTLIER > 0, np.isfinite(hdus["SCI"].data) | (hdus["DQ"].data & 16 > 0)
        with fits.open(rates[name]) as hdus:
            error = hdus["ERR"].data
        lit = told["rate"] > 0
        visible = (told["warm"] > VISIBLE * error) & lit & usable
        print(f"{name}: warm {100 * (told['warm'] > 0).mean():.3f} % of all pixels; {visible.sum()} of them in "
              f"slices and above {VISIBLE:g} sigma, {100 * flagged[visible].mean() if visible.any() else np.nan:.0f} % "
              f"flagged; {100 * visible[flagged].mean():.0f} % of {flagged.sum()} flags are such")  # fmt: skip


def read_noise(workspace: Workspace) -> None:
    """Print the noise of a read before and after emicorr, of the first background exposure."""
    from jwst.emicorr import EmiCorrStep

    from mrskit.pipeline.faster.interference import fast_interference

    for path in find(workspace.stage("background", "uncal"), "uncal")[:1]:
        raw = fits.getdata(path, "SCI").astype(np.float32)
        with fast_interference():
            clean = EmiCorrStep.call(str(path), skip=False).data
        for name, data in (("raw", raw), ("after emicorr", clean)):
            groups = np.asarray(data[0, 2:-1, :, 4:1028], dtype=float)
            time = np.arange(len(groups)) - (len(groups) - 1) / 2.0
            slope = np.tensordot(time, groups, axes=1) / (time**2).sum()
            left = groups - groups.mean(axis=0) - slope * time[:, None, None]  # of a line through each ramp
            noise = mad_std(left) * np.sqrt(len(groups) / (len(groups) - 2.0))
            print(f"noise of a read, {name}: {noise:.2f} DN, as half of a difference's variance "
                  f"{mad_std(np.diff(groups, axis=0)) / np.sqrt(2):.2f} DN")  # fmt: skip


def sky(workspace: Workspace) -> None:
    """Print the background in the middle of each band, MJy/sr, and the part of it that is the telescope's."""
    scene = read_scene(workspace)
    for band in BANDS.values():
        middle = np.array([(band.wavelength_min + band.wavelength_max) / 2.0])
        total = sky_background(scene, middle)[0]
        zodiacal = sky_background(_alone(scene), middle)[0]
        share = 100 - 100 * zodiacal / total
        print(f"{band.name} {middle[0]:5.2f} um: background {total:8.1f} MJy/sr, telescope {share:.0f} %")


def _alone(scene):
    from dataclasses import replace

    return replace(scene, sky=replace(scene.sky, thermal=()))


def scatter(workspace: Workspace) -> None:
    """Print scatter of the wavelength scale, and the photometric error, of the bands that are there."""
    for path in find(workspace.stage("source", "uncal"), "uncal"):
        told = read_exposure(workspace, stem(path))
        if stem(path).split("_")[2] != "00001":
            continue
        for name, (velocity, conversion) in told["facts"]["slices"].items():
            count = {1: 21, 2: 17, 3: 16, 4: 12}[BANDS[name].channel]
            speeds = np.array(velocity[1 : count + 1])
            print(f"{name}: wavelength scale, at 5 um: mean {speeds.mean():+.1f}, slices {speeds.std():.1f} km/s; "
                  f"conversion {100 * conversion:+.1f} % and {100 * told['errors']['photometry']:+.1f} %")  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    workspace = open_workspace(parser.parse_args().workspace)
    own_cache.activate(Path(workspace.require_card().references))
    for part in (warm, read_noise, sky, scatter):
        part(workspace)
    return 0


if __name__ == "__main__":
    sys.exit(main())
