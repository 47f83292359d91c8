"""The command fetch: a plan with sizes, files in place, words for people and JSON for programs; public spectra."""

import json

import pytest
from archive_files import NAME, raw_file
from standin import Fault, Standin, serve
from typer.testing import CliRunner

from mrskit import manifest
from mrskit.cli import app
from mrskit.errors import ChecksumError, FetchError
from mrskit.fetch import spectra
from mrskit.fetch.archive import SERVER, TOKEN, Patience


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """An archive with two raw exposures of program 2732, one of each role."""
    (tmp_path / "archive").mkdir()
    files = [raw_file(tmp_path / "archive", NAME),
             raw_file(tmp_path / "archive", NAME.replace("4001", "5001"), background=True)]  # fmt: skip
    with serve(Standin(files={path.name: path for path in files})) as state:
        monkeypatch.setenv(SERVER, state.url)
        yield state


def run(*arguments):
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, ["fetch", *map(str, arguments)])


def test_a_dry_run_shows_files_sizes_and_what_is_missing_from_the_list(tmp_path, archive):
    done = run("--obs", "4", "5", "--out", tmp_path / "ws", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "2 files, 0.01 GB to fetch" in done.output and NAME in done.output
    assert "2 found, 34 missing" in done.output and "SIMULATED" in done.output
    assert not (tmp_path / "ws" / "Source" / "uncal" / NAME).exists()


def test_a_fetch_fills_a_workspace_and_says_what_comes_next(tmp_path, archive):
    done = run("--obs", "4,5", "--bands", "1A", "--out", tmp_path / "ws")
    assert done.exit_code == 0, done.output
    assert "2 raw exposures" in done.output and "mrskit references --real" in done.output
    assert (tmp_path / "ws" / "Source" / "uncal" / NAME).is_file()


def test_the_output_for_programs_is_json_alone(tmp_path, archive):
    done = run("--program", "2732", "--out", tmp_path / "ws", "--json")
    answer = json.loads(done.stdout)
    assert [row["role"] for row in answer["files"]] == ["source", "background"] and len(answer["sha256"]) == 2


@pytest.mark.parametrize("arguments", [(), ("--out", "ws", "--program", "1523"), ("--out", "ws", "--obs", "four")])
def test_wrong_usage_is_told_with_an_example(arguments):
    done = run(*arguments)
    assert done.exit_code == 2 and "e.g." in done.output


@pytest.fixture
def spectra_server(tmp_path):
    """A server of two small files, and the list that names them."""
    folder = tmp_path / "public"
    folder.mkdir()
    for name in ("a_s1d.fits", "b_s1d.fits"):
        (folder / name).write_bytes(name.encode() * 1000)
    with serve(Standin(folders={"/raw": folder}, digests=False)) as state:
        import hashlib

        files = tuple(
            manifest.PublicFile(path.name, f"{state.url}/raw/{path.name}", path.stat().st_size,
                                hashlib.sha256(path.read_bytes()).hexdigest(), "1A")
            for path in sorted(folder.iterdir())
        )  # fmt: skip
        yield state, files


def test_public_spectra_are_fetched_once_and_checked(tmp_path, spectra_server):
    state, files = spectra_server
    hasty = Patience(attempts=3, first=0.02)
    state.faults["a_s1d.fits"] = Fault("cut", share=0.5)
    paths = spectra.fetch(tmp_path / "here", files, hasty)
    assert [path.read_bytes()[:10] for path in paths] == [b"a_s1d.fits", b"b_s1d.fits"]
    count = len(state.log)
    spectra.fetch(tmp_path / "here", files, hasty)
    assert len(state.log) == count


def test_the_token_of_the_archive_is_shown_to_no_other_server(tmp_path, spectra_server, monkeypatch):
    state, files = spectra_server
    monkeypatch.setenv(TOKEN, "f00dfacecafe")
    spectra.fetch(tmp_path / "here", files)
    assert [item.authorization for item in state.log] == ["", ""]


def test_a_public_spectrum_with_another_checksum_is_not_kept(tmp_path, spectra_server):
    state, files = spectra_server
    state.faults["a_s1d.fits"] = Fault("digest")
    with pytest.raises(ChecksumError, match="SHA-256"):
        spectra.fetch(tmp_path / "here", files)
    assert list((tmp_path / "here").iterdir()) == []
    with pytest.raises(FetchError, match="404"):
        spectra.fetch(tmp_path / "here", (manifest.PublicFile("c", f"{state.url}/raw/c", 1, "", ""),))
