"""How disentangled is it, and by which score?"""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
import torch

from betavae_core import paper, plots, traversals
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.evaluation import latest_elbo, versions
from betavae_core.factors import FactorSpace
from betavae_core.figures import ACCENT, FACTOR_COLOURS, labelled_grid, png, strip
from betavae_core.report import BASELINE_TITLES, SCORES, over_seeds, score_rows
from betavae_core.rng import generator
from betavae_core.store import Run
from pages._ui.background import background
from pages._ui.choose import choose_factor_dataset
from pages._ui.factors import value_text
from pages._ui.runs import all_runs, beta_text, dataset_of, show_broken, show_no_runs, title
from pages._ui.style import plain, plain_errors

CLASSIFIERS = {
    "linear": "linear (PyTorch)",
    "mlp": "MLP",
    "logistic": "logistic (scikit-learn)",
    "forest": "random forest",
}
MATRICES = {"mutual_information": "mutual information", "importance": "DCI importance"}
COLUMNS = 9  # of the traversal grid


def choose_score(rows: pd.DataFrame) -> tuple[pd.DataFrame, str, dict[str, Any]]:
    """The rows of one score and setting, what it is called, and the setting."""
    score_at, first_at, second_at, middle_at = st.columns([2.6, 2.6, 1.5, 2.4])
    score = score_at.selectbox(
        "Score",
        list(SCORES),
        format_func=lambda name: SCORES[name][0],
        key="score",
        bind="query-params",
    )
    middle = middle_at.segmented_control(
        "Of the seeds, the",
        ["median", "mean"],
        default="median",
        required=True,
        key="middle",
        bind="query-params",
        help="The paper reports medians, because some runs diverge. Bars: lowest to highest seed "
        "(median) or ± standard deviation (mean).",
    )
    chosen = rows[rows["score"] == score]
    setting = {"score": score, "middle": middle, "subset": "all"}
    name = SCORES[score][0]
    if score == "higgins":
        classifier = first_at.selectbox(
            "Classifier",
            list(CLASSIFIERS),
            format_func=CLASSIFIERS.__getitem__,
            key="classifier",
            bind="query-params",
        )
        sizes = {
            subset: int(group["factors"].iloc[0]) for subset, group in chosen.groupby("subset")
        }
        if len(sizes) > 1:
            labels = {f"{count}": subset for subset, count in sorted(sizes.items(), reverse=True)}
            picked = second_at.segmented_control(
                "Factors",
                list(labels),
                default=next(iter(labels)) if "all" not in sizes else f"{sizes['all']}",
                required=True,
                key=f"factors-{len(labels)}",
                bind="query-params",
                help=f"All {sizes.get('all')}, or without shape, as Higgins et al. (2017) did "
                "without saying so.",
            )
            setting["subset"] = labels[picked]
        chosen = chosen[
            (chosen["classifier"] == classifier)
            & (chosen["L"] == 64)
            & (chosen["subset"] == setting["subset"])
        ]
        setting["classifier"] = classifier
    else:
        first_at.markdown(f"&nbsp;  \n:gray[{SCORES[score][1]}]")
    return chosen, name, setting


def lines_of(rows: pd.DataFrame) -> dict[str, float]:
    """Baselines and chance by name, the median over their seeds."""
    lines = {}
    for kind, label in BASELINE_TITLES.items():
        here = rows[rows["baseline"] == kind]
        # the paper's own fits stand for PCA and ICA; others are in the table
        usual = here[~here["run"].str.contains("-fit")]
        if len(usual):
            lines[label] = float(usual["value"].median())
    chance = rows["chance"].dropna()
    if len(chance):
        lines["chance"] = float(chance.iloc[0])
    return lines


def over_beta(rows: pd.DataFrame, name: str, setting: dict[str, Any], dataset: str) -> None:
    trained = rows[(rows["baseline"] == "") & rows["beta"].notna()]
    if trained.empty:
        st.info(f"{name} is not computed yet for the runs on {title(dataset)}.")
        return
    ghosts, label = None, ""
    if dataset == "2dshapes" and setting.get("classifier") == "linear":
        column = 0 if setting["middle"] == "mean" else 2
        table = paper.TABLE_1[setting["subset"]]
        ghosts = {
            beta: (values[column] / 100, values[1] / 100)
            for beta, values in table.items()
            if isinstance(beta, float)
        }
        label = f"paper, MLP VAE, {setting['middle']} ± s.d."
    figure = plots.score_over_beta(
        trained,
        title=f"{name} (higher is better)",
        middle=setting["middle"],
        lines=lines_of(rows),
        ghosts=ghosts,
        ghost_label=label,
    )
    st.plotly_chart(figure, key="over-beta", config={"displayModeBar": False})
    what = f"Dots: one run each. {trained['images'].iloc[0]:,} images of {title(dataset)} "
    what += f"({', '.join(sorted(trained['source'].unique()))})"
    if setting["score"] == "higgins":
        what += (
            f", {int(trained['factors'].iloc[0])} factors, L = 64, {setting['classifier']} "
            "classifier, 1,000 points, tested on 5,000 fresh ones, five draws of both"
        )
    note = versions()
    st.caption(
        f"{what}. Dashed: baselines on the same images, median over their seeds. "
        f"betavae {note['betavae']}, PyTorch {note['torch']}."
    )
    headline(trained, rows, name, setting)


