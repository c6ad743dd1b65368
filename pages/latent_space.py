"""Where do the factors go in latent space?"""

import math

import numpy as np
import pandas as pd
import streamlit as st
import torch

from betavae_core import plots
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.embeddings import Path, path_numbers
from betavae_core.figures import grid, png
from betavae_core.store import Run
from pages._ui.choose import choose_runs
from pages._ui.embedding_map import embedding_map
from pages._ui.encoded import codes
from pages._ui.factors import value_text
from pages._ui.latent_map import MAPS, choose_map, panels_of
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out,
    same_images,
    show_broken,
    show_no_runs,
    title,
)
from pages._ui.side_by_side import run_labels
from pages._ui.style import chart_config, plain_errors
from pages._ui.visited import Visited, choose_visited


def numbers(
    runs: list[Run], visited: Visited, encoded: list[tuple[np.ndarray, np.ndarray]]
) -> None:
    """What the eye sees, measured: a column per run."""
    paths = [Path(line.factor, np.array(visited.rows)[line.points]) for line in visited.lines]
    order = np.concatenate([line.points for line in visited.lines])
    columns: dict[str, dict[str, float]] = {}
    kl: dict[str, dict[str, float]] = {}
    for label, (mean, log_var) in zip(run_labels(runs), encoded, strict=True):
        found = path_numbers(paths, mean[order], log_var[order], visited.names)
        column = {
            "spread of the means": found["spread"],
            "mean posterior σ": found["sigma"],
            "distance to the nearest code": found["nearest"],
            "the same in posterior σ": found["separation"],
        }
        if visited.joined:
            for name, value in found["length"].items():
                column[f"length of the path of {name}"] = value
            for name, value in found["straightness"].items():
                column[f"straightness of {name}"] = value
        column["KL, all latents, nats"] = sum(found["kl"])
        columns[label] = column
        kl[label] = {f"z{d}": value for d, value in enumerate(found["kl"])}
    table = pd.DataFrame(columns)
    st.dataframe(
        table,
        column_config={
            "_index": st.column_config.TextColumn("measured on the codes that are shown"),
            **{name: st.column_config.NumberColumn(format="%.3f") for name in table.columns},
        },
        height="content",
    )
    with st.expander("KL of each latent, nats"):
        st.dataframe(
            pd.DataFrame.from_dict(kl, orient="index"),
            column_config={
                f"z{d}": st.column_config.NumberColumn(format="%.2f")
                for d in range(max(map(len, kl.values())))
            },
        )
    with st.expander("What the numbers mean"):
        st.markdown(
            "In the whole latent space, not in its picture; lengths are in standard deviations of "
            "the prior. **Spread**: root of the mean variance of the posterior means. **Distance "
            "to the nearest code**: median over the images; the same in each image's own posterior "
            "σ, latent by latent: well above 2 neighbouring posteriors keep apart, below about 1 "
            "they cover each other and the decoder cannot tell those images apart: the paper's "
            "*sparse* (low β) against *dense* (high β). The **mean posterior σ** counts collapsed "
            "latents, whose σ is 1. **Length**: summed steps along a "
            "path. **Straightness**: distance of its ends over its length, 1 for a straight line, "
            "0 for a closed loop such as a full turn."
        )
    st.download_button(
        "The numbers as CSV",
        table.to_csv(),
        "latent-space.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def opened(
    number: int,
    visited: Visited,
    runs: list[Run],
    dataset: Dataset,
    encoded: list[tuple[np.ndarray, np.ndarray]],
) -> None:
    """The clicked image: its factors, its reconstructions, its codes."""
    row = visited.rows[number]
    image = to_float(dataset.images([row]))
    picture_at, text_at = st.columns([2, 3], gap="large")
    with torch.no_grad():
        made = [run.vae.decode(run.vae.encode(image)[0]) for run in runs]
    with picture_at:
        st.image(
            png(grid(torch.cat([image, *made])[None], scale=2)),
            output_format="PNG",
            width="stretch",
            caption="the image, then reconstructions: " + ", ".join(run_labels(runs)),
        )
    with text_at:
        st.markdown(f"**Image {row:,}**")
        space = dataset.space
        if space is not None:
            values = space.factors(np.array([row]))[0]
            st.markdown(
                ", ".join(
                    f"{name} **{value_text(space, k, int(v))}**"
                    for k, (name, v) in enumerate(zip(space.names, values, strict=True))
                )
            )
        elif dataset.labels is not None:
            st.markdown(f"class **{dataset.classes[dataset.labels[row]]}**")
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
                index=run_labels(runs),
                columns=[f"z{d}" for d in range(shown)],
            )
        )
        st.caption(
            "Posterior mean ± σ of each latent" + f", the first {shown}." * (shown < latents)
        )


st.title("Where do the factors go in latent space?")
with plain_errors():
    everything, broken = all_runs()
    show_broken(broken)
    if not everything:
        show_no_runs()
    runs, others = same_images(choose_runs(everything))
    dataset = dataset_of(runs[0])
    if dataset is None:
        st.info(
            f"The images of {title(runs[0].config.dataset)} are not on this machine, so there is "
            "nothing to encode. The page Datasets says how to get them.",
            icon=":material/image_not_supported:",
        )
        st.stop()
    left_out(others, "images of another size or source")
    visited = choose_visited(dataset)
    choice = choose_map(min(run.config.latents for run in runs))
    encoded = [codes(run.weights_hash, dataset.key, visited.rows, run, dataset) for run in runs]
    panels = panels_of(runs, dataset, visited, choice, encoded)
    if choice.deep:
        places = st.columns(min(len(panels), 2))
        for number, panel in enumerate(panels):
            place = places[number % len(places)]
            place.markdown(f"**{panel.title}** :gray[{panel.note}]")
            place.plotly_chart(
                plots.in_three_dimensions(
                    panel.points,
                    [(line.group, line.points, line.joined) for line in visited.drawn],
                    visited.groups,
                    visited.labels,
                    ["PC 1", "PC 2", "PC 3"],
                ),
                key=f"deep-{number}",
                config=chart_config(f"latent-space-{number}"),
            )
        clicked = None
    else:
        clicked = embedding_map(
            panels,
            visited.groups,
            visited.drawn,
            dataset.images(visited.rows),
            visited.labels,
            shared=choice.shared,
            key="latent-map",
        )
    part = f", {dataset.note}" if dataset.note else ""
    st.caption(
        f"{visited.about} of {title(dataset.name)} ({dataset.source}{part}), posterior means of "
        f"{len(visited.rows):,} images; {MAPS[choice.method]}."
        + ("" if choice.deep else " Point at an image to see it in every panel, click to open it.")
        + (" The grey cross is the mean of the prior." if choice.crossed else "")
    )
    if clicked is not None:
        opened(clicked, visited, runs, dataset, encoded)
    st.subheader("What the eye sees, measured")
    numbers(runs, visited, encoded)
