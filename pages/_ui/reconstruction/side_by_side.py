"""The same images through several runs: originals above, a row per run below."""

import re
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.datasets import DATASETS, Dataset, dataset_title
from betavae_core.datasets.base import to_float
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import labelled_grid
from betavae_core.pictures.reconstructions import (
    COLUMNS,
    LAST_SELECTION,
    Rows,
    add_samples,
    random_images,
    reconstruction_rows,
)
from betavae_core.provenance import facts
from betavae_core.store import Run
from betavae_core.store.labels import run_labels
from pages._ui.address import page_link
from pages._ui.charts import download
from pages._ui.kept import kept_few
from pages._ui.linked import number, one_of, text
from pages._ui.runs import prepare
from pages._ui.style import plain
from pages._ui.text_size import letters

ROWS = {
    "reconstructions": "reconstructions",
    "errors": "error maps",
    "both": "both",
    "samples": "prior samples",
}


@dataclass(frozen=True)
class Choice:
    """The chosen images of runs, and the place for their picture."""

    runs: list[Run]
    dataset: Dataset | None
    shown: str  # key of ROWS
    seed: int
    rows: list[int]
    place: DeltaGenerator


def choose_pictures(runs: list[Run], dataset: Dataset | None) -> Choice:
    """The choices of images and of their display."""
    what_at, images_at = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    choices = list(ROWS) if dataset is not None else ["samples"]
    shown = one_of(
        what_at.segmented_control,
        "Show",
        choices,
        required=True,
        wrap=True,
        format_func=ROWS.__getitem__,
        key="show",
        help="Reconstructions are decoded posterior means. Error maps show the absolute difference "
        "from the original, black to white, on the same scale for all models. Prior samples use "
        "the same z for all models with the same number of latents.",
    )
    with images_at:
        seed, rows = choose_images(dataset, shown)
    if dataset is None:
        name = runs[0].config.dataset
        st.caption(
            f"The images of {dataset_title(name)} are not on this machine; only prior samples can "
            "be shown."
            + (
                f" To download them: `python -m betavae_core data fetch {name}`."
                * (name in DATASETS)
            )
        )
    return Choice(runs, dataset, shown, seed, rows, st.container())


def side_by_side(choice: Choice) -> None:
    """The picture, its caption and download, in their place: a dataset that must be rendered first
    does not delay what stands below."""
    with choice.place:
        _draw(choice.runs, choice.dataset, choice.shown, choice.seed, choice.rows)


def _draw(runs: list[Run], dataset: Dataset | None, shown: str, seed: int, rows: list[int]) -> None:
    if shown != "samples":
        prepare(dataset, rows)
    labels = run_labels(runs)
    pictured, file = kept_few(pictured_rows, runs, labels, dataset, shown, rows, seed, letters(18))
    with st.container(key="labelled-side-by-side"):
        rows_read = f"Rows: {', '.join(pictured.names)}"
        st.image(file, output_format="PNG", width="stretch", alt=rows_read)
    caption = about_picture(runs, labels, shown, dataset, pictured)
    st.caption(caption)
    about = {
        "runs": {run.name: facts(run, dataset) for run in runs},
        "rows": pictured.names,
        "show": shown,
        "images": rows if shown != "samples" else None,
        "seed": seed,
        "caption": caption,
        "link": page_link(),
    }
    saved = f"{shown}-{runs[0].config.dataset}.png"
    download("PNG", lambda: png(joined(pictured, runs[0]), about), saved, "image/png")


def joined(pictured: Rows, first: Run, height: int = 18) -> np.ndarray:
    """The rows as one picture; small images are enlarged more. height: of letters, in pixels."""
    scale = 3 if first.config.shape[1] <= 32 else 2
    return labelled_grid(pictured.images, pictured.names, scale=scale, size=height)


def pictured_rows(
    runs: list[Run],
    labels: list[str],
    dataset: Dataset | None,
    shown: str,
    rows: list[int],
    seed: int,
    height: int,
) -> tuple[Rows, bytes]:
    """What `shown` names of each run, and the picture of it: prior samples, or reconstructions and
    error maps of these rows of the dataset."""
    models = [run.vae for run in runs]
    if shown == "samples":
        pictured = Rows()
        add_samples(pictured, models, labels, COLUMNS, seed)
    else:
        assert dataset is not None, "without one only samples are offered"
        pictured = reconstruction_rows(
            models,
            labels,
            to_float(dataset.images(rows)),
            reconstructions=shown != "errors",
            errors=shown != "reconstructions",
        )
    return pictured, png(joined(pictured, runs[0], height))


def choose_images(dataset: Dataset | None, shown: str) -> tuple[int, list[int]]:
    """The number of the random selection, and the images' numbers, given or drawn."""
    draw_at, given_at = st.columns([4, 5], vertical_alignment="bottom")
    seed = number(
        draw_at.number_input,
        "Random selection",
        0,
        LAST_SELECTION,
        0,
        key="draw",
        help="A different number selects different images or prior samples.",
    )
    if dataset is None or shown == "samples":
        return seed, []
    given_text = text(
        given_at.text_input,
        "Image numbers (instead of a random selection)",
        key="images",
        placeholder="12, 200, 31",
        help=f"Numbers from 0 to {len(dataset) - 1:,}, separated by commas; at most {COLUMNS}.",
    )
    drawn = random_images(len(dataset), seed)
    written = re.split(r"[\s,;]+", given_text.strip(" ,;"))
    given = [int(word) for word in written if re.fullmatch(r"[0-9]{1,18}", word)]
    if strange := [word for word in written if word and not word.isdecimal()]:
        st.warning(
            f"{plain(strange[0][:40])} is not an image number; image numbers are whole numbers."
        )
    if wrong := [image for image in given if image >= len(dataset)]:
        st.warning(f"There is no image {wrong[0]:,}; the last image is {len(dataset) - 1:,}.")
        given = [image for image in given if image < len(dataset)]
    return seed, given[:COLUMNS] or drawn


def about_picture(
    runs: list[Run],
    labels: list[str],
    shown: str,
    dataset: Dataset | None,
    pictured: Rows,
) -> str:
    config = runs[0].config
    if shown == "samples":
        return (
            "Prior samples: images that each model decodes from random z of the prior N(0, I). "
            f"Trained on {dataset_title(config.dataset)} ({config.source})."
        )
    assert dataset is not None, "without one only samples are offered"
    scale = (
        f" Error maps: black is 0, white {pictured.largest:.2f}."
        if shown in ("errors", "both")
        else ""
    )
    squares = ", ".join(
        f"{label}: {e:.4f}" for label, e in zip(labels, pictured.errors, strict=True)
    )
    return (
        f"Images of {dataset_title(config.dataset)} ({dataset.source_and_part}) and their "
        "reconstructions "
        f"(decoded posterior means). Mean squared error of these images, pixels in [0, 1]: "
        f"{squares}.{scale}"
    )
