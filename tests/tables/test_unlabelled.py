"""UDR beside a score with labels: which models, and what is said of their ranks."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from betavae_core import sentences
from betavae_core.config import RunConfig
from betavae_core.plots import against
from betavae_core.store import Run
from betavae_core.tables.unlabelled import rank_correlation, udr_rows


def run(beta: float, udr: float | None, others: list[str] = [], **settings: Any) -> Run:  # noqa: B006
    config = replace(RunConfig(beta=beta), **settings)
    record = {"score": "udr", "value": udr, "settings": {"others": others, "images": 1_000}}
    return Run(Path(config.run_id), config, None, [], [record] if udr is not None else [], "")


def names(betas: list[float]) -> list[str]:
    return [RunConfig(beta=beta).run_id for beta in betas]


BETAS = [0.1, 1.0, 4.0]
VALUES = dict(zip(BETAS, (0.1, 0.3, 0.2), strict=True))
RUNS = [run(b, value, names([c for c in BETAS if c != b])) for b, value in VALUES.items()]


def rows(values: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"run": names(BETAS)[: len(values)], "value": values})


def test_the_largest_set_that_was_measured_together() -> None:
    pair = [run(10.0, 0.9, names([20.0])), run(20.0, 0.9, names([10.0]))]
    incomplete = run(30.0, 0.8, names([0.1, 1.0, 4.0, 10.0, 20.0]))
    table = udr_rows(rows([0.5, 0.7, 0.6]), [run(5.0, None), *pair, incomplete, *RUNS])
    assert list(table["run"]) == names(BETAS)
    assert list(table["udr"]) == [0.1, 0.3, 0.2]
    assert set(table["models"]) == {3}
    assert udr_rows(rows([]), [run(5.0, None)]).empty


def test_what_is_said_follows_the_ranks() -> None:
    agreed = udr_rows(rows([0.5, 0.7, 0.6]), RUNS)
    assert rank_correlation(agreed) == pytest.approx(1.0)
    said = sentences.ranked_without_labels(agreed, 1.0, "MIG")
    assert said == (
        "UDR picks the model with the highest MIG (β = 1); over 3 models the ranks correlate by "
        "1.00."
    )
    other = udr_rows(rows([0.7, 0.5, 0.6]), RUNS)
    assert rank_correlation(other) == pytest.approx(-1.0)
    said = sentences.ranked_without_labels(other, -1.0, "MIG")
    assert said.startswith("UDR picks β = 1, and MIG β = 0.1 (0.70 against 0.50); over 3 models")
    few = udr_rows(rows([0.5, 0.7]), RUNS).dropna()
    assert rank_correlation(few) is None
    assert "too few" in sentences.ranked_without_labels(few, None, "MIG")


def test_the_chart_has_a_mark_per_model() -> None:
    table = udr_rows(rows([0.5, 0.7, 0.6]), RUNS)
    figure = against(table, "udr", "value", x_title="UDR", title="MIG")
    assert [trace.name for trace in figure.data] == ["β = 0.1", "β = 1", "β = 4"]
    assert [float(trace.x[0]) for trace in figure.data] == [0.1, 0.3, 0.2]
