"""A handout as one HTML file, which needs no network."""

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup
from PIL import Image

from ...beta import unbroken_page
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
SITE_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; script-src 'self'; "
    "connect-src 'self'"
)


@dataclass(frozen=True)
class Beside:
    """Files that the pages of a site share, by their addresses from one page."""

    script: str
    runs: list[str]  # the file of each run; "" for one without
    starts: str
    sprite: str
    links: list[tuple[str, str]]  # of the navigation: text and address


def handout_html(contents: Handout, beside: Beside | None = None) -> str:
    """The whole page; beside: where its files are, by default inside. All text is escaped, names of
    runs and files included."""
    used = [LIVE_DECODER] + [EMBEDDING_MAP] * bool(contents.maps)
    used += [BETA_EXPLORER] * bool(contents.explorers)
    starts = contents.starts
    html = _template().render(
        page=contents,
        beside=beside,
        runs=[
            {
                "number": number,
                "live": each,
                "facts": facts_for_people(each.run, rounded=each.rounded),
                "still": still_url(each),
                "labels": each.still.labels[:STILL_ROWS],
                "src": beside.runs[number] if beside else "",
                "file": "" if beside or each.model is None else as_text(run_file(each)),
            }
            for number, each in enumerate(contents.runs)
        ],
        starts="" if beside or starts is None else as_text(starts_file(starts)),
        data=page_data(contents, beside.sprite if beside else None),
        side=SIDE,
        components=[
            {"name": each.name, "style": Markup(each.style), "root": Markup(each.root)}
            for each in used
        ],
        policy=POLICY if beside is None else SITE_POLICY,
        style=Markup(page_style()),
        script="" if beside else Markup(handout_script()),
    )
    return unbroken_page(html)


def run_file(each: LiveRun) -> bytes:
    """A model, the settings of its sliders, and the codes of the start images."""
    return deflated(packed(each.model, {**each.settings, "codes": each.codes}))


def starts_file(starts: Starts) -> bytes:
    """The start images with their labels and factors."""
    settings = {"labels": starts.labels, "sprites": starts.sprites}
    return deflated(packed(None, settings, images=starts.images.contiguous()))


def page_data(contents: Handout, sprite: str | None = None) -> dict[str, Any]:
    """What is not in the files; the drawings of the maps stand in the page as still pictures.
    sprite: the address of the picture with the images of the maps, by default the picture itself.
    """
    maps = [
        part.data
        | {"panels": [panel | {"drawing": ""} for panel in part.data["panels"]], "sprite": ""}
        for part in contents.maps
    ]
    whole = contents.maps[0].data["sprite"] if contents.maps else ""
    return {
        "maps": maps,
        "sprites": contents.maps[0].sprites if contents.maps else [],
        "sprite": whole if sprite is None else sprite,
        "explorers": [{"run": each.run, "settings": each.settings} for each in contents.explorers],
    }


def page_style() -> str:
    """The style of every page that stands alone."""
    return _own("page.css")


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
