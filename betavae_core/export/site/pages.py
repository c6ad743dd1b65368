"""The pages of a site that are no handouts: the first one, and the charts of what was measured."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from ...beta import unbroken_page
from ...lessons import Lesson
from ...provenance import versions
from ...scoring.elbo import active_latents, measured_elbo
from ...sentences import HOW_JUDGED
from ...store import Run
from ...story.card import Card
from ...tables.parts import PARTS
from ..handout.page import SITE_POLICY, page_style
from .measured import Charts

FACTS = ("model", "length", "beta", "seed")  # parts of a run in the table of all runs

Links = list[tuple[str, str]]  # text and address


def index_page(
    groups: list[dict[str, Any]], lessons: list[tuple[Lesson, str]], links: Links
) -> str:
    """The first page; lessons: each with its address; groups: for each the key, the title, what is
    missing, the cards, the pages (text and address) and the runs."""
    made = ", ".join(f"{name} {number}" for name, number in versions().items())
    return render("index.html", links, groups=groups, lessons=lessons, versions=made)


def scores_page(title: str, families: list[Charts], links: Links) -> str:
    """The charts of the runs of the same images."""
    return render("scores.html", links, title=title, families=families, how_judged=HOW_JUDGED)


def card_for_page(card: Card) -> dict[str, Markup]:
    """A picture of the story with its sentence, of whose markdown only ** occurs."""
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", str(escape(card.sentence)))
    return {"picture": Markup(card.picture), "sentence": Markup(bold)}


def run_for_page(run: Run, address: str, why: str) -> dict[str, Any]:
    """A row of the table of all runs."""
    elbo = measured_elbo(run)
    used = f"{sum(active_latents(elbo))} of {run.config.latents}" if elbo else "not computed"
    of = {part.name: part.of for part in PARTS}
    facts = [*(of[name](run) for name in FACTS), used]
    if run.config.multirate:
        facts[2] = run.config.beta_words.removeprefix("β = ")
    return {"name": run.name, "address": address, "why": why, "facts": facts}


def render(name: str, links: Links, **values: Any) -> str:
    """A page from its template."""
    style = Markup(page_style() + _own("site.css"))
    template = _environment().get_template(name)
    return unbroken_page(template.render(policy=SITE_POLICY, style=style, links=links, **values))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(_own),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
