"""What a learner hands in becomes an answer of the right kind and unit, or a message that says what was expected."""

import time

import numpy as np
import pytest
from astropy import units
from astropy.table import Column
from astropy.units import function, required_by_vounit
from astropy.utils.masked import Masked

from mrskit.errors import AnswerError
from mrskit.exercises import codec, conversion, values
from mrskit.exercises.checks import among
from mrskit.exercises.record import Answer, Exercise


def exercise(kind="quantity", unit="s", choices=()):
    return Exercise("01-x", "X", "X?", kind, unit, 1, 1, ("a", "b"), among("yes"), choices=choices)


def seconds(value, unit=None):
    return values.from_learner(exercise(), value, unit).in_unit.value


@pytest.mark.parametrize(
    ("value", "unit"),
    [(900, None), (900.0, "s"), (15, "min"), ("900 s", None), ("15 min", None), ("900", None), (15 * units.min, None),
     (np.float32(900), None), (np.array([900]), "s"), (15 * units.min, "s"), (900, units.s)],
)  # fmt: skip
def test_a_quantity_may_come_as_number_text_or_astropy_quantity_in_any_fitting_unit(value, unit):
    assert seconds(value, unit) == pytest.approx(900)


@pytest.mark.parametrize("value", [None, ...])
def test_an_ellipsis_or_none_is_not_answered(value):
    assert values.from_learner(exercise(), value) == Answer("01-x", "quantity", None)


@pytest.mark.parametrize(
    ("value", "unit", "message"),
    [
        (1, "Jy", "unit 'Jy' does not fit; expected a unit like 's'"),
        (1, "parsnip", "no unit 'parsnip'"),
        (1, "s" * 65, "no unit"),
        (1, 5, "the unit is a int"),
        (np.inf, None, "infinite"),
        ([1, 2], None, r"expected one number \(s\)"),
        (True, None, "is a bool"),
        ("many", None, "expected one number"),
        ({}, None, "is a dict"),
    ],
)
def test_a_value_that_is_no_such_quantity_is_refused_with_what_was_expected(value, unit, message):
    with pytest.raises(AnswerError, match=message):
        values.from_learner(exercise(), value, unit)


def test_a_plain_number_has_no_unit():
    with pytest.raises(AnswerError, match="a plain number without unit"):
        values.from_learner(exercise("scalar", None), 24, "s")
    assert values.from_learner(exercise("scalar", None), 24).value == 24


def test_arrays_keep_their_shape_and_masked_elements_become_nan():
    item = exercise("array", "DN / s")
    answer = values.from_learner(item, np.ma.MaskedArray([1.0, 2.0], mask=[False, True]), "DN / s")
    assert answer.value[0] == 1.0 and np.isnan(answer.value[1])
    rates = values.from_learner(item, [[60.0, 120.0]], "DN / min").in_unit
    np.testing.assert_allclose(rates.value, [[1.0, 2.0]])


@pytest.mark.parametrize("value", [5, [[1], [1, 2]], ["a"], [], np.array([1, np.inf])])
def test_what_is_no_finite_array_is_refused(value):
    with pytest.raises(AnswerError):
        values.from_learner(exercise("array", None), value)


def test_a_region_may_be_given_as_pixel_ranges_of_the_detector():
    item = exercise("region", None)
    region = values.from_learner(item, [(2, 3, 10, 12), (1020, 1030, 0, 0)]).value
    assert region.shape == (1024, 1032) and region.sum() == 6 + 4 and region[3, 12] and region[1023, 0]
    for wrong in ([(3, 2, 10, 12)], [(2, 3, 10.5, 12)], [(2, 3, 10)], [(2, 3, 10, 12), (1, 2, 3)]):
        with pytest.raises(AnswerError) as caught:
            values.from_learner(item, wrong)
        assert caught.value.facts["id"] == item.id


def test_a_region_is_a_boolean_array_or_one_of_zeros_and_ones():
    item = exercise("region", None)
    np.testing.assert_array_equal(values.from_learner(item, [[0, 1]]).value, [[False, True]])
    for wrong in ([0.5, 1.0], [0, 2], True, "mask"):
        with pytest.raises(AnswerError, match="boolean array"):
            values.from_learner(item, wrong)


@pytest.mark.parametrize("value", ["SIGMA CLIPPED MEAN", "sigma-clipped mean", " sigma_clipped  mean "])
def test_a_choice_is_known_in_any_spelling(value):
    item = exercise("choice", None, ("median", "sigma-clipped mean"))
    assert values.from_learner(item, value).value == "sigma-clipped mean"


def test_true_and_false_mean_yes_and_no():
    item = exercise("choice", None, ("yes", "no"))
    assert [values.from_learner(item, value).value for value in (True, np.False_)] == ["yes", "no"]


def test_another_choice_is_refused_with_the_list():
    with pytest.raises(AnswerError, match="'mode' is none of the choices: median, mean"):
        values.from_learner(exercise("choice", None, ("median", "mean")), "mode")


def test_text_must_be_text_of_bounded_length_without_unit():
    item = exercise("text", None)
    assert values.from_learner(item, "a line").value == "a line"
    for value, unit in ((5, None), ("x" * 20_001, None), ("x", "s")):
        with pytest.raises(AnswerError):
            values.from_learner(item, value, unit)


