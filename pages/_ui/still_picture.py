"""A grid of decoded images with a label per row, its caption, and its downloads."""

import functools
from typing import Any

import streamlit as st
import torch

from betavae_core.evaluation import versions
from betavae_core.figures import gif, grid, has_mp4, labelled_grid, mp4, png
from betavae_core.store import Run
from pages._ui.choose import Start
from pages._ui.links import page_link
from pages._ui.side_by_side import spelled


def show(
    images: torch.Tensor,
    labels: list[str],
    caption: str,
    name: str,
    about: dict[str, Any],
    moving: torch.Tensor | None = None,
) -> None:
    """Images (R, S, C, H, W) with a label per row, the caption, and the downloads; moving: what
    the animation steps through, (S, …) of rows side by side, by default the columns."""
    scale = 3 if images.shape[-1] <= 32 else 2
    picture = labelled_grid(images, spelled(labels), scale=scale, size=20)
    with st.container(key="labelled-traversal"):
        st.image(png(picture), output_format="PNG", width="content")
    st.caption(caption)
    about = about | {"rows": labels, "caption": caption, "versions": versions()}
    steps = images.transpose(0, 1) if moving is None else moving  # (S, R, C, H, W)
    frames = functools.cache(lambda: [grid(step[None], scale=2) for step in steps])
    row = st.container(horizontal=True)
    row.download_button(
        "PNG",
        png(picture, about),
        f"{name}.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
    )
    row.download_button(
        "Moving GIF",
        lambda: gif(frames(), about),
        f"{name}.gif",
        "image/gif",
        icon=":material/animation:",
        on_click="ignore",
        help="All rows side by side, stepping through the columns and back.",
    )
    if has_mp4():
        row.download_button(
            "MP4",
            lambda: mp4(frames(), about) or b"",
            f"{name}.mp4",
            "video/mp4",
            icon=":material/movie:",
            on_click="ignore",
            help="The same as a video, for slides.",
        )


def facts(run: Run, start: Start) -> dict[str, Any]:
    """What every download says of itself."""
    return {
        "run": run.name,
        "images_seen": run.images_seen,
        "weights": run.weights_hash,
        "start": start.label,
        "link": page_link(),
    }
