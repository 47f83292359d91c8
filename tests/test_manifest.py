"""The lists in data_manifest: complete, of the right size, and reconciled with an archive by header alone."""

from collections import Counter
from pathlib import Path

import pytest

from mrskit import manifest, plan
from mrskit.bands import SETTINGS
from mrskit.errors import ManifestError
from mrskit.products import Exposure


def exposure(name, observation, setting, dither):
    return Exposure(Path(name), observation, dither, SETTINGS[setting], observation == 5, 40, 2, "FASTR1", 222.0, False)


def test_the_list_holds_24_source_and_12_background_files_one_for_each_setting_and_dither():
    files = manifest.raw_files()
    assert Counter(item.role for item in files) == {"source": 24, "background": 12}
    assert len({(item.role, item.setting, item.dither) for item in files}) == len({item.name for item in files}) == 36
    planned = {item.role: item.uncal_count for item in plan.program().observations}
    assert Counter(item.role for item in files) == planned


def test_the_name_of_each_file_states_what_the_list_says_of_it():
    for item in manifest.raw_files():
        detector = "mirifushort" if item.setting.channels == "12" else "mirifulong"
        assert (
            item.name.startswith(f"jw02732{item.observation:03d}001_")
            and f"_{item.dither:05d}_{detector}_" in item.name
        )
        assert item.uri == f"mast:JWST/product/{item.name}"


def test_a_file_has_the_size_of_its_samples():
    sizes = {item.bytes for item in manifest.raw_files()}
    assert sizes == {2 * (2 * 40 * 1024 * 1032 + 2 * 40 * 1024 * 258)}  # SCI and REFOUT, two bytes each: 211 MB


def test_few_names_are_attested_and_say_so():
    attested = [item.name for item in manifest.raw_files() if item.status == manifest.ATTESTED]
    assert len(attested) == 5 and {item.status for item in manifest.raw_files()} == {"attested", "expected"}


def test_the_archive_is_compared_by_header_whatever_its_names_are():
    listed = manifest.raw_files()
    there = [exposure(f"jw02732{item.observation:03d}001_0410{n}_uncal.fits", item.observation, item.setting.name,
                      item.dither) for n, item in enumerate(listed[1:])]  # fmt: skip
    there.append(exposure("jw02732007001_uncal.fits", 7, "12:SHORT", 1))
    result = manifest.reconcile(listed, there)
    assert len(result.found) == len(result.renamed) == 35
    assert result.missing == (listed[0],) and result.extra == ("jw02732007001_uncal.fits",)
    assert result.found["jw02732004001_04100_uncal.fits"] == listed[1]


def test_the_public_spectra_are_pinned_to_a_commit_and_are_those_that_the_tests_read(real_data):
    import hashlib

    files = manifest.spectra()
    assert [item.band for item in files] == ["1A", "1B", "1C", "2A", "2B", "2C"]
    for item in files:
        content = (real_data / "vv114" / item.name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (item.bytes, item.sha256)
        assert "/ca599f9a/" in item.url


@pytest.mark.parametrize("text", ["file = [", "[[file]]\nname = 'a'"])
def test_a_damaged_list_is_named(tmp_path, text):
    path = tmp_path / "list.toml"
    path.write_text(text)
    with pytest.raises(ManifestError, match=r"list\.toml"):
        manifest.spectra(path)
