"""The ways of isolation: what they are told, what they stop, and that the strongest is taken."""

import ast
import base64
import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from PIL import Image

import mrskit
from mrskit.errors import SandboxError
from mrskit.grading.intake import release, temp_folder
from mrskit.grading.records import Cell, Submission
from mrskit.grading.run.limits import MIB, Limits
from mrskit.grading.run.recording import readable
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, cgroups, mounts, reader, scratch, syscalls
from mrskit.grading.run.sandbox.order import Order
from mrskit.workspace import create

LIMITS = Limits(memory=3000 * MIB, processes=64, scratch=64 * MIB, cell=60.0, notebook=90.0)
EXERCISE, BEGIN = "06-identify", "space = answers.begin("
PRELOAD = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "mrskit.answers",
           "mrskit.grading.run.sandbox.supervisor")  # fmt: skip


@pytest.fixture
def key(tmp_path):
    """An instructor's workspace with a raw file, and with secrets."""
    space = create(tmp_path / "key")
    for path in (space.stage("source", "uncal") / "data_uncal.fits", space.truth / "scene.json",
                 space.answers / "06_analysis.json", space.root / "workspace.json"):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}", encoding="utf-8")
    return space


@pytest.fixture
def short_release(monkeypatch):
    """Of lesson 06 only its parameters, its beginning and its first exercise."""
    whole = release.release("06_analysis")
    kept = tuple(step for step in whole if step.parameters or BEGIN in step.source or step.exercise == EXERCISE)
    monkeypatch.setattr(release, "release", lambda lesson: kept)
    return kept


def handed_in(release, own, value):
    place = next(step.id for step in release if BEGIN in step.source)
    answer = f'answers.give("{EXERCISE}", {value})'
    return Submission("a", "06_analysis", "a.ipynb", "0", answers={EXERCISE: answer}, own=(Cell(place, own),))


def command(level, key, **entries):
    backend = backends.Backend(level, **entries)
    return backend.command(["python", "x.py"], mounts.needed(key), key.root.parent, LIMITS)


def test_neither_truth_nor_answers_nor_the_card_of_the_key_are_shown(key):
    words = " ".join(command("bubblewrap", key))
    assert f"{key.root}/Source" in words
    assert all(f"{key.root}/{name}" not in words for name in ("truth", "answers", "Notebook", "workspace.json"))
    assert f"bind {key.root} " not in words


@pytest.mark.parametrize("nested", [True, False])
def test_bubblewrap_is_told_to_take_everything_away(nested, key):
    words = command("bubblewrap", key, nested=nested)
    for option in (
        "--unshare-pid",
        "--unshare-net",
        "--unshare-ipc",
        "--unshare-uts",
        "--die-with-parent",
        "--new-session",
    ):
        assert option in words
    assert words[words.index("--cap-drop") + 1] == "ALL"
    assert ("--as-pid-1" in words) is not nested
    assert words[-2:] == ["python", "x.py"]
    if os.geteuid() == 0:
        assert "--clear-groups" in words
        assert words[words.index("--reuid") + 1] == str(backends.USER)
    else:
        assert "--unshare-user" in words
    written = [words[i + 1] for i, word in enumerate(words) if word == "--bind"]
    assert written == [str(key.root.parent)]  # the folder of sockets


def test_the_strongest_level_that_works_is_taken_and_a_weak_one_only_on_trust(key, monkeypatch):
    working = set(backends.LEVELS)
    monkeypatch.setattr(
        backends, "_working", lambda level, shown: backends.Backend(level) if level in working else None
    )
    for level in backends.STRONG:
        assert backends.best(mounts.needed(key)).level == level
        working.discard(level)
    with pytest.raises(SandboxError, match="--trust"):
        backends.best(mounts.needed(key))
    assert backends.best(mounts.needed(key), trust=True).level == "rlimits"


