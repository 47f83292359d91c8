"""Exposures that look like the archive's, of another program and without a truth: every exercise is judged."""

import dataclasses
import functools
import importlib
import inspect
import json
import os
import shutil

import numpy as np
import pytest
from astropy.io import fits

from mrskit import observed, products, workspace
from mrskit.answering import judge, opening, recorded
from mrskit.checkup import real
from mrskit.course import index
from mrskit.course.shown import stand_in
from mrskit.exercises.codec import encode
from mrskit.exercises.record import Answer
from mrskit.exercises.values import from_learner

pytestmark = pytest.mark.pipeline
REDSHIFT = 0.0225  # of the suite's galaxy


@pytest.fixture(scope="module")
def look_alike(solved_workspace, tmp_path_factory):
    """The solved demo as a program of somebody else: no truth, no long ramp, raw files that say nothing of the kit."""
    root = tmp_path_factory.mktemp("look-alike") / "ws"
    left_out = shutil.ignore_patterns("truth", "Ramp", "workspace.json")
    shutil.copytree(solved_workspace.root, root, copy_function=os.link, ignore=left_out)
    space = workspace.create(root)
    for path in space.root.glob("*/uncal/*_uncal.fits"):
        copy = path.with_suffix(".copy")
        shutil.copyfile(path, copy)
        with fits.open(copy, mode="update") as hdus:
            hdus[0].header.update({"ORIGIN": "STSCI", "PROGRAM": "01523", "TARGNAME": "MCG-02"})
            for key in ("SIMVERS", "SIMPERF", "HISTORY"):
                hdus[0].header.remove(key, ignore_missing=True, remove_all=True)
        copy.replace(path)
    space.update_card(data_source="real", redshift=REDSHIFT)
    shutil.copytree(solved_workspace.root, root / stand_in.FOLDER, copy_function=os.link)
    return space


def cases(exercise, given, facts):
    """Give the solution's answer, and one for each known misconception."""
    yield "right", given.answer
    for known in exercise.misconceptions:
        yield known.name, from_learner(exercise, known.example(facts))


@pytest.fixture
def remembered(monkeypatch):
    """Functions of the facts and of files are computed once for each workspace, however many misconceptions ask."""
    index.all_exercises()  # imported now, so that no exercise keeps a function that remembers
    monkeypatch.setattr(products, "read_spectrum", functools.cache(products.read_spectrum))
    for lesson in index.lessons()[1:]:
        module = importlib.import_module(f"mrskit.course.lesson{lesson}.expected")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            taken = {item.annotation for item in inspect.signature(function).parameters.values()}
            if taken <= {"Facts", "bool", "int", "float", "str"}:  # values that can be looked up
                monkeypatch.setattr(module, name, functools.cache(function))


@pytest.mark.usefixtures("remembered")
def test_without_the_truth_the_verdict_is_the_same_as_with_it(look_alike, solved_workspace):
    """With the truth solutions pass, and answers with a misconception fail by its name: test_course.py."""
    different, judged = [], 0
    for lesson in index.lessons()[1:]:  # the plan of lesson 01 is another one here
        known, memories = recorded.read(solved_workspace, lesson), ({}, {})
        for exercise in index.lesson_exercises(lesson):
            given = known[exercise.id]
            channels, subband = given.setting.split(":")
            true, seen = (judge.WorkspaceFacts(space, channels, subband, memory)
                          for space, memory in zip((solved_workspace, look_alike), memories, strict=True))  # fmt: skip
            for name, answer in cases(exercise, given, true):
                found = judge.judge(answer, seen)
                judged += 1
                if (found.outcome == "passed", found.misconception or "right") != (name == "right", name):
                    different.append((exercise.id, name, found.outcome, found.misconception, found.message))
    assert judged > 240 and different == []


def test_nothing_is_of_the_courses_program(look_alike):
    program = observed.of(look_alike)
    assert (program.id, program.target, program.redshift) == (1523, "MCG-02", REDSHIFT)
    assert {item.groups for item in program.observations} == {10}


@pytest.mark.parametrize(("redshift", "own"), [(0.0163, True), (0.0, True), (0.0371, False), (np.nan, False)])
def test_the_long_detector_is_the_learners_own_where_the_line_of_the_lesson_falls_on_it(look_alike, redshift, own):
    chosen = stand_in.of_long(look_alike, redshift)
    assert (chosen == look_alike) == own and (chosen.root.name == stand_in.FOLDER) != own


def test_data_without_background_dithers_or_redshift_say_which_exercises_they_cannot_serve(look_alike, tmp_path):
    space = workspace.create(tmp_path / "one")
    path = sorted(look_alike.stage("source", "uncal").glob("*mirifushort_uncal.fits"))[0]
    os.link(path, space.stage("source", "uncal") / path.name)
    space.update_card(data_source="real")
    why = {}
    for name in ("02-tracks", "05-dithers", "06-continuum", "02-nucleus-column"):
        exercise = index.exercise(name)
        value = [[False]] if exercise.kind == "region" else [1.0] if exercise.kind == "array" else 1.0
        answer = Answer(name, exercise.kind, value, exercise=exercise)
        why[name] = judge.judge(answer, judge.WorkspaceFacts(space)).message
    assert why["02-tracks"].endswith("cannot serve this exercise: no exposure of an empty field in 12:SHORT.")
    assert why["05-dithers"].endswith("cannot serve this exercise: a single dither in 12:SHORT.")
    assert "the redshift of MCG-02 is not known. Set the parameter redshift." in why["06-continuum"]
    assert "cannot serve" not in why["02-nucleus-column"]
    [score] = judge.scorecard(space, ("02_raw_overview",)).lessons  # of one without any answer
    assert {row.id: row.message for row in score.rows}["02-tracks"] == why["02-tracks"].removeprefix("Recorded. ")
    association = {"products": [{"name": "a", "members": [{"expname": path.name, "exptype": "science"}]}]}
    one = space.stage("source", "stage1") / path.name.replace("uncal", "rate")
    os.link(look_alike.stage("source", "stage1") / one.name, one)
    answer = Answer("04-asn-members", "text", json.dumps(association), exercise=index.exercise("04-asn-members"))
    association["products"][0]["members"][0]["expname"] = one.name
    right = dataclasses.replace(answer, value=json.dumps(association))
    assert [judge.judge(some, judge.WorkspaceFacts(space)).outcome for some in (answer, right)] == ["failed", "passed"]
    assert opening.about_real(space).startswith("Your data: program 1523, MCG-02, unknown redshift.")
    recorded.write(space, "01_setup", encode(Answer("01-context", "choice", "a")), "12:SHORT")
    text = real.write(space.root).read_text(encoding="utf-8")  # what a user can send
    assert "program 1523 MCG-02, redshift nan; your raw exposures are observations" in text
    assert "READPATT FASTR1, NGROUPS 10" in text and "01_setup: {'not answered': 14, " in text
    assert str(space.root) not in text
