"""The map from codes to the points of a latent-space panel: its choice and computation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.beta import beta_text
from betavae_core.datasets import Dataset
from betavae_core.embedding.panels import Panel, ellipses, filled, projected, shares
from betavae_core.embedding.projections import Projection, embed_tsne, embed_umap, fit_pca
from betavae_core.embedding.shown import ShownImages
from betavae_core.store import Run
from betavae_core.store.labels import run_labels
from pages._ui.address import end_page
from pages._ui.elsewhere import elsewhere
from pages._ui.encodings import AGGREGATE, aggregate_codes
from pages._ui.kept import key_of
from pages._ui.linked import flag, number, one_of

MAPS = {
    "pca": "PCA of these codes",
    "aggregate": "PCA of the aggregate posterior",
    "pair": "two latents",
    "tsne": "t-SNE",
    "umap": "UMAP",
}
EVERY_HELP = (
    "A slider of β moves the codes of a model that was trained for a range of β. Its axes stay the "
    "same, so that sizes can be compared. Not for t-SNE and UMAP."
)
SHARED_HELP = "All panels have the same scale, so that sizes can be compared between them."

AXES = {"across": "Horizontal", "up": "Vertical"}
NEIGHBOURS = {"tsne": embed_tsne, "umap": embed_umap}
SECONDS = {"tsne": 2.0, "umap": 5.0}  # of `MOST_NEIGHBOURS` images; UMAP compiles itself first
MOST_NEIGHBOURS = 500  # images for t-SNE and UMAP: seconds per run; 1,300 would take a minute


@dataclass(frozen=True)
class Choice:
    """The chosen map from codes to points."""

    method: str  # key of MAPS
    pair: tuple[int, int]  # of latents, for "pair"
    shared: bool  # one scale for all panels
    widths: bool  # with the posterior's ellipses
    deep: bool  # in three dimensions
    moving: bool  # of one model for every β, with a slider of β

    @property
    def neighbours(self) -> bool:
        """Whether the map takes seconds and preserves only neighbourhoods."""
        return self.method in ("tsne", "umap")

    @property
    def crossed(self) -> bool:
        """Whether the panels mark the prior's mean."""
        return self.method in ("pca", "aggregate", "pair") and not self.deep


@dataclass(frozen=True)
class HeldAxes:
    """A run's map from codes to points, that of the end of its training."""

    mapped: Projection
    points: np.ndarray  # (M, axes) of the same images at every kept state and at the end

    def of_these(self, mean: np.ndarray) -> Projection:
        """The map with the share of the variance of the codes (N, D) along each axis."""
        along = (mean @ self.mapped.axes.T).var(0) / max(mean.var(0).sum(), 1e-12)
        return Projection(self.mapped.mean, self.mapped.axes, along)


def choose_map(latents: int, folded: DeltaGenerator, every: DeltaGenerator | None) -> Choice:
    """The choice for runs with at least this many latents; folded: the place of the controls;
    every: the place of the switch to the model for every β, if there is one."""
    method = one_of(
        folded.selectbox,
        "Embedding",
        [method for method in MAPS if method != "pair" or latents > 1],
        width=320,
        format_func=MAPS.__getitem__,
        key="map",
        help="PCA of these codes is fitted on the codes shown, as in the paper; PCA of the "
        f"aggregate posterior on the codes of {AGGREGATE:,} random images of the dataset. t-SNE "
        "and UMAP keep neighbours together; their distances and directions have no meaning.",
    )
    pair = (0, 1)
    linear = method in ("pca", "aggregate", "pair")
    if method == "pair":
        pair = (
            latent_number(folded, "across", latents, pair[0]),
            latent_number(folded, "up", latents, pair[1]),
        )
    moving = every is not None and flag(
        every.toggle, "One model for every β", key="every", disabled=not linear, help=EVERY_HELP
    )
    moving = moving and linear
    fixed = not linear or moving
    shared = flag(folded.toggle, "Shared axes", key="shared", disabled=fixed, help=SHARED_HELP)
    flat = method not in ("pca", "aggregate") or moving
    deep = flag(folded.toggle, "3-D", key="deep", disabled=flat)
    width = flag(
        folded.toggle,
        "Show encoder uncertainty",
        key="widths",
        disabled=fixed or deep,
        help="The 1-σ ellipse of the posterior around every point. β controls its size.",
    )
    deep = deep and not flat
    if method == "pair" and pair[0] == pair[1]:
        pair = (pair[0], (pair[0] + 1) % latents)
        st.info(f"z{pair[0]} is chosen for both axes; the vertical axis shows z{pair[1]} instead.")
    width = width and not fixed and not deep
    return Choice(method, pair, (shared and linear) or moving, width, deep, moving)


