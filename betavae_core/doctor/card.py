"""The checkup on one page: HTML that stands alone, and PNG to send around."""

import base64
import io
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..importers.names import shown
from ..pictures.files import png
from ..provenance import versions
from .finding import Finding, worst

WIDTH, MARGIN = 1240, 48  # pixels of the PNG: A4 at 150 dots per inch
TONES = {"fine": "#0a7d4f", "look": "#b35c00", "broken": "#c2272d", "not computed": "#767676",
         "not opened": "#b35c00"}  # fmt: skip
WORDS = {
    "fine": "No problem was found.",
    "look": "Some findings are worth a look.",
    "not opened": "This checkpoint cannot be opened here.",
    "broken": "This checkpoint is broken.",
}
LARGEST = 3  # of one finding's pictures: the best fitting datasets
PNG_HEIGHT = 1754
# Pillow's own font is the one that is always there; it lacks these
SPELT = {
    "β̂": "beta", "β": "beta", "σ": "sigma", "−": "-", "→": "to", "…": "...", "√": "sqrt ",
    "≥": "at least ", "²": "^2", "μ": "mu", "×": "x", "–": "-", "₀": "0", "₁": "1",
}  # fmt: skip
DRAWN = "±·’"


@dataclass(frozen=True)
class Label:
    """What a card is of. Only the last part of `name` is shown: no paths of this machine, and marks
    for what is no text."""

    name: str
    sha256: str = ""
    day: date = field(default_factory=date.today)

    @property
    def short_name(self) -> str:
        return shown(self.name.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1], 120)


def card_html(findings: Sequence[Finding], label: Label) -> str:
    """One self-contained page of A4, light or dark as the reader's screen is, to print in light.

    Pictures are PNG data URLs; all text is escaped, whatever a file says its name is.
    """
    overall = worst(findings)
    rows = "".join(_row(finding) for finding in findings)
    shown = "".join(
        f'<figure><img alt="{escape(caption)}" src="{_url(picture)}">'
        f"<figcaption>{escape(finding.title)}: {escape(caption)}</figcaption></figure>"
        for finding in findings
        for caption, picture in list(finding.images.items())[:LARGEST]
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">'
        f"<title>Checkup of {escape(label.short_name)}</title><style>{STYLE}</style></head><body>"
        f"<h1>Checkup of {escape(label.short_name)}</h1>"
        f'<p class="{overall.split()[0]}"><b>{WORDS[overall]}</b></p>'
        f"<p>{escape(measured_on(findings, label))}</p>"
        f"<table>{rows}</table><div>{shown}</div></body></html>\n"
    )


def measured_on(findings: Sequence[Finding], label: Label) -> str:
    """What the numbers are of: file, dataset and source, N, L, seeds, versions, date."""
    known = {finding.key: finding.numbers for finding in findings}
    parts = [f"SHA-256 {label.sha256[:12]}"] if label.sha256 else []
    if "dataset" in (terms := known.get("terms", {})):
        parts.append(f"{terms['dataset']} ({terms['source']}), {terms['images']:,} images")
    if "higgins" in (scores := known.get("scores", {})):
        told = scores["higgins"]
        parts.append(
            f"Higgins' metric: L = {told['L']}, {told['points']:,} points, {told['seeds']} draws"
        )
    parts.append(", ".join(f"{name} {version}" for name, version in versions().items()))
    parts.append(label.day.isoformat())
    return " · ".join(parts)


def _row(finding: Finding) -> str:
    cause = f"<br><i>Usual cause: {escape(finding.cause)}</i>" if finding.cause else ""
    return (
        f'<tr><td class="{finding.verdict.split()[0]}">{escape(finding.verdict)}</td>'
        f"<th>{escape(finding.title)}</th><td>{escape(finding.says)}{cause}</td></tr>"
    )


