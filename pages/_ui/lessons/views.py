"""The table of views: the name of each in a lesson's file, and the function that draws it."""

from collections.abc import Callable

from betavae_core.lessons import VIEWS
from pages._ui.lessons.charts import distances, losses, matrix, numbers, pairs, scores
from pages._ui.lessons.live import beta_slider, latent_map, metric, sliders
from pages._ui.lessons.pictures import still
from pages._ui.lessons.showing import Shown

DRAWN: dict[str, Callable[[Shown], None]] = {
    "sliders": sliders,
    "beta slider": beta_slider,
    "map": latent_map,
    "scores": scores,
    "pairs": pairs,
    "numbers": numbers,
    "metric": metric,
    "matrix": matrix,
    "distances": distances,
    "losses": losses,
    "traversal": still,
    "reconstructions": still,
}
assert set(DRAWN) == set(VIEWS), "every view that a file can name is drawn"


def draw_view(shown: Shown) -> None:
    """Draw one view of a step."""
    DRAWN[shown.view.name](shown)
