"""
The calls of the observatory's MRS notebook on a workspace: in its order, with its settings, one after the other.

    python benchmarks/stock_flow.py WORKSPACE --json FILE

The notebook is JWPipeNB-MIRI-MRS of spacetelescope/jwst-pipeline-notebooks for jwst 3.0.0, of July 2026: parallel jump
detection on half of the cores, a post-hook in stage 1 that multiplies by one, associations with background and
self-calibration members, no cubes of single source exposures, master background, pixel replacement. No function of the
pipeline is replaced; the workspace's references are used through the environment. Prints nothing; the pipeline's
messages go to WORKSPACE/logs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from pathlib import Path

from mrskit import bands, logs, products, workspace
from mrskit.pipeline import associations
from mrskit.references.context import activate_references
from mrskit.workers import usage

SETTING = bands.SETTINGS["12:SHORT"]


def times_one(result, factor: float = 1.0):
    """Return a result multiplied by a factor: the notebook's example of a post-hook."""
    result.data = result.data * factor
    return result


DETECTOR1 = {"jump": {"maximum_cores": "half"}, "gain_scale": {"post_hooks": ["stock_flow.times_one"]}}
SPEC2 = {"bkg_subtract": {"skip": True}}
SPEC2_SOURCE = {**SPEC2, "cube_build": {"skip": True}, "extract_1d": {"skip": True}}
SPEC3 = {
    "master_background": {"skip": False},
    "pixel_replace": {"skip": False, "algorithm": "mingrad"},
    "cube_build": {"output_type": "band"},
    "extract_1d": {"ifu_autocen": True},
}


def detector1(space: workspace.Workspace) -> None:
    """Run stage 1 on the source, then on the background."""
    from jwst.pipeline import Detector1Pipeline

    for role in workspace.ROLES:
        for raw in products.find(space.stage(role, "uncal"), "uncal", SETTING):
            Detector1Pipeline.call(
                str(raw), steps=DETECTOR1, save_results=True, output_dir=_folder(space, role, 1), configure_log=False
            )


def spec2(space: workspace.Workspace) -> None:
    """Run stage 2 on the source, then on the background, whose cubes and spectra the master background needs."""
    from jwst.pipeline import Spec2Pipeline

    rates = {role: products.find(space.stage(role, "stage1"), "rate", SETTING) for role in workspace.ROLES}
    same_detector = [path for role in workspace.ROLES for path in products.find(space.stage(role, "stage1"), "rate")
                     if products.read_setting(path).channels == SETTING.channels]  # fmt: skip
    for role, steps in (("source", SPEC2_SOURCE), ("background", SPEC2)):
        background = rates["background"] if role == "source" else []
        for rate in rates[role]:
            members = associations.stage2_members(rate, background, same_detector)
            path = space.stage(role, "stage2") / "l2asn.json"
            product = products.product_name(rate, "uncal").removesuffix("_uncal.fits")
            associations.write(path, 2, product, members)
            with contextlib.chdir(path.parent):  # jwst looks for the members from there
                Spec2Pipeline.call(
                    str(path), steps=steps, save_results=True, output_dir=_folder(space, role, 2), configure_log=False
                )


def spec3(space: workspace.Workspace) -> None:
    """Run stage 3 once, on all calibrated source exposures and background spectra."""
    from jwst.pipeline import Spec3Pipeline

    source = products.find(space.stage("source", "stage2"), "cal", SETTING)
    spectra = sorted(space.stage("background", "stage2").glob("*x1d.fits"))
    path = space.stage("source", "stage3") / "l3asn.json"
    associations.write(path, 3, "Level3", associations.stage3_members(source, spectra))
    Spec3Pipeline.call(
        str(path), steps=SPEC3, save_results=True, output_dir=_folder(space, "source", 3), configure_log=False
    )


def _folder(space: workspace.Workspace, role: str, stage: int) -> str:
    folder = space.stage(role, f"stage{stage}")
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder)


def run(space: workspace.Workspace) -> dict[str, dict[str, float]]:
    """Return seconds and peak memory (bytes) of the import and of each stage."""
    costs = {}
    space.logs.mkdir(exist_ok=True)
    with logs.to_file(space.logs / "stock_flow.log"):
        for stage in (_import, detector1, spec2, spec3):
            with usage.measured() as meter:
                stage(space)
                cost = meter.read()
            costs[stage.__name__.strip("_")] = {"seconds": cost.seconds, "peak_memory": cost.peak_memory}
    return costs


def _import(_space: workspace.Workspace) -> None:
    import jwst.pipeline  # noqa: F401


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--json", type=Path, required=True)
    arguments = parser.parse_args()
    start = time.monotonic()
    space = workspace.open_workspace(arguments.workspace)
    activate_references(space)
    costs = run(space)
    arguments.json.write_text(json.dumps({"stages": costs, "seconds": time.monotonic() - start}, indent=2) + "\n")


if __name__ == "__main__":
    main()
