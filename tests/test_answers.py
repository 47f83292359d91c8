"""What the lessons call: begin, give, hint, reveal."""

import dataclasses
import sys
import types

import IPython.display
import pytest
from astropy.io import fits

from mrskit import answers, workspace
from mrskit.answering import answer_files, cards, opening, recorded
from mrskit.course import index
from mrskit.errors import AnswerError, LessonError, ReferenceCacheError, UnknownBandError, WorkspaceError
from mrskit.exercises import record
from mrskit.exercises.checks import failed, near
from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import Exercise, TruthMissing, Verdict


def no_truth(facts):
    raise TruthMissing("real data")


@pytest.fixture
def space(tmp_path, monkeypatch):
    """A workspace and a course of one lesson; no lesson has begun."""
    lesson = types.ModuleType("pocket.lesson01_all.exercises")
    texts = ("A title", "A question?")
    lesson.EXERCISES = (
        Exercise("01-time", *texts, "quantity", "s", 2, 1, ("First hint.", "Second hint."), near(60, rel=0.01)),
        Exercise("01-real", *texts, "quantity", "s", 1, 1, ("a", "b"), near(no_truth)),
        Exercise("01-free", *texts, "text", None, 1, 1, ("a", "b"), lambda answer, facts: failed(answer)),
    )
    monkeypatch.setitem(sys.modules, "pocket.lesson01_all.exercises", lesson)
    monkeypatch.setattr(index, "COURSE", index.Course(("01_all",), "pocket"))
    monkeypatch.setattr(answers, "_session", None)
    monkeypatch.setattr(opening, "activate_references", lambda workspace: None)
    monkeypatch.delenv("MRSKIT_MODE", raising=False)
    return workspace.create(tmp_path / "space")


@pytest.fixture
def begun(space):
    answers.begin("01_all", space.root)
    return space


def test_begin_returns_the_workspace_of_the_folder(space):
    opened = answers.begin("01", str(space.root), use_ch="34", use_band="LONG", stages="123", scheduler="none")
    assert opened == space


@pytest.mark.parametrize(
    ("lesson", "options", "error", "message"),
    [
        ("07_more", {}, LessonError, "no lesson '07_more': expected one of 01_all"),
        ("01", {"bnad": 1}, LessonError, "begun with bnad; lessons have only the parameters workspace, use_ch"),
        ("01", {"use_band": "A"}, UnknownBandError, "no MRS setting '12:A'"),
    ],
)
def test_begin_refuses_what_does_not_exist(space, lesson, options, error, message):
    with pytest.raises(error, match=message):
        answers.begin(lesson, space.root, **options)


def test_begin_refuses_a_folder_that_is_no_workspace(space, tmp_path):
    with pytest.raises(WorkspaceError, match="no workspace"):
        answers.begin("01", tmp_path)


def test_nothing_can_be_given_before_a_lesson_has_begun(space):
    with pytest.raises(AnswerError, match=r"run the cell with answers\.begin"):
        answers.give("01-time", 60)


def test_give_records_judges_and_shows_a_card(begun, capsys):
    verdict = answers.give("01-time", 1, unit="min")
    assert (verdict.outcome, verdict.points) == ("passed", 2)
    assert recorded.read(begun, "01_all")["01-time"].answer.value == 1
    shown = capsys.readouterr().out
    assert shown.startswith("✓ Right, 2 of 2 points · A title (01-time)")
    assert "Your answer: 1 min" in shown


def test_give_without_an_answer_goes_on_and_replaces_an_earlier_answer(begun, capsys):
    answers.give("01-time", 60)
    assert answers.give("01-time", ...).outcome == "not answered"
    assert recorded.read(begun, "01_all")["01-time"].answer.value is None
    assert "Not answered yet" in capsys.readouterr().out


def test_give_refuses_an_unknown_id_and_keeps_what_was_recorded(begun):
    answers.give("01-time", 60)
    with pytest.raises(AnswerError, match="did you mean 01-time"):
        answers.give("01-tme", 61)
    assert answers.give("01-time", 61, unit="Jy").outcome == "invalid"
    assert recorded.read(begun, "01_all")["01-time"].answer.value == 60