def headline(trained: pd.DataFrame, rows: pd.DataFrame, name: str, setting: dict[str, Any]) -> None:
    """What the seeds do to the number that gets printed."""
    summary = over_seeds(trained, ["model", "beta"])
    several = summary[summary["runs"] > 1]
    if len(several):
        best = several.loc[several[setting["middle"]].idxmax()]
        st.markdown(
            f"Best β by {setting['middle']}: **{best['beta']:g}** with "
            f"**{best[setting['middle']]:.3f}** over {best['runs']:.0f} seeds "
            f"({best['lowest']:.3f} … {best['highest']:.3f}). With the worse half of the seeds "
            f"dropped, as Higgins et al. (2017) did, the same runs read "
            f"**{best['best_half']:.3f}**."
        )
    with st.expander("The numbers", icon=":material/table_rows:"):
        number = st.column_config.NumberColumn
        st.dataframe(
            summary.rename(columns={"best_half": "best half", "beta": "β"}),
            hide_index=True,
            column_config={
                "β": number(format="%g"),
                **{
                    column: number(format="%.3f")
                    for column in ("mean", "median", "std", "lowest", "highest", "best half")
                },
            },
        )
        others = rows[rows["baseline"] != ""][["run", "value", "standard_error"]]
        if len(others):
            st.dataframe(
                others.sort_values("value", ascending=False),
                hide_index=True,
                column_config={
                    "value": number(format="%.3f"),
                    "standard_error": number("standard error", format="%.4f"),
                },
            )
        st.download_button(
            "Every run as CSV",
            rows.to_csv(index=False),
            f"{setting['score']}-{rows['dataset'].iloc[0]}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        if name == "Higgins' metric":
            st.caption(
                "Printed by Higgins et al. (2017), four factors: "
                + ", ".join(
                    f"{f'β = {key:g}' if isinstance(key, float) else str(key).upper()} "
                    f"{value:.1f} ± {error:.1f} %"
                    for key, (value, error) in paper.HIGGINS_2017.items()
                )
                + "."
            )


def choose_pictured(runs: list[Run], guessing: bool) -> Run:
    """A run that can draw; while guessing, a random one without its name."""
    if guessing:
        number = int(st.session_state.get("guess-number", 0))
        order = torch.randperm(len(runs), generator=generator(number, "guess"))
        return runs[int(order[0])]
    names = [run.name for run in runs]
    name = st.selectbox("Run", names, key="run", bind="query-params")
    return runs[names.index(name)]


def guess(run: Run, rows: pd.DataFrame) -> bool:
    """The guessing game's controls; returns whether the answer is to be shown."""
    answer = value_of(rows, run, "higgins")
    estimate, reveal, another = st.columns([4, 1.3, 1.3], vertical_alignment="bottom")
    number = int(st.session_state.get("guess-number", 0))
    guessed = estimate.slider(
        "What does Higgins' metric say of this run (all factors, linear, L = 64)?",
        0, 100, 50, format="%d %%", key=f"guess-{number}",
    )  # fmt: skip
    shown = bool(st.session_state.get(f"revealed-{number}"))
    if reveal.button("Reveal", icon=":material/visibility:", width="stretch", disabled=shown):
        st.session_state[f"revealed-{number}"] = shown = True
    if another.button("Another run", icon=":material/casino:", width="stretch"):
        st.session_state["guess-number"] = number + 1
        st.rerun()
    if shown and answer is not None:
        mig = value_of(rows, run, "mig")
        st.success(
            f"It is **{answer:.0%}**; you said {guessed} %. The same run has a MIG of "
            f"{'– (not computed)' if mig is None else f'{mig:.2f}'}. It was {plain(run.name)}.",
            icon=":material/visibility:",
        )
    elif shown:
        st.info(f"It was {plain(run.name)}; its score is not computed yet.")
    return shown


def value_of(rows: pd.DataFrame, run: Run, score: str, **where: Any) -> float | None:
    """A run's score at the usual setting (Higgins: all factors, linear, L = 64), if computed."""
    here = rows[(rows["run"] == run.name) & (rows["score"] == score)]
    if score == "higgins":
        usual = {"subset": "all", "classifier": "linear", "L": 64} | where
        for column, value in usual.items():
            here = here[here[column] == value]
    return float(here["value"].iloc[0]) if len(here) else None


@st.cache_data(max_entries=64)
def traversal_images(weights: str, key: str, _model: Any, _image: torch.Tensor) -> torch.Tensor:
    """(D, COLUMNS, C, H, W) of every latent, from the median image of the dataset `key`."""
    with torch.no_grad():
        z = _model.encode(to_float(_image))[0][0]
    codes = traversals.traversal_codes(z, range(len(z)), traversals.prior_quantiles(COLUMNS, 0.95))
    return traversals.decode_grid(_model.decode, codes)


def matrix_of(run: Run, kind: str) -> tuple[np.ndarray, list[str]] | None:
    """Latent × factor, in [0, 1], and the factors, from the run's scores; None: not computed."""
    if kind == "importance":
        record = run.score("dci")
        details = record["details"] if record else {}
        return (np.array(details["importance"]), details["factors"]) if record else None
    record = run.score("mig")
    if record is None:
        return None
    details = record["details"]
    shares = np.array(details["mutual_information"]) / np.maximum(details["entropy"], 1e-12)
    varying = [k for k, entropy in enumerate(details["entropy"]) if entropy > 0]
    return shares[:, varying], details["factors"]


def order_of(run: Run, matrix: np.ndarray | None) -> list[int]:
    """Latents by what they carry: KL, else what they know of any factor."""
    score = latest_elbo(run)
    if score is not None:
        return sorted(range(run.config.latents), key=lambda d: -score["kl"][d])
    if matrix is not None:
        return sorted(range(run.config.latents), key=lambda d: -matrix[d].max())
    return list(range(run.config.latents))


def picture(run: Run, dataset: Dataset, space: FactorSpace, reveal: bool) -> None:
    """The traversal grid beside the latent × factor matrix; a click on a cell explains it."""
    base = space.median()
    image = dataset.images(space.index(base[None]))
    kind = "mutual_information"
    if reveal:
        kind = st.segmented_control(
            "Latent × factor",
            list(MATRICES),
            default=kind,
            required=True,
            format_func=MATRICES.__getitem__,
            key="matrix",
            bind="query-params",
            help="Mutual information as a share of the factor's entropy (20 bins, from MIG), or "
            "how much boosted trees use the latent to predict the factor (from DCI).",
        )
    found = matrix_of(run, kind)
    order = order_of(run, found[0] if found else None)
    images = traversal_images(run.weights_hash, dataset.key, run.model, image)
    left, right = st.columns([1, 1], gap="large")
    left.image(
        png(labelled_grid(images[order], [f"z{d}" for d in order], size=24)),
        width="stretch",
        output_format="PNG",
        caption="Each row moves one latent through the prior's central 95 %, from the code of the "
        "image with every factor at its median.",
    )
    with right:
        if not reveal:
            st.markdown(
                "Look for rows in which **one** thing changes, and for things that change in "
                "**one** row only."
            )
            return
        if found is None:
            st.info(f"The matrix by {MATRICES[kind]} is not computed yet for this run.")
            return
        matrix, factors = found
        key = f"cells-{run.name}-{kind}"
        chosen = _chosen(key, matrix[order])
        figure = plots.matrix_cells(
            matrix[order],
            [f"z{d}" for d in order],
            factors,
            what=f"{MATRICES[kind]}; click a cell",
            chosen=chosen,
        )
        st.plotly_chart(
            figure,
            key=key,
            on_select="rerun",
            selection_mode="points",
            config={"displayModeBar": False},
        )
    explain(run, dataset, space, order[chosen[0]], space.names.index(factors[chosen[1]]))


def _chosen(key: str, matrix: np.ndarray) -> tuple[int, int]:
    """The clicked cell, else the one with the most in it."""
    points = (st.session_state.get(key) or {}).get("selection", {}).get("points", [])
    if points:
        row, column = (int(value) for value in points[0]["customdata"])
        if row < matrix.shape[0] and column < matrix.shape[1]:
            return row, column
    return divmod(int(matrix.argmax()), matrix.shape[1])


def explain(run: Run, dataset: Dataset, space: FactorSpace, latent: int, factor: int) -> None:
    """One cell: the factor's sweep, the latent's sweep, the latent's value along the factor."""
    name = space.names[factor]
    st.markdown(f"#### z{latent} and {name}")
    images = dataset.images(space.sweep(space.median(), factor))
    model: Any = run.model  # one that encodes and decodes
    with torch.no_grad():
        mean, log_var = model.encode(to_float(images))
        start = mean[space.median()[factor]]
        values = traversals.prior_quantiles(max(len(images), COLUMNS), 0.95)
        codes = traversals.traversal_codes(start, [latent], values)
    drawn = traversals.decode_grid(model.decode, codes)[0]
    first, last = (value_text(space, factor, i) for i in (0, space.sizes[factor] - 1))
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.markdown(f"**{name}** :gray[{first} … {last}, the dataset's images]")
        st.image(png(strip(images, 14)), width="stretch", output_format="PNG")
        st.markdown(f"**z{latent}** :gray[{values[0]:.2f} … {values[-1]:.2f}, drawn by the run]")
        st.image(png(strip(drawn, 14)), width="stretch", output_format="PNG")
    deviation = (0.5 * log_var[:, latent]).exp().numpy()
    figure = plots.value_along_factor(
        mean[:, latent].numpy(),
        deviation if deviation.any() else None,
        latent=f"z{latent}, posterior mean",
        factor=name,
        colour=FACTOR_COLOURS[factor % len(FACTOR_COLOURS)],
    )
    with right:
        st.plotly_chart(figure, key="along", config={"displayModeBar": False})
        st.caption("Band: ± 2 posterior standard deviations. All other factors at their median.")


def profile(run: Run, rows: pd.DataFrame) -> None:
    """All scores of the run beside what an untrained encoder and PCA get."""
    here = rows[rows["run"] == run.name]
    values: dict[str, float | None] = {}
    marks: dict[str, dict[str, float]] = {"untrained": {}, "PCA": {}}
    lines = [("higgins", subset) for subset in ("all", "no-shape")]
    lines += [(score, "all") for score in SCORES if score not in ("higgins", "mig_exact")]
    for score, subset in lines:
        at = rows[(rows["score"] == score) & (rows["subset"] == subset)]
        if score == "higgins":
            at = at[(at["classifier"] == "linear") & (at["L"] == 64)]
            if at.empty and subset == "no-shape":
                continue
        label = SCORES[score][0]
        if score == "higgins":
            count = int(at["factors"].iloc[0]) if len(at) else 0
            label += f", {count} factors" if count else ""
        mine = at[at["run"] == run.name]
        values[label] = float(mine["value"].iloc[0]) if len(mine) else None
        for name, kind in (("untrained", "untrained"), ("PCA", "pca")):
            other = at[at["baseline"] == kind]["value"]
            if len(other):
                marks[name][label] = float(other.median())
    st.plotly_chart(
        plots.score_profile(values, marks, ACCENT),
        key="profile",
        config={"displayModeBar": False},
    )
    st.caption(
        "All in [0, 1], higher is better. Ticks: an untrained encoder and PCA on the same images."
        + ("" if len(here) else " Nothing is computed yet for this run.")
    )


st.title("How disentangled is it, and by which score?")
with plain_errors():
    everything, broken = all_runs(baselines=True)
    show_broken(broken)
    if not any(not run.config.baseline for run in everything):
        show_no_runs()
    data_at, guess_at = st.columns([4, 1.2], vertical_alignment="bottom")
    with data_at:
        dataset_name = choose_factor_dataset(everything)
    guessing = guess_at.toggle(
        "Guess first",
        key="guess",
        bind="query-params",
        help="For classes: see a run's pictures, say what the score will be, then reveal it.",
    )
    runs = [
        run
        for run in everything
        if run.config.dataset == dataset_name and dataset_of(run) is not None
    ]
    rows = score_rows(runs)
    if not guessing:
        over_beta(*choose_score(rows), dataset_name)

    st.subheader("Score against picture")
    drawing = [run for run in runs if hasattr(run.model, "decode")]
    if guessing:  # only what can be answered, unless nothing can
        scored = set(rows[rows["score"] == "higgins"]["run"])
        trained = [run for run in drawing if not run.config.baseline]
        drawing = [run for run in trained if run.name in scored] or trained
    run = choose_pictured(drawing, guessing)
    dataset = dataset_of(run)
    assert dataset is not None, "runs without one were left out above"
    space = dataset.space
    assert space is not None, "runs without one were left out above"
    reveal = guess(run, rows) if guessing else True
    if reveal:
        kind = run.config.baseline
        st.caption(
            f"{plain(run.name)}: "
            + (f"baseline, {BASELINE_TITLES[kind]}" if kind else f"β = {beta_text(run.config)}")
            + f", {title(run.config.dataset)} ({dataset.source})."
        )
    picture(run, dataset, space, reveal)
    if reveal:
        st.markdown("#### What the scores say of it")
        profile(run, rows)
        if not run.score("dci") or not run.score("higgins"):
            background(
                f"score-{run.name}",
                "Compute this run's missing scores",
                ["evaluate", str(run.path), "--score", "standard"],
                "Encodes every image of the dataset once (a few minutes), then every score. What "
                "is finished stays, whenever it stops.",
            )
