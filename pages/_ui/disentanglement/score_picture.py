"""A run's scores beside its pictures: the traversal grid, the latent × factor matrix with clickable
cells, and a game of guessing the score first."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from betavae_core import plots
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.factors import FactorSpace
from betavae_core.pictures.colours import ACCENT, FACTOR_COLOURS
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import labelled_grid, strip
from betavae_core.provenance import facts
from betavae_core.rng import generator
from betavae_core.scoring.elbo import latest_elbo
from betavae_core.store import Run
from betavae_core.tables.scores import SHOWN_SCORES, factor_matrix, usual
from betavae_core.traversal import codes as traversals
from pages._ui.address import note, want, wished
from pages._ui.charts import chart, save_picture
from pages._ui.choose_run import choose_run
from pages._ui.factors import value_text
from pages._ui.linked import one_of
from pages._ui.style import plain

MATRICES = {"mig": "mutual information", "dci": "DCI importance"}
COLUMNS = 9  # of the traversal grid


def choose_pictured(runs: list[Run], guessing: bool) -> Run:
    """A run that can decode; in the guessing game, a random one without its name."""
    if guessing:
        number = int(st.session_state.get("guess-number", 0))
        order = torch.randperm(len(runs), generator=generator(0, "guess"))
        return runs[int(order[number % len(runs)])]  # each once before any repeats
    return choose_run(runs, "cannot decode images")


def guess(run: Run, rows: pd.DataFrame) -> bool:
    """The guessing game's controls; returns whether to show the answer."""
    answer = value_of(rows, run, "higgins")
    estimate, reveal, another = st.columns([4, 1.3, 1.3], vertical_alignment="bottom")
    number = int(st.session_state.get("guess-number", 0))
    guessed = estimate.slider(
        "Guess this model's score by Higgins' metric (all factors, linear classifier, L = 64)",
        0, 100, 50, format="%d %%", key=f"guess-{number}",
    )  # fmt: skip
    shown = bool(st.session_state.get(f"revealed-{number}"))
    if reveal.button("Reveal", icon=":material/visibility:", width="stretch", disabled=shown):
        st.session_state[f"revealed-{number}"] = shown = True
    another.button("Another model", icon=":material/casino:", width="stretch", on_click=next_guess)
    if shown and answer is not None:
        mig = value_of(rows, run, "mig")
        st.success(
            f"The score is **{answer:.0%}**; you guessed {guessed} %. "
            + ("" if mig is None else f"Its MIG is {mig:.2f}. ")
            + f"The model was {plain(run.name)}.",
            icon=":material/visibility:",
        )
    elif shown:
        st.info(f"The model was {plain(run.name)}; its score is not computed yet.")
    return shown


def next_guess() -> None:
    """Choose another run for the game."""
    st.session_state["guess-number"] = int(st.session_state.get("guess-number", 0)) + 1


def guessing_place() -> DeltaGenerator:
    """The container of the game. For a new run it begins empty: the text about the previous run
    disappears at once, not only when the new pictures are ready."""
    number = int(st.session_state.get("guess-number", 0))
    drawn = st.session_state.get("guess-drawn", number)
    st.session_state["guess-drawn"] = number
    return st.container() if drawn == number else st.empty().container()


def value_of(rows: pd.DataFrame, run: Run, score: str) -> float | None:
    """A run's score at the standard setting, if computed."""
    here = usual(rows[(rows["run"] == run.name) & (rows["score"] == score)])
    return float(here["value"].iloc[0]) if len(here) else None


@st.cache_data(max_entries=64, show_spinner="Decoding …")
def traversal_images(weights: str, key: str, _model: Any, _image: torch.Tensor) -> torch.Tensor:
    """(D, COLUMNS, C, H, W) of every latent, from the median image of the dataset `key`."""
    with torch.no_grad():
        z = _model.encode(to_float(_image))[0][0]
    codes = traversals.traversal_codes(z, range(len(z)), traversals.prior_quantiles(COLUMNS, 0.95))
    return traversals.decode_grid(_model.decode, codes)


def order_of(run: Run, matrix: np.ndarray | None) -> list[int]:
    """Latents by their information: KL, otherwise their largest matrix entry."""
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
    kind = "mig"
    if reveal:
        kind = one_of(
            st.segmented_control,
            "Latents and factors",
            list(MATRICES),
            required=True,
            format_func=MATRICES.__getitem__,
            key="matrix",
            help="Mutual information of latent and factor, divided by the factor's entropy (20 "
            "bins, from MIG); or how much boosted trees use the latent to predict the factor (from "
            "DCI).",
        )
    found = factor_matrix(run, kind)
    order = order_of(run, found[0] if found else None)
    images = traversal_images(run.weights_hash, dataset.key, run.model, image)
    left, right = st.columns([1, 1], gap="large")
    labels = [f"z{d}" for d in order]
    drawn = labelled_grid(images[order], labels, size=24)
    caption = (
        "Each row moves one latent through the middle 95 % of the prior, starting from the code of "
        "the image with all factors at their medians."
    )
    left.image(png(drawn), width="stretch", output_format="PNG", caption=caption)
    if reveal:  # the file's name has the run
        about = facts(run, dataset) | {
            "image": int(space.index(base[None])[0]), "rows": labels, "caption": caption
        }  # fmt: skip
        save_picture(lambda: drawn, about, f"latents-{run.name}.png", place=left)
    with right:
        if not reveal:
            st.markdown(
                "Look for rows in which only **one** property changes, and for properties that "
                "change in only **one** row."
            )
            return
        if found is None:
            st.info(f"The matrix of {MATRICES[kind]} is not computed yet for this model.")
            return
        matrix, factors = found
        key = f"cells-{run.name}-{kind}"
        chosen = _chosen(run, kind, key, matrix[order], order, factors)
        figure = plots.matrix_cells(
            matrix[order],
            [f"z{d}" for d in order],
            factors,
            what=f"{MATRICES[kind]}; click a cell to see its images",
            chosen=chosen,
        )
        chart(
            figure,
            "matrix",
            about=f"{MATRICES[kind]} of latents and factors, {run.name}",
            key=key,
            on_select="rerun",
            selection_mode="points",
        )
    explain(run, dataset, space, order[chosen[0]], space.names.index(factors[chosen[1]]))


