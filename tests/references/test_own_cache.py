"""Where the cache is and how CRDS is made to use it."""

import os
from pathlib import Path

import pytest

from mrskit.bands import SETTINGS
from mrskit.errors import ReferenceCacheError
from mrskit.references import own_cache
from mrskit.simulate.references import build as builder


def test_the_environment_names_context_cache_and_a_server_that_crds_never_calls(tmp_path):
    assert own_cache.environment(tmp_path) == {
        "CRDS_PATH": str(tmp_path),
        "CRDS_CONTEXT": "jwst_9001.pmap",
        "CRDS_SERVER_URL": "https://jwst-serverless.stsci.edu",
    }


def test_a_variable_chooses_the_default_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MRSKIT_REFERENCES", str(tmp_path / "mine"))
    assert own_cache.default_folder() == tmp_path / "mine"


def test_the_default_folder_depends_on_the_geometry(monkeypatch, tmp_path):
    monkeypatch.delenv("MRSKIT_REFERENCES", raising=False)
    (tmp_path / "a.asdf").write_text("flight")
    own, flight = own_cache.default_folder(), own_cache.default_folder(tmp_path)
    assert own.parent.name == "crds"
    assert len(own.name) == 16
    assert own != flight


def test_a_digest_covers_every_module_that_decides_the_content_of_the_files():
    modules = {path.name for path in Path(builder.__file__).parent.glob("*.py")}
    assert modules - set(own_cache._BUILDERS) == {"__init__.py", "build.py"}


def test_a_folder_without_a_card_has_no_settings(tmp_path):
    assert not own_cache.has_settings(tmp_path, [SETTINGS["12:SHORT"]])


def test_activating_an_empty_folder_is_refused_and_changes_nothing(tmp_path):
    before = dict(os.environ)
    with pytest.raises(ReferenceCacheError, match="no reference cache; expected mappings/jwst"):
        own_cache.activate(tmp_path)
    assert dict(os.environ) == before


def test_activating_a_cache_sets_the_environment(use, tmp_path):
    (tmp_path / "mappings" / "jwst").mkdir(parents=True)
    use(tmp_path)
    assert os.environ["CRDS_PATH"] == str(tmp_path)
    assert os.environ["CRDS_CONTEXT"] == own_cache.CONTEXT


def test_crds_reads_its_rules_again_when_the_cache_that_it_reads_has_grown(monkeypatch, tmp_path):
    forgotten = []
    monkeypatch.setattr(own_cache, "forget_rules", lambda: forgotten.append(True))
    monkeypatch.setattr(own_cache, "_last", None)
    monkeypatch.setenv("CRDS_PATH", str(tmp_path))
    card = tmp_path / own_cache.CARD
    card.write_text("{}")
    own_cache.follow()
    own_cache.follow()
    assert forgotten == []
    os.utime(card, ns=(1, 1))
    own_cache.follow()
    assert forgotten == [True]
