"""Higgins' metric with adjustable settings, and the input of its classifier."""

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.factors import FactorSpace
from betavae_core.store import Run
from pages._ui.choose_run import choose_run
from pages._ui.classifiers import CLASSIFIER_TITLES
from pages._ui.higgins_now import codes_of, codes_without, score_now
from pages._ui.linked import flag, one_of, several


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
    with result_at:
        codes = codes_without(missing, dataset, space) if missing else codes_of(run, dataset)
        if codes is not None:
            score_now(codes, dataset, L=L, points=points, classifier=classifier, factors=factors)
