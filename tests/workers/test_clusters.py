"""Workers from SLURM: the job script, and jobs that a stand-in for sbatch runs on this machine (no SLURM here)."""

import os
import subprocess
import sys
import time
from pathlib import Path

import dask
import dask_jobqueue  # noqa: F401  (brings its settings with it, before the tests change them)
import pytest

from mrskit.errors import PipelineError
from mrskit.workers import clusters, executor

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SLURM and the stand-ins for it need Linux")

# Submits as the real one does: keeps a copy of the script, runs it apart from its caller, says which job it is.
SBATCH = """#!/bin/sh
cp "$1" {folder}/job.sh
setsid sh {folder}/job.sh > {folder}/job.log 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
echo "$@" >> {folder}/cancelled
kill -TERM -- -$1
"""


def make_functions():
    def environment(_item):
        import os as system

        names = ("CRDS_CONTEXT", "OMP_NUM_THREADS", "SITE")
        return *(system.environ.get(name) for name in names), system.getpid(), system.getpgid(0)

    return environment


ENVIRONMENT = make_functions()


@pytest.fixture
def jobs(monkeypatch):
    """A site's settings of SLURM jobs, as in its jobqueue.yaml, and the kit's reference cache."""
    monkeypatch.setenv("CRDS_PATH", "/data/crds of the kit")
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_0042.pmap")
    monkeypatch.setenv("CRDS_READONLY_CACHE", "1")
    site = {"queue": "short", "account": "astro", "walltime": "02:00:00", "log-directory": None, "interface": None}
    with dask.config.set({f"jobqueue.slurm.{name}": value for name, value in site.items()}):
        with dask.config.set({"jobqueue.slurm.job-script-prologue": ["export SITE=here"]}):
            yield


@pytest.fixture
def slurm(tmp_path, jobs, monkeypatch):
    """A folder with stand-ins for sbatch and scancel, first on the path; the log of jobs goes there too."""
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (tmp_path / name).write_text(text.format(folder=tmp_path))
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def test_a_job_script_asks_slurm_for_one_core_and_tells_the_worker_what_it_needs(jobs, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with clusters.job_cluster() as cluster:
        lines = cluster.job_script().splitlines()
    header = [line.removeprefix("#SBATCH ") for line in lines if line.startswith("#SBATCH ")]
    for wanted in ("-p short", "-A astro", "-n 1", "--cpus-per-task=1", "--mem=4G", "-t 02:00:00"):
        assert wanted in header
    for wanted in ("SITE=here", "CRDS_PATH='/data/crds of the kit'", "CRDS_CONTEXT=jwst_0042.pmap",
                   "CRDS_READONLY_CACHE=1", "OMP_NUM_THREADS=1",
                   "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE=False"):  # fmt: skip
        assert f"export {wanted}" in lines
    command = lines[-1] or lines[-2]
    assert command.startswith(f"{sys.executable} -m distributed.cli.dask_worker tcp://")
    assert "--nthreads 1 --memory-limit 3.73GiB --nanny" in command
    assert '--local-directory "${SLURM_TMPDIR:-${TMPDIR:-/tmp}}"' in command


def test_what_the_site_says_about_memory_and_scratch_stands(jobs, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with dask.config.set({"jobqueue.slurm.memory": "8GiB", "jobqueue.slurm.local-directory": "/scratch"}):
        with clusters.job_cluster() as cluster:
            script = cluster.job_script()
    assert "--mem=8G" in script
    assert "--memory-limit 8.00GiB" in script
    assert "--local-directory /scratch" in script


@pytest.mark.parametrize("scheduler", ["slurm:1", "slurm:0-1"])
def test_a_job_is_submitted_does_the_work_and_is_cancelled(scheduler, slurm):
    with executor.session(scheduler):
        [(context, threads, site, process, group)] = executor.run(ENVIRONMENT, [1], scheduler)
    assert (context, threads, site) == ("jwst_0042.pmap", "1", "here")
    assert group not in (os.getpgid(0), os.getpid())
    assert (slurm / "cancelled").read_text().split() == [str(group)]
    assert gone(process)


def test_a_job_of_dask_jobqueues_own_local_cluster_does_the_work(jobs, tmp_path, monkeypatch):
    from dask_jobqueue.local import LocalCluster, LocalJob

    class ShellJob(LocalJob):
        async def _submit_job(self, script_filename):  # the original splits the script into words: no export works
            self._script = tmp_path / "job.sh"
            self._script.write_bytes(Path(script_filename).read_bytes())
            return str(subprocess.Popen(["sh", self._script], stderr=subprocess.DEVNULL, start_new_session=True).pid)

        @classmethod
        async def _close_job(cls, job_id, _cancel_command):
            os.killpg(int(job_id), 15)

    class ShellCluster(LocalCluster):
        job_cls = ShellJob

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with clusters.job_cluster(ShellCluster) as cluster:
        cluster.scale(jobs=1)
        [(context, threads, _site, process, _group)] = executor.run(ENVIRONMENT, [1], cluster.scheduler_address)
    assert (context, threads) == ("jwst_0042.pmap", "1")
    assert gone(process)


def test_without_sbatch_the_message_says_where_slurm_works(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PipelineError, match=r"this machine has no sbatch.*login node.*--scheduler local here"):
        executor.run(ENVIRONMENT, [1], "slurm")


@pytest.mark.parametrize("scheduler", ["lokal", "slurm:0", "slurm:9-3", "slurm:two", "localhost:8786"])
def test_a_scheduler_that_is_none_is_refused_with_those_that_are(scheduler):
    with pytest.raises(PipelineError, match=r"expected local, none, slurm, slurm:8 \(jobs\), slurm:2-8 .*tcp://host"):
        executor.run(ENVIRONMENT, [1], scheduler)


@pytest.mark.parametrize(
    ("scheduler", "range_of_jobs"), [("slurm", (0, clusters.MOST_JOBS)), ("slurm:8", (8, 8)), ("slurm:2-8", (2, 8))]
)
def test_numbers_behind_slurm_are_jobs(scheduler, range_of_jobs):
    assert clusters._jobs(scheduler) == range_of_jobs


def gone(process, patience=10.0):
    """Return whether a process ends within some seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.1)
    return False