def test_landlock_is_no_sandbox_for_root_where_nothing_counts_processes(monkeypatch):
    monkeypatch.setattr(syscalls, "landlock_version", lambda: syscalls.LANDLOCK_NEEDED)
    found = {}
    for user in (0, 1000):
        for groups in (True, False):
            monkeypatch.setattr(os, "geteuid", lambda user=user: user)
            monkeypatch.setattr(cgroups, "available", lambda _, groups=groups: groups)
            found[user, groups] = backends._working.__wrapped__("landlock", None) is not None
    assert found == {(0, True): True, (0, False): False, (1000, True): True, (1000, False): True}


def test_a_key_within_what_every_notebook_sees_is_refused(key, monkeypatch):
    monkeypatch.setattr(sys, "prefix", str(key.root))
    with pytest.raises(SandboxError, match="every notebook sees"):
        mounts.needed(key)


SPY = """
import os, socket, subprocess
seen = []
for place in ("{key}/truth/scene.json", "{key}/answers/06_analysis.json", "{key}/workspace.json", "{decoy}"):
    try:
        seen.append(open(place).read())
    except OSError:
        pass
try:
    seen.append(socket.create_connection(("127.0.0.1", {port}), 1))
except OSError:
    pass
try:
    os.kill({pid}, 0)
    seen.append("signal")
except OSError:
    pass
subprocess.Popen(["/bin/sh", "-c", "exec sleep 985"], start_new_session=True)
"""


AMONG_SOCKETS = """
from ipykernel.connect import get_connection_file
place = os.path.dirname(get_connection_file())
for action in (lambda: open(f"{place}/fill", "w"), lambda: open(f"{place}/kernel.json", "a"),
               lambda: os.mkdir(f"{place}/fill"), lambda: os.symlink("/", f"{place}/fill"),
               lambda: os.remove(f"{place}/kernel-2"), lambda: os.listdir(os.path.dirname(place))):
    try:
        seen.append(action())
    except OSError:
        pass
open("/dev/null", "w").close()  # which honest programs write to
"""
FILL = """[open(str(number), "wb").write(bytes(10_000_000)) for number in __import__("itertools").count()]"""


def spy(runner, release, key, own=SPY):
    """Run a notebook that looks around, and return what it has seen."""
    decoy = key.root.parent / "decoy"
    decoy.write_text("secret", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = {"key": key.root, "decoy": decoy, "port": server.getsockname()[1], "pid": os.getpid()}
        for word, value in words.items():
            own = own.replace(f"{{{word}}}", str(value))
        record, timing = runner.run(handed_in(release, own, "repr(seen)"), 3, {})
    listed = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listed.splitlines() if "sleep 985" in line and not line.startswith("Z")]
    assert record.given[0].outcome == "recorded", (record.given[0], record.notes)
    assert record.isolation == runner.isolation
    return record.given[0].record["value"], timing


def test_landlock_keeps_files_network_and_signals_from_a_notebook(key, short_release):
    if syscalls.landlock_version() < syscalls.LANDLOCK_NEEDED:
        pytest.skip("no Landlock of version 6 here: it needs Linux 6.12")
    with Runner(key, LIMITS, backend=backends.Backend("landlock", nested=False)) as runner:
        seen, timing = spy(runner, short_release, key, own=SPY + AMONG_SOCKETS)
        record, _ = runner.run(handed_in(short_release, "", FILL), 3, {})
    assert seen == "[]"
    assert not timing.warm
    assert (record.given[0].outcome, "room on the disk" in record.given[0].message) == ("limit", True), record


def order_of(root, **limits):
    for name in ("scratch", "sockets"):
        (root / name).mkdir(exist_ok=True)
    return Order(level="landlock", forked=False, scratch=str(root / "scratch"), sockets=str(root / "sockets"),
                 environment={}, limits=Limits(**limits).to_json(), limit_memory=False)  # fmt: skip


