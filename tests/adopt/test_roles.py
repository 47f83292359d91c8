"""Which exposures are background: said, marked, named or pointing elsewhere; asked where nothing tells."""

import pytest

from mrskit.adopt import roles
from mrskit.errors import PlanError

S, B = "source", "background"


@pytest.mark.parametrize(
    ("told", "one", "other"),
    [
        ("marked", {}, {"observation": 4, "BKGDTARG": True, "offset": (90, 90)}),
        ("marked, close by", {}, {"observation": 4, "BKGDTARG": True, "offset": (20, 0)}),
        ("named", {}, {"observation": 4, "TARGPROP": "ARP220-BKG", "offset": (150, 0)}),
        ("named in the label", {}, {"observation": 4, "OBSLABEL": "dedicated background", "offset": (0, -90)}),
        ("named as sky", {}, {"observation": 4, "TARGNAME": "Arp220_sky", "offset": (0, 300)}),
        ("beside its own target, in one observation", {}, {"exposure": 2, "offset": (0, 200)}),
        ("a moving target and a field that moves with it", {"TARGTYPE": "MOVING"},
         {"TARGTYPE": "MOVING", "observation": 4, "TARG_RA": 339.5, "offset": (0, 200)}),
        ("a moving target and another named one", {"TARGTYPE": "MOVING"},
         {"TARGTYPE": "MOVING", "observation": 4, "TARGNAME": "background"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_one_background_is_found(pointed, told, one, other):
    assert roles.decide([pointed(**one), pointed(**other)]) == [S, B]


@pytest.mark.parametrize(
    "some",
    [
        [{}, {"exposure": 2, "offset": (2, 2)}],
        [{"offset": (east, 0), "exposure": east // 40 + 1} for east in range(0, 400, 40)],  # a mosaic
        [{"TARGTYPE": "MOVING"}, {"TARGTYPE": "MOVING", "exposure": 2, "TARG_RA": 339.4}],  # it has moved 20 arcmin
        [{"TARGPROP": "BACKGROUND-QSO"}, {"TARGPROP": "BACKGROUND-QSO", "exposure": 2}],  # one field: nothing else is
        [{}],
    ],
)
def test_one_field_is_all_source(pointed, some):
    assert set(roles.decide([pointed(**keywords) for keywords in some])) == {S}


@pytest.mark.parametrize(
    "other",
    [
        {"observation": 4, "offset": (100, 0), "TARGNAME": "Arp 220 NE", "TARGPROP": "ARP220-NE"},
        {"observation": 4, "TARG_RA": 20.0, "TARGNAME": "NGC 628", "TARGPROP": "NGC628"},
        {"observation": 4, "TARGTYPE": "MOVING", "TARGNAME": "IO", "TARGPROP": "IO"},
        {"observation": 4, "offset": (100, 0), "TARGNAME": "Skywalker", "TARG_RA": 339.1},
    ],
)
def test_two_fields_that_nothing_tells_apart_are_asked_for_with_names_and_option(pointed, other):
    some = [pointed(), pointed(exposure=2), pointed(**other)]
    with pytest.raises(
        PlanError, match=r"2 fields.*observation 3 \(Arp 220, 2 exposures\); observation 4 .*--background"
    ):
        roles.decide(some)
    assert roles.decide(some, {4}) == [S, S, B]
    assert roles.decide(some, roles.NONE) == [S, S, S]


def test_who_says_none_overrules_marks_and_an_observation_that_is_not_there_is_named(pointed):
    some = [pointed(), pointed(observation=4, BKGDTARG=True)]
    assert roles.decide(some, roles.NONE) == [S, S]
    with pytest.raises(PlanError, match="background observation 9; found 3, 4"):
        roles.decide(some, {9})


def test_the_program_of_the_course_is_known(pointed):
    some = [pointed(program=2732, observation=4), pointed(program=2732, observation=5, offset=(150, -120))]
    assert roles.decide(some) == [S, B]


def test_separations_hold_at_the_pole_and_across_zero_hours(pointed):
    one, other = pointed(TARG_RA=359.9999, TARG_DEC=0.0), pointed(TARG_RA=0.0001, TARG_DEC=0.0)
    assert roles.separation(one, other) == pytest.approx(0.72, abs=0.001)
    assert roles.place(other, one)[0] == pytest.approx(0.72, abs=0.001)
    north, opposite = pointed(TARG_RA=0.0, TARG_DEC=89.999), pointed(TARG_RA=180.0, TARG_DEC=89.999)
    assert roles.separation(north, opposite) == pytest.approx(7.2, abs=0.01)