def test_give_remembers_the_setting_of_the_lesson(space):
    answers.begin("01", space.root, use_ch="34", use_band="LONG")
    answers.give("01-time", 60)
    assert recorded.read(space, "01_all")["01-time"].setting == "34:LONG"


def test_a_wrong_answer_offers_a_hint(begun, capsys):
    answers.give("01-time", 70)
    shown = capsys.readouterr().out
    assert shown.startswith("✗ Not yet") and 'answers.hint("01-time")' in shown


def test_while_grading_answers_are_recorded_in_the_notebook_only(begun, monkeypatch, capsys):
    monkeypatch.setenv("MRSKIT_MODE", "grade")
    verdict = answers.give("01-time", 60)
    assert (verdict.outcome, verdict.points) == ("unjudged", 0)
    assert "Right" not in capsys.readouterr().out
    assert not recorded.answers_file(begun, "01_all").exists()


@pytest.mark.parametrize(
    ("value", "told"),
    [([4, ...], "element [1] of the answer is a ellipsis"), ("(b)", "expected one number"), ([1, 2], "one number"),
     ({"a": 1}, "one number")],
)  # fmt: skip
def test_a_wrong_kind_of_answer_gets_a_card_and_the_notebook_goes_on(begun, capsys, monkeypatch, value, told):
    answers.give("01-time", 60)
    capsys.readouterr()
    verdict = answers.give("01-time", value)
    shown = capsys.readouterr().out
    assert verdict.outcome == "invalid" and told in shown and "an earlier answer is kept" in shown
    assert recorded.read(begun, "01_all")["01-time"].answer.value == 60
    monkeypatch.setenv("MRSKIT_MODE", "grade")
    with pytest.raises(AnswerError):
        answers.give("01-time", value)


def test_a_right_answer_is_explained_and_a_wrong_one_is_not(begun, capsys, monkeypatch):
    course = index.lesson_exercises("01_all")
    explained = dataclasses.replace(course[0], explanation="Because a minute\n        has sixty seconds.")
    monkeypatch.setattr(sys.modules["pocket.lesson01_all.exercises"], "EXERCISES", (explained, *course[1:]))
    answers.give("01-time", 61.5)
    assert "Because" not in capsys.readouterr().out
    answers.give("01-time", 60)
    assert "Why: Because a minute has sixty seconds." in capsys.readouterr().out


def test_parameters_are_those_of_the_notebook(space):
    theirs = {"answers": answers, "workspace": str(space.root), "use_ch": "34", "use_band": "LONG", "other": 1}
    exec("space = answers.begin('01')", theirs)
    assert theirs["space"] == space and answers._session.setting.name == "34:LONG"
    theirs["use_band"] = "SHRT"
    with pytest.raises(UnknownBandError):
        exec("answers.begin('01')", theirs)


def test_an_expectation_is_noted_and_never_judged(begun, capsys, monkeypatch):
    answers.expect("01-figure", ...)
    answers.expect("01-figure", "b")
    assert "Noted: b." in capsys.readouterr().out
    assert answer_files.tables(begun, "01_all")["expected"] == {"01-figure": "b"}
    assert recorded.read(begun, "01_all") == {}
    monkeypatch.setenv("MRSKIT_MODE", "grade")
    answers.expect("01-figure", "c")
    assert answer_files.tables(begun, "01_all")["expected"] == {"01-figure": "b"}


def test_the_summary_lists_what_is_open_with_links(begun, monkeypatch, capsys):
    answers.give("01-time", 60)
    answers.give("01-free", "a text")
    capsys.readouterr()
    answers.summary()
    shown = capsys.readouterr().out
    assert "Lesson 01: 1 of 3 exercises are right, 2 of 4 points" in shown
    assert "01-time" not in shown and "01-real" in shown and "01-free" in shown and "the last lesson" in shown
    exercise = index.exercise("01-real")
    card = cards.summary_card("01", [(exercise, Verdict("01-real", Outcome.FAILED, 0, ""))], "Next: <02>")
    assert '<a href="#01-real">' in card.html() and "Next: &lt;02&gt;" in card.html()


