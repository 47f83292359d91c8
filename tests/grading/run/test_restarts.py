"""A bad cell costs its own exercise: the kernel is started again, and nothing that was handed in counts twice."""

import base64
from dataclasses import replace

import pytest

from mrskit.course.lesson01_setup import exercises
from mrskit.exercises.outcomes import Outcome
from mrskit.grading.intake import release
from mrskit.grading.intake.release import Step
from mrskit.grading.judging.judging import Judge
from mrskit.grading.key import Key
from mrskit.grading.records import Cell, Submission
from mrskit.grading.rules import Rules
from mrskit.grading.run.limits import MIB, Limits
from mrskit.grading.run.run import Runner
from mrskit.grading.run.sandbox import backends, mounts
from mrskit.workspace import create

LESSON = "01_setup"
IDS = ("01-configuration", "01-context", "01-both-selectors")
LIMITS = Limits(memory=700 * MIB, cell=4.0, notebook=60.0, output=32 * MIB)
PRELOAD = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "mrskit.answers", "numpy",
           "mrskit.grading.run.sandbox.supervisor")  # fmt: skip
BEGIN = """from mrskit import answers
space = answers.begin("01_setup", workspace, use_ch=use_ch, use_band=use_band)"""
BETWEEN = """seen = (workspace, use_ch, use_band, stages, scheduler)
assert seen == ("/scratch", "12", "SHORT", "123", "none"), seen"""


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    """An instructor's workspace with a raw file of which nothing is read."""
    made = create(tmp_path_factory.mktemp("class") / "key")
    (made.stage("source", "uncal") / "data_uncal.fits").write_bytes(b"")
    return made


@pytest.fixture(scope="module")
def texts():
    """Lesson 01 with texts as the answers of the three exercises."""
    asked = [replace(item, kind="text", choices=()) if item.id in IDS else item for item in exercises.EXERCISES]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exercises, "EXERCISES", tuple(asked))
        yield


@pytest.fixture(scope="module")
def runner(key, texts):
    backend = backends.best(mounts.needed(key), trust=True)
    if backend.level != "bubblewrap" or not backend.nested:
        pytest.skip("no bubblewrap with user namespaces here: install bubblewrap")
    with Runner(key, LIMITS, backend=backend, preload=PRELOAD) as running:
        if not running.memory_by_group:
            pytest.skip("no control groups that can be made here: run as root, or in a delegated scope")
        yield running


@pytest.fixture(autouse=True)
def lesson(monkeypatch):
    """A release of three questions; before the third one a cell looks at the parameters."""
    whole = release.release(LESSON)
    parameters = next(step for step in whole if step.parameters)
    asked = [Step(name, f'x = ...\nanswers.give("{name}", x)', name) for name in IDS]
    steps = [parameters, Step("begin", BEGIN), *asked[:2], Step("between", BETWEEN), asked[2]]
    monkeypatch.setattr(release, "release", lambda lesson: tuple(steps))
    return steps


def give(number, value):
    return f'answers.give("{IDS[number]}", {value})'


def run(runner, first=None, second=None, third=None, own=(), **entries):
    """Run a notebook; return its answers by number (their value, else outcome and message), and its notes."""
    sources = [source or give(n, "str(helper)") for n, source in enumerate((first, second, third))]
    cells = (Cell("begin", "helper = 'made'"), *(Cell(*item) for item in own))
    submission = Submission("a", LESSON, "a", "0", dict(zip(IDS, sources, strict=True)), cells, **entries)
    record, _ = runner.run(submission, 7, {})
    found = [item.record["value"] if item.record else (item.outcome, item.message) for item in record.given
             if item.id in IDS]  # fmt: skip
    return found, record


def test_cells_that_end_the_kernel_cost_their_own_exercise_and_the_others_find_what_was_made_before(runner):
    found, record = run(runner, second="import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)",
                        own=[("begin", "import os\nos._exit(3)")])  # fmt: skip
    assert found == ["made", (Outcome.ERROR, "In this cell the kernel was ended by the signal SIGSEGV."), "made"]
    assert [note.partition(": ")[0] for note in record.notes] == [
        "kernel started again after cell 4 (a cell of the learner's own)",
        "kernel started again after cell 6 (01-context)",
    ]
    assert "exit code 3" in record.notes[0]


def test_memory_and_quit_are_told_for_what_they_are(runner):
    huge = "import numpy as np\nnp.ones((40_000, 40_000))"
    found, record = run(runner, first=huge, second=f"exit()\n{give(1, 'str(2)')}",
                        third="get_ipython().ask_exit()")  # fmt: skip
    assert found[0] == (Outcome.LIMIT, "In this cell the notebook went over its memory.")
    assert found[1:] == ["2", (Outcome.NOT_ANSWERED, "")]
    assert any("after cell 5 (01-context): quit() or exit() ended the kernel" in note for note in record.notes)


