"""Exercises of lesson 04 on what the steps do: their order, straylight, showers and fringes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mrskit.exercises import etalon, stage2
from mrskit.exercises.checks import code, code_agrees, evaluate, near, near_array, value_near
from mrskit.exercises.record import Answer, Exercise, Facts, Misconception


def _like(answer: Answer, wanted: np.ndarray, abs: float) -> bool:
    wanted = np.asarray(wanted, dtype=float)
    return np.shape(answer.value) == wanted.shape and bool(np.all(np.abs(np.asarray(answer.value) - wanted) <= abs))


def _before(step: int, other: int) -> Callable[[Answer, Facts], bool]:
    def matches(answer: Answer, facts: Facts) -> bool:
        order = [int(number) for number in np.ravel(answer.value)]
        return step in order and other in order and order.index(step) < order.index(other)

    return matches


def _scaled(expected: Callable[[Facts], np.ndarray], factor: float) -> Callable[[Answer, Facts], bool]:
    def matches(answer: Answer, facts: Facts) -> bool:
        wanted = evaluate(expected, facts) * factor
        return _like(answer, wanted, 0.05 * abs(wanted).max())

    return matches


def _reversed(expected: Callable[[Facts], np.ndarray]) -> Callable[[Answer, Facts], bool]:
    return lambda answer, facts: _like(answer, evaluate(expected, facts)[::-1], 0.3)


def _removed(answer: Answer, facts: Facts) -> bool:
    return _like(answer, 1 - evaluate(stage2.fringes_left, facts), 0.05)


STEPS: tuple[Exercise, ...] = (
    Exercise(
        id="04-step-order",
        title="Order of the steps",
        question="In which order does stage 2 run the six steps of the table that change numbers? Give `step_order`, "
            "an array of shape (6,): their numbers in the table.",
        kind="array", unit=None, points=2, minutes=2,
        hints=(
            "What was added is subtracted before factors are divided out; the background is subtracted from count "
            "rates as stage 1 leaves them.",
            "Background, stray light, flat, fringe flat, units; and last the step that mends what the fringe flat "
            "leaves.",
        ),
        check=near_array(stage2.CHANGING),
        misconceptions=(
            Misconception("fringe-first", _before(4, 8), "So the slides show it. But stray light is added inside the "
                "detector: divided by a fringe flat first, it would get fringes that it does not have.",
                lambda facts: [2, 4, 8, 3, 5, 6]),
            Misconception("straylight-late", _before(3, 8), "Stray light is added to the image; it must be subtracted "
                "before anything is divided out.", lambda facts: [2, 3, 8, 4, 5, 6]),
            Misconception("photom-early", _before(5, 4), "The conversion factors hold for count rates that are "
                "corrected for flat and fringes.", lambda facts: [2, 8, 3, 5, 4, 6]),
            Misconception("background-late", _before(8, 2), "The background exposures hold stray light too: they are "
                "subtracted as they are, from the count rates as they are.", lambda facts: [8, 2, 3, 4, 5, 6]),
        ),
    ),
    Exercise(
        id="04-calibrate-pixel",
        title="One pixel through stage 2",
        question="Write `calibrate(rate, straylight, flat, fringe, factor)`: the surface brightness, MJy/sr, from a "
            "count rate and the stray light in it (DN/s), the values of the flat and of the fringe flat, and the "
            "conversion factor in MJy/sr per DN/s. Numbers or arrays of one shape; NaN stays NaN.",
        kind="code", unit=None, points=3, minutes=5,
        hints=(
            "The light of the slices is multiplied by flat and fringes on its way; the stray light is added to that.",
            "Undo it backwards: subtract, divide twice, multiply by the factor.",
        ),
        check=code(etalon.calibrate),
        misconceptions=(
            code_agrees(etalon.subtract_late, "You divide the stray light by flat and fringes first. It does not have "
                        "them: subtract it before.", "subtract-late"),
            code_agrees(etalon.multiply, "You multiply by the flats. They say how sensitive a pixel is: divide.",
                        "multiply"),
            code_agrees(etalon.divide_by_factor, "The factor is in MJy/sr per DN/s: multiply by it.",
                        "divide-by-factor"),
        ),
        probes=etalon.calibrate_probes,
    ),
    Exercise(
        id="04-cross-artifact",
        title="Light where no light should be",
        question="How much light lies between the slices of the left channel, in percent of the light in the slices, "
            "before and after the straylight step? Give `scattered`, an array of shape (2,), percent: the mean over "
            "the mask `gaps`, divided by the mean over the mask `lit` *before* the step; tolerance 0.3 percentage "
            "points.",
        kind="array", unit="percent", points=2, minutes=3,
        hints=(
            "`np.nanmean(rate[gaps])` is the mean light between the slices before the step.",
            "Divide both numbers by `np.nanmean(rate[lit])` and multiply by 100.",
        ),
        check=near_array(stage2.scattered, abs=0.3),
        misconceptions=(
            Misconception("fraction", _scaled(stage2.scattered, 0.01), "These are fractions; asked for are percent.",
                          lambda facts: stage2.scattered(facts) / 100),
            Misconception("after-first", _reversed(stage2.scattered), "The other way round: before the step first.",
                          lambda facts: stage2.scattered(facts)[::-1]),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-shower-left",
        title="What clean_showers leaves",
        question="How much of the bright shower's light between the slices does `clean_showers` alone leave? Give "
            "`shower_left` in percent: the median of `treated[\"clean_showers\"]` over that of `treated[\"nothing\"]`, "
            "both over the mask `core`; tolerance 3 percentage points.",
        kind="quantity", unit="percent", points=2, minutes=3,
        hints=(
            "`np.nanmedian(image[core])` is the typical light of an image inside the mask.",
            "100 x after / before.",
        ),
        check=near(stage2.shower_left, abs=3.0),
        misconceptions=(
            value_near(lambda facts: 100 - stage2.shower_left(facts), "That is what was removed; asked for is what is "
                "left.", "removed-for-left", abs=3.0),
            value_near(lambda facts: stage2.shower_left(facts) / 100, "That is a fraction; asked for are percent.",
                "fraction", abs=0.03),
        ),
        judged_by="products",
    ),
    Exercise(
        id="04-fringe-fit",
        title="How large the fringes are",
        question="Write `fringe_amplitude(wavenumber, ratio, period)`: fit 1 + a cos(2π ν/P) + b sin(2π ν/P) with a "
            "free constant in place of the 1, by least squares, and return from crest to trough 2 sqrt(a² + b²) in "
            "percent. Samples that are NaN do not count.",
        kind="code", unit=None, points=3, minutes=6,
        hints=(
            "The model is linear in its three coefficients: stack the columns 1, cos and sin and call np.linalg.lstsq "
            "on the rows where the ratio is finite.",
            "From crest to trough is twice the amplitude: 200 np.hypot(a, b) percent.",
        ),
        check=code(etalon.amplitude, rel=1e-3),
        misconceptions=(
            code_agrees(etalon.half_amplitude, "That is the amplitude about the mean; from crest to trough it is twice "
                        "as much.", "half", rel=1e-3),
            code_agrees(etalon.cosine_alone, "A wave does not begin with a crest: it needs the sine as well.",
                        "cosine-alone", rel=1e-3),
            code_agrees(etalon.fraction, "That is a fraction; asked for are percent.", "fraction", rel=1e-3),
            code_agrees(etalon.largest_minus_smallest, "The range of the samples grows with their noise, and does not "
                        "ask for the period. Fit the wave.", "range", rel=1e-3),
        ),
        probes=etalon.fringe_probes,
    ),
    Exercise(
        id="04-fringe-left",
        title="What the corrections leave",
        question="Which fraction of the fringes' amplitude is left after the fringe flat, and which after the residual "
            "fringe step as well? Give `fringe_left`, an array of shape (2,), each over the amplitude before; "
            "tolerance 0.05.",
        kind="array", unit=None, points=2, minutes=3,
        hints=(
            "Call your function on `before_flat`, `after_flat` and `after_residual`, with the same wavenumber.",
            "Divide the second and the third amplitude by the first.",
        ),
        check=near_array(stage2.fringes_left, abs=0.05),
        misconceptions=(
            Misconception("removed-for-left", _removed, "These are the fractions that were removed; asked for is what "
                "is left.", lambda facts: 1 - evaluate(stage2.fringes_left, facts)),
            Misconception("percent", _scaled(stage2.fringes_left, 100), "These are percent; asked for are fractions.",
                          lambda facts: 100 * stage2.fringes_left(facts)),
        ),
        judged_by="products",
    ),
)  # fmt: skip
