"""Rules of grading: what may stand in them, and what late work costs."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from mrskit.course import index
from mrskit.errors import GradingError
from mrskit.grading.intake import times
from mrskit.grading.intake.roster import People, Person
from mrskit.grading.key import open_key
from mrskit.grading.rules import Late, Rules, penalty, read_rules
from mrskit.grading.run import pool

DUE = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)
ADA = People([Person("ada")])
RULE = Late(DUE, grace=15, per_day=10, most=50)


@pytest.mark.parametrize(
    ("late", "share"),
    [
        (timedelta(days=-3), 0.0),
        (timedelta(0), 0.0),
        (timedelta(minutes=15), 0.0),
        (timedelta(minutes=16), 0.1),
        (timedelta(days=1), 0.1),
        (timedelta(days=1, minutes=1), 0.2),
        (timedelta(days=30), 0.5),
    ],
)
def test_late_work_loses_a_share_for_every_day_begun_after_the_grace(late, share):
    assert penalty(DUE + late, RULE) == pytest.approx(share)


def test_nothing_is_late_without_a_due_date_or_without_a_known_time():
    assert penalty(DUE + timedelta(days=9), Late(per_day=10)) == 0
    assert penalty(None, RULE) == 0


def test_times_in_other_zones_are_compared_as_moments():
    zone = timezone(timedelta(hours=5))
    assert penalty(datetime(2026, 11, 30, 23, 10, tzinfo=zone), RULE) == 0
    assert penalty(datetime(2026, 11, 30, 23, 20, tzinfo=zone), RULE) == pytest.approx(0.1)


def test_without_a_file_the_rules_are_those_of_the_course(tmp_path):
    assert read_rules(tmp_path) == Rules()


def test_everything_that_the_file_may_say_is_read(rules_of):
    rules = rules_of("""
        secret = "s"
        lessons = ["01", "6"]
        left_out = ["06-pah"]
        [points]
        "06-velocity" = 4
        [late]
        due = 2026-11-30T18:00:00Z
        per_day = 10
        [limits]
        cell = 20
        [[products]]
        lesson = "03"
        kind = "rate"
        count = 4
        points = 2
    """).rules
    assert rules.lessons == ("01_setup", "06_analysis")
    assert (rules.left_out, dict(rules.points), dict(rules.limits)) == (
        {"06-pah"},
        {"06-velocity": 4},
        {"cell": 20},
    )
    assert (rules.late.due, rules.late.per_day, rules.late.most) == (DUE, 10, 100)
    assert (rules.products[0].id, rules.products[0].count) == ("03-products-rate", 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lesons = []", "did you mean 'lessons'"),
        ('left_out = ["06-pha"]', "06-pah"),
        ('lessons = ["9"]', "no lesson '9'"),
        ("[late]\ndue = 2026-11-30T18:00:00", "with its zone"),
        ("[late]\nper_day = -1", "late.per_day is -1, expected a number that is not negative"),
        ('[points]\n"06-pah" = "two"', "points.06-pah is 'two', expected a number"),
        ('[[products]]\nlesson = "03"\nkind = "ramps"', "expected one of rate"),
        ("lessons = 3", "lessons is 3, expected a list"),
        ('left_out = "06-pah"', "left_out is '06-pah', expected a list"),
        ("[late]\nper_dya = 1", "did you mean 'per_day'"),
        ("[late]\nmost = 101", "late.most is 101, expected a number of at most 100"),
        ('[[products]]\nlesson = "03"\nkind = "rate"\ncuont = 2', "did you mean 'count'"),
        ('[[products]]\nkind = "rate"', "products.0 is {'kind': 'rate'}, expected the entry 'lesson'"),
        (
            '[[products]]\nlesson = "03"\nkind = "rate"\ncount = 0',
            "products.0.count is 0, expected a number of",
        ),
        ("[limits]\ncell = inf", "limits.cell is inf, expected a number that is finite"),
        ("secret = 3", "secret is 3, expected text"),
        ("= 3", "cannot be read"),
        ('attempts = "last"', "attempts is 'last', expected one of newest, best, first"),
    ],
)
def test_a_mistake_in_the_rules_is_named_with_the_file(rules_of, text, said):
    with pytest.raises(GradingError, match=r"grading\.toml") as caught:
        rules_of(text)
    assert said in str(caught.value)


def test_seeds_follow_from_secret_student_and_lesson(rules_of):
    key, other = rules_of('secret = "a"'), rules_of('secret = "b"')
    assert key.seed("ada", "01_setup") == key.seed("ada", "01_setup")
    assert len({key.seed("ada", "01_setup"), key.seed("bob", "01_setup"), key.seed("ada", "06_analysis"),
                other.seed("ada", "01_setup")}) == 4  # fmt: skip
    assert 0 <= key.seed("ada", "01_setup") < 2**32


def test_the_digest_of_a_key_changes_with_its_truth_rules_and_tests(plan_key, rules_of):
    digests = {plan_key.digest, rules_of('secret = "a"').digest}
    (plan_key.root / "checks").mkdir()
    (plan_key.root / "checks" / "test_01_more.py").write_text("def test_it(answers): pass\n")
    digests.add(open_key(plan_key.root).digest)
    (plan_key.workspace.truth / "scene.json").write_text('{"other": 1}')
    digests.add(open_key(plan_key.root).digest)
    assert len(digests) == 4


def test_a_workspace_without_truth_is_no_key(plan_key):
    (plan_key.workspace.truth / "scene.json").unlink()
    with pytest.raises(GradingError, match=r"truth/scene.json.*mrskit demo"):
        open_key(plan_key.root)


def test_times_of_handing_in_come_from_the_table_of_the_key(plan_key):
    (plan_key.root / times.SUBMITTED).write_text("student,lesson,time\nada,01,2026-11-30T19:00:00+01:00\n")
    assert times.read(plan_key.root, times.SUBMITTED, ADA) == {("ada", "01_setup"): DUE}


@pytest.mark.parametrize("line", ["ada,01,2026-11-30T19:00:00", "ada,01,yesterday", "ada,01"])
def test_a_time_without_zone_or_sense_is_refused_with_its_line(plan_key, line):
    (plan_key.root / times.SUBMITTED).write_text(f"student,lesson,time\n{line}\n")
    with pytest.raises(GradingError, match="line 2"):
        times.read(plan_key.root, times.SUBMITTED, ADA)


def test_the_rules_in_the_documentation_can_be_read(rules_of):
    text = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1]
    rules = rules_of(example).rules
    assert rules.secret and rules.late.due and rules.products
    assert pool.limits_of(rules.limits).cell == rules.limits["cell"]
    named = re.findall(r'"(\d\d-[a-z-]+)"', text)
    assert named and all(index.exercise(name) for name in named)
