"""Higgins' metric computed now, with the input of its classifier."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.datasets import Dataset, dataset_title
from betavae_core.factors import FactorSpace
from betavae_core.metrics.higgins import score_with_points
from betavae_core.models import FactorCode
from betavae_core.paths import data_root
from betavae_core.scoring.codes import code_table, has_code_table, part_of_grid
from betavae_core.store import Run
from pages._ui.charts import Drawn, chart, drawn
from pages._ui.classifiers import CLASSIFIER_TITLES
from pages._ui.elsewhere import elsewhere
from pages._ui.kept import kept

MOST = 20_000  # images that are encoded if there is no code table
ENCODING = 6.0  # seconds for so many
TEST_POINTS = 1_000
DRAWS = {"linear": 5, "logistic": 5, "forest": 3, "mlp": 1}
SECONDS = {"linear": 2.0, "logistic": 1.5, "forest": 2.0, "mlp": 2.0}  # of 1,000 points, all draws


@dataclass(frozen=True)
class Codes:
    """Codes to score, (size of the space, D), their space, a key and their description."""

    values: np.ndarray
    space: FactorSpace
    key: str
    about: str
    missing: str = ""  # the factor that they lack


@st.cache_resource(max_entries=8, show_spinner=False)
def _every_code(weights: str, key: str, _run: Run, _dataset: Dataset) -> np.ndarray:
    """Codes of the whole grid, whose table exists. Shared by all visitors, who only read them."""
    return code_table(_run.model, weights, _dataset).mean


@st.cache_resource(max_entries=4, show_spinner=False)
def _blind_codes(key: str, missing: str, _dataset: Dataset, _space: FactorSpace) -> np.ndarray:
    """The true factors of the whole grid, without one of them."""
    every = FactorCode(_dataset.shape, len(_space.names))
    images = SimpleNamespace(space=_space)  # of which only the factors are asked
    whole = every.codes(images, np.arange(_space.size))[0].numpy()
    keep = [k for k, factor in enumerate(_space.names) if factor != missing]
    return np.ascontiguousarray(whole[:, keep])


def codes_of(run: Run, dataset: Dataset) -> Codes | None:
    """The codes of a run: of the whole grid if their table exists, otherwise of a random part of
    the grid, which a process beside the server encodes; None if the visitor has cancelled that."""
    weights, space = run.weights_hash, dataset.space
    assert space is not None, "scored on a dataset with factors"
    if has_code_table(weights, dataset):
        values = _every_code(weights, dataset.key, run, dataset)
    else:
        images = min(MOST, space.size)
        sides = (dataset.shape[1], dataset.shape[0]) if dataset.source == "own" else None
        found = elsewhere(
            f"codes/{weights}/{dataset.key}",
            f"Encoding {images:,} images",
            ENCODING * images / MOST,
            part_of_grid,
            run.model,
            weights,
            dataset.name,
            dataset.source,
            str(data_root()),
            sides,
            MOST,
        )
        if found is None:
            return None
        values, space = found
    return Codes(values, space, f"{weights}/{dataset.key}/{space.size}", run.name)


def codes_without(missing: str, dataset: Dataset, space: FactorSpace) -> Codes:
    """The true factors without one of them."""
    values = _blind_codes(dataset.key, missing, dataset, space)
    key = f"blind/{dataset.key}/{missing}"
    return Codes(values, space, key, f"the true factors without {missing}", missing)


def score_now(
    codes: Codes,
    dataset: Dataset,
    *,
    L: int,
    points: int,
    classifier: str,
    factors: list[str],
    name: str = "boxes",
    projected: Callable[[Drawn], Drawn] | None = None,
) -> None:
    """Compute the score and draw it with the input of its classifier; name: of the chart;
    projected: what makes it a chart for a projector, where the score takes one line."""
    settings: dict[str, Any] = {
        "L": L,
        "points": points,
        "test_points": TEST_POINTS,
        "classifier": classifier,
        "factors": factors,
        "draws": DRAWS[classifier],
    }
    found = elsewhere(
        f"higgins/{codes.key}/{settings}",
        f"Fitting the {CLASSIFIER_TITLES[classifier]} classifier",
        SECONDS[classifier] * (0.5 + points / 2_000),
        score_with_points,
        codes.values,
        codes.space,
        1_000,
        **settings,
    )
    if found is None:
        return
    record, z, y, took = found
    details = record.details
    error = details["standard_error"]
    error_text = None if error is None else f"± {2 * error:.1%} (2 s.e.)"
    if projected is None:
        score_at, chance_at, time_at = st.columns(3)
        score_at.metric(
            "Higgins' metric",
            f"{record.score:.1%}",
            error_text,
            delta_color="off",
            delta_arrow="off",
        )
        chance_at.metric("Chance", f"{details['chance']:.1%}")
        time_at.metric("Computing time", f"{took:.1f} s")
    else:
        st.markdown(
            f"Higgins' metric **{record.score:.1%}** {error_text or ''} · chance "
            f"{details['chance']:.1%}"
        )
    where, whole = codes.space, dataset.space
    assert whole is not None, "scored on a dataset with factors"
    part = f", a random part of all {whole.size:,}" if where.size < whole.size else ""
    confusion, recognised = np.array(details["confusion"]), record.settings["factors"]
    tested = TEST_POINTS * len(details["per_draw"])
    accuracies = ", ".join(
        f"{factor} {value:.0%}"
        for factor, value in zip(recognised, confusion.diagonal(), strict=True)
    )
    boxes = drawn(plots.difference_boxes, z, y, recognised)
    chart(
        projected(boxes) if projected else boxes,
        name,
        f"Input of the classifier for {codes.about}: |z₁ − z₂| of each latent, mean over "
        "L pairs, at 1,000 points, by fixed factor (box: middle half, whiskers: 5–95 %). A fixed "
        "factor is recognised by latents whose boxes of its colour stay low. "
        f"{where.size:,} images of {dataset_title(dataset.name)} ({dataset.source}){part}; "
        f"{len(details['per_draw'])} draws; tested on {TEST_POINTS:,} new points. "
        f"Accuracy per fixed factor: {accuracies}. Accuracies are told apart beyond three "
        "standard errors.",
        says=kept(sentences.factors_recognised, confusion, recognised, tested, z, y),
    )
    if codes.missing in factors and projected is None:  # a projector's lesson says it in words
        st.info(
            f"No latent carries information about **{codes.missing}**, and yet the score is "
            f"{record.score:.0%}: when all other factors vary, {codes.missing} must have been the "
            "fixed one.",
            icon=":material/lightbulb:",
        )
