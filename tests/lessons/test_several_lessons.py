"""Several lessons run at once, share what is costly, and are not run again while nothing changes."""

import json
import threading

import nbformat
import pytest

from mrskit.answering.judge import scorecard
from mrskit.errors import LessonError
from mrskit.kept import digests, records
from mrskit.lessons import build, executed_lessons, run, several_lessons
from mrskit.lessons.timing import Clock
from mrskit.workers import executor

TOY = ("01_sums", "02_shapes")


@pytest.fixture
def calls(monkeypatch):
    """The place of running a lesson is taken by a function that notes the lesson; some fail. Returns the notes."""
    notes = []

    def fake(name, workspace, **options):
        notes.append(name)
        (workspace.root / "Notebook" / f"{name}.ipynb").write_text("executed", encoding="utf-8")
        (workspace.answers / f"{name}.json").write_text("{}", encoding="utf-8")

    monkeypatch.setattr(several_lessons, "run_lesson", fake)
    return notes


@pytest.fixture
def product(space):
    """A product of the pipeline with its record; the path of the product."""
    path = space.stage("source", "stage1") / "a_rate.fits"
    path.write_bytes(b"rate")
    record = records.Record({}, (), (), (records.stamp(path, space.root),), 12.5, 0)
    records.write(records.path_of(path.parent, "a"), record)
    return path


def run_kept(space, told=None, **options):
    told = [] if told is None else told
    several_lessons.run_lessons(space, True, progress=told.append, fresh=False, **options)
    return told[0]


def test_two_lessons_in_forked_kernels_score_what_they_score_one_by_one(toy, space):
    told, clock = [], Clock()
    paths = several_lessons.run_lessons(space, solved=True, progress=told.append, clock=clock)
    assert paths == [space.root / "Notebook" / f"{name}.ipynb" for name in TOY]
    assert all(nbformat.read(path, as_version=4).cells for path in paths)
    assert scorecard(space).passed == 6
    assert {line.split(":")[0] for line in told} == set(TOY)
    assert [phase.name for phase in clock.phases] == ["lessons"]
    assert run_kept(space) == "lessons: 0 to run, 2 unchanged"


def test_in_the_kernels_of_a_run_local_means_the_workers_of_that_run(toy, space, tmp_path, monkeypatch):
    seen = []

    def look(name, workspace, kernels, **options):
        cells = [build.student("01").cells[2], nbformat.v4.new_code_cell(
            "from mrskit.workers import executor\n"
            "with executor.session() as workers: print(workers.scheduler)")]  # fmt: skip
        notebook = nbformat.v4.new_notebook(cells=cells, metadata=build.student("01").metadata)
        path = run.run_notebook(notebook, f"{name}.ipynb", {}, tmp_path / f"{name}.ipynb", tmp_path, kernels=kernels)
        seen.append(nbformat.read(path, as_version=4).cells[-1].outputs[0]["text"].strip())

    monkeypatch.setattr(several_lessons, "run_lesson", look)
    monkeypatch.setattr(executed_lessons, "write", lambda *arguments: None)
    with executor.session(most=1) as workers:
        several_lessons.run_lessons(space, solved=True)
        assert seen == [workers.address] * 2


def test_lessons_with_long_experiments_begin_first(calls, space, monkeypatch):
    monkeypatch.setattr(several_lessons, "_lanes", lambda lessons: 2)
    monkeypatch.setattr(several_lessons, "warm_kernels", lambda preload, say: several_lessons.ExitStack())
    monkeypatch.setattr(several_lessons, "_sharing", lambda server, stack: run.ThisPython)
    monkeypatch.setattr(executed_lessons, "write", lambda *arguments: None)
    several_lessons.run_lessons(space, solved=True)
    assert sorted(calls[:2]) == ["03_detector1", "04_spec2"]
    assert sorted(calls[2:]) == ["01_setup", "02_raw_overview", "05_spec3", "06_analysis"]