@pytest.mark.parametrize("unit", ["10**999999999 s", "10^99999999 s", "10(9999999) s", "1e-320 s", "1e999 s", "dex(s)",
                                  "9" * 60, "10⁹⁹⁹⁹⁹⁹⁹⁹⁹ s", "10 ** 99999999 s", "10**٩٩٩٩٩٩٩٩ s", "mag(Jy)", "dB(s)",
                                  "10 ^ (99999999) s", "km999999", "1e5e5 s", "sqrt(s2)"])  # fmt: skip
def test_a_unit_that_no_sensible_number_has_is_refused_at_once(unit):
    start = time.monotonic()
    with pytest.raises(AnswerError, match=r"no unit|does not fit|infinite"):
        _ = Answer("01-time", "quantity", 10**300, unit, exercise("quantity", "s")).in_unit
    assert time.monotonic() - start < 1


def test_a_unit_is_looked_up_before_astropy_reads_anything(monkeypatch):
    monkeypatch.setattr(units, "Unit", lambda text: pytest.fail(f"read {text}"))
    for text in ("parsnip", "10**99999998 s", "dex(K)", "s; s", "1e-321 arcsec", "s" * 64, "10⁹⁹⁹ s"):
        with pytest.raises(AnswerError, match="no unit"):
            conversion.parse_unit(text, "here")


@pytest.mark.parametrize("unit", ["W·m⁻²", "W m^-2", "W.m-2", "s⁻¹", "m²", "µm", "μm", "Å", "°", "%", "″", "10⁸ erg",
                                  "1 / s", "km s**(-1)", "erg s-1 cm-2", "s^(1/2)", "100 %", "10^6 Jy", "100000 Jy",
                                  "3.0856775814913674e+16 m", "MJy s / (DN sr)", "nW/m²", "mas", "365.25 d",
                                  ""])  # fmt: skip
def test_units_are_taken_in_all_ways_to_write_them(unit):
    assert conversion.parse_unit(unit, "here") is not None


def test_every_unit_of_astropy_and_every_unit_that_it_writes_is_taken_but_for_logarithms():
    own = [units.si, units.cgs, units.astrophys, function.units, units.misc, units.photometric,
           required_by_vounit]  # fmt: skip
    with units.set_enabled_units(own):  # other packages add units of theirs
        known = dict(units.get_current_unit_registry().registry)
    refused = set()
    for name, unit in known.items():
        for text in (name, str(units.Unit(1000 * unit**-2 / units.m))):
            try:
                conversion.parse_unit(text, "here")
            except AnswerError:
                refused.add(name)
    assert refused == {name for name, unit in known.items() if units.dex in unit.decompose().bases}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("array", [899.1 * units.s, 449.6 * units.s], [899.1, 449.6]),
        ("array", ([1 * units.min], [2 * units.s]), [[60], [2]]),
        ("quantity", [15 * units.min], 900),
        ("array", Column([1, 2], unit="min"), [60, 120]),
        ("array", Masked([1.0, 2.0] * units.min, mask=[True, False]), [np.nan, 120]),
        ("array", np.ma.MaskedArray([1, 2], mask=[True, False]), [np.nan, 2]),
        ("array", [np.ma.MaskedArray([1, 2], mask=[True, False]), [3, 4]], [[np.nan, 2], [3, 4]]),
        ("array", [2**64, 2**70], [2.0**64, 2.0**70]),
        ("array", np.array([1, 2], dtype=np.longdouble), [1, 2]),
        ("quantity", 2**70, 2.0**70),
        ("quantity", " -1e3 ms ", -1),
    ],
)
def test_numbers_come_in_lists_of_quantities_columns_masked_and_long(kind, value, expected):
    answer = values.from_learner(exercise(kind), value)
    recorded = codec.decode(codec.encode(answer), answer.asked)
    np.testing.assert_allclose(recorded.in_unit.value, expected)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("array", [1, object()], r"element \[1\] of the answer is a object"),
        ("array", [[1, 2], [3, 2j]], r"element \[1\]\[1\] of the answer is a complex"),
        ("array", [1.0, "two"], r"element \[1\] of the answer is a str"),
        ("array", [1.0, None], r"element \[1\] of the answer is a NoneType"),
        ("array", [899.1 * units.s, 4], r"value\[1\] is a int without unit"),
        ("array", [1 * units.s, 4 * units.m], r"value\[1\] is in m"),
        ("array", [10**400, 1], "expected an array of numbers"),
        ("quantity", 5 * units.dex(units.s), "is in dex"),
        ("quantity", np.ma.masked, "is masked"),
        ("quantity", np.ma.MaskedArray([900.0], mask=True), "is masked"),
        ("quantity", Masked(900 * units.s, mask=True), "is masked"),
        ("quantity", "10⁹⁹⁹⁹⁹⁹⁹⁹⁹ s", "no unit"),
    ],
)
def test_what_is_no_number_is_named_with_its_place(kind, value, message):
    with pytest.raises(AnswerError, match=message):
        values.from_learner(exercise(kind), value)


def test_what_is_masked_is_in_no_region():
    given = np.ma.MaskedArray([True, True], mask=[False, True])
    assert values.from_learner(exercise("region", None), given).value.tolist() == [True, False]


@pytest.mark.parametrize("unit", ["10**-20 W / m2", "1e-20 W m-2", "1000 ms", "0.00001 s", "erg / (s cm2)", "10+8 erg"])
def test_units_with_factors_are_taken(unit):
    assert conversion.parse_unit(unit, "here") is not None
