"""A grid of decoded images with a label per row, its caption, and its downloads."""

import functools
from typing import Any

import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.pictures.files import gif, has_mp4, mp4, png
from betavae_core.pictures.grids import grid
from betavae_core.provenance import facts
from betavae_core.store import Run
from betavae_core.traversal.pictures import Picture, Start
from pages._ui.address import page_link
from pages._ui.charts import download
from pages._ui.kept import kept
from pages._ui.style import plain


def picture_file(picture: Picture) -> bytes:
    return png(picture.drawn())


def show(picture: Picture, run: Run, dataset: Dataset | None, start: Start) -> None:
    """The picture, its caption, and the downloads with their metadata."""
    with st.container(key="labelled-traversal"):
        st.image(kept(picture_file, picture), output_format="PNG", width="content")
    st.caption(plain(picture.caption))
    about: dict[str, Any] = {
        **facts(run, dataset),
        "start": start.label,
        "image": start.index,
        **picture.about,
        "rows": picture.labels,
        "caption": picture.caption,
        "link": page_link(),
    }
    frames = functools.cache(lambda: [grid(step[None], scale=2) for step in picture.frames])
    row = st.container(horizontal=True)
    download(
        "PNG", lambda: png(picture.drawn(), about), f"{picture.name}.png", "image/png", place=row
    )
    download(
        "Animated GIF",
        lambda: gif(frames(), about),
        f"{picture.name}.gif",
        "image/gif",
        place=row,
        icon=":material/animation:",
        help="All rows side by side, stepping forwards and backwards through the columns.",
    )
    if has_mp4():
        download(
            "MP4",
            lambda: mp4(frames(), about) or b"",
            f"{picture.name}.mp4",
            "video/mp4",
            place=row,
            icon=":material/movie:",
            help="The same animation as a video, for slides.",
        )
