"""References of real data: what exposures need, what the cache lacks, what crds brings, and what is said beforehand."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from crds_standin import CONTEXT, CrdsService
from standin import Fault, Standin, serve
from typer.testing import CliRunner

from mrskit import bands, products, workspace
from mrskit.cli import app
from mrskit.errors import ChecksumError, ReferenceCacheError
from mrskit.pipeline import stages
from mrskit.pipeline.reference_needs import asked
from mrskit.pipeline.step_settings import Options
from mrskit.references import context, fetch, needs, own_cache

pytestmark = pytest.mark.pipeline
SHORT = bands.SETTINGS["12:SHORT"]


@pytest.fixture
def crds_environment(monkeypatch):
    """CRDS as it was is there again after the test."""
    before = {name: os.environ[name] for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL") if name in os.environ}
    for name in (*before, "CRDS_READONLY_CACHE"):
        monkeypatch.delenv(name, raising=False)
    yield
    os.environ.pop("CRDS_READONLY_CACHE", None)
    if before:
        own_cache.switch(before)


@pytest.fixture
def space(quick_workspace, tmp_path):
    """A workspace of one raw exposure of each role that came from an archive."""
    made = workspace.create(tmp_path / "ws")
    for role in workspace.ROLES:
        raw = products.find(quick_workspace.stage(role, "uncal"), "uncal", SHORT)[0]
        os.link(raw, made.stage(role, "uncal") / raw.name)
    made.update_card(data_source="real", simulated=True)
    return made


@pytest.fixture
def server(references, crds_environment, monkeypatch):
    """The CRDS server, which has the kit's own references."""
    service = CrdsService(references)
    with serve(Standin(crds=service)) as state:
        service.url = state.url
        monkeypatch.setenv("CRDS_SERVER_URL", state.url)
        yield state


@pytest.fixture(scope="module")
def filled_before(tmp_path_factory):
    """Place of a filled cache of which each test gets a copy."""
    return tmp_path_factory.mktemp("filled") / "crds"


@pytest.fixture
def filled(server, space, tmp_path, filled_before):
    """A cache that holds everything that the workspace needs."""
    folder = tmp_path / "crds"
    if not filled_before.is_dir():
        fetch.configure(filled_before)
        fetch.fetch(needs.survey(space, asked))
    shutil.copytree(filled_before, folder, copy_function=os.link)
    fetch.configure(folder)
    return folder


def test_everything_that_the_stages_read_is_found_missing_in_an_empty_cache(server, space, tmp_path):
    fetch.configure(tmp_path / "crds")
    found = needs.survey(space, asked)
    kinds = {item.kind for item in found.references}
    assert {"dark", "flat", "distortion", "photom", "cubepar", "extract1d", "pars-jumpstep"} <= kinds
    assert (found.context, found.connected, found.writable) == (CONTEXT, True, True)
    assert found.missing == found.references and all(item.size > 0 for item in found.references)
    [jump] = [item for item in found.references if item.kind == "pars-jumpstep"]
    assert "find_showers" in jump.explicit
    assert server.sent() < sum(item.size for item in found.references) / 10  # the rules alone have come


def test_what_is_missing_comes_through_crds_and_the_context_is_pinned(server, filled, space, monkeypatch):
    found = needs.survey(space, asked)
    assert found.missing == ()
    fetch.pin(space, found)
    card = space.card().crds
    assert (card.path, card.context) == (str(filled), CONTEXT) and len(card.references) == len(found.references)
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_0001.pmap")
    context.activate_references(space)
    assert os.environ["CRDS_CONTEXT"] == CONTEXT and os.environ["CRDS_PATH"] == str(filled)


def test_only_what_is_missing_is_asked_for(server, filled, space):
    found = needs.survey(space, asked)
    lost = next(item for item in found.references if item.kind == "flat")
    context.locate(filled, lost.name).unlink()
    before = server.sent()
    fetch.fetch(needs.survey(space, asked))
    assert server.sent() - before == lost.size


@pytest.mark.parametrize("kind", ["cut", "digest"])
def test_a_reference_that_arrives_wrong_does_not_stay_in_the_cache(server, space, tmp_path, kind):
    fetch.configure(tmp_path / "crds")
    found = needs.survey(space, asked)
    wrong = next(item for item in found.references if item.kind == "flat")
    server.faults[wrong.name] = Fault(kind, times=2)
    with pytest.raises((ChecksumError, ReferenceCacheError), match=wrong.name):
        fetch.fetch(found)
    assert context.locate(tmp_path / "crds", wrong.name) is None
    fetch.fetch(needs.survey(space, asked))
    assert context.locate(tmp_path / "crds", wrong.name).stat().st_size == wrong.size


def test_a_truncated_reference_counts_as_missing(server, filled, space):
    found = needs.survey(space, asked)
    path = context.locate(filled, found.references[0].name)
    beginning = path.read_bytes()[:1000]
    path.unlink()
    path.write_bytes(beginning)
    assert [item.name for item in needs.survey(space, asked).missing] == [path.name]