@pytest.mark.parametrize("place", ["scratch", "sockets"])
def test_a_notebook_has_more_than_it_may_by_bytes_by_files_and_by_depth_where_no_mount_caps_it(place, tmp_path):
    order = order_of(tmp_path, scratch=3 * MIB)
    folder = tmp_path / place / "of" / "its own"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to("/usr")  # is not followed
    with (folder / "with a hole").open("wb") as stream:
        stream.truncate(100 * MIB)
    (folder / "a").write_bytes(bytes(2 * MIB))
    assert not scratch.full(order)
    (folder / "b").write_bytes(bytes(2 * MIB))
    assert scratch.full(order)
    (folder / "b").unlink()
    assert not scratch.full(order)
    for number in range(scratch.MOST_FILES):
        (folder / str(number)).symlink_to("x")
    assert scratch.full(order)
    temp_folder.remove(folder)
    assert not scratch.full(order)
    here = os.open(tmp_path / place, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("deep", dir_fd=here)
        here, outer = os.open("deep", os.O_RDONLY, dir_fd=here), here
        os.close(outer)
    os.close(here)
    assert scratch.full(order)
    temp_folder.remove(tmp_path / place)
    assert not (tmp_path / place).exists()


def test_bubblewrap_isolates_also_where_a_process_inside_can_make_no_namespaces(key, short_release):
    backend = backends.best(mounts.needed(key), trust=True)
    if backend.level != "bubblewrap":
        pytest.skip("no bubblewrap with user namespaces here: install bubblewrap")
    with (key.stage("source", "uncal") / "data_uncal.fits").open("r+b") as data:  # seen inside, in the folder of others
        os.posix_fallocate(data.fileno(), 0, LIMITS.scratch + MIB)
    with Runner(key, LIMITS, backend=backends.Backend("bubblewrap", nested=False)) as runner:
        seen, timing = spy(runner, short_release, key)
    assert seen == "[]"
    assert not timing.warm


def test_a_user_without_privileges_isolates_as_well():
    python = Path(f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}")
    if os.geteuid() != 0:
        pytest.skip("this run is without privileges already: the other tests show it")
    if not (python.is_file() and shutil.which("setpriv")):
        pytest.skip(
            f"needs an interpreter that every user may read: install {python.name} of the system, and util-linux"
        )
    folder = Path(tempfile.mkdtemp(prefix="mrskit-unprivileged-"))
    try:
        folder.chmod(0o755)
        subprocess.run([python, "-m", "venv", "--without-pip", folder / "env"], check=True)
        site = next((folder / "env").glob("lib/python*/site-packages"))
        packages = [path for path in sys.path if path.endswith("site-packages")]
        (site / "here.pth").write_text("\n".join([*packages, str(Path(mrskit.__file__).parents[1])]), encoding="utf-8")
        key = create(folder / "key")
        (key.stage("source", "uncal") / "data_uncal.fits").write_text("{}", encoding="utf-8")
        (folder / "script.py").write_text(UNPRIVILEGED.format(key=str(key.root), preload=PRELOAD), encoding="utf-8")
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", folder / "env" / "bin" / "python",
             folder / "script.py"],
            env={"PATH": os.defpath, "HOME": "/tmp"}, capture_output=True, text=True, timeout=200,
        )  # fmt: skip
        if "skip" in done.stdout:
            pytest.skip("users without privileges may make no namespaces here, or may not read the packages")
        assert done.stdout.split() == ["bubblewrap", "True", "recorded", "[]"], done.stderr[-2000:]
    finally:
        shutil.rmtree(folder)


UNPRIVILEGED = '''
import sys
try:
    from mrskit.grading.intake import release
    from mrskit.grading.run.limits import Limits
    from mrskit.grading.records import Submission
    from mrskit.grading.run.run import Runner
    from mrskit.grading.run.sandbox import backends, mounts
    from mrskit.workspace import Workspace
    from pathlib import Path
    key = Workspace(Path({key!r}))
    backend = backends.best(mounts.needed(key), trust=True)
except PermissionError:
    sys.exit(print("skip"))
if backend.level != "bubblewrap":
    sys.exit(print("skip"))
kept = tuple(step for step in release.release("06_analysis")
             if step.parameters or "space = answers.begin(" in step.source or step.exercise == "06-identify")
release.release = lambda lesson: kept
answer = """import os, glob
seen = glob.glob({key!r} + "/answers") + [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) > 50]
answers.give("06-identify", repr(seen))"""
with Runner(key, Limits(), backend=backend, preload={preload!r}) as runner:
    record, timing = runner.run(Submission("a", "06_analysis", "a", "0", answers={{"06-identify": answer}}), 1, {{}})
print(backend.level, timing.warm, record.given[0].outcome, (record.given[0].record or {{}}).get("value"))
'''