def _chosen(
    run: Run, kind: str, key: str, matrix: np.ndarray, latents: list[int], factors: Sequence[str]
) -> tuple[int, int]:
    """Row and column of the clicked cell, or of the one in the link, or of the one with the largest
    value. The link then names the clicked cell."""
    named = f"cell-{run.name}-{kind}"
    points = (st.session_state.get(key) or {}).get("selection", {}).get("points", [])
    if points and points[0]["point_index"] < matrix.size:
        row, column = divmod(int(points[0]["point_index"]), matrix.shape[1])
        want(named, [f"z{latents[row]}, {factors[column]}"])
    cells = [f"z{latent}, {factor}" for latent in latents for factor in factors]
    asked = wished(named)
    found = cells.index(asked) if asked in cells else int(matrix.argmax())
    if asked is not None:
        note(named, [cells[found]], usual=asked not in cells)
    return divmod(found, matrix.shape[1])


def explain(run: Run, dataset: Dataset, space: FactorSpace, latent: int, factor: int) -> None:
    """One cell: the factor's sweep, the latent's sweep, the latent's value along the factor."""
    name = space.names[factor]
    st.markdown(f"#### z{latent} and {name}")
    images = dataset.images(space.sweep(space.median(), factor))
    model: Any = run.model  # a model that encodes and decodes
    with torch.no_grad():
        mean, log_var = model.encode(to_float(images))
        start = mean[space.median()[factor]]
        values = traversals.prior_quantiles(max(len(images), COLUMNS), 0.95)
        codes = traversals.traversal_codes(start, [latent], values)
    drawn = traversals.decode_grid(model.decode, codes)[0]
    first, last = (value_text(space, factor, i) for i in (0, space.sizes[factor] - 1))
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.markdown(f"**{name}** :gray[{first} … {last}, images of the dataset]")
        st.image(png(strip(images, 14)), width="stretch", output_format="PNG")
        st.markdown(
            f"**z{latent}** :gray[{values[0]:.2f} … {values[-1]:.2f}, decoded by the model]"
        )
        st.image(png(strip(drawn, 14)), width="stretch", output_format="PNG")
        blank = torch.full((len(drawn) - len(images), *drawn.shape[1:]), 0.5)
        both = torch.stack([torch.cat([to_float(images), blank]), drawn])
        about = facts(run, dataset) | {
            "rows": [name, f"z{latent}"],
            "images": space.sweep(space.median(), factor).tolist(),
            "values": [round(value, 4) for value in values.tolist()],
            "caption": f"{run.name}: {name} through its values, all other factors at their "
            f"medians, and z{latent} from the code of the median image.",
        }
        save_picture(
            lambda: labelled_grid(both, [name, f"z{latent}"], 2, 20),
            about,
            f"z{latent}-{name.replace(' ', '-')}-{run.name}.png",
        )
    deviation = (0.5 * log_var[:, latent]).exp().numpy()
    figure = plots.value_along_factor(
        mean[:, latent].numpy(),
        deviation if deviation.any() else None,
        latent=f"z{latent}, posterior mean",
        factor=name,
        colour=FACTOR_COLOURS[factor % len(FACTOR_COLOURS)],
    )
    with right:
        chart(
            figure,
            "along",
            "Band: ± 2 posterior standard deviations. All other factors are at their medians.",
        )


def profile(run: Run, rows: pd.DataFrame) -> None:
    """All scores of the run beside those of an untrained encoder and PCA."""
    here = rows[rows["run"] == run.name]
    values: dict[str, float | None] = {}
    marks: dict[str, dict[str, float]] = {"untrained": {}, "PCA": {}}
    lines = [("higgins", subset) for subset in ("all", "no-shape")]
    lines += [(score, "all") for score in SHOWN_SCORES if score not in ("higgins", "mig_exact")]
    for score, subset in lines:
        at = rows[(rows["score"] == score) & (rows["subset"] == subset)]
        if score == "higgins":
            at = at[(at["classifier"] == "linear") & (at["L"] == 64)]
            if at.empty and subset == "no-shape":
                continue
        label = SHOWN_SCORES[score][0]
        if score == "higgins":
            count = int(at["factors"].iloc[0]) if len(at) else 0
            label += f", {count} factors" if count else ""
        mine = at[at["run"] == run.name]
        values[label] = float(mine["value"].iloc[0]) if len(mine) else None
        for name, kind in (("untrained", "untrained"), ("PCA", "pca")):
            other = at[at["baseline"] == kind]["value"]
            if len(other):
                marks[name][label] = float(other.median())
    chart(
        plots.score_profile(values, marks, ACCENT),
        "profile",
        "All scores lie in [0, 1]; higher is better. Marks: an untrained encoder and PCA on the "
        "same images." + ("" if len(here) else " No score is computed yet for this model."),
    )
