"""The public spectra in ``data_manifest/spectra.toml``, fetched on request."""

from __future__ import annotations

from pathlib import Path

from mrskit import manifest
from mrskit.errors import ChecksumError
from mrskit.fetch import checks, transfer
from mrskit.fetch.archive import PATIENCE, Patience, Remote
from mrskit.fetch.transfer import Gate


def fetch(
    folder: Path, files: tuple[manifest.PublicFile, ...] | None = None, patience: Patience = PATIENCE
) -> list[Path]:
    """Return the public spectra in a folder, after a download of missing or different files."""
    folder.mkdir(parents=True, exist_ok=True)
    gate, paths = Gate(), []
    for item in files or manifest.spectra():
        path, beginning = folder / item.name, folder / f".{item.name}.part"
        if not (path.is_file() and checks.digest(path, "sha256") == item.sha256):
            remote = Remote(item.name, item.url, item.bytes, item.sha256)
            state = transfer.extend(remote, beginning, 0, patience, gate)
            try:
                checks.arrived(beginning, remote, state)
            except ChecksumError:
                transfer.forget(beginning)
                raise
            beginning.replace(path)
            transfer.forget(beginning)
        paths.append(path)
    return paths
