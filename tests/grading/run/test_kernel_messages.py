"""What cells show reaches the grader as it was shown; a flood is told as output, and piles up on neither side."""

import json
import socket
import subprocess
import sys
import time

import pytest

from mrskit.grading.run.kernel_messages import DONE, FLOOD, Talk
from mrskit.grading.run.limits import Limits
from mrskit.grading.run.sandbox.supervisor import PORTS

KERNEL = """
from mrskit.grading.run.sandbox import outlet
outlet.narrow()
from ipykernel.kernelapp import IPKernelApp
IPKernelApp.launch_instance(argv=["-f", {path!r}, "--log-level=CRITICAL", "--HistoryManager.enabled=False"])
"""
LIMITS = Limits(output=8_000_000, cell_output=2_000_000)
SHOW = "from IPython.display import display\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Run a cell of ours in a kernel without a sandbox; only its end is told by how much memory it has taken."""
    folder = tmp_path_factory.mktemp("k")
    names = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")
    table = dict(zip(names, PORTS, strict=True)) | {"transport": "ipc", "ip": f"{folder}/kernel", "key": "k",
                                                    "signature_scheme": "hmac-sha256"}  # fmt: skip
    (folder / "kernel.json").write_text(json.dumps(table), encoding="utf-8")
    code = KERNEL.format(path=str(folder / "kernel.json"))
    mine, theirs = socket.socketpair()
    with mine, theirs, subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.DEVNULL) as kernel:
        end = time.monotonic() + 60
        while not all((folder / f"kernel-{port}").exists() for port in PORTS) and time.monotonic() < end:
            time.sleep(0.02)
        with Talk(folder, "k", LIMITS) as talk:
            assert talk.greet(mine.fileno())
            yield lambda source: talk.run(source, 30.0, mine.fileno(), lambda: kernel.send_signal(2), grace=10.0)
        kernel.kill()


def test_what_is_shown_arrives_whole_and_what_is_too_much_is_counted(run):
    seen = run("print('hello')")
    assert (seen.state, seen.text, seen.lost, seen.error) == (DONE, "hello\n", False, None)
    seen = run(SHOW + "display({'image/png': 'A' * 300_000}, raw=True); display({'text/plain': 'b'}, raw=True)")
    assert (seen.state, seen.pictures, seen.text, seen.cut) == (DONE, ["A" * 300_000], "b\n", 0)
    seen = run("for number in range(60): print('x' * 99_999)")
    assert (seen.state, seen.error, seen.lost) == (DONE, None, False)
    assert 6_000_000 < seen.size < 6_100_000
    assert seen.cut == 0  # pieces of an allowed size each
    seen = run(SHOW + "display({'image/png': 'A' * 5_000_000}, raw=True); print('behind')")
    assert (seen.state, seen.text, seen.pictures) == (DONE, "behind\n", [])
    assert 5_000_000 < seen.cut < 5_100_000


@pytest.mark.parametrize("flood", [
    "while True: print('x' * 100_000)",
    "print('x' * 400_000_000)",
    SHOW + "while True: display({'image/png': 'A' * 1_000_000}, raw=True)",
    "import sys\nwhile True: sys.stderr.write('y' * 3_000_000)",
])  # fmt: skip
def test_a_flood_is_told_as_output_and_the_next_cell_runs(flood, run):
    seen = run(flood)
    assert (seen.state, seen.error) == (FLOOD, ("KeyboardInterrupt", "")), flood
    assert seen.size < LIMITS.output + 4_000_000
    assert run("print(1 + 1)").text == "2\n"
    peak = run("print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])")
    assert 1024 * int(peak.text) < 700_000_000  # the text of 400 MB among it
