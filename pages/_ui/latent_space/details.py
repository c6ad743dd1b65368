"""The parts below the latent-space panels: the numbers, and the clicked image."""

import math
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
import torch

from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.embedding.numbers import embedding_table, number_column, path_numbers
from betavae_core.embedding.panels import Panel, drawn
from betavae_core.embedding.paths import FactorPath
from betavae_core.embedding.shown import ShownImages
from betavae_core.embedding.svg import embedding_svg
from betavae_core.factors import value_text
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import grid, labelled_grid
from betavae_core.provenance import facts, versions
from betavae_core.store import Run
from betavae_core.store.labels import run_labels
from pages._ui.address import answered, harmless, note, page_link, say, want, wished
from pages._ui.charts import commented, download, save_picture
from pages._ui.style import plain

MEANING = (
    "All numbers are measured in the full latent space, not in its two-dimensional picture; "
    "lengths are in standard deviations of the prior. **Spread**: root mean variance of the "
    "posterior means. **Distance to the nearest code**: median over the images. The same distance "
    "in units of each image's own posterior σ tells whether neighbouring posteriors overlap: well "
    "above 2 they are separate; below about 1 they cover each other, and the decoder cannot tell "
    "those images apart. The paper calls this *sparse* (low β) and *dense* (high β). The **mean "
    "posterior σ** includes collapsed latents, whose σ is 1. **Path length**: sum of the steps "
    "along a path. **Straightness**: distance between the ends of a path divided by its length; 1 "
    "for a straight line, 0 for a closed loop such as a full rotation."
)


def measured(
    runs: list[Run],
    dataset: Dataset,
    visited: ShownImages,
    encoded: list[tuple[np.ndarray, np.ndarray]],
) -> list[dict[str, Any]]:
    """`path_numbers` of every run."""
    paths = tuple((path.factor, tuple(path.rows.tolist())) for path in visited.paths)
    order = np.concatenate([line.points for line in visited.lines])
    names = tuple(visited.names)
    return [
        _measured(run.weights_hash, dataset.key, paths, names, mean[order], log_var[order])
        for run, (mean, log_var) in zip(runs, encoded, strict=True)
    ]


@st.cache_data(max_entries=200, show_spinner="Measuring …")
def _measured(
    weights: str,
    key: str,
    paths: tuple[tuple[int, tuple[int, ...]], ...],
    names: tuple[str, ...],
    _mean: np.ndarray,
    _log_var: np.ndarray,
) -> dict[str, Any]:
    """Cached by the weights' hash, the dataset and its images."""
    visited = [FactorPath(factor, np.array(rows)) for factor, rows in paths]
    return path_numbers(visited, _mean, _log_var, names)


def numbers(
    labels: list[str], found: list[dict[str, Any]], runs: list[Run], *, joined: bool, about: str
) -> None:
    """The table of numbers, a column per run."""
    table = pd.DataFrame(
        {
            label: number_column(each, with_paths=joined)
            for label, each in zip(labels, found, strict=True)
        }
    )
    st.dataframe(
        table,
        column_config={
            "_index": st.column_config.TextColumn("Quantity"),
            **{name: st.column_config.NumberColumn(format="%.3g") for name in table.columns},
        },
        height="content",
        alt="Numbers of the latent space, a column for each model",
    )
    with st.expander("KL of each latent (nats)"):
        kl = {
            label: {f"z{d}": value for d, value in enumerate(each["kl"])}
            for label, each in zip(labels, found, strict=True)
        }
        st.dataframe(
            pd.DataFrame.from_dict(kl, orient="index"),
            column_config={
                f"z{d}": st.column_config.NumberColumn(format="%.2f")
                for d in range(max(map(len, kl.values())))
            },
            alt="KL of each latent in nats, a row for each model",
        )
    with st.expander("What the numbers mean"):
        st.markdown(MEANING)
    link = page_link()
    said = [about, "lengths in standard deviations (σ) of the prior"]
    said += [f"{label}: {run.name}" for label, run in zip(labels, runs, strict=True)]
    written = table.rename_axis("measured").reset_index()
    download(
        "These numbers as CSV",
        lambda: commented(written, [*said, f"link: {link}"]),
        "latent-space-numbers.csv",
        "text/csv",
    )


