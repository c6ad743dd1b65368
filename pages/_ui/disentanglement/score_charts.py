"""One score over β: its choice, its setting and its interpretation."""

from typing import Any

import pandas as pd
import streamlit as st

from betavae_core import plots, sentences
from betavae_core.beta import beta_text
from betavae_core.datasets import dataset_title
from betavae_core.metrics.metric import beyond_chance
from betavae_core.models import MODELS
from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.store.protocol import standard_choice
from betavae_core.tables import paper
from betavae_core.tables.scores import (
    BASELINE_TITLES,
    SCALED,
    SHOWN_SCORES,
    baseline_lines,
    chance_level,
    collapsed,
    over_seeds,
)
from pages._ui.address import page_link
from pages._ui.charts import chart, commented, download, drawn
from pages._ui.choose_subset import choose_subset
from pages._ui.classifiers import CLASSIFIER_TITLES
from pages._ui.disentanglement.every_beta import curve_of
from pages._ui.kept import kept
from pages._ui.linked import one_of
from pages._ui.style import plain

LEVEL = 64  # of L, in the chart over β
TITLES = {name: entry.title for name, entry in MODELS.items()}
SUMMARY = {  # headings of the columns of `over_seeds`
    "model": "Architecture",
    "beta": "β",
    "runs": "Models",
    "mean": "Mean",
    "median": "Median",
    "std": "Standard deviation",
    "lowest": "Lowest",
    "highest": "Highest",
    "best_half": "Mean of the better half",
}


def choose_score(rows: pd.DataFrame) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    """The rows of one score and setting, its name, and the setting."""
    score_at, first_at, second_at, middle_at = st.columns([2.4, 2.4, 2.4, 1.9])
    score = one_of(
        score_at.selectbox,
        "Metric",
        list(SHOWN_SCORES),
        format_func=lambda name: SHOWN_SCORES[name][0],
        key="score",
        help="\n".join(f"- **{title}**: {question}" for title, question in SHOWN_SCORES.values()),
    )
    middle = one_of(
        middle_at.segmented_control,
        "Summarise seeds by",
        ["median", "mean"],
        required=True,
        wrap=True,
        key="middle",
        help="The paper reports medians, because some models diverge. Bars: from the lowest to "
        "the highest random seed (median), or ± standard deviation (mean).",
    )
    setting = {"score": score, "middle": middle, "subset": "all"}
    name = SHOWN_SCORES[score][0]
    if "classifier" in standard_choice(SCALED.get(score, score)):
        classifier = one_of(
            first_at.selectbox,
            "Classifier",
            list(CLASSIFIER_TITLES),
            format_func=CLASSIFIER_TITLES.__getitem__,
            spell=str,
            key="classifier",
        )
        sizes = (
            rows[rows["score"] == score].groupby("subset")["factors"].first().astype(int).to_dict()
        )
        with second_at:
            setting["subset"] = choose_subset(sizes)
        setting["classifier"] = classifier
    else:
        first_at.markdown(f"&nbsp;  \n:gray[{SHOWN_SCORES[score][1]}]")
    return of_setting(rows, setting), name, setting


def of_setting(rows: pd.DataFrame, setting: dict[str, Any]) -> pd.DataFrame:
    """The rows of the score and setting that `choose_score` returns."""
    chosen = rows[rows["score"] == setting["score"]]
    if "classifier" not in setting:
        return chosen
    return chosen[
        (chosen["classifier"] == setting["classifier"])
        & (chosen["L"] == LEVEL)
        & (chosen["subset"] == setting["subset"])
    ]


