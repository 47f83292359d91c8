"""A crash in one lesson does not end the day: each lesson starts from saved products, without what made them."""

import shutil

import nbformat
import pytest

from mrskit import workspace
from mrskit.answering import judge
from mrskit.lessons import run

pytestmark = pytest.mark.pipeline
GONE = {"rate": ("uncal",), "cal": ("uncal", "stage1"), "s3d": ("uncal", "stage1", "stage2")}  # folders by start_from


@pytest.fixture(scope="module")
def reduced(request):
    """A reduced workspace: of the option --workspace, else the suite's own; only read."""
    root = request.config.getoption("--workspace")
    return request.getfixturevalue("solved_workspace") if root is None else workspace.open_workspace(root)


@pytest.fixture
def begun_with(reduced, copy_of, tmp_path):
    """A function that copies the workspace without what came before a product."""

    def copy(product: str) -> workspace.Workspace:
        space = copy_of(reduced, tmp_path / "workspace")
        for role in ("source", "background"):
            for stage in GONE[product]:
                shutil.rmtree(space.stage(role, stage))
        if product != "rate":  # the long ramp is data of lessons 03 and 04 alike
            shutil.rmtree(space.ramp.parent)
        return workspace.create(space.root)

    return copy


@pytest.fixture
def real_spectra(request):
    """Folder of the public spectra of VV 114, or an empty text where they are not at hand."""
    try:
        return str(request.getfixturevalue("real_data") / "vv114")
    except pytest.skip.Exception:
        return ""


@pytest.mark.parametrize(("lesson", "product"), [("04", "rate"), ("05", "cal"), ("06", "s3d")])
def test_a_lesson_earns_all_its_points_from_the_products_of_the_stage_before(lesson, product, begun_with, real_spectra):
    space = begun_with(product)
    chosen = {"start_from": product, "spectra_dir": real_spectra if lesson == "06" else ""}
    path = run.run_lesson(lesson, space, solved=True, parameters=chosen)
    (score,) = judge.scorecard(space, (lesson,)).lessons
    assert {row.id: row.message for row in score.rows if row.outcome != "passed"} == {}
    if chosen["spectra_dir"]:
        said = "".join(output.get("text", "") for cell in nbformat.read(path, as_version=4).cells
                       for output in cell.get("outputs", ()) if output.output_type == "stream")  # fmt: skip
        assert "6 spectra read" in said and "z = 0.0202" in said
        assert (space.plots / "06-real-spectrum.png").is_file()


@pytest.mark.parametrize(("lesson", "product"), [("03", "rate"), ("04", "cal"), ("05", "s3d")])
def test_a_lesson_runs_to_its_end_from_its_own_products_and_shows_what_they_allow(lesson, product, begun_with):
    path = run.run_lesson(lesson, begun_with(product), parameters={"start_from": product})
    outputs = [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", ())]
    assert not any(output.output_type == "error" for output in outputs)
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_lesson_03_says_that_short_ramps_have_no_showers_and_goes_on(reduced, copy_of, tmp_path):
    space = copy_of(reduced, tmp_path / "workspace")
    shutil.rmtree(space.ramp.parent)
    cells = nbformat.read(run.run_lesson("03", space), as_version=4).cells
    said = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", ()))
    assert "Your longest ramp has 10 groups" in said
