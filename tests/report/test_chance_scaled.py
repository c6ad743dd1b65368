"""Scores of guesses on the scale from chance to perfect, as a table."""

from dataclasses import replace

from betavae_core.report.chance_scaled import chance_scaled_table
from betavae_core.report.numbers import Number
from tests.report.numbered import number, recipe


def guessed(beta: float | None, seed: int, value: float, chance: float, **more: str) -> Number:
    return replace(number(beta, seed, value, **more), chance=chance)  # type: ignore[arg-type]


NUMBERS = [
    *(guessed(4.0, n, value, 0.2) for n, value in enumerate((0.6, 0.8))),
    guessed(4.0, 0, 0.625, 0.25, factors="no-shape"),
    guessed(1.0, 0, 0.2, 0.2),
    guessed(1.0, 0, 0.36, 0.2, score="factor_vae"),
    guessed(None, 0, 0.9, 0.2, baseline="pca"),
    guessed(4.0, 0, 0.99, 0.2, classifier="mlp"),
    guessed(4.0, 0, 0.99, 0.2, mode="paper"),
    number(4.0, 0, 0.5, score="mig"),
]


def test_means_as_stored_and_scaled() -> None:
    rows = {row[2]: row[3:] for row in chance_scaled_table(NUMBERS).rows}
    assert rows == {
        "β = 1": ["20.00 → 0.00", "not computed", "36.00 → 20.00"],
        "β = 4": ["70.00 ± 14.14 → 62.50", "62.50 → 50.00", "not computed"],
        "PCA": ["90.00 → 87.50", "not computed", "not computed"],
    }


def test_baselines_stand_beside_runs_on_the_same_images() -> None:
    official = recipe(source="official")
    other = replace(number(None, 0, 0.5, of=official, baseline="ica"), chance=0.2)
    assert {row[2] for row in chance_scaled_table([*NUMBERS, other]).rows} == {
        "β = 1", "β = 4", "PCA"
    }  # fmt: skip
    assert chance_scaled_table([]).rows == []
