"""Charts for a projector: the same, in letters and marks that the back row can see."""

import plotly.graph_objects as go

from betavae_core.plots import enlarged
from betavae_core.plots.base import SIZE
from pages._ui.charts import Drawn, drawn

HEIGHT = 470  # pixels, what is left of a screen of 720
QUESTION = 134  # of these, if the question stands below
GAP = 60  # of these, if the gap between guess and answer stands above
SQUARE = 46  # of a matrix


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
    return figure