def latent_number(row: Any, axis: str, latents: int, usual: int) -> int:
    """The number of a latent, for one of the axes."""
    return number(
        row.number_input,
        f"{AXES[axis]} latent",
        0,
        latents - 1,
        usual,
        key=axis,
        width=150,
        help=f"z0 to z{latents - 1}, the latents that all models shown here have. Further latents "
        "of the larger models appear in the other embeddings only.",
    )


def projection(
    run: Run, dataset: Dataset, choice: Choice, mean: np.ndarray, axes: int
) -> Projection:
    """The linear map of one run."""
    if choice.method == "pair":
        chosen = np.eye(mean.shape[1])[list(choice.pair)]
        share = mean[:, list(choice.pair)].var(0) / max(mean.var(0).sum(), 1e-12)
        return Projection(np.zeros(mean.shape[1]), chosen, share)
    if choice.method == "pca":
        return fit_pca(mean, axes)
    return fit_pca(aggregate_codes(run, dataset), axes)


def panels_of(
    runs: list[Run],
    dataset: Dataset,
    visited: ShownImages,
    choice: Choice,
    encoded: list[tuple[np.ndarray, np.ndarray]],
    numbers: list[str],
    fixed: Projection | None = None,
    held: Sequence[HeldAxes] | None = None,
) -> list[Panel]:
    """A panel per run; numbers: the text below each; fixed: the same linear map for all, in which
    a run is named by its β; held: each run's axes for all its states."""
    method = choice.method
    found = []
    labels = run_labels(runs) if fixed is None else [beta_text(run.config.beta) for run in runs]
    for place, (run, label, (mean, log_var), below) in enumerate(
        zip(runs, labels, encoded, numbers, strict=True), 1
    ):
        if choice.neighbours and not np.ptp(mean, axis=0).any():
            note = "every image has the same code"
            nowhere = np.zeros((len(mean), 2))
            found.append(Panel(label, note, nowhere, numbers=below, origin=False))
            continue
        if choice.neighbours:
            points = elsewhere(
                key_of(method, run.weights_hash, dataset, visited.rows),
                f"{MAPS[method]} of {label}, {place} of {len(runs)}",
                SECONDS[method] * len(mean) / MOST_NEIGHBOURS,
                NEIGHBOURS[method],
                mean,
            )
            if points is None:
                end_page()
            found.append(Panel(label, MAPS[method], points, numbers=below, origin=False))
            continue
        axes = 3 if choice.deep else 2
        own = None if held is None else held[place - 1]
        if own is not None:
            mapped = own.of_these(mean)
        else:
            mapped = fixed or projection(run, dataset, choice, mean, axes)
        pair = [f"z{d}" for d in choice.pair]
        note = shares(mapped, pair) if method == "pair" else shares(mapped)
        width = ellipses(filled(mapped.axes.T, 2).T, log_var) if choice.widths else None
        points = projected(mapped, mean, axes)
        beside = None if own is None else own.points
        found.append(Panel(label, note, points, width, below, held=beside))
    return found
