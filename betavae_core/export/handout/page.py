"""A handout as one HTML file, which needs no network."""

import io
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup
from PIL import Image

from ...browser.component import BETA_EXPLORER, EMBEDDING_MAP, LIVE_DECODER, handout_script
from ...browser.files import as_text, deflated, png_url
from ...browser.model import packed
from ...embedding.live import SIDE
from ...pictures.grids import grid
from .about import facts_for_people
from .content import Handout
from .live import STILL_ROWS, LiveRun, Starts

COLOURS = 128  # of a still picture
# nothing comes from a network, and no text becomes a program
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def handout_html(contents: Handout) -> str:
    """The whole page. All text is escaped, names of runs and files included."""
    used = [LIVE_DECODER] + [EMBEDDING_MAP] * bool(contents.maps)
    used += [BETA_EXPLORER] * bool(contents.explorers)
    starts = contents.starts
    return _template().render(
        page=contents,
        runs=[
            {
                "number": number,
                "live": each,
                "facts": facts_for_people(each.run, rounded=each.rounded),
                "still": still_url(each),
                "labels": each.still.labels[:STILL_ROWS],
                "file": None if each.model is None else run_file(each),
            }
            for number, each in enumerate(contents.runs)
        ],
        starts=None if starts is None else starts_file(starts),
        data=page_data(contents),
        side=SIDE,
        components=[
            {"name": each.name, "style": Markup(each.style), "root": Markup(each.root)}
            for each in used
        ],
        policy=POLICY,
        style=Markup(_own("page.css")),
        script=Markup(handout_script()),
    )


def run_file(each: LiveRun) -> str:
    """A model, the settings of its sliders, and the codes of the start images."""
    settings = {**each.settings, "codes": each.codes}
    return as_text(deflated(packed(each.model, settings)))


def starts_file(starts: Starts) -> str:
    """The start images with their labels and factors."""
    settings = {"labels": starts.labels, "sprites": starts.sprites}
    return as_text(deflated(packed(None, settings, images=starts.images.contiguous())))


def page_data(contents: Handout) -> dict[str, Any]:
    """What is not in the files; the drawings of the maps stand in the page as still pictures."""
    maps = [
        part.data
        | {"panels": [panel | {"drawing": ""} for panel in part.data["panels"]], "sprite": ""}
        for part in contents.maps
    ]
    return {
        "maps": maps,
        "sprites": contents.maps[0].sprites if contents.maps else [],
        "sprite": contents.maps[0].data["sprite"] if contents.maps else "",
        "explorers": [{"run": each.run, "settings": each.settings} for each in contents.explorers],
    }


def still_url(each: LiveRun) -> str:
    """The traversals of a run as a small PNG."""
    return png_url(_small_png(grid(each.still.images[:STILL_ROWS], gap=1)))


def _small_png(picture: np.ndarray) -> bytes:
    """A picture uint8 (H, W, 3) as PNG of few colours: a third of the size."""
    buffer = io.BytesIO()
    few = Image.fromarray(picture).quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_own("page.html"))


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
