"""An archive on loopback with small raw exposures, and a workspace to fetch into."""

from __future__ import annotations

import pytest
from archive_files import NAME, raw_file
from standin import Standin, serve

from mrskit.fetch.archive import SERVER, TOKEN


@pytest.fixture(scope="session")
def raw_files(tmp_path_factory):
    """Raw exposures of program 2732: two of the source, one of the background; and one picture of the imager."""
    folder = tmp_path_factory.mktemp("archive")
    paths = [
        raw_file(folder, NAME),
        raw_file(folder, NAME.replace("_00001_", "_00002_"), dither=2),
        raw_file(folder, NAME.replace("004001", "005001"), background=True),
        raw_file(folder, "jw02732004001_02105_00001_mirimage_uncal.fits", EXP_TYPE="MIR_IMAGE"),
    ]
    return {path.name: path for path in paths}


@pytest.fixture
def archive(raw_files, monkeypatch):
    """The archive, which the clients of this process and of its children ask."""
    monkeypatch.delenv(TOKEN, raising=False)
    with serve(Standin(files=dict(raw_files))) as state:
        monkeypatch.setenv(SERVER, state.url)
        yield state