def downloads(
    runs: list[Run],
    dataset: Dataset,
    visited: ShownImages,
    panels: list[Panel],
    encoded: list[tuple[np.ndarray, np.ndarray]],
    *,
    shared: bool,
    about: str,
) -> None:
    """Downloads of the panels as a picture and as numbers."""
    link, rows = page_link(), np.array(visited.rows)

    def table() -> str:
        parts = []
        for run, panel, (mean, log_var) in zip(runs, panels, encoded, strict=True):
            for line in visited.drawn:
                at = line.points
                groups = [line.group] * len(at)
                part = embedding_table(
                    rows[at], groups, panel.points[at], mean[at], log_var[at], dataset.space
                )
                parts.append(part.assign(run=run.name))
        explained = [f"{panel.title}: {panel.note}" for panel in panels]
        return commented(pd.concat(parts), [about, *explained, f"link: {link}"])

    def picture() -> str:
        lines = {panel.title: drawn(panel, visited.drawn, visited.groups) for panel in panels}
        runs_named = ", ".join(run.name for run in runs)
        return embedding_svg(
            lines,
            shared=shared,
            prior=all(panel.origin for panel in panels),
            notes={panel.title: panel.note for panel in panels},
            below={panel.title: panel.numbers for panel in panels},
            held={panel.title: panel.held for panel in panels if panel.held is not None},
            about=f"{about} Runs: {runs_named}. Link: {link}. {versions()}",
        )

    row = st.container(horizontal=True, gap="medium")
    download("SVG", picture, "latent-space.svg", "image/svg+xml", place=row)
    download("CSV", table, "latent-space.csv", "text/csv", place=row)


OPENED = "opened"  # in the link: the number of the clicked image


def linked_image(visited: ShownImages, dataset: Dataset) -> int | None:
    """The image that the link opens. A missing one gets a sentence and is forgotten, like that of
    another dataset, whose number means another image here."""
    linked, asked = answered(OPENED), wished(OPENED)
    before = st.session_state.get(OPENED, dataset.key)
    st.session_state[OPENED] = dataset.key
    if asked is None:
        return None
    if before != dataset.key and linked is None:
        want(OPENED, None)
        return None
    row = int(asked) if asked.isdecimal() and len(asked) < 16 else -1
    if row in visited.rows:
        return visited.rows.index(row)
    want(OPENED, None)
    if row >= 0:
        st.info(f"Image {row:,}, which was opened before, is not among the images shown now.")
    elif linked:
        say(f'The link opens the image "{harmless(asked)}", but images have whole numbers.')
    return None


def opened(
    number: int,
    visited: ShownImages,
    runs: list[Run],
    dataset: Dataset,
    encoded: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    """The clicked image: its factors, reconstructions and codes; the link then contains it."""
    row, labels = visited.rows[number], run_labels(runs)
    want(OPENED, [str(row)])
    note(OPENED, [str(row)], usual=False)
    image = to_float(dataset.images([row]))
    picture_at, text_at = st.columns([2, 3], gap="large")
    with torch.no_grad():
        made = [run.vae.decode(run.vae.encode(image)[0]) for run in runs]
    pictures = torch.cat([image, *made])
    caption = "Left: the image. Then its reconstructions: " + ", ".join(labels) + "."
    names, known = ["image", *labels], _known(dataset, row)
    with picture_at:
        st.image(
            png(grid(pictures[None], scale=2)),
            output_format="PNG",
            width="stretch",
            caption=caption,
            alt=caption,
        )
        about = {
            "runs": {run.name: facts(run, dataset) for run in runs},
            "rows": names,
            "image": row,
            "known": known,
            "caption": f"Image {row:,} of {dataset.title} and its reconstructions (decoded "
            "posterior means).",
        }
        save_picture(
            lambda: labelled_grid(pictures[:, None].expand(-1, 1, 3, -1, -1), names, 3, 20),
            about,
            f"{dataset.name}-image-{row}.png",
        )
    with text_at:
        st.markdown(f"**Image {row:,}**")
        if known:
            st.markdown(", ".join(f"{name} **{plain(value)}**" for name, value in known.items()))
        latents = max(mean.shape[1] for mean, _ in encoded)
        shown = min(latents, 16)
        st.dataframe(
            pd.DataFrame(
                [
                    [
                        f"{m:.2f} ± {math.exp(0.5 * v):.2f}"
                        for m, v in zip(mean[number][:shown], log_var[number][:shown], strict=True)
                    ]
                    for mean, log_var in encoded
                ],
                index=labels,
                columns=[f"z{d}" for d in range(shown)],
            ),
            alt="Posterior mean ± σ of each latent, a row for each model",
        )
        st.caption(
            "Posterior mean ± σ of each latent" + f", the first {shown}." * (shown < latents)
        )


def _known(dataset: Dataset, row: int) -> dict[str, str]:
    """The value of every factor, or the class."""
    space = dataset.space
    if space is not None:
        values = space.factors(np.array([row]))[0]
        return {name: value_text(space, k, int(values[k])) for k, name in enumerate(space.names)}
    if dataset.labels is not None:
        return {"class": str(dataset.classes[dataset.labels[row]])}
    return {}