def test_a_filled_shared_cache_that_cannot_be_written_works_without_a_server(server, filled, space, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # for root every folder can be written
        variables = fetch.configure(filled, offline=True)
    assert variables["CRDS_READONLY_CACHE"] == "1"
    calls = len(server.crds.calls)
    found = needs.survey(space, asked)
    assert (found.missing, found.connected, found.can_fetch) == ((), False, False)
    assert all(item.size for item in found.references)  # the sizes that the server had said
    fetch.pin(space, found)
    [rate] = [path for path in stages.detector1(space, SHORT, options=Options(scheduler="none"), steps=QUICK)
              if path.name.endswith("_rate.fits")]  # fmt: skip
    assert rate.is_file() and len(server.crds.calls) == calls


QUICK = {"jump": {"skip": True}}


def test_a_partial_cache_without_a_server_is_reported_before_the_pipeline_starts(server, filled, space, monkeypatch):
    found = needs.survey(space, asked)
    fetch.pin(space, found)
    names = {item.kind: item.name for item in found.references}
    context.locate(filled, names["flat"]).unlink()
    context.locate(filled, names["pars-jumpstep"]).unlink()
    space.update_card(crds=replace(space.card().crds, server=own_cache.SERVER))
    said = []
    with pytest.raises(ReferenceCacheError, match=rf"lacks 2 of .*no server is asked.*{names['flat']}"):
        stages.detector1(space, SHORT, options=Options(scheduler="none"), progress=said.append)
    [line] = [text for text in said if "pars-jumpstep" in text]
    assert "find_showers" in line and "silently" in line
    assert not list(space.stage("source", "stage1").iterdir())


def test_a_missing_parameter_file_alone_is_told_and_does_not_stop(server, filled, space):
    found = needs.survey(space, asked)
    fetch.pin(space, found)
    name = next(item.name for item in found.references if item.is_parameters)
    context.locate(filled, name).unlink()
    space.update_card(crds=replace(space.card().crds, server=own_cache.SERVER))
    said = []
    context.activate_references(space)
    fetch.require(space, asked, said.append)
    assert len(said) == 1 and name in said[0]


def test_a_cache_without_the_rules_of_the_context_says_so(server, space, tmp_path):
    (tmp_path / "empty").mkdir()
    fetch.configure(tmp_path / "empty", context="jwst_1464.pmap", offline=True)
    text = r"rules of the context jwst_1464\.pmap are not here, and no server is asked\. Run the command without --off"
    with pytest.raises(ReferenceCacheError, match=text):
        needs.survey(space, asked)


def test_an_empty_cache_and_a_server_that_cannot_be_reached_name_both(space, crds_environment, tmp_path, monkeypatch):
    monkeypatch.setenv("CRDS_SERVER_URL", "http://localhost:9")
    fetch.configure(tmp_path / "crds")
    with pytest.raises(ReferenceCacheError, match=r"not here, and http://localhost:9 does not provide them") as caught:
        needs.survey(space, asked)
    assert "SystemExit" not in str(caught.value)


@pytest.mark.parametrize("kind", ["nothing", "file", "closed"])
def test_a_crds_path_that_is_no_folder_is_named_before_a_server_is_asked(server, tmp_path, monkeypatch, kind):
    folder = tmp_path / "crds"
    if kind == "file":
        folder.write_text("")
    if kind == "closed":
        folder.mkdir()
        monkeypatch.setattr(os, "access", lambda path, mode: False)  # for root every folder can be read
    monkeypatch.setenv("CRDS_PATH", str(folder))
    with pytest.raises(ReferenceCacheError, match=f"CRDS_PATH is '{folder}', wh.*mrskit references --real WORKSPACE"):
        fetch.configure()
    assert server.crds.calls == []
    if kind == "nothing":
        assert fetch.configure(folder)["CRDS_PATH"] == str(folder)  # asked for: it will be made
    else:
        with pytest.raises(ReferenceCacheError, match=f"the CRDS cache is '{folder}'"):
            fetch.configure(folder)


def test_the_raw_files_of_somebody_that_lie_elsewhere_are_named(space):
    (space.root / "mastDownload").mkdir()
    for role in workspace.ROLES:
        for path in space.stage(role, "uncal").iterdir():
            path.unlink()
    (space.root / "mastDownload" / "a_uncal.fits").write_bytes(b"")
    with pytest.raises(ReferenceCacheError, match=r"Found 1 uncal file, not made by mrskit, in .*mastDownload\. Run"):
        needs._representatives(space)


@pytest.mark.parametrize("scheduler", ["none", "local"])
@pytest.mark.parametrize("reached", [True, False])
def test_rules_that_the_server_does_not_give_are_named_whatever_runs_the_stage(
    server, filled, space, scheduler, reached
):
    url = server.url if reached else "http://localhost:9"
    own_cache.switch({"CRDS_PATH": str(filled), "CRDS_CONTEXT": "jwst_1464.pmap", "CRDS_SERVER_URL": url})
    text = (
        "rules of jwst_1464\\.pmap are incomplete, and"
        if reached
        else "CRDS_CONTEXT=jwst_1464\\.pmap .*CRDS_SERVER_URL is"
    )
    with pytest.raises(ReferenceCacheError, match=rf"{text} {url}.* does not provide"):
        stages.detector1(space, SHORT, options=Options(scheduler=scheduler))


def test_the_command_reports_fetches_and_pins(server, space, tmp_path):
    runner = CliRunner(env={"COLUMNS": "200"})
    seen = runner.invoke(app, ["references", "--real", str(space.root), "--cache", str(tmp_path / "crds"), "--check"])
    assert seen.exit_code == 0 and "0 of " in seen.output and "missing: dark" in seen.output
    assert space.card().crds is None
    done = runner.invoke(app, ["references", "--real", str(space.root), "--cache", str(tmp_path / "crds"), "--quiet"])
    assert done.exit_code == 0 and "Pinned" in done.output, done.output
    shown = runner.invoke(app, ["env", "--workspace", str(space.root), "--json"])
    assert json.loads(shown.stdout)["CRDS_CONTEXT"] == CONTEXT


def test_the_address_of_the_server_is_read_by_an_unchanged_client_in_a_fresh_process(server, tmp_path):
    code = "import crds; print(crds.get_context_name('jwst'))"
    environment = os.environ | {"CRDS_PATH": str(tmp_path), "CRDS_SERVER_URL": server.url}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert answer.stdout.split()[-1] == CONTEXT and "get_build_context" in server.crds.calls
