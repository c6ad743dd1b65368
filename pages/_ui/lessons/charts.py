"""The views of a step that are charts of stored records."""

import pandas as pd
import streamlit as st

from betavae_core import plots
from betavae_core.datasets import dataset_title
from betavae_core.fid import FEATURES
from betavae_core.lessons.bars import right_end, shown_numbers
from betavae_core.lessons.latents import used_latents
from betavae_core.pictures.colours import beta_colour
from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.tables.distances import comparable, distance_rows, loss_rows
from betavae_core.tables.draws import higgins_draws, named_draws, over_pairs
from betavae_core.tables.scores import (
    SHOWN_SCORES,
    baseline_lines,
    chance_level,
    factor_matrix,
    score_rows,
)
from pages._ui.charts import Drawn, chart, drawn
from pages._ui.kept import kept
from pages._ui.lessons.presenting import LEAST
from pages._ui.lessons.projector import GAP, HEIGHT, QUESTION, for_projector
from pages._ui.lessons.showing import Shown

MATRIX = {"mig": "mutual information as a share of the factor's entropy", "dci": "DCI importance"}


def figure(shown: Shown, made: Drawn, caption: str) -> None:
    """A chart in the size of the page or of a projector; the step's text says what it shows."""
    height = HEIGHT - QUESTION * shown.asking - GAP * shown.answering
    large = for_projector(made, LEAST, height) if shown.large else made
    chart(large, f"lesson-{shown.place}", caption, says="", alt=caption)


def scores(shown: Shown) -> None:
    settings = shown.view.settings
    what, title = settings["what"], SHOWN_SCORES[settings["what"]][0]
    baselines = [
        run
        for run in shown.everything
        if run.config.baseline in settings["baselines"]
        and shown.runs
        and run.config.dataset == shown.runs[0].config.dataset
    ]
    rows = kept(score_rows, [*shown.runs, *baselines])
    rows = rows[(rows["score"] == what) & (rows["subset"] == settings["factors"])]
    rows = rows[rows["usual"].astype(bool)]
    trained = rows[rows["baseline"] == ""]
    if trained.empty:
        not_computed(shown)
        return
    first = trained.iloc[0]
    lines = baseline_lines(rows)
    made = drawn(
        plots.score_over_beta,
        trained,
        title=f"{title} (higher is better)",
        lines=lines,
        chance=chance_level(rows) if lines else None,
    )
    of = f"{int(first['factors'])} factors, " if what == "higgins" else ""
    how = f"L = {int(first['L'])}, linear classifier, " if what == "higgins" else ""
    figure(
        shown,
        made,
        f"Each dot is one model, the line the median of the seeds. {title}, {of}{how}"
        f"{int(first['images']):,} images of {dataset_title(first['dataset'])} "
        f"({first['source']}); {seen(shown.runs)}.",
    )


def pairs(shown: Shown) -> None:
    draws = kept(named_draws, kept(higgins_draws, shown.runs))
    draws = draws[(draws["factors"] == "all") & (draws["classifier"] == "linear")]
    if draws["L"].nunique() < 2:
        not_computed(shown)
        return
    draws = draws[draws["protocol"] == draws["protocol"].value_counts().index[0]]
    betas = draws.groupby("name")["beta"].first()
    styles = {str(name): plots.LineStyle(beta_colour(beta)) for name, beta in betas.items()}
    made = drawn(
        plots.score_over_l, kept(over_pairs, draws), styles, float(draws["chance"].iloc[0])
    )
    figure(
        shown,
        made,
        "Lines: medians over seeds; bars: from the lowest to the highest seed. Higgins' metric, "
        f"all factors, linear classifier, {draws['protocol'].iloc[0]}, {on(shown.runs)}.",
    )


def numbers(shown: Shown) -> None:
    labels, found = shown.view.settings["labels"], shown_numbers(shown.view, shown.facts)
    values = [number.value for number in found]
    texts = [number.text for number in found]
    made = drawn(plots.number_bars, labels, values, texts, right_end(found))
    told = dict.fromkeys(number.about for number in found if number.about)
    figure(shown, made, "Measured: " + "; ".join(told) + "." if told else "")


def matrix(shown: Shown) -> None:
    kind = shown.view.settings["what"]
    run = shown.runs[0] if shown.runs else None
    found = None if run is None else factor_matrix(run, kind)
    if run is None or found is None:
        not_computed(shown)
        return
    values, factors = found
    order = used_latents(run)
    made = drawn(
        plots.matrix_cells, values[order], [f"z{d}" for d in order], factors, what=MATRIX[kind]
    )
    figure(shown, made, f"{run_words(run)}: {MATRIX[kind]}, {on([run])}.")


def distances(shown: Shown) -> None:
    groups = comparable(kept(distance_rows, shown.every))
    names = {run.name for run in shown.runs}
    rows = groups[0] if groups else pd.DataFrame()
    if len(rows):
        here = rows["run"].isin(names) & rows["kind"].isin(shown.view.settings["images"])
        rows = rows[here & rows["beta"].notna()]
    if rows.empty:
        not_computed(shown)
        return
    first = rows.iloc[0]
    entry = FEATURES[first["features"]]
    title = f"{entry.distance}, lower is better"
    part = f", {first['part']}" if first["part"] else ""
    figure(
        shown,
        drawn(plots.value_over_beta, rows, "frechet", title=title),
        f"{first['images']:,} images of each model against {first['reference_images']:,} of "
        f"{dataset_title(first['dataset'])} ({first['source']}{part}); features: {entry.title}. "
        f"Dots: one model each; lines: medians of the seeds; {seen(shown.runs)}.",
    )


def losses(shown: Shown) -> None:
    rows = kept(loss_rows, shown.runs)
    rows = rows[rows["beta"].notna()] if len(rows) else rows
    if rows.empty:
        not_computed(shown)
        return
    measured = ", ".join(dict.fromkeys(rows["measured"]))
    title = "reconstruction loss, nats per image"
    figure(
        shown,
        drawn(plots.value_over_beta, rows, "nll", title=title),
        f"Lower is better. {measured}, {on(shown.runs)}; {seen(shown.runs)}.",
    )


def not_computed(shown: Shown) -> None:
    """The view of missing records."""
    st.info(f"What this step shows ({shown.view.name}) is not computed for the models here.")


def on(runs: list[Run]) -> str:
    images = dict.fromkeys(f"{dataset_title(r.config.dataset)} ({r.config.source})" for r in runs)
    return ", ".join(images)


def seen(runs: list[Run]) -> str:
    """The lengths of their trainings."""
    lengths = sorted({run.images_seen or 0 for run in runs if not run.config.baseline})
    return ", ".join(f"{images:,}" for images in lengths) + " images seen"