def test_a_control_group_caps_and_ends_what_is_in_it():
    group = cgroups.make(Limits(memory=200 * MIB, processes=20))
    if group is None:
        pytest.skip("no control groups can be made here: run as root, or in a delegated scope")
    hog = "import time; input(); x = bytearray(b'x') * 400_000_000; time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", hog], stdin=subprocess.PIPE)
    group.add(process.pid)
    process.communicate(b"\n", timeout=60)
    assert process.returncode == -9
    assert group.out_of_memory()
    other = subprocess.Popen(["sleep", "60"])
    group.add(other.pid)
    assert group.processes() == [other.pid]
    group.remove()
    assert other.wait(10) == -9
    assert not group.memory.exists()
    assert not group.pids.exists()


@pytest.fixture
def second_version(tmp_path, monkeypatch):
    """A stand-in for control groups of version 2, folders, and what Linux puts there."""
    parent, mkdir, rmdir = tmp_path / "delegated", Path.mkdir, Path.rmdir
    mkdir(parent)
    (parent / "cgroup.subtree_control").write_text("cpu memory pids\n", encoding="ascii")
    files = {"cgroup.procs": "", "memory.max": "max", "memory.oom.group": "0", "memory.swap.max": "max",
             "memory.peak": "123456\n", "memory.events": "low 0\nmax 7\noom 1\noom_kill 0\n", "pids.max": "max",
             "pids.events": "max 0\n"}  # fmt: skip

    def make(folder, *options, **named):
        mkdir(folder, *options, **named)
        if folder.parent == parent:
            for name, text in files.items():
                (folder / name).write_text(text, encoding="ascii")

    def remove(folder):
        if (folder / "cgroup.procs").exists():
            if (folder / "cgroup.procs").read_text(encoding="ascii"):
                raise OSError("busy")
            for path in folder.iterdir():
                path.unlink()
        rmdir(folder)

    monkeypatch.setattr(Path, "mkdir", make)
    monkeypatch.setattr(Path, "rmdir", remove)
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    monkeypatch.setattr(cgroups, "_own", {"": "/delegated"}.get)
    return parent


def test_control_groups_of_version_2_get_the_same_caps_and_tell_what_was_met(second_version):
    old = second_version / f"mrskit-{2**22 + 1}-0"  # of a grader that is gone: no process has this number
    old.mkdir()
    (old / f"mrskit-{2**22 + 2}-0").mkdir()  # of a grader that this one had confined
    group = cgroups.make(Limits(memory=200 * MIB, processes=20))
    assert group is not None and group.memory == group.pids and group.memory.parent == second_version
    assert not old.exists()
    written = {name: (group.memory / name).read_text(encoding="ascii")
               for name in ("memory.max", "memory.oom.group", "memory.swap.max", "pids.max")}  # fmt: skip
    assert written == {"memory.max": str(200 * MIB), "memory.oom.group": "0", "memory.swap.max": "0", "pids.max": "36"}
    assert (group.peak(), group.out_of_memory(), group.out_of_processes()) == (123456, False, False)
    (group.memory / "memory.events").write_text("oom 3\noom_kill 2\n", encoding="ascii")
    (group.memory / "pids.events").write_text("max 4\n", encoding="ascii")
    assert group.out_of_memory() and group.out_of_processes()
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        group.add(sleeper.pid)
        assert group.processes() == [sleeper.pid]
        assert sleeper.poll() is None
        (group.pids / "cgroup.procs").write_text("", encoding="ascii")  # the system does so at its end
        sleeper.kill()
    group.remove()
    assert list(second_version.glob("mrskit-*")) == []


def test_without_delegated_controllers_there_are_no_groups_of_version_2(second_version):
    (second_version / "cgroup.subtree_control").write_text("cpu pids\n", encoding="ascii")
    assert not cgroups.available(Limits())