def test_a_hint_stays_when_a_notebook_runs_again_and_goes_on_when_it_is_asked_for_again(begun, capsys):
    for _ in range(3):  # as a whole, with the hint cell behind the answer
        answers.give("01-time", 70)
        answers.hint("01-time")
        assert "Second hint." not in capsys.readouterr().out
    answers.hint("01-time")
    assert "Second hint." in capsys.readouterr().out


def test_hints_come_one_after_the_other(begun, capsys):
    answers.hint("01-time")
    first = capsys.readouterr().out
    assert "First hint." in first and "Second hint." not in first
    for _ in range(2):
        answers.hint("01-time")
    assert "Second hint." in capsys.readouterr().out


def test_reveal_answers_only_after_the_exercise_was_answered(begun):
    assert answers.reveal("01-time") is None
    answers.give("01-time", None)
    assert answers.reveal("01-time") is None
    answers.give("01-time", 70)
    assert answers.reveal("01-time") == 60


def test_reveal_never_answers_while_grading(begun, monkeypatch):
    answers.give("01-time", 60)
    monkeypatch.setenv("MRSKIT_MODE", "grade")
    assert answers.reveal("01-time") is None


def test_reveal_while_grading_needs_no_exercise_of_another_lesson(begun, monkeypatch):
    monkeypatch.setenv(answers.MODE, "grade")  # where the sandbox knows the exercises of one lesson alone
    assert answers.reveal("99-of-another-lesson") is None


def test_reveal_says_why_there_is_nothing_on_real_data(begun, capsys):
    answers.give("01-real", 60)
    assert answers.reveal("01-real") is None
    assert "no value to compare with: real data" in capsys.readouterr().out


def test_reveal_refuses_an_exercise_without_expected_value(begun):
    answers.give("01-free", "text")
    with pytest.raises(AnswerError, match="no expected value"):
        answers.reveal("01-free")


def test_in_a_notebook_the_card_carries_the_record_and_escapes_what_the_learner_wrote(begun, monkeypatch):
    shown = []
    history = types.SimpleNamespace(history_manager=types.SimpleNamespace(input_hist_raw=["", "answer = 1  \n"]))
    monkeypatch.setattr("IPython.get_ipython", lambda: history)
    monkeypatch.setattr(IPython.display, "display", lambda bundle, raw, metadata: shown.append(bundle | metadata))
    answers.give("01-free", "<script>alert(1)</script>")
    assert shown[0][answer_files.MIME]["id"] == "01-free"
    assert "<script>" not in shown[0]["text/html"] and "&lt;script&gt;" in shown[0]["text/html"]
    assert shown[0]["text/plain"].startswith("✗ Not yet")
    assert shown[0]["mrskit"]["source"] == recorded.read(begun, "01_all")["01-free"].source != ""
    assert recorded.source_digest("\nanswer = 1") == recorded.read(begun, "01_all")["01-free"].source


def test_a_solution_is_shown_for_comparison_only_after_success(begun, capsys, monkeypatch, tmp_path):
    (tmp_path / "source").mkdir()
    cells = '# %% tags=["answer"] exercise="01-time"\nt = ...\n# solution begin\nt = 30 + 30\n# solution end\ngive(t)\n'
    (tmp_path / "source" / "01_all.py").write_text(f"# %% [markdown]\n# Text\n{cells}\n# %%\nmore = 1\n")
    monkeypatch.setattr("mrskit.answering.solutions.lessons_folder", lambda: tmp_path)
    for value, expected in ((None, "Answer this exercise first"), (70, "after your own answer is right")):
        answers.give("01-time", value)
        capsys.readouterr()
        answers.solution("01-time")
        shown = capsys.readouterr().out
        assert expected in shown and "30 + 30" not in shown
    answers.give("01-time", 60)
    answers.solution("01-time")
    shown = capsys.readouterr().out
    assert "    t = 30 + 30" in shown and "more" not in shown and "give(t)" not in shown.rpartition("A solution")[2]
    monkeypatch.setenv("MRSKIT_MODE", "grade")
    answers.solution("01-time")
    assert "30 + 30" not in capsys.readouterr().out


