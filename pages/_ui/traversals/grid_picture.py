"""A grid of decoded images with a label per row, its caption, and its downloads."""

import functools
from collections.abc import Callable
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
from pages._ui.kept import kept_few
from pages._ui.style import plain
from pages._ui.text_size import letters

Pictured = tuple[Picture, bytes]  # with its PNG


def pictured(make: Callable[..., Picture], *arguments: Any) -> Pictured:
    """The picture `make(*arguments)`, drawn once for equal arguments."""
    return kept_few(_drawn, make, arguments, letters(20))


def _drawn(make: Callable[..., Picture], arguments: tuple[Any, ...], height: int) -> Pictured:
    picture = make(*arguments)
    return picture, png(picture.drawn(height))


def show(shown: Pictured, run: Run, dataset: Dataset | None, start: Start) -> None:
    """The picture, its caption, and the downloads with their metadata."""
    picture, file = shown
    with st.container(key="labelled-traversal"):
        st.image(file, output_format="PNG", width="content", alt=picture.caption)
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
