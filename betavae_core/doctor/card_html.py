"""The checkup as one self-contained HTML page."""

import base64
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import jinja2

from ..pictures.files import png
from .finding import Finding, worst
from .summary import Label, in_short, measured_on

LARGEST = 3  # pictures of one finding: the best-fitting datasets


def card_html(findings: Sequence[Finding], label: Label) -> str:
    """One self-contained A4 page, light or dark like the reader's screen, and light in print.

    Pictures are PNG data URLs; all text is escaped, names from files included.
    """
    verdict = worst(findings)
    pictures = [
        {"title": finding.title, "caption": caption, "url": _url(png(picture))}
        for finding in findings
        for caption, picture in list(finding.images.items())[:LARGEST]
    ]
    return _template().render(
        label=label,
        verdict=verdict,
        summary=in_short(findings),
        measured_on=measured_on(findings, label),
        findings=findings,
        pictures=pictures,
    )


@cache
def _template() -> jinja2.Template:
    text = files(__package__).joinpath("card.html").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return environment.from_string(text)


def _url(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()
