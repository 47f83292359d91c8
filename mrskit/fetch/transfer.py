"""Transfer of one file over HTTP: resumable, patient with a busy server, and never under the final name."""

from __future__ import annotations

import errno
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import requests
import urllib3

from mrskit.errors import AccessError, DiskSpaceError, FetchError
from mrskit.fetch.archive import BUSY, TOKEN, Patience, Remote, may_carry_token, token
from mrskit.workspace import write_text

CHUNK = 256 * 1024
Report = Callable[[int, int], None]  # bytes that are there, bytes of the whole (0: not known)


@dataclass(frozen=True, slots=True)
class State:
    """The server's description of a file, by which a resumed transfer recognises a changed file."""

    url: str
    total: int = 0  # bytes; 0: not known
    validator: str = ""  # strong entity tag, or time of the last change
    digest: str = ""  # "sha-256=..." or "md5=...", base64, where the server gives one


@dataclass(slots=True)
class Gate:
    """Gate for all connections: when the server asks one connection to wait, all wait."""

    opens: float = 0.0  # monotonic time, s
    lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self, seconds: float) -> None:
        """Close the gate for some seconds."""
        with self.lock:
            self.opens = max(self.opens, time.monotonic() + seconds)

    def wait(self) -> None:
        """Return when the gate is open."""
        while (left := self.opens - time.monotonic()) > 0:
            time.sleep(left)


class _Again(Exception):
    """A failed attempt that may be repeated: the reason, and the server's waiting time (0 if unknown)."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        super().__init__(what)
        self.wait = wait


def extend(
    remote: Remote, part: Path, stop: int, patience: Patience, gate: Gate, report: Report = lambda have, total: None
) -> State:
    """
    Extend the present beginning of a file to ``stop`` bytes, and return the server's description of the file.

    With ``stop`` 0 the whole file is transferred. A ``.json`` file next to ``part`` contains the server's description.
    ``report`` is called now and then with the received bytes and the total bytes.

    FetchError, AccessError or DiskSpaceError if the server does not answer, refuses, or the disk is full; received
    bytes stay for the next call.
    """
    failures = 0
    while True:
        before = size(part)
        try:
            gate.wait()
            return _once(remote, part, stop, patience, report)
        except _Again as again:
            failures = failures + 1 if size(part) <= before else 1
            wait = again.wait or patience.wait(failures)
            if failures >= patience.attempts or wait > patience.longest:
                asked = f"; the server asks to wait {again.wait:.0f} s" if again.wait else ""
                raise FetchError(
                    f"{remote.name}: {again}{asked}. {size(part)} bytes have arrived and are kept. Run the same "
                    "command again to continue from there.", name=remote.name, have=size(part),
                ) from again  # fmt: skip
            gate.close(wait) if again.wait else time.sleep(wait)


def size(path: Path) -> int:
    """Return the size of a file, bytes; 0 if it does not exist."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def state(part: Path, remote: Remote) -> State:
    """Return the server's state when the beginning of a file arrived; an empty state for a different address."""
    try:
        known = State(**json.loads(_note(part).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return State(remote.url)
    return known if known.url == remote.url else State(remote.url)


def forget(part: Path) -> None:
    """Remove the beginning of a file and the notes about it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _note(part: Path) -> Path:
    return part.with_suffix(".json")


def _once(remote: Remote, part: Path, stop: int, patience: Patience, report: Report) -> State:
    known, have = state(part, remote), size(part)
    if known.total and have > known.total:
        forget(part)
        known, have = State(remote.url), 0
    if known.total and have >= (min(stop, known.total) if stop else known.total):
        return known
    headers, limits = _range(known, have, stop), (min(patience.timeout, 30), patience.timeout)
    if remote.takes_token and (secret := token()) and may_carry_token(remote.url):
        headers["Authorization"] = f"token {secret}"  # requests takes it off when another host is redirected to
    try:
        with requests.get(remote.url, headers=headers, stream=True, timeout=limits) as answer:
            known, have = _understand(answer, remote, part, known, have)
            report(have, known.total)
            _write(answer, part, have, stop, known, report)
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _Again(f"the connection broke ({type(error).__name__})") from error
    if not stop and known.total and size(part) < known.total:
        raise _Again("the connection ended too early")
    return known if known.total else replace(known, total=size(part) if not stop else 0)


def _range(known: State, have: int, stop: int) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "mrskit (python-requests)"}
    if have or stop:
        headers["Range"] = f"bytes={have}-{stop - 1 if stop > have else ''}"
        if have and known.validator:
            headers["If-Range"] = known.validator
    return headers


def _understand(answer: requests.Response, remote: Remote, part: Path, known: State, have: int) -> tuple[State, int]:
    """Return the state after the server's headers, and the first byte of its answer."""
    code = answer.status_code
    if code in BUSY:
        raise _Again(
            f"the server answered {code} ({answer.reason})", _retry_after(answer.headers.get("Retry-After", ""))
        )
    if code in (401, 403):
        raise AccessError(
            f"{remote.name}: the archive answered {code}; the data are not public, or the token was not accepted. "
            f"Set {TOKEN} to a valid token of your account, then run the same command.", name=remote.name, status=code,
        )  # fmt: skip
    begins = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
    if code == 416 or (code == 206 and not begins):
        forget(part)  # what is here is no beginning of what is there
        raise _Again("the file has changed in the archive")
    if code not in (200, 206):
        raise FetchError(f"{remote.name}: the archive answered {code} ({answer.reason}). Try again later.",
                         name=remote.name, status=code)  # fmt: skip
    start = have if code == 206 else 0
    new = _said(answer, remote)
    if start and known.validator and new.validator and new.validator != known.validator:
        forget(part)
        raise _Again("the file has changed in the archive")
    if start == 0:
        part.parent.mkdir(parents=True, exist_ok=True)
        part.open("wb").close()  # a device or link in its place (a full disk, say) stays what it is
    new = replace(new, validator=new.validator or known.validator, digest=new.digest or (known.digest if start else ""))
    write_text(_note(part), json.dumps(asdict(new)))
    return new, start


def _said(answer: requests.Response, remote: Remote) -> State:
    """Return total, validator and digest from the headers of an answer."""
    headers = answer.headers
    whole, part = headers.get("Content-Length"), headers.get("Content-Range", "").rpartition("/")[2]
    total = part if answer.status_code == 206 else whole
    tag = headers.get("ETag", "")
    validator = tag if tag and not tag.startswith("W/") else headers.get("Last-Modified", "")
    digest = headers.get("Repr-Digest", headers.get("Digest", "")).replace("=:", "=").rstrip(":")
    if not digest and answer.status_code == 200 and "Content-MD5" in headers:
        digest = f"md5={headers['Content-MD5']}"
    return State(remote.url, int(total) if total and total.isdigit() else 0, validator, digest)


def _write(answer: requests.Response, part: Path, start: int, stop: int, known: State, report: Report) -> None:
    """Append received bytes without a buffer, so that a killed process does not lose any."""
    have = start
    try:
        with part.open("ab", buffering=0) as stream:
            while piece := answer.raw.read1(CHUNK):  # what is there: of a cut connection nothing is lost
                stream.write(piece)
                have += len(piece)
                report(have, known.total)
                if stop and have >= stop:
                    return
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskSpaceError(
            f"{part.parent}: the disk is full after {have} bytes of {part.stem}; {known.total} are needed. "
            "Free some space and run the same command again.", path=part, needed=known.total - have,
        ) from error  # fmt: skip


def _retry_after(text: str) -> float:
    """Return the seconds that a server asks to wait, given as a number or a date; 0 if it does not ask."""
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return 0.0
