"""Kernels forked from one server are quick, strangers to each other, and gone when nobody needs them."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
import psutil
import pytest

from mrskit.errors import LessonError
from mrskit.lessons import run
from mrskit.lessons.ahead import LESSON_MODULES
from mrskit.workers import kernels

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="no processes to fork on this system")
PRELOAD = ("ipykernel.kernelapp", "matplotlib.pyplot", "jwst.pipeline")


@pytest.fixture(scope="module")
def server():
    """A server that has imported the pipeline."""
    with kernels.KernelServer(PRELOAD) as running:
        yield running


@pytest.fixture
def execute(server, tmp_path):
    """A function that runs cells in a kernel of the server and returns what they print."""

    def call(*cells: str, name: str = "x", **environment: str) -> list[str]:
        first = nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]})
        notebook = nbformat.v4.new_notebook(cells=[first, *map(nbformat.v4.new_code_cell, cells)])
        notebook.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
        path = run.run_notebook(
            notebook, f"{name}.ipynb", {"a": 2}, tmp_path / f"{name}.ipynb", tmp_path,
            kernels=server.manager(**environment),
        )  # fmt: skip
        outputs = [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", ())]
        return [output["text"].strip() if "text" in output else str(sorted(output["data"])) for output in outputs]

    return call


def family(server):
    """Return the kernels of a server, and what they have started."""
    return psutil.Process(server.process.pid).children(recursive=True)


def gone(pids, seconds=10.0):
    """Return whether all processes end within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
            return True
        time.sleep(0.05)
    return False


def test_the_pipeline_is_there_in_a_forked_kernel_at_once(execute):
    timed = "import time; start = time.perf_counter(); import jwst.pipeline; print(time.perf_counter() - start)"
    assert float(execute(timed)[0]) < 0.5


def test_two_kernels_of_one_server_share_neither_names_nor_modules_nor_random_numbers(execute):
    state = "print('mark' in globals(), hasattr(numpy, 'mark'), numpy.random.rand(), random.random())"
    cell = f"import numpy, random; {state}; mark = numpy.mark = True"
    first, second = execute(cell)[0].split(), execute(cell)[0].split()
    assert first[:2] == second[:2] == ["False", "False"]
    assert set(first[2:]).isdisjoint(second[2:])


def test_a_kernel_has_the_folder_and_the_environment_of_its_request(execute, tmp_path, monkeypatch):
    monkeypatch.setenv("KIT_GIVEN", "by this process")
    cell = "import os; print(os.getcwd(), os.environ['KIT_GIVEN'], os.environ.get('KIT_EXTRA'), a, sep='|')"
    assert execute(cell, KIT_EXTRA="by the request") == [f"{tmp_path}|by this process|by the request|2"]
    monkeypatch.delenv("KIT_GIVEN")
    assert execute("import os; print(os.environ.get('KIT_GIVEN'))") == ["None"]


