"""What a context says of an exposure: a file, not applicable, not found, no rule; by the kit's rules and real ones."""

import shutil

import crds
import pytest
from astropy.io import fits
from typer.testing import CliRunner

from mrskit import workspace
from mrskit.cli import app
from mrskit.errors import ReferenceCacheError
from mrskit.pipeline import preconditions, reference_needs
from mrskit.pipeline.reference_needs import asked
from mrskit.pipeline.step_settings import Options
from mrskit.references import fetch, needs
from mrskit.references.choice import Choice, State, choose
from mrskit.references.context import selected

CONTEXT = "jwst_0541.pmap"  # of the observatory, 2019: before flight


def raw(path, detector="MIRIFUSHORT", channel="12", **changes):
    """Write a raw exposure that is a header and nothing else."""
    primary = fits.PrimaryHDU()
    primary.header.update({
        "TELESCOP": "JWST", "INSTRUME": "MIRI", "DETECTOR": detector, "CHANNEL": channel, "BAND": "SHORT",
        "EXP_TYPE": "MIR_MRS", "READPATT": "FASTR1", "SUBARRAY": "FULL", "DATE-OBS": "2022-07-02",
        "TIME-OBS": "12:00:00", "NGROUPS": 10, "NINTS": 1, "OBSERVTN": "004", "PATT_NUM": 1, "BKGDTARG": False,
        "EFFEXPTM": 27.75,
    } | changes)  # fmt: skip
    primary.writeto(path)
    return path


@pytest.fixture
def own_rules(references, use):
    """The kit's own rules are active."""
    use(references)


@pytest.fixture
def real_rules(real_data, tmp_path, use, monkeypatch):
    """A cache with the rules of a context of the observatory and no reference files; no server is asked."""
    source = real_data / "crds_jwst_0541"
    if not source.is_dir():
        pytest.skip(f"no rules of the observatory at {source}")
    monkeypatch.delenv("CRDS_READONLY_CACHE", raising=False)
    shutil.copytree(source, tmp_path / "crds")
    fetch.configure(tmp_path / "crds", CONTEXT, offline=True)
    return tmp_path / "crds"


@pytest.fixture
def observed(real_rules, tmp_path):
    """A workspace with one raw exposure of each detector, headers alone."""
    space = workspace.create(tmp_path / "ws")
    folder = space.stage("source", "uncal")
    raw(folder / "jw02732004001_02101_00001_mirifushort_uncal.fits")
    raw(folder / "jw02732004001_02101_00001_mirifulong_uncal.fits", "MIRIFULONG", "34")
    return space


def test_the_rules_of_the_kit_give_a_file_nothing_applicable_or_no_rule(own_rules, tmp_path):
    dark, bias, other = choose(raw(tmp_path / "a_uncal.fits"), ("dark", "superbias", "no-such-type"))
    assert dark.state == State.CHOSEN and dark.name.startswith("jwst_miri_dark")
    assert (bias.state, bias.name, bias.lacking) == (State.NOT_APPLICABLE, "", False)
    assert (other.state, other.name, other.lacking) == (State.NO_RULE, "", True)


def test_the_rules_of_the_kit_have_no_file_for_what_it_does_not_observe(own_rules, tmp_path):
    [dark] = choose(raw(tmp_path / "a_uncal.fits", SUBARRAY="SUB64"), ["dark"])
    assert dark.state == State.NOT_FOUND and dark.lacking and dark.why


def test_keywords_ask_the_same_as_the_file_that_holds_them(own_rules, tmp_path):
    keywords = {
        "meta.instrument.name": "MIRI", "meta.instrument.detector": "MIRIFUSHORT", "meta.instrument.channel": "12",
        "meta.instrument.band": "SHORT", "meta.exposure.type": "MIR_MRS", "meta.exposure.readpatt": "FASTR1",
        "meta.subarray.name": "FULL", "meta.observation.date": "2022-07-02", "meta.observation.time": "12:00:00",
    }  # fmt: skip
    kinds = ("dark", "photom", "distortion", "superbias", "no-such-type")
    assert choose(keywords, kinds) == choose(raw(tmp_path / "a_uncal.fits"), kinds)


def test_of_no_type_nothing_is_chosen(own_rules, tmp_path):
    assert choose(raw(tmp_path / "a_uncal.fits"), []) == ()


