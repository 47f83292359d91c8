"""The quiz on the configuration: the lesson's own solutions are right for any program, from its headers alone."""

import numpy as np
import pytest

from mrskit import observed, workspace
from mrskit.answering.judge import WorkspaceFacts, judge
from mrskit.answering.solutions import solution
from mrskit.bands import SETTINGS
from mrskit.course import index
from mrskit.course.shown import proposal
from mrskit.exercises.values import from_learner

ALL = tuple(SETTINGS)


def headers(number, settings=ALL, dithers=4, readout="FASTR1", groups=20, integrations=1, program=1523):
    """Give the primary headers of all exposures of an observation."""
    for setting in settings:
        channels, band = setting.split(":")
        for dither in range(1, dithers + 1):
            yield {"PROGRAM": f"{program:05d}", "OBSERVTN": f"{number:03d}", "CHANNEL": channels, "BAND": band,
                   "READPATT": readout, "NGROUPS": groups, "NINTS": integrations, "PATT_NUM": dither,
                   "NUMDTHPT": dithers, "TARG_RA": 10.0, "TARG_DEC": -5.0, "VISITGRP": "02", "SEQ_ID": "1",
                   "ACT_ID": "01"}  # fmt: skip


CASES = {
    "one setting": ([*headers(3, ("12:SHORT",))], {3: "source"}),
    "one detector": ([*headers(3, ALL[:3]), *headers(4, ALL[:3], 2)], {3: "source", 4: "background"}),
    "long, two dithers": ([*headers(7, ("34:LONG",), 2, groups=25)], {7: "source"}),
    "one dither in SLOWR1": ([*headers(1, ("12:SHORT",), 1, "SLOWR1", 8)], {1: "source"}),
    "a mosaic and two backgrounds": (
        [*headers(9), *headers(10), *headers(2, dithers=2), *headers(5, dithers=1, groups=60)],
        {9: "source", 10: "source", 2: "background", 5: "background"}),
    "mixed readouts": ([*headers(3, ("12:SHORT", "34:SHORT")), *headers(3, ("34:LONG",), 4, "SLOWR1", 6, 2)],
                       {3: "source"}),
    "all settings": ([*headers(11), *headers(12, dithers=2)], {11: "source", 12: "background"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_solutions_of_the_quiz_pass(name, tmp_path, monkeypatch):
    program = observed.program(*CASES[name])
    monkeypatch.setattr(observed, "of", lambda space: program)
    apt = proposal.table(program)
    mrs = [row for row in apt if row["detector"].startswith("MRS")]
    cell = {"np": np, "mrs": mrs, "first": proposal.first(program, mrs)}
    facts, given = WorkspaceFacts(workspace.create(tmp_path / "ws")), {}
    names = ("table", "01-configuration"), ("times", "01-exposure-time"), ("files", "01-uncal-files")
    for variable, exercise in names:
        exec(solution(exercise), cell)
        verdict = judge(from_learner(index.exercise(exercise), cell[variable]), facts)
        given[exercise] = (verdict.outcome, verdict.message)
    assert {outcome for outcome, _ in given.values()} == {"passed"}, given


def test_headers_that_differ_from_the_plan_at_hand_are_told(tmp_path, monkeypatch):
    space = workspace.create(tmp_path / "ws")
    space.update_card(data_source="real")
    seen = [*headers(4, groups=38, integrations=2, program=2732), *headers(5, dithers=2, integrations=2, groups=40,
                                                                          program=2732)]  # fmt: skip
    monkeypatch.setattr(observed, "_headers", lambda _: (seen, {4: "source", 5: "background"}))
    assert observed.differences(space) == ["Observation 4: groups is 38 by the headers, 40 by the plan."]
