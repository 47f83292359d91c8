"""The CRDS service of the stand-in: rules, server information and files out of a reference cache of the kit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from standin import encoded

CONTEXT = "jwst_9001.pmap"


@dataclass
class CrdsService:
    """Answers what crds asks; serves the files of ``folder`` but those in ``gone``."""

    folder: Path
    url: str = ""
    gone: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def answer(self, request: dict) -> dict:
        """Return the answer to a JSON RPC request."""
        method = request["method"]
        self.calls.append(method)
        known = {
            "get_server_info": self._info,
            "get_build_context": lambda: CONTEXT,
            "get_default_context": lambda: CONTEXT,
            "get_mapping_names": lambda: sorted(path.name for path in self._mappings().iterdir()),
        }
        if method not in known:
            return {"id": request["id"], "result": None, "error": {"message": f"no method {method}"}}
        return {"id": request["id"], "result": known[method](), "error": None}

    def file(self, path: str) -> Path | None:
        """Return the file of an address."""
        name = Path(path).name
        if name in self.gone:
            return None
        for folder in (self._mappings(), self._references()):
            if (folder / name).is_file():
                return folder / name
        return None

    def _mappings(self) -> Path:
        return self.folder / "mappings" / "jwst"

    def _references(self) -> Path:
        return self.folder / "references" / "jwst" / "miri"

    def _info(self) -> dict:
        names = dict.fromkeys(("operational_context", "latest_context", "edit_context", "versions_context"), CONTEXT)
        places = {
            f"{kind}_url": {"unchecked": {"jwst": f"{self.url}/unchecked_get/{kind}s/jwst"}}
            for kind in ("reference", "mapping")
        }
        files = [*self._mappings().iterdir(), *self._references().iterdir()]
        listed = {path.name: {"size": path.stat().st_size, "sha1sum": _sha1(path)} for path in files}
        return names | places | {
            "observatory": "jwst", "bad_files": "", "bad_files_list": [], "force_remote_mode": False,
            "last_synced": "2026-01-01 00:00:00", "crds_version": {"str": "14.0.3"}, "context_selector": "",
            "monitor_reprocessing": {}, "download_metadata": encoded(listed),
        }  # fmt: skip


def _sha1(path: Path) -> str:
    return hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
