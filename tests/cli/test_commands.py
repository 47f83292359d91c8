"""The command line from outside: exit codes, messages, speed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mrskit
from mrskit import workspace

COMMAND = Path(sys.executable).with_name("mrskit")


def run(*arguments, **options):
    return subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, **options)


def test_help_takes_less_than_half_a_second_of_processor_time(processor_time):
    run("--help")  # compiles the modules
    assert processor_time(COMMAND, "--help")[0] < 0.5


def test_the_version_is_that_of_the_package():
    assert run("--version").stdout == f"mrskit {mrskit.__version__}\n"


def test_help_groups_the_commands_by_who_reads_them():
    printed = run("--help", env=os.environ | {"COLUMNS": "100", "TERM": "dumb"}).stdout
    panels = re.split(r"^.─ (.+?) ─+.$", printed, flags=re.MULTILINE)
    listed = {
        heading: re.findall(r"^│ ([a-z]\w*) ", panel, re.MULTILINE)
        for heading, panel in zip(panels[1::2], panels[2::2], strict=True)
    }
    assert listed == {
        "Options": [],
        "Learn": ["start", "check", "watch", "reset", "doctor", "list"],
        "Data and pipeline": ["adopt", "fetch", "references", "simulate", "env", "reduce", "script", "view", "lines"],
        "Teach": ["demo", "key", "handout", "grade", "release"],
        "Make lessons": ["run", "build"],
    }


COMMANDS = [
    "start",
    "watch",
    "reset",
    "doctor",
    "references",
    "simulate",
    "env",
    "reduce",
    "demo",
    "run",
    "list",
    "check",
    "build",
    "lines",
    "view",
    "grade",
    "key",
    "release",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command):
    answer = run(command, "--help")
    assert answer.returncode == 0
    assert "Example:" in answer.stdout


def test_an_unknown_setting_is_one_line_and_exit_code_1(tmp_path):
    answer = run("simulate", "--settings", "12:SHRT", "--out", tmp_path / "w")
    assert answer.returncode == 1
    assert "UnknownBandError: no MRS setting '12:SHRT'" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "w").exists()


def test_a_folder_that_is_no_workspace_names_the_next_command(tmp_path):
    for command in (["reduce", tmp_path], ["check", "-w", tmp_path], ["run", "01", "-w", tmp_path]):
        answer = run(*command)
        assert answer.returncode == 1, command
        assert "mrskit simulate" in answer.stderr
        assert "Traceback" not in answer.stderr


def test_raw_files_of_somebody_are_found_by_every_command_and_nothing_is_written(tmp_path):
    (tmp_path / "mastDownload").mkdir()
    (tmp_path / "mastDownload" / "a_uncal.fits").write_bytes(b"")
    for command in (["reduce", tmp_path], ["references", "--real", tmp_path], ["env", "--workspace", tmp_path],
                    ["check", "-w", tmp_path], ["run", "01", "-w", tmp_path]):  # fmt: skip
        answer = run(*command)
        assert answer.returncode == 1, command
        assert f"Found 1 uncal file, not made by mrskit, in {tmp_path}/mastDownload." in answer.stderr
        assert "mrskit adopt" in answer.stderr and "simulate" not in answer.stderr
    assert run("simulate", "--out", tmp_path).returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mastDownload"]


def test_env_of_real_data_that_are_not_pinned_names_the_command_that_pins_them(tmp_path):
    workspace.create(tmp_path).update_card(data_source="real")
    answer = run("env", "--workspace", tmp_path)
    assert answer.returncode == 1 and f"mrskit references --real {tmp_path}" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_env_prints_lines_that_a_shell_takes(tmp_path):
    answer = run("env", "--references", tmp_path / "refs")
    script = answer.stdout + 'printf "%s %s" "$CRDS_PATH" "$CRDS_CONTEXT"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert shell.stdout.split() == [str(tmp_path / "refs"), "jwst_9001.pmap"]


def test_env_keeps_a_path_with_a_quote_and_a_space_whole(tmp_path):
    folder = tmp_path / "it's here"
    script = run("env", "--references", folder).stdout + 'printf "%s" "$CRDS_PATH"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == str(folder)


def test_env_as_json_is_read_by_a_program(tmp_path):
    assert json.loads(run("env", "--references", tmp_path, "--json").stdout)["CRDS_PATH"] == str(tmp_path)


def test_wrong_usage_has_exit_code_2():
    assert run("simulate").returncode == 2
    assert run("no-such-command").returncode == 2


def test_the_list_of_exercises_is_a_list_of_records():
    rows = json.loads(run("list", "--json").stdout)
    assert len(rows) >= 25
    assert {"id", "title", "points", "minutes", "unit"} <= set(rows[0])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell):
    script = run(env=os.environ | {"_MRSKIT_COMPLETE": f"source_{shell}"})
    assert script.returncode == 0 and "_MRSKIT_COMPLETE=complete_" in script.stdout


def test_a_shell_completes_the_names_of_commands():
    words = {"_MRSKIT_COMPLETE": "complete_bash", "COMP_WORDS": "mrskit wat", "COMP_CWORD": "1"}
    assert run(env=os.environ | words).stdout.split() == ["watch"]


@pytest.mark.parametrize("command", ["start", "check", "watch", "reset", "doctor", "view"])
def test_the_commands_of_a_learner_document_their_exit_codes(command):
    assert "Exit codes: 0" in run(command, "--help").stdout


def test_check_without_a_workspace_names_the_next_command(tmp_path):
    answer = run("check", cwd=tmp_path)
    assert answer.returncode == 1
    assert "mrskit start" in answer.stderr and "Traceback" not in answer.stderr
