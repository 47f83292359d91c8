"""
A server on loopback that speaks what the archive's clients ask for, with faults on order.

It serves files of a folder the way the MAST portal does (questions and product lists for astroquery, downloads with
ranges), plain files for the public spectra, and the JSON RPC and file service of CRDS. Clients are the real ones; only
their addresses are set to this server.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

DOWNLOAD = "/api/v0.1/Download/file"


@dataclass
class Fault:
    """What goes wrong with requests for a file: the first ``times`` of them."""

    kind: str  # cut, status, digest, bytes, slow
    times: int = 1
    share: float = 0.5  # cut: share of the whole file after which the connection closes
    status: int = 503
    retry_after: str = ""  # seconds; "+2": the date two seconds after the answer
    seconds: float = 0.0  # slow: pause between pieces


@dataclass
class Log:
    """One request as the server saw it."""

    path: str
    name: str
    range: str
    if_range: str
    time: float
    status: int = 0
    sent: int = 0  # bytes of the file
    authorization: str = ""


@dataclass
class Standin:
    """The server's state: what it serves, what is to go wrong, what was asked."""

    files: dict[str, Path] = field(default_factory=dict)
    folders: dict[str, Path] = field(default_factory=dict)  # plain files below a path
    faults: dict[str, Fault] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    token: str = ""
    digests: bool = True
    program: str = "2732"
    log: list[Log] = field(default_factory=list)
    crds: object = None  # a crds_standin.CrdsService
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, name: str = "") -> int:
        """Return the bytes of files that were sent, of one or of all."""
        return sum(item.sent for item in self.log if item.name and name in ("", item.name))

    def requests(self, name: str) -> list[Log]:
        """Return the requests for one file."""
        return [item for item in self.log if item.name == name]

    def take(self, name: str) -> Fault | None:
        """Return the fault that this request gets, counting it."""
        with self.lock:
            fault = self.faults.get(name)
            if fault is None or fault.times <= 0:
                return None
            fault.times -= 1
            return fault