def over_beta(
    rows: pd.DataFrame,
    name: str,
    setting: dict[str, Any],
    dataset: str,
    runs: list[Run],
) -> None:
    """One score of `runs` over β, with its interpretation."""
    trained = rows[(rows["baseline"] == "") & rows["beta"].notna()]
    if trained.empty:
        st.info(f"{name} is not computed yet for the models trained on {dataset_title(dataset)}.")
        return
    ghosts, label = None, ""
    if dataset == "2dshapes" and setting.get("classifier") == "linear":
        column = 0 if setting["middle"] == "mean" else 2
        table = paper.TABLE_1[setting["subset"]]
        lowest = 1 / trained["factors"].iloc[0] if setting["score"] in SCALED else 0.0
        ghosts = {
            beta: (
                beyond_chance(values[column] / 100, lowest),
                values[1] / 100 / (1 - lowest),
            )
            for beta, values in table.items()
            if isinstance(beta, float)
        }
        label = f"paper, MLP VAE, {setting['middle']} ± s.d."
    of_all = curve_of(setting, LEVEL, runs)
    figure = drawn(
        plots.score_over_beta,
        trained,
        title=f"{name} (higher is better)",
        middle=setting["middle"],
        lines=baseline_lines(rows),
        chance=chance_level(rows),
        ghosts=ghosts,
        ghost_label=label,
        curve=of_all and of_all.values,
        curve_error=of_all and of_all.errors,
        curve_label=of_all.name if of_all else "",
    )
    what = f"{trained['images'].iloc[0]:,} images of {dataset_title(dataset)} "
    what += f"({', '.join(sorted(trained['source'].unique()))})"
    if "classifier" in setting:
        what += (
            f", {int(trained['factors'].iloc[0])} factors, L = {LEVEL}, "
            f"{CLASSIFIER_TITLES[setting['classifier']]} "
            "classifier, 1,000 training points and 5,000 test points, mean of five draws"
        )
    chart(
        figure,
        "over-beta",
        f"Each dot is one model. {what}. Dashed lines: baselines on the same images (PCA and ICA "
        f"fitted as in the paper), medians over their random seeds. {sentences.HOW_JUDGED} "
        f"Measured with {'; '.join(sorted(trained['versions'].unique()))}."
        f"{of_all.about if of_all else ''}",
        says=kept(sentences.score_over_beta, trained, name, TITLES, setting["middle"]),
    )
    if of_all and of_all.says:
        st.markdown(f"**{plain(of_all.says)}**")
    headline(trained, rows, name, setting)
    emptied([run for run in runs if run.name in set(trained["run"])])


def emptied(runs: list[Run]) -> None:
    """Name the scored runs without information in their codes, and explain their score."""
    names = [plain(run_words(run)) for run in collapsed(runs)]
    if names:
        st.markdown(
            f":material/warning: **Posterior collapse**: no latent of {'; of '.join(names)} "
            "carries more than 0.1 nats, and every image decodes to the same picture. The "
            "metrics use only the posterior means: differences far below the posterior's width, "
            "which the decoder never sees, can still identify factors."
        )


def headline(trained: pd.DataFrame, rows: pd.DataFrame, name: str, setting: dict[str, Any]) -> None:
    """The effect of the seeds on the published number."""
    summary = over_seeds(trained, ["model", "beta"])
    several = summary[summary["runs"] > 1]
    if len(several):
        best = several.loc[several[setting["middle"]].idxmax()]
        st.markdown(
            f"The highest {setting['middle']} is **{best[setting['middle']]:.3f}** over "
            f"{best['runs']:.0f} seeds ({best['lowest']:.3f} … {best['highest']:.3f}), at "
            f"{beta_text(best['beta'])}. Without the worse half of the seeds, which Higgins et al. "
            f"(2017) left out, the same models score **{best['best_half']:.3f}** on average."
        )
    with st.expander("Table of the numbers", icon=":material/table_rows:"):
        number = st.column_config.NumberColumn
        st.dataframe(
            summary.rename(columns=SUMMARY),
            hide_index=True,
            placeholder="–",
            alt=f"{name} by architecture and β",
            column_config={
                "β": number(format="%g"),
                **{column: number(format="%.3f") for column in list(SUMMARY.values())[3:]},
            },
        )
        others = rows[rows["baseline"] != ""][["run", "value", "standard_error"]]
        if len(others):
            st.dataframe(
                others.sort_values("value", ascending=False),
                hide_index=True,
                alt=f"{name} of the baselines",
                column_config={
                    "run": "Baseline",
                    "value": number("Score", format="%.3f"),
                    "standard_error": number("Standard error", format="%.4f"),
                },
            )
        file = f"scores-{setting['score']}-{rows['dataset'].iloc[0]}.csv"
        notes = [f"{name} of every run on this page", f"link: {page_link()}"]
        download("All models as CSV", lambda: commented(rows, notes), file, "text/csv")
        if setting["score"] in paper.PUBLISHED:
            st.caption(
                "Values published by Higgins et al. (2017), four factors: "
                + ", ".join(
                    f"{BASELINE_TITLES.get(str(key)) or beta_text(float(key))}: "
                    f"{value:.1f} ± {error:.1f} %"
                    for key, (value, error) in paper.PUBLISHED[setting["score"]].items()
                )
                + "."
            )
