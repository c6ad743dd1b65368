"""Predictions: their true answers, and the gap to a guess."""

import tomllib
from typing import Any

import numpy as np
import pytest

from betavae_core.lessons import Facts
from betavae_core.lessons.header import Header
from betavae_core.lessons.numbers import evaluated, read_numbers
from betavae_core.lessons.predictions import OnScale, Prediction, read_prediction, truth
from betavae_core.lessons.views import Named
from tests.lessons.made import FACTORS, run_of
from tests.oracles import one_sentence

MATRIX = np.zeros((3, len(FACTORS)))
MATRIX[0, 3], MATRIX[1, 1], MATRIX[2, 0] = 0.6, 0.5, 0.2
RUNS = [
    run_of(4.0, higgins=0.9, kl=[3.0, 2.0, 0.05], matrix=MATRIX, latents=3),
    run_of(1.0, higgins=0.8, kl=[3.0, 2.0, 1.0], matrix=MATRIX, latents=3),
]
DEFINITIONS = read_numbers(
    Header(
        tomllib.loads("""
four = {what = "higgins", of = "a", beta = 4}
one = {what = "higgins", of = "a", beta = 1}
ten = {what = "higgins", of = "a", beta = 10}
used = {what = "used latents", of = "a", beta = 4}
gain = {difference = ["four", "one"]}
x = {what = "latent", of = "a", beta = 4, factor = "position x"}
scale = {what = "latent", of = "a", beta = 4, factor = "scale"}
"""),
        "lesson.md",
    ),
    ["a"],
)
FACTS = Facts(evaluated(DEFINITIONS, {"a": RUNS}), {"a": RUNS})
TWO = [{"label": "β = 4", "number": "four"}, {"label": "β = 1", "number": "one"}]
LATENTS = [{"label": "position x", "number": "x"}, {"label": "scale", "number": "scale"}]


def prediction(**settings: Any) -> Prediction:
    header = Header({"ask": "What?"} | settings, "lesson.md, step 1")
    return read_prediction(header, Named(["a"], list(DEFINITIONS)), DEFINITIONS)


def test_a_number_on_a_scale() -> None:
    asked = prediction(kind="number", low=0, high=100, truth="four")
    assert asked.answer(FACTS) == "90"
    assert asked.gap("60", FACTS) == "You said 60.0 %; it is **90.0 %**: 30.0 points higher."
    assert asked.gap("95", FACTS) == "You said 95.0 %; it is **90.0 %**: 5.0 points lower."
    assert "As close as the scale allows" in asked.gap("90.4", FACTS)
    assert truth(asked, FACTS) == "It is **90.0 %**."
    for text in ("101", "-1", "nan", "many", ""):
        assert asked.guess(text, FACTS) is None
    count = prediction(kind="number", low=0, high=10, truth="used")
    assert isinstance(count, OnScale)
    assert count.opening(FACTS) == 5
    near = prediction(kind="number", low=0, high=4, truth="used")  # the truth is 2, the middle
    assert isinstance(near, OnScale)
    assert near.opening(FACTS) == 1
    assert count.gap("5", FACTS) == "You said 5; it is **2**: 3 lower."
    apart = prediction(kind="number", low=0, high=30, truth="gain")
    assert apart.gap("2", FACTS) == "You said 2.0 points; it is **10.0 points**: 8.0 points higher."


def test_one_of_several() -> None:
    asked = prediction(kind="choice", options=TWO, right="lowest")
    assert asked.answer(FACTS) == "B"
    assert asked.gap("B", FACTS) == "**B** is right. A: β = 4 (90.0 %); B: β = 1 (80.0 %)."
    assert asked.gap("A", FACTS).startswith("You said A; it is **B**.")
    assert truth(asked, FACTS) == "It is **B**. A: β = 4 (90.0 %); B: β = 1 (80.0 %)."
    assert asked.guess("C", FACTS) is None
    labels = [{"label": "a square"}, {"label": "a heart"}]
    assert prediction(kind="choice", options=labels, right="a heart").answer(FACTS) == "B"


def test_an_order() -> None:
    asked = prediction(kind="order", items=TWO, first="lowest")
    assert asked.answer(FACTS) == "B,A"
    assert asked.gap("B,A", FACTS) == (
        "2 of 2 are in the right place. From the lowest: β = 1 (80.0 %), β = 4 (90.0 %)."
    )
    assert truth(asked, FACTS) == "From the lowest: β = 1 (80.0 %), β = 4 (90.0 %)."
    assert asked.guess("A,A", FACTS) is None


def test_which_latent() -> None:
    asked = prediction(kind="latents", of="a", factors=LATENTS)
    assert asked.latents(FACTS) == ["z0", "z1"]  # type: ignore[union-attr]
    assert asked.answer(FACTS) == "z0,z1"
    assert asked.gap("z1,z1", FACTS) == "1 of 2 are right. position x: z0, scale: z1."
    assert truth(asked, FACTS) == "position x: z0, scale: z1."
    assert asked.guess("z2,z0", FACTS) is None  # not in use
    assert asked.guess("z0", FACTS) is None


def test_what_is_not_computed_has_no_answer() -> None:
    options = [*TWO, {"label": "β = 10", "number": "ten"}]
    for asked in (
        prediction(kind="number", low=0, high=1, truth="ten"),
        prediction(kind="choice", options=options, right="highest"),
        prediction(kind="order", items=options, first="lowest"),
    ):
        assert asked.answer(FACTS) is None
        assert "not computed" in asked.gap("0", FACTS)
        assert truth(asked, FACTS) == "The answer is not computed."


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"kind": "guess"}, '"guess"'),
        ({"kind": "number", "low": 3, "high": 2, "truth": "one"}, '"low" must be below'),
        ({"kind": "number", "low": 0, "high": 2, "truth": "two"}, '"two"'),
        ({"kind": "choice", "options": TWO[:1], "right": "lowest"}, "from 2 to 6"),
        ({"kind": "choice", "options": TWO, "right": "the left one"}, '"the left one"'),
        ({"kind": "order", "items": [{"label": "a"}, {"label": "b"}], "first": "lowest"}, "number"),
        ({"kind": "order", "items": [TWO[0], LATENTS[0]], "first": "lowest"}, "same unit"),
        ({"kind": "latents", "of": "a", "factors": TWO}, "must be a latent"),
        ({"kind": "order", "items": TWO, "first": "lowest", "last": "x"}, "unknown entries: last"),
        (
            {
                "kind": "choice",
                "options": [{"label": "a", "view": {"name": "sliders", "of": "a"}}, {"label": "b"}],
                "right": "b",
            },
            '"sliders"',
        ),
    ],
)
def test_other_predictions_are_refused(settings: dict[str, Any], named: str) -> None:
    with one_sentence("lesson.md, step 1", named):
        prediction(**settings)
