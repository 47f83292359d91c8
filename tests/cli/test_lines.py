"""The command that measures lines, from outside."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from mrskit.cli import app


@pytest.fixture
def run():
    def call(*arguments):
        return CliRunner().invoke(app, ["lines", *map(str, arguments)])

    return call


@pytest.fixture
def stage3(quick_workspace):
    return quick_workspace.stage("source", "stage3")


def test_one_redshift_comes_with_a_number_a_velocity_and_nothing(run, stage3):
    for option in (["--redshift", "0.0225"], ["--redshift", "6745km/s"], []):
        answer = run(stage3, *option)
        assert "Redshift 0.0225" in answer.output and "W / m2" in answer.output, answer.output


def test_json_holds_the_notes_and_why_there_is_no_redshift(run, stage3, tmp_path):
    shutil.copy(stage3 / "Level3_ch1-short_x1d.fits", tmp_path)
    (tmp_path / "b_x1d.fits").write_bytes(b"SIMPLE")
    found = json.loads(run(tmp_path, "--redshift", "0.05", "--json").stdout)
    assert found["redshift"] is None and found["message"] and "0.022" in found["hint"]
    assert "b_x1d.fits: skipped" in found["notes"][0]


def test_the_regions_of_a_file_are_measured_in_both_cubes(run, stage3, tmp_path):
    region = tmp_path / "my.reg"
    region.write_text('icrs\ncircle(339.01483,33.97575,0.5") # text={core}\nannulus(339.01483,33.97575,0.6",1.2")\n')
    found = json.loads(run(stage3, "--region", region, "--redshift", "0.0225", "--json").stdout)
    assert list(found) == ["core", "region 2"]
    assert {row["band"] for row in found["core"]["lines"]} == {"1A", "2A"}
    assert np.isclose(found["core"]["redshift"], 0.0225, atol=2e-4)


@pytest.mark.parametrize(("arguments", "message"), [
    (["--redshift", "6056"], "did you mean 6056 km/s"), (["--redshift", "fast"], "expected a number such as 0.0225"),
    (["--target", "M 82", "--column", "NONE"], "no column NONE"),
])  # fmt: skip
def test_what_cannot_be_measured_is_refused_with_the_reason(run, stage3, arguments, message):
    answer = run(stage3, *arguments)
    assert message in str(answer.exception) + answer.output and answer.exit_code