def test_after_a_failure_running_lessons_end_and_no_other_begins(space, monkeypatch):
    begun, go = [], threading.Event()

    def fail(name, workspace, **options):
        begun.append(name)
        if name == "03_detector1":
            go.wait(10)
            raise LessonError("03: no light")
        go.set()
        threading.Event().wait(0.3)
        begun.append(f"{name} ended")

    monkeypatch.setattr(several_lessons, "run_lesson", fail)
    monkeypatch.setattr(several_lessons, "_lanes", lambda lessons: 2)
    monkeypatch.setattr(several_lessons, "warm_kernels", lambda preload, say: several_lessons.ExitStack())
    monkeypatch.setattr(several_lessons, "_sharing", lambda server, stack: run.ThisPython)
    with pytest.raises(LessonError, match="03: no light"):
        several_lessons.run_lessons(space, solved=True)
    assert begun == ["03_detector1", "04_spec2", "04_spec2 ended"]
    assert not list((space.root / "Notebook").rglob("*.json"))  # no record


def change_product(space, product):
    product.with_name("b_rate.fits").write_bytes(b"other")
    record = records.Record({}, (), (), (records.stamp(product.with_name("b_rate.fits"), space.root),), 1.0, 0)
    records.write(records.path_of(product.parent, "b"), record)
    return "changed: products"


def remove_product(_space, product):
    product.unlink()
    return "changed: products"


def change_answers(space, _product):
    (space.answers / "01_sums.json").write_text('{"answered": "again"}', encoding="utf-8")
    return "product 01_sums.json is missing or changed"


def remove_notebook(space, _product):
    (space.root / "Notebook" / "01_sums.ipynb").unlink()
    return "product 01_sums.ipynb is missing or changed"


def change_card(space, _product):
    space.update_card(seed=7)
    return "changed: card"


@pytest.mark.parametrize(
    "change", [change_product, remove_product, change_answers, remove_notebook, change_card],
    ids=lambda function: function.__name__,
)  # fmt: skip
def test_a_lesson_is_run_again_when_what_it_reads_or_has_written_changes(toy, calls, space, product, change):
    several_lessons.run_lessons(space, solved=True, lessons=("01",))
    assert run_kept(space, lessons=("01",)) == "lessons: 0 to run, 1 unchanged"
    expected = change(space, product)
    assert executed_lessons.why_stale(space, "01_sums", True, {}) == expected
    assert run_kept(space, lessons=("01",)) == "lessons: 1 to run, 0 unchanged"
    assert calls == ["01_sums"] * 2


def test_a_lesson_is_run_again_with_other_parameters_another_form_another_text_or_another_kit(
    toy, calls, space, monkeypatch
):
    several_lessons.run_lessons(space, solved=True, lessons=("01",), parameters={"use_band": "SHORT"})
    assert executed_lessons.why_stale(space, "01_sums", True, {"use_band": "SHORT"}) is None
    assert executed_lessons.why_stale(space, "01_sums", True, {"use_band": "LONG"}) == "changed: parameters"
    assert executed_lessons.why_stale(space, "01_sums", False, {"use_band": "SHORT"}) == "changed: notebook, solved"
    with monkeypatch.context() as patch:
        patch.setattr(digests, "of_kit", lambda: "other code")
        assert executed_lessons.why_stale(space, "01_sums", True, {"use_band": "SHORT"}) == "changed: kit"
    source = toy / "source" / "01_sums.py"
    source.write_text(source.read_text(encoding="utf-8").replace("Two and two", "Two and three"), encoding="utf-8")
    assert executed_lessons.why_stale(space, "01_sums", True, {"use_band": "SHORT"}) == "changed: notebook"


def test_fresh_runs_all_lessons(toy, calls, space):
    several_lessons.run_lessons(space, solved=True, lessons=("01",))
    several_lessons.run_lessons(space, solved=True, lessons=("01",))
    assert calls == ["01_sums"] * 2


def test_the_record_of_a_lesson_stands_beside_the_executed_notebook_and_names_its_files(toy, calls, space):
    (space.plots / "01-line.png").write_bytes(b"png")
    (space.plots / "02-line.png").write_bytes(b"png")
    several_lessons.run_lessons(space, solved=True, lessons=("01",))
    record = json.loads((space.root / "Notebook" / ".records" / "01_sums.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in record["outputs"]] == [
        "Notebook/01_sums.ipynb", "answers/01_sums.json", "Plots/01-line.png",
    ]  # fmt: skip


def test_the_seconds_of_the_pipeline_in_a_phase_are_those_of_the_records_written_since(space, product):
    written = records.path_of(product.parent, "a").stat().st_mtime
    assert executed_lessons.pipeline_seconds(space, written - 1) == 12.5
    assert executed_lessons.pipeline_seconds(space, written + 1) == 0
