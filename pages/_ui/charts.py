"""A chart in the form of every page: below a sentence that says what it shows, how it was measured,
and a download of its numbers."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.pictures.files import png
from betavae_core.plots import chart_table, copied, enlarged
from betavae_core.provenance import versions
from pages._ui.address import page_link
from pages._ui.kept import kept
from pages._ui.style import plain
from pages._ui.text_size import text_scale


@dataclass(frozen=True)
class Drawn:
    """A figure that is kept: how it is made. Equal ones have the same figure."""

    make: Callable[..., go.Figure]
    arguments: tuple[Any, ...]
    named: dict[str, Any]

    def figure(self) -> go.Figure:
        """Shared by all visitors: nobody may change it."""
        return kept(self.make, *self.arguments, **self.named)


def drawn(make: Callable[..., go.Figure], *arguments: Any, **named: Any) -> Drawn:
    """The figure `make(*arguments, **named)`, made once for equal arguments."""
    return Drawn(make, arguments, named)


def said(says: str, measured: str, name: str) -> DeltaGenerator:
    """A bold sentence that says what a chart shows and, folded behind "How measured", how it was
    measured; screen readers and print get both. Both are plain text, without markdown. Returns the
    row for downloads. name: of the chart, unique on its page."""
    place = st.container(gap="xxsmall", key=f"said-{name}")
    if says:
        place.markdown(f"**{plain(says)}**")
    row = place.container(horizontal=True, vertical_alignment="top", gap="small")
    row.expander("How measured", type="compact", key=f"measured-{name}").caption(plain(measured))
    return row


def chart(figure: Drawn, name: str, measured: str, *, says: str, **options: Any) -> Any:
    """Show a figure below its sentence (`said`), with a download of its numbers; the button in the
    figure's corner saves it as SVG. Both files contain the sentence and how it was measured.
    Returns the result of `st.plotly_chart`."""
    link = page_link()
    row = said(says, measured, name)
    download(
        "CSV",
        lambda: numbers(figure.figure(), [says, measured], link),
        f"{name}.csv",
        "text/csv",
        place=row,
        help="The numbers in this chart. The button in the chart's corner saves it as SVG.",
    )
    return st.plotly_chart(
        kept(described, figure, [says, measured, f"link: {link}"], text_scale()),
        **{
            "key": name,
            "alt": says,
            "config": {
                "displaylogo": False,
                "modeBarButtons": [["toImage"]],
                "toImageButtonOptions": {"format": "svg", "filename": name},
            },
        }
        | options,
    )


def described(figure: Drawn, notes: list[str], scale: float = 1.0) -> go.Figure:
    """A copy with its text enlarged, and with the notes and the versions as invisible text inside
    the SVG: only the browser draws plotly's figures, and its button adds no metadata."""
    text = html.escape("; ".join([*(note for note in notes if note), _made_with()]), quote=False)
    invisible = {"opacity": 0, "showarrow": False, "font": {"size": 1}, "captureevents": False}
    corner = {"x": 0, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "left"}
    shown = copied(figure.figure()) if scale == 1 else enlarged(figure.figure(), scale)
    return shown.add_annotation(text=text, **invisible, **corner)


def download(
    label: str,
    data: str | bytes | Callable[[], str | bytes],
    file: str,
    mime: str,
    *,
    place: DeltaGenerator | None = None,
    icon: str = ":material/download:",
    help: str | None = None,
) -> None:
    """A small button that saves a file; if data is a function, the file is made on demand."""
    (place or st).download_button(
        label,
        data,
        file,
        mime,
        icon=icon,
        type="tertiary",
        on_click="ignore",
        key=f"save-{file}",
        help=help,
    )


def picture_file(pixels: Callable[[], np.ndarray]) -> bytes:
    """A picture as PNG, drawn once while it is the same: a partial application of a function of a
    module, whose arguments tell."""
    return kept(_file, pixels)


def _file(pixels: Callable[[], np.ndarray]) -> bytes:
    return png(pixels())


def save_picture(
    pixels: Callable[[], np.ndarray],
    about: dict[str, Any],
    file: str,
    *,
    label: str = "PNG",
    place: DeltaGenerator | None = None,
) -> None:
    """A download of a picture, drawn on demand; about: the description in its file, besides the
    link."""
    said = about | {"link": page_link()}
    download(label, lambda: png(pixels(), said), file, "image/png", place=place)


def numbers(figure: go.Figure, about: list[str], link: str) -> str:
    """The chart's numbers as CSV below comment lines: sentences about it, axes, versions, link."""
    axes = [figure.layout[axis].title.text for axis in ("xaxis", "yaxis")]
    notes = [f"{axis}: {text}" for axis, text in zip("xy", axes, strict=True) if text]
    return commented(chart_table(figure), [*about, *notes, f"link: {link}"])


def commented(table: pd.DataFrame, notes: list[str]) -> str:
    """A table as CSV below the notes and the versions, in lines that begin with #."""
    lines = [f"# {line}" for note in [*notes, _made_with()] for line in note.splitlines() if line]
    return "\n".join([*lines, table.to_csv(index=False)])


def _made_with() -> str:
    return ", ".join(f"{name} {version}" for name, version in versions().items())