def test_after_two_restarts_the_rest_is_not_reached_and_a_loop_that_hears_nothing_is_one_cause(runner):
    deaf = "def f():\n    try:\n        while True:\n            pass\n    except BaseException:\n        f()\nf()"
    kill = "import os\nos._exit(0)"
    found, record = run(runner, second=kill, own=[("begin", deaf), ("01-context", kill)])
    assert found == ["made", (Outcome.ERROR, "In this cell the kernel ended with exit code 0."),
                     (Outcome.NOT_REACHED, "the kernel ended with exit code 0 in an earlier cell")]  # fmt: skip
    assert sum("started again" in note for note in record.notes) == 2
    assert any("a cell could not be stopped" in note for note in record.notes)


def test_what_was_handed_in_stays_when_a_cell_says_or_does_something_else_the_second_time(runner, monkeypatch):
    start, passes = runner._kernels.start, []

    def counted(links, texts, *rest):
        passes.append((texts["exercises.json"], rest[0]))
        return start(links, texts | {"pass.txt": str(len(passes))}, *rest)

    monkeypatch.setattr(runner._kernels, "start", counted)
    number = "n = open('pass.txt').read()\n"
    again = f"{number}{give(0, 'n')}\nif n == '2':\n    import os; os._exit(1)"
    found, record = run(runner, first=again, second="import os\nos._exit(1)", third=number + give(2, "n"))
    assert [found[0], found[2]] == ["1", "3"]
    assert len(passes) == 3 and all(item == passes[0] for item in passes)  # the same probes and their seed
    assert [note.partition("left out: ")[2] for note in record.notes] == [
        "cell 5 (01-context)",
        "cell 4 (01-configuration)",
    ]


SET = """
for use_band in ["LONG"]: pass
stages, (use_ch, *_) = "1", "34"
exec("workspace = '/home/eve'")
def f():
    global scheduler
    scheduler = "local"
f()
raise ValueError("behind it")
"""


def test_parameters_get_their_values_back_however_code_of_the_learner_has_set_them(runner):
    values = "f'{workspace} {use_band}'"
    found, record = run(runner, first=f"del use_ch\n{give(0, values)}", second=f"print = None\n{give(1, values)}",
                        third=give(2, values), own=[("begin", SET)])  # fmt: skip
    assert found[0] == "/scratch LONG"  # of an answer only what the grader has chosen itself
    assert found[2] == "/scratch SHORT"
    assert record.notes == ("code of the learner sets scheduler, stages, use_band, use_ch, workspace; cells of the "
                            "course run with the grader's value",)  # fmt: skip


def test_a_cell_of_the_course_that_fails_by_itself_costs_nobody_a_point_and_one_that_a_learner_breaks_does(
    runner, lesson, key
):  # fmt: skip
    found, record = run(runner, third="1 / 0", own=[("01-context", "del stages\nassert_ = answers\nanswers = None")])
    assert found[2][0] == Outcome.ERROR and record.given[-1].detail == "" and record.notes[:-1] == ()
    found, record = run(runner, second="1 / 0", third="1 / 0", own=[("01-context", "class workspace_: pass")])
    assert [item.detail for item in record.given] == ["", "", ""]
    lesson.insert(4, Step("broken", "data = open('Source/none.fits')"))
    runner._failing.clear()
    found, record = run(runner, second="1 / 0", third="data.read()")
    text = "a cell of the course fails by itself: the cell 'data = open('Source/none.fits')': FileNotFoundError"
    assert [item.detail.startswith(text) for item in record.given] == [False, False, True]
    rows = {row.id: row for row in Judge(Key(key, Rules())).judge([record])[0].rows}
    assert (rows["01-context"].outcome, rows["01-both-selectors"].outcome) == (Outcome.ERROR, Outcome.GRADER_ERROR)
    assert rows["01-both-selectors"].unknown and rows["01-both-selectors"].detail.startswith(text)


def test_data_of_the_student_lie_beside_the_notebook_and_take_no_place_that_is_taken(runner):
    files = {name: base64.b64encode(data).decode() for name, data in
             {"ratio.txt": b"8.6", "workspace.json": b"{}", "exercises.json": b"[]"}.items()}  # fmt: skip
    mine = "import os\nmine = open('ratio.txt').read() + str(os.path.getsize('exercises.json') > 2)\n"
    found, _ = run(
        runner, first=mine + give(0, "mine"), third=give(2, "open('ratio.txt', 'a').write('x')"), files=files
    )
    assert found[0] == "8.6True"


LARGE = """
from IPython.display import HTML, SVG, display
display({"text/html": "<i>" + "x" * 5_000_000, "text/plain": "animation"}, raw=True)
display({"image/svg+xml": "<svg>" + "y" * 5_000_000, "text/plain": "points"}, raw=True)
for line in range(1700):
    print("z" * 10_000)
"""


def test_large_outputs_that_are_no_flood_cost_nothing(runner):
    found, record = run(runner, second=f"{LARGE}{give(1, 'str(helper)')}", own=[("begin", LARGE)])
    assert found == ["made", "made", "made"]
    assert all("of output were not kept" in note for note in record.notes)