def test_where_the_sources_are_not_shipped_the_card_says_so(begun, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("mrskit.answering.solutions.lessons_folder", lambda: tmp_path)
    answers.give("01-time", 60)
    answers.solution("01-time")
    assert "not shipped with this installation" in capsys.readouterr().out


def test_the_card_says_what_is_seen_of_an_answer_without_the_key(begun, capsys):
    answers.give("01-time", 1.5, unit="min")
    assert "Recorded: ✓ one number; ✓ unit min: that is 90 s" in capsys.readouterr().out
    answers.give("01-time", float("nan"))
    assert "Recorded: ! NaN, which is not a number; ✓ assumed unit s" in capsys.readouterr().out


def test_for_one_answer_the_exercise_is_looked_up_once_and_the_unit_converted_once(begun, monkeypatch, capsys):
    asked, units = [], []
    look_up, convert = index.exercise, record.converted
    monkeypatch.setattr(index, "exercise", lambda name: asked.append(name) or look_up(name))
    monkeypatch.setattr(record, "converted", lambda *facts: units.append(facts) or convert(*facts))
    assert answers.give("01-time", 1, unit="min").outcome == "passed"
    assert "that is 60 s" in capsys.readouterr().out
    assert (asked, len(units)) == (["01-time"], 1)


def test_begin_switches_on_the_references_of_the_workspace(space, monkeypatch, tmp_path):
    monkeypatch.undo()
    for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL"):
        monkeypatch.setenv(name, "before")  # not looked at: the card names references
    monkeypatch.setattr(answers, "_session", None)
    folder = tmp_path / "crds"
    (folder / "mappings" / "jwst").mkdir(parents=True)
    space.update_card(references=str(folder))
    import os

    for source in ("real", "simulated"):
        monkeypatch.setenv("CRDS_PATH", "before")
        answers.begin("01_setup", space.root, data_source=source)
        assert os.environ["CRDS_PATH"] == str(folder)


@pytest.fixture
def observed(space, monkeypatch):
    """A workspace with one raw exposure that the kit has not made, and a CRDS_PATH that names nothing."""
    fits.PrimaryHDU(header=fits.Header({"ORIGIN": "STSCI"})).writeto(space.stage("source", "uncal") / "a_uncal.fits")
    monkeypatch.setenv("CRDS_PATH", str(space.root / "unmounted"))
    return space


@pytest.mark.parametrize("source", ["real", "simulated"])
def test_begin_on_real_data_names_a_crds_path_that_is_not_there(observed, source):
    with pytest.raises(
        ReferenceCacheError, match=r"CRDS_PATH is .*unmounted', which does not exist.*mrskit references"
    ):
        answers.begin("01", observed.root, data_source=source)


def test_begin_needs_no_references_where_nothing_is_run(observed, monkeypatch):
    assert answers.begin("01", observed.root, data_source="real", spectra_dir="spectra") == observed
    monkeypatch.setenv("MRSKIT_MODE", "grade")
    assert answers.begin("01", observed.root, data_source="real") == observed
    monkeypatch.delenv("MRSKIT_MODE")
    monkeypatch.setattr(answers, "WITHOUT_PIPELINE", ("01_all",))
    assert answers.begin("01", observed.root, data_source="real") == observed


def test_begin_says_how_to_make_references_again_that_are_gone(space, capsys):
    space.update_card(references=str(space.root / "gone"), settings=["12:SHORT"], simulated=True)
    answers.begin("01", space.root)
    said = capsys.readouterr().out
    assert f"The pipeline cannot run here. {space.root}/gone: no reference cache" in said
    assert f"Run 'mrskit references --out {space.root}/gone --settings 12:SHORT'." in said


def test_a_setting_that_real_data_lack_is_not_to_be_simulated(observed):
    observed.update_card(data_source="real", settings=["12:SHORT"])
    with pytest.raises(WorkspaceError, match=r"no data of 34:LONG.*mrskit fetch") as caught:
        answers.begin("01", observed.root, "34", "LONG")
    assert "simulate" not in str(caught.value)
