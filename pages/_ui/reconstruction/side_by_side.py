"""The same images through several runs: originals above, a row per run below."""

import re

import streamlit as st
import torch

from betavae_core.datasets import DATASETS, Dataset
from betavae_core.datasets.base import to_float
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import error_map, labelled_grid
from betavae_core.provenance import facts
from betavae_core.rng import generator
from betavae_core.store import Run
from betavae_core.store.labels import run_labels
from pages._ui.address import page_link
from pages._ui.charts import download
from pages._ui.linked import number, one_of, text
from pages._ui.runs import title
from pages._ui.style import plain

COLUMNS = 10
ROWS = {
    "reconstructions": "reconstructions",
    "errors": "error maps",
    "both": "both",
    "samples": "prior samples",
}


def side_by_side(runs: list[Run], dataset: Dataset | None) -> None:
    """Choices of images and of their display, then the picture, its caption and download."""
    what_at, images_at = st.columns([3, 2], gap="large", vertical_alignment="bottom")
    choices = list(ROWS) if dataset is not None else ["samples"]
    shown = one_of(
        what_at.segmented_control,
        "Show",
        choices,
        required=True,
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
            f"The images of {title(name)} are not on this machine; only prior samples can be shown."
            + (
                f" To download them: `python -m betavae_core data fetch {name}`."
                * (name in DATASETS)
            )
        )
    labels = run_labels(runs)
    lines, names, errors, largest = [], [], [], 0.0
    with torch.no_grad():
        if shown == "samples":
            for run, label in zip(runs, labels, strict=True):
                z = torch.randn(COLUMNS, run.config.latents, generator=generator(seed, "prior"))
                lines.append((255 * run.vae.decode(z)).round().to(torch.uint8))
                names.append(label)
        else:
            assert dataset is not None, "without one only samples are offered"
            x = to_float(dataset.images(rows))
            lines.append((255 * x).to(torch.uint8))
            names.append("original")
            made = [run.vae.decode(run.vae.encode(x)[0]) for run in runs]
            errors = [float((x - each).square().mean()) for each in made]
            largest = max(float((x - each).abs().mean(1).max()) for each in made)
            for each, label in zip(made, labels, strict=True):
                if shown != "errors":
                    lines.append((255 * each).round().to(torch.uint8))
                    names.append(label)
                if shown != "reconstructions":
                    lines.append(error_map(x, each, largest))
                    names.append(label if shown == "errors" else "error")
    scale = 3 if runs[0].config.shape[1] <= 32 else 2
    three = torch.stack([line.expand(-1, 3, -1, -1) for line in lines])
    picture = labelled_grid(three, names, scale=scale, size=18)
    with st.container(key="labelled-side-by-side"):
        st.image(png(picture), output_format="PNG", width="stretch")
    caption = about_picture(runs, labels, shown, dataset, errors, largest)
    st.caption(caption)
    about = {
        "runs": {run.name: facts(run, dataset) for run in runs},
        "rows": names,
        "show": shown,
        "images": rows if shown != "samples" else None,
        "seed": seed,
        "caption": caption,
        "link": page_link(),
    }
    download("PNG", png(picture, about), f"{shown}-{runs[0].config.dataset}.png", "image/png")


def choose_images(dataset: Dataset | None, shown: str) -> tuple[int, list[int]]:
    """The number of the random selection, and the images' numbers, given or drawn."""
    draw_at, given_at = st.columns([4, 5], vertical_alignment="bottom")
    seed = number(
        draw_at.number_input,
        "Random selection",
        0,
        9999,
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
        placeholder="12, 5000, 31",
        help=f"Numbers from 0 to {len(dataset) - 1:,}, separated by commas; at most {COLUMNS}.",
    )
    drawn = torch.randint(len(dataset), (COLUMNS,), generator=generator(seed, "pictures")).tolist()
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
    errors: list[float],
    largest: float,
) -> str:
    config = runs[0].config
    if shown == "samples":
        return (
            "Prior samples: images that each model decodes from random z of the prior N(0, I). "
            f"Trained on {title(config.dataset)} ({config.source})."
        )
    assert dataset is not None, "without one only samples are offered"
    part = f", {dataset.note}" if dataset.note else ""
    scale = f" Error maps: black is 0, white {largest:.2f}." if shown in ("errors", "both") else ""
    squares = ", ".join(f"{label}: {e:.4f}" for label, e in zip(labels, errors, strict=True))
    return (
        f"Images of {title(config.dataset)} ({dataset.source}{part}) and their reconstructions "
        f"(decoded posterior means). Mean squared error of these images, pixels in [0, 1]: "
        f"{squares}.{scale}"
    )
