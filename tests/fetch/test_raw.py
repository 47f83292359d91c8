"""A program's raw exposures come into a workspace, as a plan first; faults of network and disk leave no wrong file."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from archive_files import HASTY, NAME, ONCE, raw_file
from astropy.io import fits
from standin import Fault

from mrskit import bands, plan, products, workspace
from mrskit.errors import AccessError, ChecksumError, DiskSpaceError, FetchError
from mrskit.fetch import raw, transfer_plan
from mrskit.fetch.archive import TOKEN

SOURCE = Path("Source", "uncal")


def fetched(root, patience=HASTY, **options):
    return raw.carry_out(raw.prepare(root, 2732, (4, 5), patience=patience, **options), patience)


def finals(root):
    """Names under which something stands in the data folders, the same for both roles."""
    return sorted(
        path.name for role in workspace.ROLES for path in workspace.Workspace(root).stage(role, "uncal").iterdir()
    )


def nothing_wrong(root, archive):
    """Check that everything under a final name is byte for byte what the archive has."""
    for role in workspace.ROLES:
        for path in workspace.Workspace(root).stage(role, "uncal").iterdir():
            assert path.read_bytes() == archive.files[path.name].read_bytes(), path


def test_the_plan_says_what_is_missing_and_transfers_only_headers(tmp_path, archive):
    prepared = raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    assert [(item.role, item.exposure.dither, item.action) for item in prepared.orders] == [
        ("source", 1, "download"), ("source", 2, "download"), ("background", 1, "download")]  # fmt: skip
    assert archive.sent() == 3 * transfer_plan.HEAD and finals(tmp_path) == []
    whole = sum(archive.files[item.remote.name].stat().st_size for item in prepared.orders)
    assert prepared.missing == whole - 3 * transfer_plan.HEAD
    assert len(prepared.reconciled.found) == 3 and len(prepared.reconciled.missing) == 33


def test_a_fetch_lays_the_files_out_by_role_and_asks_for_no_byte_twice(tmp_path, archive):
    files = fetched(tmp_path)
    assert finals(tmp_path) == sorted(name for name in archive.files if "mirifu" in name)
    nothing_wrong(tmp_path, archive)
    assert archive.sent() == sum(path.stat().st_size for path in map(archive.files.get, finals(tmp_path)))
    card = workspace.Workspace(tmp_path).card()
    assert (card.data_source, card.program, card.simulated) == ("real", 2732, True)
    assert card.settings == ("12:SHORT",) and set(card.fetched) == {item.order.remote.name for item in files}
    sent = archive.sent()
    assert [item.order.action for item in fetched(tmp_path)] == ["keep"] * 3 and archive.sent() == sent


def test_only_the_settings_that_were_asked_for_are_fetched_as_the_headers_say(tmp_path, archive, raw_files):
    odd = raw_file(tmp_path, NAME.replace("_02101_", "_09999_"), channel="34", band="LONG")
    archive.files[odd.name.replace("short", "long")] = odd
    files = fetched(tmp_path / "ws", settings=bands.settings("34:LONG"))
    assert [item.order.remote.name for item in files] == [odd.name.replace("short", "long")]
    assert list((tmp_path / "ws" / transfer_plan.FOLDER).glob("*.part")) == []


def test_a_file_whose_header_is_of_another_program_is_left_out_and_named(tmp_path, archive):
    archive.files[NAME] = raw_file(tmp_path, NAME, PROGRAM="01523")
    prepared = raw.prepare(tmp_path / "ws", 2732, (4, 5), patience=HASTY)
    assert len(prepared.orders) == 2 and "program 1523" in prepared.left_out[0] and NAME in prepared.left_out[0]


def test_a_program_that_the_kit_does_not_know_is_planned_from_its_headers(tmp_path, archive):
    archive.program, archive.files = "1523", {}
    for dither in (1, 2):
        name = f"jw01523003001_02101_{dither:05d}_mirifushort_uncal.fits"
        archive.files[name] = raw_file(tmp_path, name, dither=dither, READPATT="SLOWR1", NUMDTHPT=2)
    raw.carry_out(raw.prepare(tmp_path / "ws", 1523, (3,), patience=HASTY), HASTY)
    told = plan.read_program(tmp_path / "ws" / "program.toml")
    [only] = told.observations
    assert (told.id, only.role, only.readout, only.groups, only.dithers) == (1523, "source", "SLOWR1", 2, 2)
    assert (only.channels, only.bands, only.uncal_count) == ("12", "SHORT", 2)


@pytest.mark.parametrize("share", [0.10, 0.50, 0.99])
def test_a_connection_cut_on_the_way_leaves_a_beginning_and_the_next_call_fetches_the_rest(tmp_path, archive, share):
    raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    size = archive.files[NAME].stat().st_size
    archive.faults[NAME] = Fault("cut", share=share)
    with pytest.raises(FetchError, match="Run the same command again"):
        fetched(tmp_path, ONCE)
    assert NAME not in finals(tmp_path)
    nothing_wrong(tmp_path, archive)
    kept, before = int(share * size), archive.sent(NAME)
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)
    assert NAME in finals(tmp_path) and archive.sent(NAME) - before == size - kept


def test_a_patient_call_goes_on_by_itself_after_cuts(tmp_path, archive):
    archive.faults[NAME] = Fault("cut", times=3, share=0.3)
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)


def test_a_wrong_digest_is_tried_once_more_and_then_refused(tmp_path, archive):
    raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    archive.faults[NAME] = Fault("digest", times=2)
    with pytest.raises(ChecksumError, match="sha-256"):
        fetched(tmp_path)
    assert NAME not in finals(tmp_path) and len(finals(tmp_path)) == 2
    assert not transfer_plan.part(workspace.Workspace(tmp_path), raw.archive.Remote(NAME, "", 0)).exists()
    before = archive.sent(NAME)
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)
    assert archive.sent(NAME) - before == archive.files[NAME].stat().st_size


def test_a_wrong_byte_is_found_by_the_files_own_checksums_where_the_archive_gives_no_digest(tmp_path, archive):
    archive.digests, path = False, tmp_path / NAME
    with fits.open(raw_file(tmp_path, "x" + NAME)) as hdus:
        hdus[0].header["PROGRAM"], hdus[0].header["OBSERVTN"] = "02732", "004"
        hdus.writeto(path, checksum=True)
    archive.files[NAME] = path
    raw.prepare(tmp_path / "ws", 2732, (4, 5), patience=HASTY)
    archive.faults[NAME] = Fault("digest", times=2)
    with pytest.raises(ChecksumError, match=r"[Cc]hecksum"):
        fetched(tmp_path / "ws")
    assert NAME not in finals(tmp_path / "ws")


def test_a_truncated_file_of_the_right_name_is_completed(tmp_path, archive):
    whole = archive.files[NAME].read_bytes()
    place = workspace.create(tmp_path).stage("source", "uncal") / NAME
    place.write_bytes(whole[: len(whole) * 2 // 3])
    prepared = raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    assert next(item for item in prepared.orders if item.remote.name == NAME).action == "replace"
    raw.carry_out(prepared, HASTY)
    nothing_wrong(tmp_path, archive)
    missing = len(whole) - len(whole) * 2 // 3
    assert archive.sent(NAME) == missing + transfer_plan.HEAD  # the missing bytes, and the header


def test_a_wrong_file_of_the_right_name_is_replaced(tmp_path, archive):
    place = workspace.create(tmp_path).stage("source", "uncal") / NAME
    place.write_bytes(b"<html>Please log in</html>" * 9999)
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)


def test_three_times_503_is_waited_for(tmp_path, archive):
    archive.faults[NAME] = Fault("status", times=3, status=503)
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)
    assert Counter(item.status for item in archive.requests(NAME)) == {503: 3, 206: 2}


def test_the_question_too_is_asked_again_while_the_archive_is_busy(tmp_path, archive):
    archive.faults["query"] = Fault("status", times=2, status=503)
    assert len(raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY).orders) == 3


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_429_with_retry_after_keeps_all_connections_away_for_as_long(tmp_path, archive, as_date):
    raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    archive.faults[NAME] = Fault("status", status=429, retry_after="+2" if as_date else "1")
    fetched(tmp_path)
    refused = next(item for item in archive.requests(NAME) if item.status == 429)
    later = [item.time - refused.time for item in archive.requests(NAME) if item.time > refused.time]
    assert later and min(later) > 0.95  # a date is cut to whole seconds
    nothing_wrong(tmp_path, archive)


def test_a_server_that_asks_for_an_hour_is_not_waited_for(tmp_path, archive):
    archive.faults[NAME] = Fault("status", status=429, retry_after="3600")
    with pytest.raises(FetchError, match="asks to wait 3600 s"):
        raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)


def test_without_room_nothing_is_transferred(tmp_path, archive, monkeypatch):
    prepared = raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    before = archive.sent()
    monkeypatch.setattr(workspace.shutil, "disk_usage", lambda folder: SimpleNamespace(free=1_000_000))
    with pytest.raises(DiskSpaceError, match=r"0\.00 GB free"):
        raw.carry_out(prepared, HASTY)
    assert archive.sent() == before and finals(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system (Linux has it)")
def test_a_disk_that_fills_up_on_the_way_stops_that_file_with_the_reason(tmp_path, archive):
    prepared = raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    beginning = transfer_plan.part(prepared.workspace, prepared.orders[0].remote)
    beginning.unlink()
    beginning.symlink_to("/dev/full")  # the kernel answers every write to it with ENOSPC
    with pytest.raises(DiskSpaceError, match="the disk is full"):
        raw.carry_out(prepared, HASTY)
    assert NAME not in finals(tmp_path)
    beginning.unlink()
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)


FETCH = """
import sys
from mrskit.fetch import raw
from mrskit.fetch.archive import Patience
patience = Patience(attempts=4, first=0.02, connections=2)
raw.carry_out(raw.prepare(sys.argv[1], 2732, (4, 5), patience=patience), patience)
"""


def start(root):
    return subprocess.Popen([sys.executable, "-c", FETCH, str(root)])


def test_two_fetches_at_once_share_the_work(tmp_path, archive):
    raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    before = archive.sent()
    for name in archive.files:
        archive.faults[name] = Fault("slow", times=9, seconds=0.02)
    both = [start(tmp_path), start(tmp_path)]
    assert [process.wait(60) for process in both] == [0, 0]
    nothing_wrong(tmp_path, archive)
    assert len(finals(tmp_path)) == 3
    whole = sum(archive.files[name].stat().st_size for name in finals(tmp_path))
    assert archive.sent() - before == whole - 3 * transfer_plan.HEAD  # every missing byte once


def test_a_killed_fetch_leaves_beginnings_that_the_next_one_completes(tmp_path, archive):
    raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    for name in archive.files:
        archive.faults[name] = Fault("slow", times=1, seconds=0.05)
    process = start(tmp_path)
    beginning = transfer_plan.part(workspace.Workspace(tmp_path), raw.archive.Remote(NAME, "", 0))
    deadline = time.monotonic() + 60
    while beginning.stat().st_size < 1_000_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    assert NAME not in finals(tmp_path)
    nothing_wrong(tmp_path, archive)
    kept = {path.stem: path.stat().st_size for path in beginning.parent.glob("*.part")}
    assert kept[NAME] >= 1_000_000
    time.sleep(0.5)  # the server notices that nobody listens any more
    before = archive.sent(NAME)
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)
    assert archive.sent(NAME) - before == archive.files[NAME].stat().st_size - kept[NAME]


def test_a_file_that_changed_in_the_archive_is_begun_again(tmp_path, archive, raw_files):
    raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    archive.faults[NAME] = Fault("cut", share=0.5)
    with pytest.raises(FetchError):
        fetched(tmp_path, ONCE)
    archive.files[NAME] = raw_files[NAME.replace("_00001_", "_00002_")]
    fetched(tmp_path)
    nothing_wrong(tmp_path, archive)


def test_data_that_are_not_public_need_the_token_of_the_environment_which_is_written_nowhere(
    tmp_path, archive, monkeypatch, caplog, capfd
):
    archive.private, archive.token = {NAME}, "f00dfacecafe0123456789"
    with pytest.raises(AccessError, match=TOKEN):
        raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    monkeypatch.setenv(TOKEN, "another" + archive.token)
    with pytest.raises(AccessError) as refused:
        raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    assert archive.token not in str(refused.value)
    monkeypatch.setenv(TOKEN, archive.token)
    with caplog.at_level("DEBUG"):
        fetched(tmp_path)
    nothing_wrong(tmp_path, archive)
    assert NAME in finals(tmp_path)
    output = capfd.readouterr()
    written = [caplog.text, output.out, output.err]
    written += [
        path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.suffix in (".json", ".log", ".toml")
    ]
    assert len(written) > 3 and not any(archive.token in text for text in written)


def test_a_token_goes_to_no_server_without_encryption(monkeypatch):
    assert raw.archive.may_carry_token("https://mast.stsci.edu") and raw.archive.may_carry_token("http://localhost:80")
    assert not raw.archive.may_carry_token("http://mast.stsci.edu")
    monkeypatch.setenv(TOKEN, "two words")
    with pytest.raises(AccessError) as refused:
        raw.archive.token()
    assert "two words" not in str(refused.value)


def test_an_archive_without_such_files_and_one_that_is_not_there_are_told_apart(tmp_path, archive, monkeypatch):
    with pytest.raises(FetchError, match=r"no raw MRS exposures .* observation 7"):
        raw.prepare(tmp_path, 2732, (7,), patience=ONCE)
    monkeypatch.setenv(raw.archive.SERVER, "http://localhost:9")
    with pytest.raises(FetchError, match="cannot be reached"):
        raw.prepare(tmp_path, 2732, (4,), patience=ONCE)


def test_the_address_of_the_archive_may_also_stand_in_the_configuration_of_astropy(tmp_path, archive):
    (tmp_path / "astropy").mkdir()
    (tmp_path / "astropy" / "astroquery.cfg").write_text(f"[mast]\nserver = {archive.url}\n")
    environment = {name: value for name, value in os.environ.items() if name != raw.archive.SERVER}
    environment |= {"XDG_CONFIG_HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", FETCH, str(tmp_path / "ws")], check=True, timeout=60, env=environment)
    assert len(json.loads((tmp_path / "ws" / "workspace.json").read_text())["fetched"]) == 3


def test_what_was_fetched_is_read_by_the_rest_of_the_kit(tmp_path, archive):
    fetched(tmp_path)
    space = workspace.open_workspace(tmp_path)
    found = products.find(space.stage("source", "uncal"), "uncal", bands.SETTINGS["12:SHORT"])
    assert [products.check_uncal(path).dither for path in found] == [1, 2]


def test_a_beginning_that_another_process_has_removed_meanwhile_is_asked_for_again(tmp_path, archive, monkeypatch):
    see, beginnings = raw._see_header, []

    def seen_and_removed(space, remote, *others):
        see(space, remote, *others)
        if remote.name == NAME and not beginnings:
            beginnings.append(transfer_plan.part(space, remote))
            beginnings[0].unlink()

    monkeypatch.setattr(raw, "_see_header", seen_and_removed)
    prepared = raw.prepare(tmp_path, 2732, (4, 5), patience=HASTY)
    assert len(prepared.orders) == 3 and prepared.left_out == () and len(archive.requests(NAME)) == 2
