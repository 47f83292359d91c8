"""What 'mrskit reduce' prints about the stages: a table, or one JSON object."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mrskit import workspace
from mrskit.cli import app
from mrskit.errors import ReferenceCacheError
from mrskit.pipeline import stages
from mrskit.workers import usage
from mrskit.workers.usage import Usage


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A workspace whose three stages are done by a function that costs what it says."""

    def reduce(space, settings, options, progress):
        usage.report("detector1", [Usage(4.25, 900_000_000, "a:1"), Usage(5.0, 950_000_000, "a:2")], 1, 5.5)
        usage.report("spec2", [], 3, 0.001)
        return [Path("one_s3d.fits")]

    monkeypatch.setattr(stages, "reduce", reduce)
    return workspace.create(tmp_path / "workspace").root


def test_the_table_has_a_row_a_stage_with_its_memory(root):
    answer = CliRunner().invoke(app, ["reduce", str(root)])
    assert answer.exit_code == 0
    rows = [line.split() for line in answer.stdout.splitlines()]
    assert ["detector1", "2", "1", "2", "5.5", "9.2", "0.95"] in rows
    assert ["spec2", "0", "3", "0", "0.0", "0.0", "-"] in rows


def test_json_is_one_object_with_products_and_stages(root):
    answer = CliRunner().invoke(app, ["reduce", str(root), "--json", "--quiet"])
    table = json.loads(answer.stdout)
    assert table["products"] == ["one_s3d.fits"]
    assert table["stages"][0] == {"stage": "detector1", "done": 2, "unchanged": 1, "workers": 2, "wall": 5.5,
                                  "seconds": 9.25, "peak_memory": 950_000_000}  # fmt: skip
    assert [stage["stage"] for stage in table["stages"]] == ["detector1", "spec2"]


def test_a_folder_without_references_is_refused_before_the_card_names_it(tmp_path):
    space = workspace.create(tmp_path / "space")
    done = CliRunner().invoke(app, ["reduce", str(space.root), "--references", str(tmp_path / "nothing")])
    assert isinstance(done.exception, ReferenceCacheError) and "expected mappings/jwst in it" in str(done.exception)
    assert not space.has_card
