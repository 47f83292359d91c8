"""The demo makes what is asked for, one setting after the other, and checks the room for it before it begins."""

import shutil
from types import SimpleNamespace

import psutil
import pytest

from mrskit import workspace
from mrskit.bands import SETTINGS, settings
from mrskit.errors import DiskSpaceError, PlanError
from mrskit.lessons import demo
from mrskit.lessons.timing import Clock
from mrskit.simulate import exposure
from mrskit.workers import executor, usage

GB = 1e9


@pytest.fixture
def long_ramps():
    """The settings that have been simulated with the long ramp."""
    return []


@pytest.fixture
def steps(monkeypatch, long_ramps):
    """What takes long is taken by functions that note their calls; the card of the workspace is written as always."""
    notes = []

    def simulate(space, chosen, **options):
        names = [item.name for item in chosen]
        known = space.card().settings
        space.update_card(settings=sorted({*known, *names}), profile=options["profile"])
        (space.stage("source", "uncal") / "a_uncal.fits").touch()
        notes.append(("simulate", names, options["dithers"]))
        long_ramps.extend(names if options["extras"] else ())
        return []

    def reduce(space, *, progress, chosen):
        notes.append(("reduce", [item.name for item in chosen] if chosen else list(space.card().rate_only)))
        usage.report("spec2", [usage.Usage(3.0, 5, "a:1"), usage.Usage(4.0, 7, "a:2")], 1, 5.0)

    monkeypatch.setattr(exposure, "simulate", simulate)
    monkeypatch.setattr(demo, "reduce_data", reduce)
    monkeypatch.setattr(demo, "run_lessons", lambda space, **options: notes.append(("lessons", options["fresh"])))
    monkeypatch.setattr(demo, "finish", lambda space, **options: None)
    monkeypatch.setattr(executor.Session, "start", lambda session, prepare: notes.append("workers"))
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=100 * GB))
    return notes


def test_the_demo_makes_its_two_settings_together_with_two_exposures_of_the_long_detector(steps, tmp_path):
    demo.run_demo(tmp_path)
    assert steps == [
        "workers", ("simulate", ["12:SHORT", "34:SHORT"], {"34:SHORT": (1, 1)}), ("reduce", ["34:SHORT"]),
        ("lessons", False),
    ]  # fmt: skip


def test_with_all_bands_each_of_the_six_settings_is_simulated_and_reduced_before_the_next(steps, long_ramps, tmp_path):
    demo.run_demo(tmp_path, bands=settings("all"))
    assert long_ramps == ["12:SHORT"]
    assert steps[0] == "workers"
    expected = []
    for name in ("12:SHORT", "34:SHORT", *(name for name in SETTINGS if not name.endswith("SHORT"))):
        expected += [("simulate", [name], {}), ("reduce", [name])]
    assert steps[1:-1] == expected
    assert workspace.open_workspace(tmp_path).card().rate_only == ()
    assert sorted(workspace.open_workspace(tmp_path).card().whole) == sorted(SETTINGS)


def test_one_more_setting_comes_after_the_demos_own_which_stay_as_they_are(steps, tmp_path):
    demo.run_demo(tmp_path, bands=settings("12:LONG"))
    assert steps[1:-1] == [
        ("simulate", ["12:SHORT", "34:SHORT"], {"34:SHORT": (1, 1)}), ("reduce", ["34:SHORT"]),
        ("simulate", ["12:LONG"], {}), ("reduce", ["12:LONG"]),
    ]  # fmt: skip
    card = workspace.open_workspace(tmp_path).card()
    assert (card.rate_only, card.whole, card.dithers) == (
        ("34:SHORT",), ("12:LONG", "12:SHORT"), {"34:SHORT": (1, 1)},
    )  # fmt: skip


def test_a_workspace_with_more_bands_keeps_them_when_the_demo_is_run_again(steps, tmp_path):
    demo.run_demo(tmp_path, bands=settings("34:SHORT,34:LONG"))
    first = list(steps)
    steps.clear()
    demo.run_demo(tmp_path, fresh=True)
    assert steps == [*first[1:-1], ("lessons", True)]  # without new workers: data are there


def test_too_small_a_disk_is_refused_before_anything_is_made(steps, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=4 * GB))
    with pytest.raises(DiskSpaceError, match=r"4\.00 GB free, but the demo with 6 settings needs 7\.30 GB"):
        demo.run_demo(tmp_path, bands=settings("all"))  # 6 (6 x 0.15 + 0.1) + 1.3 GB
    assert steps == []
    demo.run_demo(tmp_path)  # 2 (6 x 0.15 + 0.1) + 1.3 = 3.3 GB


def test_what_is_there_needs_no_room(steps, tmp_path, monkeypatch):
    demo.run_demo(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=0.5 * GB))
    demo.run_demo(tmp_path)
    with pytest.raises(DiskSpaceError):
        demo.run_demo(tmp_path, profile="program")


def test_little_memory_is_told_before_the_work_begins(steps, tmp_path, monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1.2 * GB))
    told = []
    demo.run_demo(tmp_path, progress=told.append)
    assert told[0] == "only 1.2 GB of memory are free, and the pipeline needs up to 1.5 GB: close other programs"


def test_an_unknown_profile_is_refused_before_anything_is_made(steps, tmp_path):
    with pytest.raises(PlanError, match="quick or program"):
        demo.run_demo(tmp_path / "new", profile="fast")
    assert steps == [] and not (tmp_path / "new").exists()


def test_the_clock_names_the_stages_of_every_setting_with_their_seconds_and_the_largest_worker(steps, tmp_path):
    clock = Clock()
    demo.run_demo(tmp_path, bands=settings("12:LONG"), clock=clock)
    assert [phase.name for phase in clock.phases] == [
        "12:SHORT + 34:SHORT data", "12:SHORT + 34:SHORT spec2", "12:LONG data", "12:LONG spec2",
        "scorecard and report",
    ]  # fmt: skip
    stage = clock.phases[1]
    assert (stage.seconds, stage.pipeline, stage.peak_memory) == (5.0, 7.0, 7)
    assert clock.seconds > sum(phase.seconds for phase in clock.phases if phase.name.endswith("data")) - 0.02  # rounded


def test_exposures_of_the_demo_are_simulated_by_workers_and_counted_as_a_stage():
    told = []
    with usage.collected() as reports, executor.session(most=1):
        assert demo._in_parallel(abs, [-1, 2], told.append) == [1, 2]
    assert told[0] == "simulate: 2 exposures"
    assert [(item.stage, item.done, item.workers) for item in reports] == [("simulate", 2, 1)]
