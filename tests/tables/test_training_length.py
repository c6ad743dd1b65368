"""A score over the length of training: which runs are compared, and the sentence about them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from betavae_core.config import RunConfig
from betavae_core.plots import score_over_length
from betavae_core.store import Run
from betavae_core.tables.training_length import models_by_length, rows_by_length

PASS = 737_280


def run(beta: float, images: int, **settings: Any) -> Run:
    config = replace(RunConfig(beta=beta, images=images), **settings)
    return Run(Path(config.run_id), config, None, [], [], "")


def table(values: dict[Run | Any, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"run": r.name, "beta": r.config.beta, "model": r.config.model, "value": value}
            for r, value in values
        ]
    )


SHORT = [run(beta, PASS, seed=seed) for beta in (1.0, 4.0) for seed in (1, 2, 3)]
LONG = [run(beta, 10 * PASS, kl_warmup=640_000, seed=1) for beta in (1.0, 4.0)]
MLP = [run(4.0, images, model="mlp") for images in (PASS, 2 * PASS)]
OTHERS = [run(1.0, 3 * PASS, learning_rate=1e-2), run(1.0, 0), run(1.0, 5, origin="elsewhere")]
VALUES = [0.5, 0.7, 0.6, 0.9, 0.8, 0.7, 0.65, 0.75]


def rows() -> pd.DataFrame:
    scored = [*zip(SHORT + LONG, VALUES, strict=True)]
    return table([*scored, *((r, 0.1) for r in (*MLP, *OTHERS))])  # type: ignore[arg-type]


def test_only_runs_that_differ_in_length_beta_and_seed_are_compared() -> None:
    found = rows_by_length(rows(), [*SHORT, *LONG, *MLP, *OTHERS])
    assert sorted(found["value"]) == sorted(VALUES)
    assert set(found["images"]) == {PASS, 10 * PASS}
    assert list(found["beta"]) == sorted(found["beta"])
    assert set(found[found["images"] == PASS]["kl_warmup"]) == {0}


def test_of_one_length_there_is_nothing_to_show() -> None:
    assert rows_by_length(table([(r, 0.5) for r in SHORT]), SHORT).empty  # type: ignore[arg-type]
    apart = [SHORT[0], run(4.0, 10 * PASS)]  # no β at both
    assert rows_by_length(table([(r, 0.5) for r in apart]), apart).empty  # type: ignore[arg-type]
    assert rows_by_length(rows().iloc[:0], SHORT).empty


def test_the_models_of_each_length_are_counted() -> None:
    found = rows_by_length(rows(), [*SHORT, *LONG])
    assert models_by_length(found, PASS) == "6 after 1 pass, 2 after 10 passes"


def test_every_run_is_a_dot_at_its_length() -> None:
    found = rows_by_length(rows(), [*SHORT, *LONG])
    figure = score_over_length(found, title="MIG", size=PASS)
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    shown = {(x, y) for trace in dots for x, y in zip(trace.x, trace.y, strict=True)}
    assert shown == set(zip(found["images"] / PASS, found["value"], strict=True))
    assert list(figure.layout.xaxis.ticktext) == ["1", "10"]
    lines = [list(trace.y) for trace in figure.data if trace.mode == "lines"]
    assert lines == [[0.6, 0.65], [0.8, 0.75]]
