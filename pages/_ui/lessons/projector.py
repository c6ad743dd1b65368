"""Charts for a projector: the same, in letters and marks that the back row can see."""

import re

import plotly.graph_objects as go

from betavae_core.plots import enlarged
from betavae_core.plots.base import SIZE
from pages._ui.charts import Drawn, drawn

HEIGHT = 470  # pixels, what is left of a screen of 720
QUESTION = 134  # of these, if the question stands below
GAP = 60  # of these, if the gap between guess and answer stands above
SQUARE = 46  # of a matrix
WIDE = 0.52  # the width of a letter, in heights of letters
BREAK = re.compile(r" (?=\()|(?<=,) ")  # where the title of an axis may go on in the next line


def for_projector(made: Drawn, least: int, height: int = HEIGHT) -> Drawn:
    """The chart, `height` pixels high, with no letter below `least` pixels."""
    return drawn(_for_projector, made, least, height)


def _for_projector(made: Drawn, least: int, height: int) -> go.Figure:
    ratio = least / SIZE
    figure = enlarged(made.figure(), ratio, least=least, height=height)
    for trace in figure.data:
        if trace.type == "scatter" and trace.marker.symbol == "square":
            trace.marker.size = SQUARE
        elif trace.type == "scatter" and isinstance(trace.marker.size, int | float):
            trace.marker.size *= ratio
    title = figure.layout.yaxis.title
    if title.text:
        title.text = in_lines(title.text, round(height / (WIDE * least)))
    return figure


def in_lines(title: str, letters: int) -> str:
    """A title of a vertical axis, which the browser would cut off: in two lines if it has more
    letters than fit, the longer one as short as a break before "(" or after a comma makes it."""
    breaks = [(title[: at.start()], title[at.end() :]) for at in BREAK.finditer(title)]
    if len(title) <= letters or not breaks:
        return title
    return "<br>".join(min(breaks, key=lambda lines: max(map(len, lines))))
