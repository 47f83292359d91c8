"""CRDS as people have it wrong: told by files and the environment, in no time, before crds is asked."""

import os
import socket
import sys
import time

import pytest

from mrskit import reach, workspace
from mrskit.errors import ReferenceCacheError
from mrskit.references import context, own_cache

RULES = {
    "jwst_1500.pmap": "'MIRI' : 'jwst_miri_0900.imap', 'NIRCAM' : 'jwst_nircam_0001.imap'",
    "jwst_miri_0900.imap": "name jwst_miri_0900.imap, 'DARK' : 'jwst_miri_dark_0100.rmap', 'GAIN' : 'N/A'",
    "jwst_miri_dark_0100.rmap": "name jwst_miri_dark_0100.rmap",
}


@pytest.fixture
def cache(tmp_path):
    """A cache with the rules of one context, as far as MIRI needs them."""
    folder = tmp_path / "crds"
    (folder / "mappings" / "jwst").mkdir(parents=True)
    (folder / "config" / "jwst").mkdir(parents=True)
    (folder / "config" / "jwst" / "server_config").write_text("{}")
    for name, text in RULES.items():
        (folder / "mappings" / "jwst" / name).write_text(text)
    return folder


@pytest.fixture
def closed():
    """Address of a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def test_whole_rules_are_no_problem_and_each_missing_or_empty_one_is_named(cache):
    assert context.cache_problem(cache, "jwst_1500.pmap", own_cache.SERVER) == ""
    (cache / "mappings" / "jwst" / "jwst_miri_dark_0100.rmap").write_text("")
    said = context.cache_problem(cache, "jwst_1500.pmap", own_cache.SERVER)
    assert "without the rules of CRDS_CONTEXT=jwst_1500.pmap (jwst_miri_dark_0100.rmap)" in said
    (cache / "mappings" / "jwst" / "jwst_miri_0900.imap").unlink()
    assert "(jwst_miri_0900.imap), and no server" in context.cache_problem(cache, "jwst_1500.pmap", "")


@pytest.mark.parametrize("name", ["1500", "jwst_1500", "latest", "hst_0001.pmap", "jwst_miri_0900.imap"])
def test_a_context_that_is_no_name_of_one_is_named(cache, name):
    assert f"CRDS_CONTEXT is {name!r}, which is not the name of a context" in context.cache_problem(cache, name, "")


@pytest.mark.parametrize("name", ["jwst-operational", "jwst-edit", "jwst_1500.pmap", ""])
def test_symbolic_contexts_and_none_are_left_to_crds(cache, name):
    assert context.cache_problem(cache, name, own_cache.SERVER) == ""


def test_an_unknown_context_and_a_server_that_is_not_reached_are_named_in_seconds(cache, closed):
    start = time.monotonic()
    said = context.cache_problem(cache, "jwst_9999.pmap", closed)
    assert f"CRDS_SERVER_URL is {closed}, which does not provide them" in said and "jwst_9999.pmap" in said
    assert context.cache_problem(cache, "jwst_1500.pmap", closed) == ""  # nothing has to be fetched
    assert time.monotonic() - start < 2 * reach.SECONDS


def test_a_folder_that_cannot_be_written_is_named_where_rules_are_missing(cache, closed, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # for root every folder can be written
    assert "the folder cannot be written" in context.cache_problem(cache, "jwst_9999.pmap", closed)


def test_variables_set_after_the_import_count(cache, tmp_path, monkeypatch, use):
    class Client:
        asked = ""

        def set_crds_server(self, url):
            self.asked = url

    client = Client()
    monkeypatch.setitem(sys.modules, "crds.client.api", client)
    for name, value in (
        ("CRDS_PATH", str(cache)),
        ("CRDS_CONTEXT", "jwst_1500.pmap"),
        ("CRDS_SERVER_URL", own_cache.SERVER),
    ):
        monkeypatch.setenv(name, value)
    context.check_environment(workspace.create(tmp_path / "ws"))
    assert client.asked == own_cache.SERVER


def test_without_a_card_none_is_said_to_name_something(tmp_path, monkeypatch):
    monkeypatch.delenv("CRDS_PATH", raising=False)
    space = workspace.create(tmp_path / "ws")
    with pytest.raises(ReferenceCacheError, match=r"has no workspace\.json that names a reference cache and CRDS_"):
        context.check_environment(space)


def test_a_name_that_nobody_answers_for_is_given_up_in_seconds(monkeypatch):
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: time.sleep(3) or socket.socket())
    start = time.monotonic()
    assert reach.problem("https://mast.example", seconds=0.2) == "no answer within 0.2 s"
    assert time.monotonic() - start < 1.5
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    assert reach.problem("https://mast.example") == ""
