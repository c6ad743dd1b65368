"""The scores of a model for every β, as a line beside the dots of separate models."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from betavae_core.beta import beta_text
from betavae_core.metrics import ALL_METRICS
from betavae_core.scoring.scores_over_beta import curve
from betavae_core.store import Run
from betavae_core.tables.every_beta import scores_beside
from pages._ui.every_beta import LABEL, curve_name, every_beta
from pages._ui.kept import kept

ALIKE = 0.01  # a difference of scores that is not called one


@dataclass(frozen=True)
class Curve:
    """One score of a model for every β."""

    name: str  # in the legend
    values: dict[float, float]  # β → value
    errors: dict[float, float] | None  # standard errors over draws
    about: str  # how it was measured, sentences
    says: str  # how it compares with separate models, a sentence; "" without any


def curve_of(setting: dict[str, Any], level: int, runs: list[Run]) -> Curve | None:
    """The curve with the setting of a chart over β (Higgins' metric: at L = level); None if there
    is no model for every β, or it was not scored so. runs: those of the chart's dataset."""
    metric, first = setting["score"], runs[0].config
    of_all = every_beta(first.dataset, first.shape)
    if of_all is None or metric not in ALL_METRICS:
        return None
    chosen = {}
    if "classifier" in setting:
        chosen = {"classifier": setting["classifier"], "factors": setting["subset"], "L": level}
    record = curve(of_all, metric, chosen)
    if record is None:
        return None
    errors = [error for error in record["standard_error"] if error is not None]
    beside = kept(scores_beside, of_all, runs, metric, chosen)
    about = (
        f" The dotted line is {LABEL}, {of_all.name}, trained on {of_all.config.images:,} images "
        f"and scored in the same way at {len(record['beta'])} values of β"
        + (f"; standard errors over draws: at most {max(errors):.4f}" if errors else "")
        + "."
    )
    whole = len(errors) == len(record["beta"])
    return Curve(
        curve_name(of_all, runs),
        dict(zip(record["beta"], record["value"], strict=True)),
        dict(zip(record["beta"], errors, strict=True)) if whole else None,
        about,
        compared(beside),
    )


def compared(beside: pd.DataFrame) -> str:
    """How the one model compares with separate ones of as many images, from `scores_beside`."""
    said: dict[str, list[str]] = {}
    for row in beside.itertuples():
        if abs(row.difference) < ALIKE:
            how = "as high"
        else:
            how = "lower" if row.difference < 0 else "higher"
        values = f"{row.value:.3f} against {row.separate:.3f}"
        said.setdefault(how, []).append(f"{beta_text(row.beta)} ({values})")
    parts = [
        f"{how} at {', '.join(said[how])}" for how in ("lower", "as high", "higher") if how in said
    ]
    if not parts:
        return ""
    return f"Beside separate models trained on as many images, {LABEL} scores {'; '.join(parts)}."
