"""The dependence of a score on its settings: charts over L, ranks, the table of classifiers."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core import plots, sentences
from betavae_core.datasets import dataset_title
from betavae_core.metrics.classifiers import CLASSIFIERS
from betavae_core.pictures.colours import beta_colour
from betavae_core.store import Run
from betavae_core.tables import paper
from betavae_core.tables.draws import compared, over_pairs
from betavae_core.tables.parts import PARTS, run_titles
from pages._ui.address import page_link
from pages._ui.background import background
from pages._ui.charts import chart, commented, download, drawn, said
from pages._ui.choose_subset import choose_subset
from pages._ui.classifiers import CLASSIFIER_TITLES
from pages._ui.kept import kept
from pages._ui.linked import one_of

CLASSIFIER_SETTINGS = {"corrected": "standardised points", "paper": "as in the paper"}  # of modes


def protocol_title(draws: pd.DataFrame) -> str:
    """The protocol of these draws, which is one, for people."""
    points, test_points, mode = draws[["points", "test_points", "mode"]].iloc[0]
    settings = CLASSIFIER_SETTINGS.get(mode, mode)
    return f"{points:,} training and {test_points:,} test points, {settings}"


BASELINE_COLOURS = {"pca": "#808890", "ica": "#b08d57", "untrained": "#5f9e6e"}


def styles_of(draws: pd.DataFrame) -> dict[str, plots.LineStyle]:
    """By name: β-VAEs of the usual model in the tone of their β, solid; those of another one
    dotted; baselines dashed."""
    styles = {}
    for name, row in draws.groupby("name").first().iterrows():
        tone = beta_colour(1.0 if pd.isna(row["beta"]) else row["beta"])
        dash = "dash" if row["baseline"] else "solid" if row["usual_model"] else "dot"
        styles[str(name)] = plots.LineStyle(BASELINE_COLOURS.get(row["baseline"], tone), dash)
    return styles


def choose_draws(draws: pd.DataFrame, place: DeltaGenerator) -> pd.DataFrame:
    """The draws of one subset of the factors and one protocol, chosen in `place`."""
    counts = (1 / draws.groupby("factors")["chance"].first()).round().astype(int)
    with place:
        subset = choose_subset({n: counts[n] for n in ("all", "no-shape") if n in counts})
    draws = draws[draws["factors"] == subset]
    protocols = list(draws["protocol"].value_counts().index)
    protocol = protocols[0]
    if len(protocols) > 1:
        protocol = one_of(
            place.selectbox,
            "Points and classifier settings",
            protocols,
            format_func=lambda each: protocol_title(draws[draws["protocol"] == each]),
            spell=str,
            key="protocol",
        )
    return draws[draws["protocol"] == protocol]


def over_l(draws: pd.DataFrame, dataset: str) -> None:
    st.header("How many pairs per point?")
    classifiers = [c for c in CLASSIFIER_TITLES if c in set(draws["classifier"])]
    widest = max(
        classifiers, key=lambda c: draws[draws["classifier"] == c]["L"].nunique(), default=""
    )
    here = draws[draws["classifier"] == widest]
    if here["L"].nunique() < 2:
        st.info("Scores for two or more values of L are not computed yet.")
        return
    summary = kept(over_pairs, here)
    draws_each = here.groupby(["table", "L"])["draw"].nunique().max()
    source = ", ".join(sorted(here["source"].unique()))
    chart(
        drawn(plots.score_over_l, summary, styles_of(here), float(here["chance"].iloc[0])),
        "over-l",
        f"{dataset_title(dataset)} ({source}), {CLASSIFIER_TITLES[widest]} classifier, "
        f"{protocol_title(here)}; {draws_each} draws each. Lines: medians over "
        "random seeds; bars: from the lowest to the highest seed, or draw where there is only one "
        "seed. Rings: two lines cross. A change of a model's score counts if it is larger than the "
        "differences between its draws let expect (Welch's test at 95 %). "
        f"Measured with {'; '.join(sorted(here['versions'].unique()))}.",
        says=kept(sentences.more_pairs, here, summary),
    )


def ranks(draws: pd.DataFrame, dataset: str) -> None:
    st.header("Does the best model stay the best?")
    # names without a library: on a phone they stand upright, each on one line
    short = {name: title.partition(" (")[0] for name, title in CLASSIFIER_TITLES.items()}
    means, errors, agreement = kept(compared, draws, short)
    if len(means) < 2 or means.shape[1] < 2:
        st.info("This chart needs two or more models under two or more settings; not computed yet.")
        return
    same = agreement["same_best"].mean()
    source = ", ".join(sorted(draws["source"].unique()))
    chart(
        drawn(plots.rank_table, means, styles_of(draws)),
        "ranks",
        f"{dataset_title(dataset)} ({source}), {protocol_title(draws)}. Ranks of the mean scores "
        "over seeds and draws. Ring: the rank differs from that under the first setting. A change "
        "of the first rank counts if it is larger than three standard errors over draws. Over all "
        f"pairs of settings, Kendall's τ is {agreement['kendall'].mean():.2f} on average (lowest "
        f"{agreement['kendall'].min():.2f}; 1 means the same order), and {same:.0%} of the pairs "
        "agree on the best model.",
        says=kept(sentences.best_stays, means, errors),
    )


def table_2(draws: pd.DataFrame, dataset: str) -> None:
    st.header("Which classifier?")
    here = draws[(draws["L"] == 64) & (draws["baseline"] == "")]
    per_run = here.groupby(["classifier", "table"])["score"].mean().reset_index()
    rows = []
    for classifier, label in CLASSIFIER_TITLES.items():
        values = per_run[per_run["classifier"] == classifier]["score"]
        printed = paper.TABLE_2.get(dataset, {}).get(classifier)
        rows.append(
            {
                "Classifier": label,
                "Mean score, %": f"{100 * values.mean():.1f}" if len(values) else "not computed",
                "± over models": f"{100 * values.std():.1f}" if len(values) > 1 else "–",
                "Models": len(values),
                "Paper, %": f"{printed[0]:.1f} ± {printed[1]:.1f}" if printed else "–",
            }
        )
    source = ", ".join(sorted(draws["source"].unique()))
    says = kept(sentences.classifiers_differ, per_run, CLASSIFIER_TITLES)
    row = said(
        says,
        f"{dataset_title(dataset)} ({source}), {protocol_title(draws)}. Accuracy in %, L = 64, "
        "mean ± standard deviation over models of all β. Classifiers are compared on the same "
        "models (Student's test of paired differences at 95 %, Bonferroni for all pairs). The "
        "paper trained other models (its Table 2): compare the differences between classifiers, "
        "not the levels.",
        "table-2",
    )
    table = draws.drop(columns=["name", "usual_model", "protocol"])
    about = f"Higgins' metric, every draw, {dataset_title(dataset)}, "
    about += protocol_title(draws)
    notes = [about, f"link: {page_link()}"]
    file = f"higgins-{dataset}.csv"
    download("All draws as CSV", lambda: commented(table, notes), file, "text/csv", place=row)
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=says or "Scores by classifier")


def measure_more(runs: list[Run]) -> None:
    """Measurements with other settings in a separate process; finished ones are stored with the
    runs."""
    with st.expander("Measure other settings", icon=":material/add_chart:"):
        named = dict(zip((run.name for run in runs), run_titles(runs, PARTS[1:]), strict=True))
        chosen = st.multiselect(
            "Models", list(named), [*named][:1], key="more-runs", format_func=named.__getitem__
        )
        one, two, three, four = st.columns(4)
        pairs = one.multiselect(
            "L, pairs per point", [1, 4, 16, 32, 64, 128, 256], [16, 64], key="more-l"
        )
        classifiers = two.multiselect("Classifiers", list(CLASSIFIERS), ["linear"], key="more-c")
        points = three.multiselect(
            "B, training points", [200, 1_000, 5_000, 10_000], [1_000], key="more-b"
        )
        draws = int(four.number_input("Number of draws", 1, 50, 5, key="more-draws"))
        mode = st.segmented_control(
            "Classifier settings",
            list(CLASSIFIER_SETTINGS),
            default="corrected",
            required=True,
            format_func=CLASSIFIER_SETTINGS.__getitem__,
            key="more-mode",
            help="Standardised: points are divided by their standard deviation, so that no score "
            "depends on a latent's scale, and the MLP stops early. As in the paper: the settings "
            "of its code.",
        )
        if not (chosen and pairs and classifiers and points):
            st.caption("Choose at least one option in every field.")
            return
        arguments = ["evaluate", *(str(run.path) for run in runs if run.name in chosen)]
        arguments += ["--L", ",".join(map(str, pairs)), "--classifier", ",".join(classifiers)]
        arguments += ["--points", ",".join(map(str, points)), "--draws", str(draws)]
        arguments += ["--factors", "all", "--mode", mode]
        key = f"sensitivity-{runs[0].config.dataset}"  # another dataset's failure is not this one's
        background(key, "Measure", arguments, "Scores that exist are not computed again.")
