"""Building the cache: lazily, never half, one builder at a time."""

import json
import threading
import time

import pytest

from mrskit.bands import SETTINGS
from mrskit.errors import ReferenceCacheError
from mrskit.references import own_cache
from mrskit.simulate.references import build, detector, mode, optics
from mrskit.simulate.references.build import build as build_cache

SHORT, LONG = SETTINGS["12:SHORT"], SETTINGS["34:LONG"]


@pytest.fixture
def writes(monkeypatch):
    """Replace the writing of real files by tiny ones; the list tells which settings were written."""
    done = []

    def write(setting, place, card, source):
        time.sleep(0.05)
        done.append(setting.name)
        shared = {kind: f"jwst_miri_{kind}_9001.fits" for kind in (*mode.TYPES, *detector.TYPES, "wavelengthrange")}
        own = {kind: f"jwst_miri_{kind}_{setting.channels}{setting.subband}.fits" for kind in optics.TYPES}
        for name in (*shared.values(), *own.values()):
            (place / name).write_text(setting.name.ljust(20))
        return shared, own

    monkeypatch.setattr(build, "_write_files", write)
    return done


def test_a_second_build_writes_nothing(writes, tmp_path):
    folder = build_cache([SHORT], tmp_path / "crds")
    build_cache([SHORT], folder)
    assert writes == ["12:SHORT"]


def test_a_setting_is_added_to_a_cache_that_lacks_it_and_the_rules_grow(writes, tmp_path):
    folder = build_cache([SHORT], tmp_path / "crds")
    assert not own_cache.has_settings(folder, [SHORT, LONG])
    build_cache([SHORT, LONG], folder)
    assert writes == ["12:SHORT", "34:LONG"]
    assert own_cache.has_settings(folder, [SHORT, LONG])
    rule = (own_cache.mapping_folder(folder) / "jwst_miri_photom_9001.rmap").read_text()
    assert "'MIRIFUSHORT', '12', 'SHORT'" in rule
    assert "'MIRIFULONG', '34', 'LONG'" in rule


def test_a_reference_file_that_was_cut_short_is_written_again(writes, tmp_path):
    folder = build_cache([SHORT], tmp_path / "crds")
    path = own_cache.reference_folder(folder) / "jwst_miri_photom_12SHORT.fits"
    path.write_text("cut")
    assert not own_cache.has_settings(folder, [SHORT])
    build_cache([SHORT], folder)
    assert writes == ["12:SHORT", "12:SHORT"]


def test_several_builders_of_one_folder_do_the_work_once(writes, tmp_path):
    builders = [threading.Thread(target=build_cache, args=([SHORT], tmp_path / "crds")) for _ in range(4)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert writes == ["12:SHORT"]
    assert own_cache.has_settings(tmp_path / "crds", [SHORT])


def test_a_build_that_fails_leaves_no_folder(writes, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(build, "_write_files", fail)
    with pytest.raises(OSError, match="no space"):
        build_cache([SHORT], tmp_path / "crds")
    assert [path.name for path in tmp_path.iterdir()] == [".crds.lock"]


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(ReferenceCacheError, match=r"not an mrskit reference cache.*mrskit references --out"):
        build_cache([SHORT], tmp_path)


def test_a_cache_of_another_builder_is_not_extended(writes, tmp_path):
    folder = build_cache([SHORT], tmp_path / "crds")
    card = own_cache.read_card(folder) | {"digest": "0123456789abcdef"}
    (folder / own_cache.CARD).write_text(json.dumps(card))
    with pytest.raises(ReferenceCacheError, match=r"a different builder.*0123456789abcdef.*expected"):
        build_cache([LONG], folder)


def test_a_missing_flight_file_is_named_before_any_work(writes, tmp_path):
    flight = tmp_path / "flight"
    flight.mkdir()
    (flight / "jwst_miri_mrs_wavelengthrange_flt9.asdf").write_text("")
    with pytest.raises(ReferenceCacheError, match=r"no file jwst_miri_mrs12A_distortion.*12:SHORT"):
        build_cache([SHORT], tmp_path / "crds", flight)
    assert writes == []


def test_a_missing_geometry_folder_is_named(tmp_path):
    with pytest.raises(ReferenceCacheError, match="no such folder; expected the flight distortion"):
        build_cache([SHORT], tmp_path / "crds", tmp_path / "nowhere")