def test_what_a_killed_grader_has_left_is_removed_and_what_a_living_one_uses_is_not(tmp_path):
    old, lock = temp_folder.own_folder(tmp_path)
    living, kept = temp_folder.own_folder(tmp_path)
    assert old.is_dir()
    lock.release()  # as its death does
    new, last = temp_folder.own_folder(tmp_path)
    assert not old.exists()
    assert living.is_dir()
    assert new.is_dir()
    kept.release()
    last.release()


BOMB = """
import encodings.ascii, os, resource, sys, time
from types import SimpleNamespace
import psutil
from mrskit.grading.run.sandbox import supervisor, syscalls
syscalls.adopt_orphans()
supervisor._stopped()  # imports what another user may not read
if os.geteuid() == 0:
    os.setgroups(())
    os.setuid(int(sys.argv[1]))
mine = sum(process.uids().real == os.getuid() for process in psutil.process_iter())
resource.setrlimit(resource.RLIMIT_NPROC, (mine + 40, mine + 40))
if os.fork() == 0:
    while True:
        try:
            os.fork()
        except OSError:
            pass
time.sleep(0.5)
supervisor._kill_all(SimpleNamespace(level="landlock"))
print(supervisor._stopped())
"""


def test_processes_that_go_on_forking_are_ended_where_no_namespace_ends_them():
    process = subprocess.Popen([sys.executable, "-c", BOMB, str(backends.USER + 1)], stdout=subprocess.PIPE, text=True,
                               start_new_session=True)  # fmt: skip
    try:
        assert process.communicate(timeout=30)[0] == "set()\n"
    finally:
        for _ in range(3):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def png(size, mode="RGB"):
    picture = io.BytesIO()
    Image.new(mode, size, "white").save(picture, format="PNG")
    return base64.b64encode(picture.getvalue()).decode()


def test_pictures_are_made_anew_from_their_pixels_and_no_larger_than_they_are_shown(tmp_path):
    made = reader.read(tmp_path, [png((1600, 400), "RGBA"), png((20_000, 20_000), "1"), "<script>"])
    with Image.open(io.BytesIO(base64.b64decode(made["pictures"][0]))) as picture:
        assert picture.size == (800, 200)
    assert made["pictures"][1:] == ["", ""]


def test_text_is_shown_without_what_rules_a_terminal():
    assert readable("a\x1b[31mred\x1b[0m\x00\u202e\tb\n") == "ared\tb\n"


def test_grading_never_unpickles():
    """Neither pickle nor anything that would run what a learner's file says is named in the code of grading."""
    banned = {"pickle", "dill", "cloudpickle", "shelve", "marshal", "joblib", "allow_pickle", "exec", "eval", "yaml"}
    for path in sorted((Path(mrskit.__file__).parent / "grading").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "arg", "") or "",
                     str(getattr(node, "module", ""))} | {alias.name for alias in getattr(node, "names", ())
                                                          if isinstance(alias, ast.alias)}  # fmt: skip
            assert not names & banned, f"{path.name}, line {node.lineno}: {names & banned}"


def test_the_page_tells_what_the_committed_result_says(monkeypatch):
    root = Path(__file__).parents[3]
    monkeypatch.syspath_prepend(str(root / "benchmarks"))
    import isolation

    if not isolation.RESULT.exists():
        pytest.skip("docs/isolation.json is not there: run 'python benchmarks/isolation.py', then with --table")
    found = json.loads(isolation.RESULT.read_text(encoding="utf-8"))
    _, made = isolation.PAGE.read_text(encoding="utf-8").split(isolation.BEGIN)
    assert made.partition(isolation.END)[0] == isolation.table(found)
    known = {path.stem for path in (Path(__file__).parent / "hostile").glob("*.py")}
    assert all(rows and set(rows) <= known for rows in found.values())
    # What promises to hold strangers' code has held all of it; the rest only against accidents.
    assert not [name for way, rows in found.items() if not way.startswith("rlimits") for name, row in rows.items()
                if row["problem"]]  # fmt: skip