def test_a_type_that_the_rules_omit_is_not_applicable(monkeypatch):
    monkeypatch.setattr(crds, "getrecommendations", lambda *_, **__: {"dark": "N/A"})
    assert choose({}, ["Dark", "flat"]) == (Choice("Dark", State.NOT_APPLICABLE), Choice("flat", State.NOT_APPLICABLE))


def test_the_rules_of_the_observatory_have_all_four_answers(real_rules, tmp_path):
    path = raw(tmp_path / "jw02732004001_02101_00001_mirifushort_uncal.fits")
    found = {item.kind: item for item in choose(path, ("flat", "reset", "readnoise", "mrsxartcorr"))}
    assert found["flat"] == Choice("flat", State.CHOSEN, "jwst_miri_flat_0248.fits")
    assert found["reset"] == Choice("reset", State.NOT_APPLICABLE)
    assert found["readnoise"].state == State.NOT_FOUND
    assert "READPATT' value='FASTR1' is not in ['FAST', 'FASTGRPAVG', 'SLOW']" in found["readnoise"].why
    assert found["mrsxartcorr"].state == State.NO_RULE
    [then] = choose(raw(tmp_path / "older_uncal.fits", READPATT="FAST"), ["readnoise"])
    assert then == Choice("readnoise", State.CHOSEN, "jwst_miri_readnoise_0060.fits")
    assert selected(path, ("flat", "readnoise", "reset", "mrsxartcorr")) == {
        "flat": "jwst_miri_flat_0248.fits", "readnoise": "none", "reset": "none", "mrsxartcorr": "none",
    }  # fmt: skip


def test_a_survey_names_what_the_rules_of_the_observatory_do_not_find(observed):
    found = needs.survey(observed, asked)
    assert (found.context, found.connected) == (CONTEXT, False)
    assert {item.kind for item in found.not_found} == {"readnoise"}
    assert {"mrsxartcorr", "apcorr", "pars-jumpstep"} <= set(found.without_rule)
    kinds = {item.kind for item in found.references}
    assert {"dark", "flat", "photom", "distortion", "mask"} <= kinds and found.missing == found.references
    assert not kinds & {"readnoise", "reset", "superbias", *found.without_rule}


def test_the_command_prints_what_is_not_found_and_that_another_context_is_needed(observed, real_rules):
    arguments = ["references", "--real", str(observed.root), "--cache", str(real_rules), "--context", CONTEXT]
    done = CliRunner().invoke(app, [*arguments, "--offline", "--check"])
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "not found: readnoise parameter='META.EXPOSURE.READPATT' value='FASTR1'" in text
    assert "Unknown to this context: apcorr, bkg" in text and "types of parameter files" in text
    assert "Steps that read readnoise will stop. Choose a different context with --context." in text


def test_a_stage_that_stops_names_what_the_context_lacks_not_what_could_be_fetched(observed):
    path = next(observed.stage("source", "uncal").iterdir())
    error = crds.CrdsLookupError("Error determining best reference for 'readnoise'")
    found = reference_needs.missing_reference("detector1", path, error, {})
    assert "readnoise" in found.types and "dark" not in found.types
    assert f"the CRDS context {CONTEXT} names no reference file of the type" in str(found)
    assert "--context jwst_NNNN.pmap" in str(found)


@pytest.mark.parametrize("changes", [{}, {"detector1": {"ramp_fit": {"skip": True}, "jump": {"skip": True}}}])
def test_before_a_run_the_context_is_said_to_be_older_than_the_pipeline_and_what_it_lacks(
    observed, real_rules, changes
):
    path = next(observed.stage("source", "uncal").glob("*short_uncal.fits"))
    kinds = reference_needs.read(Options(), changes, "FASTR1")
    with pytest.raises(ReferenceCacheError, match=f"the CRDS context {CONTEXT}.* is older than the pipeline") as caught:
        preconditions._check_rules(real_rules, path, kinds)
    assert "mrsxartcorr" in str(caught.value) and "bkg" not in caught.value.types
    assert ("readnoise" in caught.value.types) == (not changes)


def test_any_readout_asks_for_the_reference_of_the_interference():
    assert "emicorr" in asked("SLOWR1") and "emicorr" in asked()
    assert "emicorr" in reference_needs.read(Options(), {}, "SLOWR1")
