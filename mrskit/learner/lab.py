"""Start and stop JupyterLab on a learner's workspace, with a free port and a token."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mrskit.errors import LessonError
from mrskit.workspace import Workspace

PORT = 8888  # first port to try; fifty more follow
PATIENCE = 120  # s that the server may take to answer
CONFIG = Path(__file__).parent / "jupyter"  # settings of JupyterLab, and the startup script of each kernel


@dataclass(slots=True)
class Server:
    """A running JupyterLab server."""

    address: str  # address with the token, without a page
    process: subprocess.Popen | None  # None: the server was already running

    def page(self, workspace: Workspace, notebook: Path) -> str:
        """Return the address of a notebook on this server."""
        place = quote(notebook.relative_to(workspace.root).as_posix())
        base, _, token = self.address.partition("?")
        return f"{base}lab/tree/{place}?{token}"

    def wait(self) -> None:
        """Wait until the server ends; stop server and kernels on Ctrl-C or when the terminal is closed."""
        if self.process is None:
            return
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        try:
            self.process.wait()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop the server and its kernels."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start(workspace: Workspace, port: int | None = None) -> Server:
    """Return a running JupyterLab server for a workspace, existing or new; LessonError if it does not start."""
    if (running := _address(root_dir=str(workspace.root))) is not None:
        return Server(running, None)
    log = workspace.logs / "jupyterlab.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(_command(workspace, port), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                                   env=_environment(), start_new_session=True)  # fmt: skip
    server = Server("", process)
    try:
        server.address = _when_it_answers(process, log)
    except BaseException:
        server.stop()
        raise
    return server


def _command(workspace: Workspace, port: int | None) -> list[str]:
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--ServerApp.root_dir={workspace.root}",
        f"--ServerApp.port={port or PORT}", f"--ServerApp.port_retries={0 if port else 50}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    return [*command, "--allow-root"] if os.geteuid() == 0 else command


def _environment() -> dict[str, str]:
    """Return the server's environment: a token hidden from process lists, and settings without news."""
    path = os.pathsep.join(filter(None, (str(CONFIG), os.environ.get("JUPYTER_CONFIG_PATH", ""))))
    return os.environ | {"JUPYTER_TOKEN": secrets.token_urlsafe(24), "JUPYTER_CONFIG_PATH": path,
                         "PYTHONSTARTUP": str(CONFIG / "kernel_start.py")}  # fmt: skip


def _when_it_answers(process: subprocess.Popen, log: Path) -> str:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            said = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
            last = said[-1][:300] if said else "no message."
            raise LessonError(f"JupyterLab ended with code {process.returncode}: {last} See {log}.", path=log)
        if (address := _address(pid=process.pid)) is not None:
            return address
        time.sleep(0.2)
    raise LessonError(f"JupyterLab did not answer within {PATIENCE} s. See {log}.", path=log)


def _address(**wanted: object) -> str | None:
    """Return the address of a running server of this user with these properties, or None if there is none."""
    from jupyter_core.paths import jupyter_runtime_dir

    for path in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # the file is being written, or was removed
        if card.get("token") and wanted.items() <= card.items() and _answers(card):
            return f"{card['url']}?token={card['token']}"
    return None


def _answers(card: dict) -> bool:
    request = urllib.request.Request(f"{card['url']}api/status", headers={"Authorization": f"token {card['token']}"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the address is this computer
    try:
        with opener.open(request, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
