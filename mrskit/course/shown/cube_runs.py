"""The small cubes and spectra that lesson 05 compares with the standard products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mrskit import products
from mrskit.analysis.sampling import compared, same_planes
from mrskit.bands import Band
from mrskit.course.shown.stage3_files import Files
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import stage3 as stage3_steps
from mrskit.pipeline.steps.stage3 import CubeRun, PointRun, point_runs
from mrskit.products import Cube, Spectrum
from mrskit.workspace import Workspace


def teaching_runs(
    workspace: Workspace, cal: Sequence[Path], background: Sequence[Path], cubes: Sequence[Path], bands: Sequence[Band]
) -> list[CubeRun | PointRun]:
    """
    Return the runs that lesson 05 compares.

    The runs use fewer dithers, the pixel background, and point extraction with and without aperture correction.

    Parameters
    ----------
    cal : sequence of Path
        Calibrated science exposures of a setting; their ``crf`` files lie in ``stage3``.
    background : sequence of Path
        Calibrated background exposures; without any there is no run with the pixel background.
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
    plain = [PointRun(f"uncorrected_{path.stem.split('_')[1]}", path, corrected=False) for path in cubes]
    return [*runs, *point_runs(cubes), *plain]


def comparisons(workspace: Workspace, files: Files, options: Options) -> dict[str, Path]:
    """Return the products of `teaching_runs` by name; without calibrated exposures, print a message."""
    if not (files.cal and files.by_kind["Source crf"]):
        print("No calibrated exposures here: the comparisons are left out.")
        return {}
    empty = files.by_kind["Background cal"]
    runs = teaching_runs(workspace, files.cal, empty, files.cubes, files.setting.bands)
    return stage3_steps.run(workspace, runs, options)


def by_dithers(
    small: Mapping[str, Path], whole: Cube, centre: tuple[float, float], count: int
) -> dict[int, Spectrum]:  # fmt: skip
    """Return the brightest spaxel's spectrum by number of dithers in the cube, over the same wavelengths."""
    cubes = {int(name[7]): products.read_cube(path) for name, path in small.items() if name.startswith("dithers")}
    if cubes:
        cubes[count] = same_planes(whole, cubes[min(cubes)])
    return {number: compared(cubes[number], centre, ())["one spaxel"] for number in sorted(cubes)}
