"""docs/lessons.md: its example is a lesson, and its tables name all that the reader takes."""

import re
from pathlib import Path

from betavae_core.config import BASELINE_KINDS
from betavae_core.lessons import VIEWS, parse_lesson
from betavae_core.lessons.measures import MEASURES, NAMES
from betavae_core.lessons.numbers import COMBINED, OVER
from betavae_core.lessons.selection import LENGTHS
from betavae_core.lessons.words import COMPARISONS
from betavae_core.store import Run, list_runs

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "lessons.md").read_text()


def test_the_example_is_a_lesson() -> None:
    (example,) = re.findall(r"````markdown\n(.*?)````", TEXT, re.DOTALL)
    lesson = parse_lesson(example, "two-seeds.md")
    runs = [run for run in list_runs(ROOT / "trained_models") if isinstance(run, Run)]
    facts = lesson.facts(runs)
    assert all(number.known for number in facts.numbers.values())
    (step,) = lesson.steps
    assert step.predict is not None
    assert step.predict.answer(facts) is not None
    assert "They differ by" in lesson.said(step.answer, facts)


def test_every_name_is_told() -> None:
    code = set(re.findall(r"`([^`\n]+)`", TEXT))
    told = {name.strip('"') for name in code}
    for names in (VIEWS, MEASURES, NAMES, COMBINED, OVER, LENGTHS, BASELINE_KINDS, COMPARISONS):
        assert set(names) <= told, set(names) - told
    assert {"number", "choice", "order", "latents"} <= told
