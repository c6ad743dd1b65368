"""The views of a lesson that are charts and tables of stored records."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from ....datasets import dataset_title
from ....fid import FEATURES
from ....lessons.bars import shown_numbers
from ....lessons.latents import used_latents
from ....lessons.units import PERCENT
from ....store import Run
from ....store.labels import run_words
from ....tables.distances import comparable, distance_rows, loss_rows
from ....tables.draws import higgins_draws, named_draws, over_pairs
from ....tables.scores import (
    SHOWN_SCORES,
    baseline_lines,
    chance_level,
    factor_matrix,
    score_rows,
)
from ..charts import Dot, over_beta
from .shown import Shown, Still, missing

MATRIX = {"mig": "mutual information as a share of the factor's entropy", "dci": "DCI importance"}


def scores(shown: Shown) -> Still:
    settings = shown.view.settings
    what, title = settings["what"], SHOWN_SCORES[settings["what"]][0]
    baselines = [
        run
        for run in shown.everything
        if run.config.baseline in settings["baselines"]
        and shown.runs
        and run.config.dataset == shown.runs[0].config.dataset
    ]
    rows = score_rows([*shown.runs, *baselines])
    rows = rows[(rows["score"] == what) & (rows["subset"] == settings["factors"])]
    rows = rows[rows["usual"].astype(bool)]
    trained = rows[rows["baseline"] == ""]
    if trained.empty:
        return missing(shown)
    lines, first = baseline_lines(rows), trained.iloc[0]
    if lines and (chance := chance_level(rows)) is not None:
        lines["chance"] = chance
    dots = [
        Dot(float(beta), float(value), run)
        for beta, value, run in zip(trained["beta"], trained["value"], trained["run"], strict=True)
    ]
    how = "" if pd.isna(first["factors"]) else f", {int(first['factors'])} factors"
    if what == "higgins":
        how += f", L = {int(first['L'])}, linear classifier"
    caption = (
        f"Each dot is one model, the bar the median of the seeds. {title} (higher is better)"
        f"{how}, {int(first['images']):,} images of "
        f"{dataset_title(first['dataset'])} ({first['source']}); {seen(shown.runs)}."
    )
    return Still(Markup(over_beta(dots, lines, title)), caption)


def distances(shown: Shown) -> Still:
    groups = comparable(distance_rows(shown.every))
    names = {run.name for run in shown.runs}
    rows = groups[0] if groups else distance_rows([])
    rows = rows[rows["run"].isin(names) & rows["beta"].notna()]
    rows = rows[rows["kind"].isin(shown.view.settings["images"])]
    if rows.empty:
        return missing(shown)
    first, entry = rows.iloc[0], FEATURES[rows.iloc[0]["features"]]
    parts = []
    for kind in shown.view.settings["images"]:
        here = rows[rows["kind"] == kind]
        title = f"{entry.distance} of {'prior samples' if kind == 'samples' else kind}"
        dots = [
            Dot(float(beta), float(value), run)
            for beta, value, run in zip(here["beta"], here["frechet"], here["run"], strict=True)
        ]
        if dots:
            parts.append(Markup("<h4>{}</h4>{}").format(title, Markup(over_beta(dots, {}, title))))
    caption = (
        f"Lower is better. {first['images']:,} images of each model against "
        f"{first['reference_images']:,} of {dataset_title(first['dataset'])} ({first['source']}); "
        f"features: {entry.title}; {seen(shown.runs)}."
    )
    return Still(Markup("").join(parts), caption)


def losses(shown: Shown) -> Still:
    rows = loss_rows(shown.runs)
    rows = rows[rows["beta"].notna()] if len(rows) else rows
    if rows.empty:
        return missing(shown)
    dots = [
        Dot(float(beta), float(value), run)
        for beta, value, run in zip(rows["beta"], rows["nll"], rows["run"], strict=True)
    ]
    measured = ", ".join(dict.fromkeys(rows["measured"]))
    caption = (
        f"Reconstruction loss in nats per image; lower is better. {measured}, {on(shown.runs)}; "
        f"{seen(shown.runs)}."
    )
    return Still(Markup(over_beta(dots, {}, "Reconstruction loss")), caption)


def pairs(shown: Shown) -> Still:
    """Higgins' metric over L, as a table: the medians over the seeds."""
    draws = named_draws(higgins_draws(shown.runs))
    draws = draws[(draws["factors"] == "all") & (draws["classifier"] == "linear")]
    if draws["L"].nunique() < 2:
        return missing(shown)
    draws = draws[draws["protocol"] == draws["protocol"].value_counts().index[0]]
    over = over_pairs(draws)
    levels = sorted(over["L"].unique())
    wide = over.pivot(index="table", columns="L", values="median")
    order = draws.drop_duplicates("name").sort_values("beta")["name"]
    table = [[name, *(f"{wide.loc[name, level]:.3f}" for level in levels)] for name in order]
    caption = (
        "Medians over seeds of Higgins' metric with L pairs per point, all factors, linear "
        f"classifier, {draws['protocol'].iloc[0]}, {on(shown.runs)}."
    )
    return Still(_table(["", *(f"L = {level}" for level in levels)], table), caption)


def numbers(shown: Shown) -> Still:
    """Some of the lesson's numbers as bars."""
    labels, found = shown.view.settings["labels"], shown_numbers(shown.view, shown.facts)
    highest = max([0.0, *(abs(each.value) for each in found if each.value is not None)])
    most = 100.0 if all(each.unit is PERCENT for each in found) else highest or 1.0
    bars = Markup("").join(
        Markup('<dt>{}</dt><dd><i style="width: {}%"></i> {}</dd>').format(
            label, round(60 * min(abs(each.value or 0) / most, 1), 1), each.text
        )
        for label, each in zip(labels, found, strict=True)
    )
    told = dict.fromkeys(each.about for each in found if each.about)
    caption = f"Measured: {'; '.join(told)}." if told else ""
    return Still(Markup('<dl class="bars">{}</dl>').format(bars), caption)


def matrix(shown: Shown) -> Still:
    kind = shown.view.settings["what"]
    run = next(iter(shown.runs), None)
    found = None if run is None else factor_matrix(run, kind)
    if run is None or found is None:
        return missing(shown)
    values, factors = found
    cell = Markup('<td style="--share: {0:.3f}">{0:.2f}</td>')
    rows = Markup("").join(
        Markup('<tr><th scope="row">z{}</th>{}</tr>').format(
            latent, Markup("").join(cell.format(float(value)) for value in values[latent])
        )
        for latent in used_latents(run)
    )
    table = Markup('<table class="matrix"><thead><tr><td></td>{}</tr></thead>{}</table>').format(
        _names(factors), Markup("<tbody>{}</tbody>").format(rows)
    )
    return Still(table, f"{run_words(run)}: {MATRIX[kind]}, {on([run])}.")


def on(runs: Sequence[Run]) -> str:
    images = dict.fromkeys(f"{dataset_title(r.config.dataset)} ({r.config.source})" for r in runs)
    return ", ".join(images)


def seen(runs: Sequence[Run]) -> str:
    """The lengths of their trainings."""
    lengths = sorted({run.images_seen or 0 for run in runs if not run.config.baseline})
    return ", ".join(f"{images:,}" for images in lengths) + " images seen"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            first, Markup("").join(Markup("<td>{}</td>").format(each) for each in rest)
        )
        for first, *rest in rows
    )
    return Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        _names(head), lines
    )


def _names(head: Sequence[str]) -> Markup:
    return Markup("").join(Markup("<th>{}</th>").format(name) for name in head)
