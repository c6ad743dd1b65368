"""A run's traversal grid beside its latent × factor matrix; a click on a cell explains it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
import torch

from betavae_core import plots, sentences
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.factors import FactorSpace, value_text
from betavae_core.pictures.colours import FACTOR_COLOURS
from betavae_core.pictures.grids import labelled_grid, strip
from betavae_core.provenance import facts
from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.tables.scores import factor_matrix
from betavae_core.traversal import codes as traversals
from pages._ui.charts import chart, drawn, picture_file, save_picture
from pages._ui.every_traversal import CAPTION, COLUMNS, every_traversal, traversals_of
from pages._ui.kept import kept_few
from pages._ui.linked import one_of

MATRICES = {"mig": "mutual information", "dci": "DCI importance"}
MEANING = {
    "mig": "Mutual information of latent and factor as a share of the factor's entropy (20 bins, "
    "as for MIG)",
    "dci": "How much boosted trees use the latent to predict the factor (as for DCI)",
}


@dataclass(frozen=True)
class Cell:
    """A latent and a factor of a run: the images of the factor's sweep, those of the latent's, and
    the latent's code along the factor."""

    images: torch.Tensor  # (S, C, H, W) uint8
    values: torch.Tensor  # (V,)
    decoded: torch.Tensor  # (V, C, H, W)
    mean: np.ndarray  # (S,)
    deviation: np.ndarray  # (S,)


def cell_of(run: Run, dataset: Dataset, latent: int, factor: int) -> Cell:
    space = dataset.space
    assert space is not None, "a factor belongs to a space"
    images = dataset.images(space.sweep(space.median(), factor))
    model: Any = run.model  # a model that encodes and decodes
    with torch.no_grad():
        mean, log_var = model.encode(to_float(images))
        start = mean[space.median()[factor]]
        values = traversals.prior_quantiles(max(len(images), COLUMNS), 0.95)
        codes = traversals.traversal_codes(start, [latent], values)
    decoded = traversals.decode_grid(model.decode, codes)[0]
    deviation = (0.5 * log_var[:, latent]).exp().numpy()
    return Cell(images, values, decoded, mean[:, latent].numpy(), deviation)


def picture(run: Run, dataset: Dataset, space: FactorSpace) -> None:
    """The traversal grid beside the latent × factor matrix; a cell, clicked or chosen from the
    list, is explained below."""
    kind_at, cell_at = st.columns([1, 1], gap="large")
    kind = one_of(
        kind_at.segmented_control,
        "Latents and factors",
        list(MATRICES),
        required=True,
        format_func=MATRICES.__getitem__,
        key="matrix",
        help=f"{MEANING['mig']}; or: {MEANING['dci'][0].lower()}{MEANING['dci'][1:]}.",
    )
    found = factor_matrix(run, kind)
    file, order = traversals_of(run, dataset, found[0] if found else None)
    left, right = st.columns([1, 1], gap="large")
    labels = [f"z{d}" for d in order]
    left.image(
        file,
        width="stretch",
        output_format="PNG",
        caption=CAPTION,
        alt=f"Traversals of {run_words(run)}; a row for each of {', '.join(labels)}",
    )
    base = space.index(space.median()[None])
    image = dataset.images(base)
    about = facts(run, dataset) | {"image": int(base[0]), "rows": labels, "caption": CAPTION}
    save_picture(
        partial(every_traversal, run, image, order),
        about,
        f"latents-{run.name}.png",
        place=left,
    )
    if found is None:
        right.info(f"The matrix of {MATRICES[kind]} is not computed yet for this model.")
        return
    matrix, factors = found[0][order], found[1]
    cells = [f"{latent}, {factor}" for latent in labels for factor in factors]
    named = f"cell-{run.name}-{kind}"
    cell = one_of(
        cell_at.selectbox,
        "Latent and factor to explain",
        cells,
        default=cells[int(matrix.argmax())],
        key=named,
        help="A click on a cell of the matrix chooses it, too.",
    )
    chosen = divmod(cells.index(cell), len(factors))
    clicked = f"cells-{run.name}-{kind}"
    with right:
        chart(
            drawn(
                plots.matrix_cells,
                matrix,
                labels,
                factors,
                what=f"{MATRICES[kind]}; click a cell to see its images",
                chosen=chosen,
            ),
            "matrix",
            f"{MEANING[kind]}, in [0, 1]; {run_words(run)}, {dataset.title} ({dataset.source}).",
            says=sentences.latent_per_factor(matrix, labels, factors),
            key=clicked,
            on_select=partial(_take_click, clicked, named, cells),
            selection_mode="points",
        )
    explain(run, dataset, space, order[chosen[0]], space.names.index(factors[chosen[1]]))


