"""What a score depends on that is not the model: charts over L, ranks, the table of classifiers."""

import pandas as pd
import streamlit as st

from betavae_core import plots
from betavae_core.metrics.classifiers import CLASSIFIERS
from betavae_core.metrics.sensitivity import rank_agreement
from betavae_core.pictures.colours import beta_colour
from betavae_core.store import Run
from betavae_core.tables import paper
from betavae_core.tables.draws import over_pairs
from pages._ui.address import page_link
from pages._ui.background import background
from pages._ui.charts import chart, commented, download
from pages._ui.choose import choose_subset
from pages._ui.linked import one_of
from pages._ui.runs import title
from pages._ui.sensitivity.live_score import NAMES


def colours_of(draws: pd.DataFrame) -> dict[str, str]:
    grey = {"PCA": "#808890", "ICA": "#b08d57", "untrained": "#5f9e6e"}
    return {
        name: grey.get(name) or beta_colour(float(beta) if beta == beta else 1.0)
        for name, beta in zip(draws["name"], draws["beta"], strict=True)
    }


def choose_draws(draws: pd.DataFrame) -> pd.DataFrame:
    """Of one subset of the factors and one protocol."""
    factor_at, protocol_at = st.columns([1, 2], gap="large")
    counts = (1 / draws.groupby("factors")["chance"].first()).round().astype(int)
    with factor_at:
        subset = choose_subset({n: counts[n] for n in ("all", "no-shape") if n in counts})
    draws = draws[draws["factors"] == subset]
    protocols = list(draws["protocol"].value_counts().index)
    protocol = protocols[0]
    if len(protocols) > 1:
        protocol = one_of(protocol_at.selectbox, "Measured with", protocols, key="protocol")
    return draws[draws["protocol"] == protocol]


def over_l(draws: pd.DataFrame, dataset: str) -> None:
    st.subheader("More pairs per point, higher scores")
    classifiers = [c for c in NAMES if c in set(draws["classifier"])]
    widest = max(
        classifiers, key=lambda c: draws[draws["classifier"] == c]["L"].nunique(), default=None
    )
    here = draws[draws["classifier"] == widest]
    if here["L"].nunique() < 2:
        st.info("Scores at two or more L are not computed yet.")
        return
    summary = over_pairs(here)
    figure = plots.score_over_l(summary, colours_of(here), float(here["chance"].iloc[0]))
    spread = summary.groupby("L")["median"].agg(lambda values: values.max() - values.min())
    draws_each = here.groupby(["table", "L"])["draw"].nunique().max()
    source = ", ".join(sorted(here["source"].unique()))
    chart(
        figure,
        "over-l",
        f"{title(dataset)} ({source}), {widest} classifier, {here['protocol'].iloc[0]}, "
        f"{draws_each} draws of points and classifier seeds each. Lines: median over seeds; bars: "
        "lowest to highest seed, of a single run its draws. Rings: two lines change places. "
        "Best and worst line are "
        + ", ".join(f"{value:.2f} apart at L = {L}" for L, value in spread.items())
        + f". Measured with {'; '.join(sorted(here['versions'].unique()))}.",
    )


def ranks(draws: pd.DataFrame) -> None:
    st.subheader("Does the best model stay the best?")
    draws = draws.assign(
        setting=[f"{NAMES[c]}, L {L}" for c, L in zip(draws["classifier"], draws["L"], strict=True)]
    )
    means = draws.groupby(["setting", "name"], sort=False)["score"].mean().unstack("name")
    means = means.dropna(axis=1)
    if len(means) < 2 or means.shape[1] < 2:
        st.info("Two settings of two or more models are needed; they are not computed yet.")
        return
    order = sorted(means.index, key=lambda text: (text != "linear, L 64", "linear" not in text))
    means = means.loc[order]
    kept = draws[draws["name"].isin(means.columns)]
    agreement = rank_agreement(kept.assign(table=kept["name"]))
    same = agreement["same_best"].mean()
    chart(
        plots.rank_table(means, colours_of(draws)),
        "ranks",
        "Rank of the mean over seeds and draws; a ring: another rank than with the first setting. "
        f"Over all pairs of settings Kendall's τ is {agreement['kendall'].mean():.2f} on average "
        f"(lowest {agreement['kendall'].min():.2f}; 1: the same order), and {same:.0%} of the "
        "pairs agree on the best model.",
    )


def table_2(draws: pd.DataFrame, dataset: str) -> None:
    st.subheader("The classifier decides, too")
    here = draws[(draws["L"] == 64) & (draws["baseline"] == "")]
    per_run = here.groupby(["classifier", "table"])["score"].mean().reset_index()
    rows = []
    for classifier, label in NAMES.items():
        values = per_run[per_run["classifier"] == classifier]["score"]
        printed = paper.TABLE_2.get(dataset, {}).get(classifier)
        rows.append(
            {
                "classifier": label,
                "mean": f"{100 * values.mean():.1f}" if len(values) else "not computed",
                "± over runs": f"{100 * values.std():.1f}" if len(values) > 1 else "–",
                "runs": len(values),
                "paper": f"{printed[0]:.1f} ± {printed[1]:.1f}" if printed else "–",
            }
        )
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        "Accuracy in %, L = 64, all β together. The paper's runs are others (its Table 2), so "
        "compare the differences between classifiers, not the levels."
    )
    table = draws.drop(columns=["name", "protocol"])
    about = f"Higgins' metric, every draw, {title(dataset)}, {draws['protocol'].iloc[0]}"
    notes = [about, f"link: {page_link()}"]
    file = f"higgins-{dataset}.csv"
    download("Every draw as CSV", lambda: commented(table, notes), file, "text/csv")


def measure_more(runs: list[Run]) -> None:
    """Other settings, as a process of its own; what it finishes is stored with the runs."""
    with st.expander("Measure other settings", icon=":material/add_chart:"):
        names = [run.name for run in runs]
        chosen = st.multiselect("Runs", names, default=names[:1], key="more-runs")
        one, two, three, four = st.columns(4)
        pairs = one.multiselect("L", [1, 4, 16, 32, 64, 128, 256], [16, 64], key="more-l")
        classifiers = two.multiselect("Classifiers", list(CLASSIFIERS), ["linear"], key="more-c")
        points = three.multiselect("Points B", [200, 1_000, 5_000, 10_000], [1_000], key="more-b")
        draws = int(four.number_input("Draws", 1, 50, 5, key="more-draws"))
        mode = st.segmented_control(
            "Mode", ["corrected", "paper"], default="corrected", required=True, key="more-mode"
        )
        if not (chosen and pairs and classifiers and points):
            st.caption("Choose at least one of each.")
            return
        arguments = ["evaluate", *(str(run.path) for run in runs if run.name in chosen)]
        arguments += ["--L", ",".join(map(str, pairs)), "--classifier", ",".join(classifiers)]
        arguments += ["--points", ",".join(map(str, points)), "--draws", str(draws)]
        arguments += ["--factors", "all", "--mode", mode]
        background("sensitivity", "Measure", arguments, "Nothing is computed twice.")
