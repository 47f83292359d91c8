"""What docs/hpc.md promises: the batch script, the settings for Dask's jobs, and the files that repo2docker reads."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from mrskit.bands import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "docs" / "slurm" / "reduce.sh"


@pytest.fixture
def job(tmp_path):
    """A function that runs the batch script as SLURM would, with a program for mrskit that says what it sees."""
    fake = tmp_path / "mrskit"
    fake.write_text(
        '#!/bin/bash\necho "$@"\necho $CRDS_READONLY_CACHE $OMP_NUM_THREADS\necho $TMPDIR\ntouch $TMPDIR/left\n'
    )
    fake.chmod(0o755)
    (tmp_path / "node").mkdir()

    def run(**variables):
        environment = {"PATH": os.environ["PATH"], "MRSKIT": str(fake), "SLURM_TMPDIR": str(tmp_path / "node")}
        return subprocess.run(["bash", SCRIPT], env=environment | variables, capture_output=True, text=True, timeout=30)

    return run


def test_each_task_of_the_array_reduces_one_setting_and_all_are_reduced(job, tmp_path):
    done = [job(WORKSPACE="/shared/real", SLURM_ARRAY_TASK_ID=str(number)) for number in range(6)]
    lines = [answer.stdout.splitlines() for answer in done]
    assert {line[0] for line in lines} == {f"reduce /shared/real --settings {name}" for name in SETTINGS}
    assert {line[1] for line in lines} == {"1 1"}
    header = SCRIPT.read_text()
    assert "#SBATCH --array=0-5" in header and len(SETTINGS) == 6


def test_scratch_is_on_the_node_and_removed_afterwards(job, tmp_path):
    place = Path(job(WORKSPACE="/shared/real", SLURM_ARRAY_TASK_ID="0").stdout.splitlines()[2])
    assert place.parent == tmp_path / "node" and not place.exists()


@pytest.mark.parametrize(("variables", "said"), [({"WORKSPACE": "/x"}, "sbatch --array"),
                                                 ({"SLURM_ARRAY_TASK_ID": "0"}, "set WORKSPACE")])  # fmt: skip
def test_a_job_without_task_or_workspace_stops_with_the_reason(job, variables, said):
    answer = job(**variables)
    assert answer.returncode != 0 and said in answer.stderr


def test_the_settings_for_jobs_are_those_that_dask_jobqueue_knows():
    import dask
    import dask_jobqueue  # noqa: F401  (brings its settings with it)

    ours = yaml.safe_load((ROOT / "docs" / "slurm" / "jobqueue.yaml").read_text())["jobqueue"]["slurm"]
    assert set(ours) <= set(dask.config.get("jobqueue.slurm"))


def test_the_environment_is_one_that_repo2docker_reads():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert set(environment) == {"name", "channels", "dependencies"}
    plain = [item for item in environment["dependencies"] if isinstance(item, str)]
    [python] = [item for item in plain if re.match(r"python\b", item)]
    assert SpecifierSet(python.removeprefix("python")).contains("3.12") and "pip" in plain
    [pip] = [item for item in environment["dependencies"] if isinstance(item, dict)]
    assert list(pip) == ["pip"] and any(item.startswith("jupyterlab") for item in pip["pip"])
    assert not any(
        item.startswith(("-e", "-r", ".", "git+")) for item in pip["pip"]
    )  # else it builds all anew each time


def test_post_build_can_be_run_and_installs_the_kit_alone():
    script = ROOT / "postBuild"
    assert os.access(script, os.X_OK) and script.read_text().startswith("#!/bin/bash\n")
    assert subprocess.run(["bash", "-n", script]).returncode == 0
    assert "pip install --no-deps" in script.read_text()
    packages = (ROOT / "apt.txt").read_text().split()
    assert packages and all(re.fullmatch(r"[a-z0-9.+-]+", name) for name in packages)


def test_every_command_and_file_in_the_document_exists():
    from typer.main import get_command

    from mrskit.cli import app

    text = (ROOT / "docs" / "hpc.md").read_text()
    commands = get_command(app).commands
    for command, rest in re.findall(r"^mrskit (\w+)(.*)$", text, re.MULTILINE):
        known = {name for parameter in commands[command].params for name in parameter.opts}
        assert set(re.findall(r"(?<= )--[a-z-]+", rest.split("#")[0])) <= known
    for link in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / "docs" / link).is_file()
    for name in re.findall(r"python (benchmarks/\w+\.py)", text):
        assert (ROOT / name).is_file()