def _take_click(clicked: str, named: str, cells: Sequence[str]) -> None:
    """Choose the clicked cell; a second click on it, which only ends the selection, changes
    nothing."""
    points = (st.session_state.get(clicked) or {}).get("selection", {}).get("points", [])
    if points and points[0]["point_index"] < len(cells):
        st.session_state[named] = cells[int(points[0]["point_index"])]


def both_strips(cell: Cell, labels: list[str]) -> np.ndarray:
    blank = torch.full((len(cell.decoded) - len(cell.images), *cell.decoded.shape[1:]), 0.5)
    return labelled_grid(
        torch.stack([torch.cat([to_float(cell.images), blank]), cell.decoded]), labels, 2, 20
    )


def explain(run: Run, dataset: Dataset, space: FactorSpace, latent: int, factor: int) -> None:
    """One cell: the factor's sweep, the latent's sweep, the latent's value along the factor."""
    name = space.names[factor]
    st.markdown(f"### z{latent} and {name}")
    cell = kept_few(cell_of, run, dataset, latent, factor)
    first, last = (value_text(space, factor, i) for i in (0, space.sizes[factor] - 1))
    left, right = st.columns([1, 1], gap="large")
    with left:
        st.markdown(f"**{name}** :gray[{first} … {last}, images of the dataset]")
        file = picture_file(partial(strip, cell.images, 14))
        st.image(file, width="stretch", output_format="PNG", alt=f"{name} from {first} to {last}")
        low, high = cell.values[0], cell.values[-1]
        st.markdown(f"**z{latent}** :gray[{low:.2f} … {high:.2f}, decoded by the model]")
        file = picture_file(partial(strip, cell.decoded, 14))
        st.image(
            file,
            width="stretch",
            output_format="PNG",
            alt=f"z{latent} from {low:.2f} to {high:.2f}, decoded",
        )
        about = facts(run, dataset) | {
            "rows": [name, f"z{latent}"],
            "images": space.sweep(space.median(), factor).tolist(),
            "values": [round(value, 4) for value in cell.values.tolist()],
            "caption": f"{run_words(run)}: {name} through its values, all other factors at their "
            f"medians, and z{latent} from the code of the median image.",
        }
        save_picture(
            partial(both_strips, cell, [name, f"z{latent}"]),
            about,
            f"z{latent}-{name.replace(' ', '-')}-{run.name}.png",
        )
    deviation = cell.deviation if cell.deviation.any() else None
    figure = drawn(
        plots.value_along_factor,
        cell.mean,
        deviation,
        latent=f"z{latent}, posterior mean",
        factor=name,
        colour=FACTOR_COLOURS[factor % len(FACTOR_COLOURS)],
    )
    with right:
        chart(
            figure,
            "along",
            f"Posterior means of {run_words(run)}, for {len(cell.mean)} images of {dataset.title} "
            f"({dataset.source}), all other factors at their medians."
            + " Band: ± 2 posterior standard deviations."
            * (deviation is not None),
            says=sentences.latent_over_factor(cell.mean, deviation, f"z{latent}", name),
        )
