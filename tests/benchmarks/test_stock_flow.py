"""
The observatory's MRS notebook (jwst 3.0.0, July 2026) on a workspace of the kit: its user mode, sci_dir and bg_dir set.

Its calls are replayed in its order; here with the pipelines' calls recorded, which hand back the suite's products. The
whole flow with the real pipeline, minutes long, is ``python benchmarks/stock_flow.py`` and ``stock_vs_kit.py``.
"""

import importlib
import json
import os
import sys
from pathlib import Path

import pytest

from mrskit import bands, products, workspace
from mrskit.pipeline import parameters

pytestmark = pytest.mark.pipeline
FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
SHORT = bands.SETTINGS["12:SHORT"]

# The active settings of the notebook's parameter dictionaries, with master_bg = True and pixel_bg = False.
DETECTOR1 = {"jump": {"maximum_cores": "half"}, "gain_scale": {"post_hooks": "one hook that multiplies by one"}}
SPEC2_SOURCE = {"bkg_subtract": {"skip": True}, "cube_build": {"skip": True}, "extract_1d": {"skip": True}}
SPEC2_BACKGROUND = {"bkg_subtract": {"skip": True}}
SPEC3 = {
    "master_background": {"skip": False}, "pixel_replace": {"skip": False, "algorithm": "mingrad"},
    "cube_build": {"output_type": "band"}, "extract_1d": {"ifu_autocen": True},
}  # fmt: skip


@pytest.fixture
def flow(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("stock_flow")
    sys.modules.pop("stock_flow", None)


@pytest.fixture
def user_data(quick_workspace, tmp_path):
    """A workspace with nothing but raw exposures: Source is the notebook's sci_dir, Background its bg_dir."""
    space = workspace.create(tmp_path / "user")
    for role in workspace.ROLES:
        for path in products.find(quick_workspace.stage(role, "uncal"), "uncal", SHORT):
            os.link(path, space.stage(role, "uncal") / path.name)
    space.update_card(references=quick_workspace.card().references)
    return space


@pytest.fixture
def calls(flow, user_data, quick_workspace, monkeypatch):
    """The calls of the notebook in their order: pipeline, input, settings, output folder; their products are there."""
    import jwst.pipeline

    made = []

    def recorded(stage, wanted):
        def call(path, steps, save_results, output_dir, **_logging):
            assert save_results and Path(output_dir).is_dir()
            made.append((stage, Path(path), steps, Path(output_dir), read(path)))
            role = "source" if Path(output_dir).parent.name == "Source" else "background"
            name = (
                made[-1][4]["products"][0]["name"] if stage == "spec2" else Path(path).name.removesuffix("_uncal.fits")
            )
            for product in quick_workspace.stage(role, Path(output_dir).name).glob(f"{name}*{wanted}.fits"):
                if not (Path(output_dir) / product.name).exists():
                    os.link(product, Path(output_dir) / product.name)

        return call

    for stage, suffixes in (("detector1", "_rate"), ("spec2", "_[cx]*"), ("spec3", "_s3d")):
        pipeline = getattr(jwst.pipeline, parameters.PIPELINES[stage])
        monkeypatch.setattr(pipeline, "call", recorded(stage, suffixes))
    for stage in (flow.detector1, flow.spec2, flow.spec3):
        stage(user_data)
    return made


def read(path):
    return json.loads(Path(path).read_text()) if str(path).endswith(".json") else {}


def settings(steps):
    """Return settings with the post-hook in words, so that they can be compared."""
    hooks = steps.get("gain_scale", {}).get("post_hooks")
    if hooks is None:
        return steps
    assert hooks == ["stock_flow.times_one"]
    return steps | {"gain_scale": {"post_hooks": "one hook that multiplies by one"}}


def test_the_raw_files_have_names_that_the_notebook_finds(user_data):
    for role, count in (("source", 4), ("background", 2)):
        assert len(list(user_data.stage(role, "uncal").glob("jw*mirifu*uncal.fits"))) == count


def test_stages_run_in_the_order_of_the_notebook_with_its_settings(calls, user_data):
    expected = [
        *[("detector1", "Source", DETECTOR1)] * 4, *[("detector1", "Background", DETECTOR1)] * 2,
        *[("spec2", "Source", SPEC2_SOURCE)] * 4, *[("spec2", "Background", SPEC2_BACKGROUND)] * 2,
        ("spec3", "Source", SPEC3),
    ]  # fmt: skip
    assert [(stage, folder.parent.name, settings(steps)) for stage, _, steps, folder, _ in calls] == expected
    assert [folder.name for *_, folder, _ in calls] == ["stage1"] * 6 + ["stage2"] * 6 + ["stage3"]


def test_associations_have_the_members_of_the_notebook(calls):
    members = [content["products"][0]["members"] for *_, content in calls if content]
    kinds = [[member["exptype"] for member in association] for association in members]
    for association in kinds[:4]:  # source: its own rate, those of the background, all rates of the detector
        assert association.count("science") == 1 and association.count("background") == 2
    for association in kinds[4:6]:  # background: nothing is subtracted from it
        assert association.count("science") == 1 and association.count("background") == 0
    assert all(association.count("selfcal") >= 5 for association in kinds[:6])
    assert kinds[6].count("science") == 4 and set(kinds[6]) == {"science", "background"}
    assert all(member["expname"].endswith("x1d.fits") for member in members[6] if member["exptype"] == "background")
    assert all(member["expname"].endswith("cal.fits") for member in members[6] if member["exptype"] == "science")


def test_the_installed_pipeline_knows_every_setting_of_the_notebook(calls):
    for stage, _, steps, _, _ in calls:
        parameters.check(stage, steps)


def test_the_hook_leaves_data_as_they_are(flow):
    class Result:
        data = 2.5

    assert flow.times_one(Result()).data == 2.5