COLUMNS = {
    name: {"text": name, "type": kind, "vot.datatype": kind}
    for name, kind in {
        "obs_collection": "string", "instrument_name": "string", "proposal_id": "string", "obs_id": "string",
        "provenance_name": "string", "target_name": "string", "obsid": "string", "t_min": "double",
    }.items()
}  # fmt: skip
PRODUCT = ("obsID", "obs_collection", "dataproduct_type", "obs_id", "dataURI", "productType",
           "productSubGroupDescription", "productFilename", "size", "dataRights", "calib_level")  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    state: Standin

    def log_message(self, *_arguments) -> None:
        """Keep quiet."""

    def do_POST(self) -> None:
        """Answer a question of astroquery or of crds."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        path = urlsplit(self.path).path
        entry = Log(path, "", "", "", time.monotonic(), 200, authorization=self.headers.get("Authorization", ""))
        self.state.log.append(entry)
        if fault := self.state.take("query"):
            return self._status(fault, entry)
        if path.endswith("/columnsconfig"):
            return self._json(COLUMNS)
        if path.endswith("/invoke"):
            return self._json(self._mashup(json.loads(unquote(content.removeprefix("request=")))))
        if "/json/" in path and self.state.crds is not None:
            return self._json(self.state.crds.answer(json.loads(content)))
        return self.send_error(404)

    def do_GET(self) -> None:
        """Serve a file."""
        parts = urlsplit(self.path)
        if parts.path == DOWNLOAD:
            name = parse_qs(parts.query)["uri"][0].rpartition("/")[2]
            return self._file(name, self.state.files.get(name))
        for prefix, folder in self.state.folders.items():
            if parts.path.startswith(prefix):
                name = unquote(parts.path.removeprefix(prefix).lstrip("/"))
                found = folder / name
                return self._file(Path(name).name, found if found.is_file() else None)
        if self.state.crds is not None and (found := self.state.crds.file(parts.path)):
            return self._file(found.name, found)
        return self._file(parts.path, None)

    def _mashup(self, request: dict) -> dict:
        """Return what the portal answers: one level-3 observation for each observation, and its products."""
        groups: dict[str, list[str]] = {}
        for name in sorted(self.state.files):
            groups.setdefault(name[7:10], []).append(name)
        if request["service"] == "Mast.Caom.Filtered":
            wanted = {item["paramName"]: item["values"] for item in request["params"]["filters"]}
            rows = [
                {"obsid": number, "obs_id": f"jw{int(self.state.program):05d}-o{number}_t001_miri",
                 "obs_collection": "JWST", "instrument_name": "MIRI/IFU", "proposal_id": self.state.program,
                 "provenance_name": "CALJWST", "target_name": "NGC-7319"}
                for number in groups
            ]  # fmt: skip
            rows = [row for row in rows if all(row[name] in values for name, values in wanted.items())]
            return _answer(rows, dict.fromkeys(COLUMNS, "string"))
        rows = []
        for number in request["params"]["obsid"].split(","):
            for name in groups.get(number, ()):
                for suffix, group, level in (("uncal", "UNCAL", 1), ("rate", "RATE", 2)):  # the archive lists more
                    rows.append(self._product(number, name.replace("_uncal", f"_{suffix}"), name, group, level))
        return _answer(rows, {name: "int" if name in ("size", "calib_level") else "string" for name in PRODUCT})

    def _product(self, number: str, shown: str, name: str, group: str, level: int) -> dict:
        rights = "EXCLUSIVE_ACCESS" if name in self.state.private else "PUBLIC"
        values = (number, "JWST", "cube", shown.rpartition("_")[0], f"mast:JWST/product/{shown}", "SCIENCE", group,
                  shown, self.state.files[name].stat().st_size, rights, level)  # fmt: skip
        return dict(zip(PRODUCT, values, strict=True))

    def _file(self, name: str, path: Path | None) -> None:
        entry = Log(self.path, name, self.headers.get("Range", ""), self.headers.get("If-Range", ""), time.monotonic(),
                    authorization=self.headers.get("Authorization", ""))  # fmt: skip
        self.state.log.append(entry)
        if path is None:
            entry.status = 404
            return self.send_error(404)
        if name in self.state.private and entry.authorization != f"token {self.state.token}":
            entry.status = 401
            return self.send_error(401)
        fault = self.state.take(name)
        if fault and fault.kind == "status":
            return self._status(fault, entry)
        return self._send(path, entry, fault)

    def _send(self, path: Path, entry: Log, fault: Fault | None) -> None:
        content = path.read_bytes()
        tag = '"' + hashlib.sha1(content).hexdigest() + '"'
        start, stop = _range(entry.range, len(content)) if entry.if_range in ("", tag) else (0, len(content))
        if start >= len(content):
            entry.status = 416
            return self.send_error(416)
        entry.status = 206 if entry.range and entry.if_range in ("", tag) else 200
        self.send_response(entry.status)
        self.send_header("Content-Length", str(stop - start))
        self.send_header("ETag", tag)
        self.send_header("Accept-Ranges", "bytes")
        if entry.status == 206:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(content)}")
        if self.state.digests:
            digest = hashlib.sha256(content).digest()
            self.send_header("Repr-Digest", f"sha-256=:{base64.b64encode(digest).decode()}:")
        self.end_headers()
        body = bytearray(content[start:stop])
        if fault and fault.kind == "digest":  # one bit in the middle of the data
            body[len(body) // 2] ^= 1
        if fault and fault.kind == "cut":
            body = body[: max(int(fault.share * len(content)) - start, 0)]
        self._pieces(body, entry, fault.seconds if fault else 0.0)
        if fault and fault.kind == "cut":
            self.close_connection = True

    def _pieces(self, body: bytes, entry: Log, pause: float) -> None:
        piece = 64 * 1024 if pause else 1024 * 1024
        try:
            for place in range(0, len(body), piece):
                self.wfile.write(body[place : place + piece])
                entry.sent += len(body[place : place + piece])
                time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _status(self, fault: Fault, entry: Log) -> None:
        entry.status = fault.status
        self.send_response(fault.status)
        if fault.retry_after:
            after = fault.retry_after
            date = formatdate(time.time() + float(after), usegmt=True) if after.startswith("+") else after
            self.send_header("Retry-After", date)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _json(self, value: object) -> None:
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _answer(rows: list[dict], types: dict[str, str]) -> dict:
    fields = [{"name": name, "type": kind} for name, kind in types.items()]
    paging = {"page": 1, "pageSize": 50000, "pagesFiltered": 1, "rows": len(rows), "rowsFiltered": len(rows),
              "rowsTotal": len(rows)}  # fmt: skip
    return {"status": "COMPLETE", "msg": "", "data": rows, "fields": fields, "paging": paging}


def _range(text: str, size: int) -> tuple[int, int]:
    if not text:
        return 0, size
    first, _, last = text.removeprefix("bytes=").partition("-")
    return int(first), min(int(last) + 1, size) if last else size


def encoded(value: object) -> dict:
    """Return a value as CRDS packs large answers."""
    packed = base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()
    return {"crds_encoded": "1.0", "crds_payload": packed}


@contextmanager
def serve(state: Standin) -> Iterator[Standin]:
    """Serve a state on a free port of loopback until the block ends."""
    handler = type("Bound", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    state.url = f"http://localhost:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