def _url(picture: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()


STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --line: #ddd; --soft: #595959;
  --fine: #0a7d4f; --look: #a35200; --broken: #c2272d }
@media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #16181c; --line: #3a3d42;
  --soft: #b0b0b0; --fine: #4fd09b; --look: #f5a860; --broken: #ff8a8a } }
@page { size: A4; margin: 10mm }
body { font: 14px/1.35 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.5em; margin: 0 } p { margin: .3em 0; color: var(--soft) }
table { border-collapse: collapse; width: 100% }
td, th { border-top: 1px solid var(--line); padding: .22em .5em; text-align: left;
  vertical-align: top } th, td:first-child { white-space: nowrap }
i { color: var(--soft) } .fine { color: var(--fine) } .look { color: var(--look) }
.broken { color: var(--broken); font-weight: 600 } .not { color: var(--soft) }
div { columns: 2; column-gap: 1.2em; margin-top: .7em }
figure { margin: 0 0 .7em; break-inside: avoid }
img { display: block; width: 100%; max-height: 30rem; object-fit: contain;
  object-position: left top; image-rendering: pixelated }
figcaption { color: var(--soft); font-size: .85em }
@media print { :root { --ink: #000; --paper: #fff; --line: #ccc; --soft: #444; --fine: #0a7d4f;
  --look: #a35200; --broken: #c2272d } body { padding: 0; max-width: none; font-size: 7.5pt }
  img { max-height: 76mm } }
""".strip()


def card_png(findings: Sequence[Finding], label: Label) -> bytes:
    """The same as a picture, 1240 pixels wide and as high as it takes (A4: 1754), on white."""
    page = Image.new("RGB", (WIDTH, 4 * PNG_HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    overall = worst(findings)
    y = MARGIN
    y = _text(draw, f"Checkup of {label.short_name}", MARGIN, y, 34, "#1b1b1b", WIDTH - MARGIN)
    y = _text(draw, WORDS[overall], MARGIN, y + 4, 24, TONES[overall], WIDTH - MARGIN)
    y = _text(draw, measured_on(findings, label), MARGIN, y + 4, 16, "#595959", WIDTH - MARGIN)
    y += 10
    for finding in findings:
        draw.line((MARGIN, y, WIDTH - MARGIN, y), "#dddddd")
        y += 6
        _text(draw, finding.verdict, MARGIN, y, 17, TONES[finding.verdict], MARGIN + 130)
        below = _text(draw, finding.title, MARGIN + 135, y, 17, "#1b1b1b", MARGIN + 335)
        end = _text(draw, finding.says, MARGIN + 345, y, 17, "#1b1b1b", WIDTH - MARGIN)
        if finding.cause:
            cause = f"Usual cause: {finding.cause}"
            end = _text(draw, cause, MARGIN + 345, end, 15, "#595959", WIDTH - MARGIN)
        y = max(below, end) + 6
    y = _pictures(page, draw, findings, y + 10)
    page = page.crop((0, 0, WIDTH, min(y + MARGIN, page.height)))
    buffer = io.BytesIO()
    page.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _pictures(
    page: Image.Image, draw: ImageDraw.ImageDraw, findings: Sequence[Finding], y: int
) -> int:
    """The findings' pictures in columns of half the width, enlarged by whole factors where they are
    small; returns where they end."""
    room = (WIDTH - 3 * MARGIN) // 2
    ends = [y, y]
    for finding in findings:
        for caption, picture in list(finding.images.items())[:LARGEST]:
            column = int(ends[1] < ends[0])
            x, top = MARGIN + column * (room + MARGIN), ends[column]
            shape = picture.shape
            factor = room / shape[1]
            size = (
                (shape[1] * int(factor), shape[0] * int(factor))
                if factor >= 1
                else (room, math.ceil(shape[0] * factor))
            )
            way = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
            page.paste(Image.fromarray(picture[..., :3]).resize(size, way), (x, top))
            text = f"{finding.title}: {caption}"
            end = _text(draw, text, x, top + size[1] + 4, 14, "#595959", x + room)
            ends[column] = end + 14
    return max(ends)


def _spelt(text: str) -> str:
    """The text in characters that the font has: accents dropped, "?" for another script."""
    for character, spelt in SPELT.items():
        text = text.replace(character, spelt)
    letters = unicodedata.normalize("NFKD", text)
    kept = (c for c in letters if not unicodedata.combining(c))
    return "".join(c if c.isascii() or c in DRAWN else "?" for c in kept)


def _text(
    draw: ImageDraw.ImageDraw, text: str, x: int, y: int, size: int, colour: str, right: int
) -> int:
    """Text wrapped between x and `right`, a long word cut where it must be; returns where the next
    line would begin."""
    font = ImageFont.load_default(size)
    text = _spelt(text)
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if draw.textlength(joined, font) <= right - x:
            lines[-1] = joined
            continue
        lines.append("") if lines[-1] else None
        for character in word:
            if draw.textlength(lines[-1] + character, font) > right - x:
                lines.append("")
            lines[-1] += character
    for line in lines:
        draw.text((x, y), line, colour, font)
        y += round(1.32 * size)
    return y
