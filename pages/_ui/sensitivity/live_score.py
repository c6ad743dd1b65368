"""Higgins' metric with adjustable settings, and the input of its classifier."""

from types import SimpleNamespace

import numpy as np
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.datasets import Dataset, dataset_title
from betavae_core.factors import FactorSpace
from betavae_core.metrics.higgins import score_with_points
from betavae_core.models import FactorCode
from betavae_core.scoring.codes import code_table, has_code_table
from betavae_core.store import Run
from pages._ui.charts import chart, drawn
from pages._ui.choose_run import choose_run
from pages._ui.classifiers import CLASSIFIER_TITLES
from pages._ui.elsewhere import elsewhere
from pages._ui.kept import kept
from pages._ui.linked import flag, one_of, several

MOST = 20_000  # images that are encoded if there is no code table
TEST_POINTS = 1_000
DRAWS = {"linear": 5, "logistic": 5, "forest": 3, "mlp": 1}
SECONDS = {"linear": 2.0, "logistic": 1.5, "forest": 2.0, "mlp": 2.0}  # of 1,000 points, all draws


@st.cache_resource(max_entries=8, show_spinner=False)
def _codes(weights: str, key: str, _run: Run, _dataset: Dataset) -> tuple[np.ndarray, FactorSpace]:
    """Codes for the live panel and their space: the whole grid if its table exists, otherwise a
    random part of the grid. Shared by all visitors, who only read them."""
    limit = None if has_code_table(weights, _dataset) else MOST
    table = code_table(_run.model, weights, _dataset, limit=limit)
    return table.mean, table.space


@st.cache_resource(max_entries=4, show_spinner=False)
def _blind_codes(key: str, missing: str, _dataset: Dataset, _space: FactorSpace) -> np.ndarray:
    """The true factors of the whole grid, without one of them."""
    every = FactorCode(_dataset.shape, len(_space.names))
    images = SimpleNamespace(space=_space)  # of which only the factors are asked
    whole = every.codes(images, np.arange(_space.size))[0].numpy()
    keep = [k for k, factor in enumerate(_space.names) if factor != missing]
    return np.ascontiguousarray(whole[:, keep])


def live_score(runs: list[Run], dataset: Dataset, space: FactorSpace) -> None:
    st.header("Try the settings")
    settings_at, result_at = st.columns([2, 3], gap="large")
    with settings_at:
        run = choose_run(runs, "has no codes to score", key="live")
        blind = flag(
            st.toggle,
            "Perfect code with one factor missing",
            key="blind",
            help="Kim & Mnih (2018): K − 1 of K factors suffice for a perfect score, because the "
            "missing factor is identified by exclusion.",
        )
        varying = [n for n, size in zip(space.names, space.sizes, strict=True) if size > 1]
        missing = ""
        if blind:
            missing = one_of(st.selectbox, "Missing factor", varying, key=f"missing-{dataset.name}")
        L = one_of(
            st.select_slider,
            "L, pairs per point",
            [1, 2, 4, 8, 16, 32, 64, 128, 256],
            default=64,
            key="L",
        )
        points = one_of(
            st.select_slider,
            "B, training points",
            [50, 100, 200, 500, 1_000, 2_000, 5_000],
            default=1_000,
            key="B",
        )
        classifier = one_of(
            st.segmented_control,
            "Classifier",
            list(CLASSIFIER_TITLES),
            default="logistic",
            required=True,
            format_func=CLASSIFIER_TITLES.__getitem__,
            spell=str,
            wrap=True,
            key="live-classifier",
        )
        factors = several(
            st.pills,
            "Factors",
            varying,
            varying,
            selection_mode="multi",
            wrap=True,
            key=f"live-{dataset.name}",
        )
    if len(factors) < 2:
        result_at.info("Choose two or more factors.")
        return
    if blind:
        key, about = f"blind/{dataset.key}/{missing}", f"the true factors without {missing}"
        codes, where = _blind_codes(dataset.key, missing, dataset, space), space
    else:
        with result_at, st.spinner("Encoding …"):
            codes, where = _codes(run.weights_hash, dataset.key, run, dataset)
        key, about = f"{run.weights_hash}/{dataset.key}/{where.size}", run.name
    with result_at:
        settings = {
            "L": L,
            "points": points,
            "test_points": TEST_POINTS,
            "classifier": classifier,
            "factors": list(factors),
            "draws": DRAWS[classifier],
        }
        found = elsewhere(
            f"higgins/{key}/{settings}",
            f"Fitting the {CLASSIFIER_TITLES[classifier]} classifier",
            SECONDS[classifier] * (0.5 + points / 2_000),
            score_with_points,
            codes,
            where,
            1_000,
            **settings,
        )
        if found is None:
            return
        record, z, y, took = found
        details = record.details
        error = details["standard_error"]
        score_at, chance_at, time_at = st.columns(3)
        score_at.metric(
            "Higgins' metric",
            f"{record.score:.1%}",
            None if error is None else f"± {2 * error:.1%} (2 s.e.)",
            delta_color="off",
            delta_arrow="off",
        )
        chance_at.metric("Chance", f"{details['chance']:.1%}")
        time_at.metric("Computing time", f"{took:.1f} s")
        confusion, recognised = np.array(details["confusion"]), record.settings["factors"]
        tested = TEST_POINTS * len(details["per_draw"])
        accuracies = ", ".join(
            f"{factor} {value:.0%}"
            for factor, value in zip(recognised, confusion.diagonal(), strict=True)
        )
        chart(
            drawn(plots.difference_boxes, z, y, recognised),
            "boxes",
            f"Input of the classifier for {about}: differences of each latent at 1,000 "
            "points, by fixed factor (box: middle half, whiskers: 5–95 %). A fixed factor is "
            "recognised by latents whose boxes of its colour stay low. "
            f"{where.size:,} images of {dataset_title(dataset.name)} ({dataset.source})"
            + (f", a random part of all {space.size:,}" if where.size < space.size else "")
            + f"; {len(details['per_draw'])} draws; tested on {TEST_POINTS:,} new points. "
            f"Accuracy per fixed factor: {accuracies}. Accuracies are told apart beyond three "
            "standard errors.",
            says=kept(sentences.factors_recognised, confusion, recognised, tested, z, y),
        )
        if blind and missing in factors:
            st.info(
                f"No latent carries information about **{missing}**, and yet the score is "
                f"{record.score:.0%}: when all other factors vary, {missing} must have been the "
                "fixed one.",
                icon=":material/lightbulb:",
            )
