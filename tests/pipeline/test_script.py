"""The plain script of a reduction: it holds what was run, and running it makes the same products."""

import os
import runpy
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from mrskit import workspace
from mrskit.cli import app
from mrskit.errors import PipelineError
from mrskit.pipeline import script

RAW = "Source/uncal/jw02732004001_02101_00001_mirifushort_uncal.fits"


@pytest.fixture
def kept_environment(monkeypatch):
    """The CRDS variables are set back after a script has set them."""
    for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL"):
        monkeypatch.setenv(name, os.environ.get(name, ""))


@pytest.mark.pipeline
def test_one_exposure_goes_through_the_script_to_the_products_of_the_workspace(
    quick_workspace, tmp_path, kept_environment, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reduction.py").write_text(script.write(quick_workspace))
    plain = runpy.run_path(str(tmp_path / "reduction.py"))
    plain["detector1"]([RAW], plain["DETECTOR1"], to="Source/stage1")
    rate = RAW.replace("uncal", "stage1", 1).replace("_uncal", "_rate")
    plain["spec2"]([(rate, "science")], plain["SPEC2"], to="Source/stage2")
    made = sorted(path.relative_to(tmp_path / "reduced") for path in (tmp_path / "reduced").rglob("*.fits"))
    assert {path.stem.rpartition("_")[2] for path in made} == {"rate", "rateints", "cal"}
    for path in made:
        with fits.open(tmp_path / "reduced" / path) as mine, fits.open(quick_workspace.root / path) as theirs:
            for name in ("SCI", "ERR", "DQ"):
                np.testing.assert_array_equal(mine[name].data, theirs[name].data, err_msg=f"{path} {name}")


@pytest.mark.pipeline
def test_the_script_holds_every_run_once_with_all_its_members(quick_workspace):
    text = script.write(quick_workspace)
    calls = text.partition('if __name__ == "__main__":')[2]
    assert calls.count("uncal.fits") == len(list(quick_workspace.root.glob("*/stage1/*_rate.fits")))
    assert calls.count("spec2(") == len(list(quick_workspace.root.glob("*/stage2/*_cal.fits")))
    assert calls.count("spec3(") == 1 and calls.count("_cal.fits', 'science'") == 4
    assert calls.count("x1d.fits', 'background'") == len(list(quick_workspace.root.glob("Background/stage2/*x1d.fits")))
    assert "SPEC2_BACKGROUND, to='Background/stage2'" in calls and "SPEC3, to='Source/stage3'" in calls
    assert "'channel':" not in text
    compile(text, "reduction.py", "exec")


def test_where_nothing_is_reduced_there_is_nothing_to_write(tmp_path):
    space = workspace.create(tmp_path / "new")
    with pytest.raises(PipelineError, match=r"this workspace has not been reduced.*mrskit reduce"):
        script.write(space)


@pytest.mark.pipeline
def test_a_file_of_the_user_is_not_written_over(quick_workspace, tmp_path):
    out = tmp_path / "mine.py"
    command = ["script", str(quick_workspace.root), "--out", str(out)]
    assert CliRunner().invoke(app, command).exit_code == 0
    assert CliRunner().invoke(app, command).exit_code == 0
    out.write_text("print('mine')\n")
    result = CliRunner().invoke(app, command)
    assert "a different file" in str(result.exception) and out.read_text() == "print('mine')\n"
    assert Path(tmp_path / "mine_products").exists() is False