def test_modules_on_the_python_path_of_a_request_are_found(execute, tmp_path):
    (tmp_path / "of_this_request.py").write_text("value = 42", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    cell = "import os; os.chdir('elsewhere'); import of_this_request; print(of_this_request.value)"
    assert execute(cell, PYTHONPATH=str(tmp_path)) == ["42"]


def test_figures_are_shown_in_a_forked_kernel(execute):
    shown = execute("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()")
    assert "image/png" in shown[-1]


def test_output_of_child_processes_reaches_the_notebook(execute, monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # under which ipykernel leaves descriptors alone
    assert execute("import subprocess; _ = subprocess.run(['echo', 'from below'])") == ["from below"]


def test_several_notebooks_run_in_kernels_of_one_server_at_once(execute):
    cell = "import time; time.sleep(1); print({})"
    with ThreadPoolExecutor(3) as pool:
        shown = list(pool.map(lambda number: execute(cell.format(number), name=str(number)), range(3)))
    assert shown == [["0"], ["1"], ["2"]]


@pytest.mark.parametrize("death", ["os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_a_kernel_that_dies_is_a_lesson_error_and_the_server_goes_on(execute, death):
    with pytest.raises(LessonError, match="the kernel died"):
        execute(f"import os; {death}")
    assert execute("print('alive')") == ["alive"]


def test_a_kernel_that_is_asked_to_stop_or_killed_tells_its_signal(server, tmp_path):
    for number, code in ((signal.SIGKILL, -9), (signal.SIGTERM, -15)):
        kernel = server.fork(["-f", str(tmp_path / f"{number}.json")], tmp_path, os.environ)
        assert kernel.poll() is None
        while not (tmp_path / f"{number}.json").is_file():
            assert kernel.poll() is None
            time.sleep(0.02)
        kernel.send_signal(number)
        assert kernel.wait(10) == code
        assert kernel.wait(10) == code  # and again


def test_nothing_is_left_of_a_kernel_nor_of_what_it_has_started(execute, server):
    started = execute("import subprocess; print(subprocess.Popen(['sleep', '600']).pid)")[0]
    assert gone([int(started)])
    assert family(server) == []


def test_a_kernel_whose_working_folder_is_missing_ends_with_an_error(server, tmp_path):
    kernel = server.fork(["-f", str(tmp_path / "x.json")], tmp_path / "missing", os.environ)
    assert kernel.wait(20) == 1


def test_closing_a_server_ends_its_kernels(tmp_path):
    with kernels.KernelServer(("ipykernel.kernelapp",)) as short:
        kernel = short.fork(["-f", str(tmp_path / "x.json")], tmp_path, os.environ)
        while not (tmp_path / "x.json").is_file():
            time.sleep(0.02)
        pids = [short.process.pid, *(process.pid for process in family(short))]
    assert gone(pids)
    assert kernel.poll() == -9


def test_a_server_that_is_killed_takes_its_kernels_along_and_is_started_again(tmp_path):
    with kernels.KernelServer(("ipykernel.kernelapp",)) as short:
        kernel = short.fork(["-f", str(tmp_path / "x.json")], tmp_path, os.environ)
        while not (tmp_path / "x.json").is_file():
            time.sleep(0.02)
        pids = [process.pid for process in family(short)]
        short.process.kill()
        assert kernel.wait(10) == -9
        assert gone(pids)
        again = short.fork(["-f", str(tmp_path / "y.json")], tmp_path, os.environ)
        while not (tmp_path / "y.json").is_file():
            assert again.poll() is None
            time.sleep(0.02)


def test_server_and_kernels_end_when_the_process_that_uses_them_is_killed(tmp_path):
    code = f"""
import os, time, psutil
from pathlib import Path
from mrskit.workers import kernels
server = kernels.KernelServer(("ipykernel.kernelapp",))
kernel = server.fork(["-f", {str(tmp_path / "x.json")!r}], {str(tmp_path)!r}, os.environ)
while not Path({str(tmp_path / "x.json")!r}).is_file():
    time.sleep(0.02)
print(server.process.pid, *(process.pid for process in psutil.Process(server.process.pid).children()), flush=True)
os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    pids = [int(number) for number in done.stdout.split()]
    assert len(pids) == 2
    assert gone(pids)


def test_without_fork_a_message_says_so_and_the_lessons_get_kernels_of_their_own(monkeypatch):
    monkeypatch.delattr(os, "fork")
    told = []
    with kernels.warm_kernels(PRELOAD, told.append) as none:
        assert none is None
    assert told == ["this system has no forked kernels: every lesson imports the pipeline itself"]


def test_the_server_of_the_lessons_has_one_thread_when_it_forks(tmp_path):
    with kernels.KernelServer(LESSON_MODULES) as full:
        kernel = full.fork(["-f", str(tmp_path / "x.json")], tmp_path, os.environ)
        while kernel.pid is None:
            assert kernel.poll() is None
            time.sleep(0.05)
        assert psutil.Process(full.process.pid).num_threads() == 1
