"""The checkup as one picture, for sharing."""

import io
import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from ..pictures.font import font, in_letters
from .card_html import LARGEST
from .finding import Finding, Verdict, worst
from .summary import Label, in_short, measured_on

WIDTH, MARGIN = 1240, 48  # pixels: A4 at 150 dots per inch
TONES = {
    Verdict.FINE: "#0a7d4f",
    Verdict.LOOK: "#b35c00",
    Verdict.NOT_OPENED: "#b35c00",
    Verdict.NOT_COMPUTED: "#767676",
    Verdict.BROKEN: "#c2272d",
}
PNG_HEIGHT = 1754


def card_png(findings: Sequence[Finding], label: Label) -> bytes:
    """The card as a picture, 1240 pixels wide and as high as necessary (A4: 1754), on white."""
    page = Image.new("RGB", (WIDTH, 4 * PNG_HEIGHT), "white")
    draw = ImageDraw.Draw(page)
    overall = worst(findings)
    y = MARGIN
    y = _text(draw, f"Checkup of {label.short_name}", MARGIN, y, 34, "#1b1b1b", WIDTH - MARGIN)
    y = _text(draw, in_short(findings), MARGIN, y + 4, 24, TONES[overall], WIDTH - MARGIN)
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
    """The findings' pictures in columns of half the width, small ones enlarged by whole factors;
    returns the position of their end."""
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


def _text(
    draw: ImageDraw.ImageDraw, text: str, x: int, y: int, size: int, colour: str, right: int
) -> int:
    """Text wrapped between x and `right`, with long words cut if necessary; returns the position of
    the next line."""
    letters, text = font(size), in_letters(text)
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if draw.textlength(joined, letters) <= right - x:
            lines[-1] = joined
            continue
        lines.append("") if lines[-1] else None
        for character in word:
            if draw.textlength(lines[-1] + character, letters) > right - x:
                lines.append("")
            lines[-1] += character
    for line in lines:
        draw.text((x, y), line, colour, letters)
        y += round(1.32 * size)
    return y
