"""What a learner can do wrong in a cell ends in at most three lines before any traceback; in real kernels."""

import errno
import os
import shutil
import signal
import subprocess

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel

from mrskit import error_hints, workspace
from mrskit.errors import LessonError, WorkspaceError, missing_file
from mrskit.lessons import run

BEGIN = "from mrskit import answers; space = answers.begin('01', {root!r})"


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """A workspace whose card says that its data are of 12:SHORT, without any data."""
    made = workspace.create(tmp_path_factory.mktemp("hints") / "course")
    made.update_card(settings=["12:SHORT"])
    return made


@pytest.fixture(scope="module")
def kernel(space):
    """A kernel in the folder of the learner's notebooks, in which a lesson has begun."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(space.root / "Notebook"))
    shown = client.execute_interactive(BEGIN.format(root=".."), timeout=120, output_hook=lambda message: None)
    assert shown["content"]["status"] == "ok", shown
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def said(client, code: str) -> list[str]:
    """Return the lines that a cell shows before its traceback, without colours."""
    answer = client.execute_interactive(code, timeout=120, output_hook=lambda message: None, allow_stdin=False)
    assert answer["content"]["status"] == "error"
    lines = "\n".join(answer["content"]["traceback"]).splitlines()
    end = next((number for number, line in enumerate(lines) if not line.strip() or "---" in line), len(lines))
    return lines[:end]


CASES = {
    "a wrong path": ("answers.begin('01', 'no/such/folder')", "WorkspaceError", "mrskit simulate"),
    "a band that does not exist": ("answers.begin('01', '..', use_band='SHRT')", "UnknownBandError", "12:SHRT"),
    "a band without data": ("answers.begin('01', '..', use_band='LONG')", "no data of 12:LONG", "found 12:SHORT"),
    "an unknown exercise": ("answers.give('01-slow', 1)", "AnswerError", "did you mean 01-slow-group"),
    "a deleted product": ("from mrskit import products; products.read_cube('x_s3d.fits')", "x_s3d.fits", ""),
    "a deleted file": ("x = 1\nopen('raw.fits')", "FileNotFoundError", "mrskit doctor"),
    "a list without files": ("x = 1\nfiles = []\nfiles[0]", "(line 3 of this cell)", "some are missing"),
    "a full disk": ("with open('/dev/full', 'w') as file:\n    file.write('x' * 100000)", "OSError", "disk is full"),
    "a name that is not known": ("print(flux)", "NameError", "Run All Above Selected Cell"),
    "a forgotten answer": ("answer = ...\nanswer + 1", "TypeError", "with your answer"),
}


@pytest.mark.parametrize(("code", "what", "remedy"), CASES.values(), ids=list(CASES))
def test_a_mishap_is_said_in_three_lines_at_most(kernel, code, what, remedy):
    lines = said(kernel, code)
    assert 0 < len(lines) <= 3, lines
    assert what in " ".join(lines) and remedy in " ".join(lines)


def test_an_error_that_explains_itself_is_shown_as_ever(kernel):
    assert said(kernel, "1 / 0") == []


def test_after_a_new_start_of_the_kernel_one_is_told_to_run_the_cells_above(monkeypatch, tmp_path):
    from mrskit.learner import lab

    monkeypatch.setenv("PYTHONSTARTUP", lab._environment()["PYTHONSTARTUP"])
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        manager.provisioner.process.wait()
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=60)
        lines = said(client, "answers.give('01-slow-group', 8.6)")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    assert "NameError: name 'answers' is not defined (line 1 of this cell)" in lines[0]
    assert "a cell above was not run since the kernel started" in lines[1] and len(lines) == 2


def test_a_killed_kernel_is_one_message_on_the_command_line(tmp_path):
    cells = [nbformat.v4.new_code_cell("a = 1", metadata={"tags": ["parameters"]}),
             nbformat.v4.new_code_cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")]  # fmt: skip
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    with pytest.raises(LessonError, match="the kernel died") as caught:
        run.run_notebook(book, "01_setup.ipynb", {}, tmp_path / "01_setup.ipynb", tmp_path)
    assert len(str(caught.value).splitlines()) <= 3


def test_an_answer_on_a_full_disk_says_so(space):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a small disk needs the right to mount one: run as root")
    small = space.root.parent / "small"
    made = workspace.create(small)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=False).returncode:
        pytest.skip("no disk can be mounted here: run outside a container")
    try:
        workspace.create(made.root)
        (small / "filler").write_bytes(b"x" * 40_000)
        with pytest.raises(OSError, match="No space left") as caught:
            workspace.write_text(small / "answers" / "01_setup.json", "x" * 100_000)
    finally:
        subprocess.run(["umount", small], check=True)
    lines = error_hints.explain(caught.value)
    assert len(lines) == 2 and "The disk is full" in lines[1]


def test_errors_of_the_kit_are_their_own_explanation(tmp_path):
    for error in (WorkspaceError("no workspace"), missing_file(tmp_path / "a", "a cube", "Run it.")):
        assert error_hints.explain(error) == []
        assert len(error._render_traceback_()) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_and_a_full_quota_are_the_same_to_a_learner(number):
    assert "disk is full" in error_hints.explain(OSError(number, os.strerror(number)))[1]


@pytest.mark.parametrize("error", [MemoryError(), ModuleNotFoundError("no jwst"), PermissionError(13, "no")])
def test_other_mishaps_of_the_computer_say_what_to_do(error):
    what, advice = error_hints.explain(error)
    assert what.startswith(type(error).__name__) and advice.endswith((".", ")"))
