"""Reference files of a real CRDS cache are fetched once, before the workers begin; our own cache needs nothing."""

from pathlib import Path

import crds
import pytest
from stdatamodels.jwst import datamodels

from mrskit.pipeline import parameters, reference_needs, tasks
from mrskit.pipeline.associations import Member
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.tasks import Task
from mrskit.references import own_cache

STEPS = {"rscd": {"skip": True}, "jump": {"skip": False}}


@pytest.fixture
def exposure(tmp_path):
    """The smallest file that says which reference files it wants."""
    path = tmp_path / "one_uncal.fits"
    with datamodels.Level1bModel((1, 2, 4, 4)) as model:
        model.meta.instrument.name = "MIRI"
        model.meta.instrument.detector = "MIRIFUSHORT"
        model.save(path)
    return path


@pytest.fixture
def asked(monkeypatch):
    """CRDS's place is taken by a list of what it is asked for."""
    calls = []

    def remember(keywords, reftypes, observatory):
        calls.append((keywords["meta.instrument.detector"], reftypes, observatory))

    monkeypatch.setattr(crds, "getreferences", remember)
    pipeline = parameters.pipeline_class("detector1")
    monkeypatch.setattr(pipeline, "get_config_from_reference", lambda *_arguments, **_options: {})
    return calls


def test_every_type_of_the_steps_that_run_is_asked_for_once(exposure, asked):
    reference_needs.fetch_references([("detector1", exposure, STEPS)])
    [(detector, types, observatory)] = asked
    assert (detector, observatory) == ("MIRIFUSHORT", "jwst")
    assert {"mask", "saturation", "linearity", "dark", "gain", "readnoise"} <= set(types)
    assert "rscd" not in types  # skipped here, not by default
    assert len(types) == len(set(types))


def test_what_cannot_be_had_is_left_to_the_run(exposure, asked, tmp_path):
    reference_needs.fetch_references([("detector1", tmp_path / "gone.fits", STEPS), ("detector1", exposure, STEPS)])
    assert len(asked) == 1


@pytest.mark.parametrize(("own", "fetched"), [(True, 0), (False, 1)], ids=["own cache", "real cache"])
def test_the_fetch_is_one_item_before_all_tasks_and_only_where_there_is_something_to_fetch(
    own, fetched, tmp_path, monkeypatch
):
    monkeypatch.setenv("CRDS_PATH", str(tmp_path))
    monkeypatch.setenv("CRDS_CONTEXT", "jwst_9001.pmap")
    if own:
        (tmp_path / own_cache.CARD).write_text("{}")
    order = []
    monkeypatch.setattr(tasks, "fetch_references", lambda needs: order.append([path.name for _, path, _ in needs]))
    monkeypatch.setattr(tasks, "execute", lambda task: order.append(task.name))
    folder = tmp_path / "stage1"
    planned = [Task("detector1", name, (Member(tmp_path / f"{name}_uncal.fits", "science"),), folder, Path("log"),
                    tmp_path) for name in ("a", "b")]  # fmt: skip
    tasks.run_all(planned, Options(scheduler="none"), None)
    assert order == [["a_uncal.fits", "b_uncal.fits"]] * fetched + ["a", "b"]
