"""The small cubes and spectra that lesson 05 compares with the standard ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mrskit.bands import Band
from mrskit.pipeline.steps.stage3 import CubeRun, PointRun, point_runs
from mrskit.workspace import Workspace


def teaching_runs(
    workspace: Workspace, cal: Sequence[Path], background: Sequence[Path], cubes: Sequence[Path], bands: Sequence[Band]
) -> list[CubeRun | PointRun]:
    """
    Return the runs that lesson 05 compares: other numbers of dithers, the pixel background, and point extraction.

    Parameters
    ----------
    workspace : Workspace
    cal : sequence of Path
        Calibrated science exposures of a setting; their ``crf`` files lie in ``stage3``.
    background : sequence of Path
        Calibrated background exposures; without any there is no run with the pixel background.
    cubes : sequence of Path
        Standard cubes (s3d).
    bands : sequence of Band
        Bluer and redder band of the setting.
    """
    stage3 = workspace.stage("source", "stage3")
    flagged = tuple(next(stage3.glob(f"{path.stem.removesuffix('_cal')}_*crf.fits")) for path in cal)
    blue, red = bands
    third = (blue.wavelength_max - blue.wavelength_min) / 3
    blue_part = (blue.wavelength_min + 0.9 * third, blue.wavelength_min + 1.9 * third)
    middle, reach = (red.wavelength_min + red.wavelength_max) / 2, 0.12 * (red.wavelength_max - red.wavelength_min)
    runs: list[CubeRun | PointRun] = []
    if background:
        runs.append(CubeRun(f"pixel_{red.name}", tuple(cal), red.name, middle, middle + 2 * reach, tuple(background),
                            flagged))  # fmt: skip
    runs += [CubeRun(f"dithers{count}_{blue.name}", flagged[:count], blue.name, *blue_part)
             for count in (2, 1) if count < len(flagged)]  # fmt: skip
    return [*runs, *point_runs(cubes)]
