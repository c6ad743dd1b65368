"""The font of text inside pictures, which has Greek letters and the signs of formulas."""

import unicodedata
from functools import cache
from pathlib import Path

from PIL import ImageFont

FILE = Path(__file__).with_name("lab-sans.ttf")
NOWHERE = "\U0010ffff"  # a character of no font: drawn as the sign for a missing one


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels."""
    return ImageFont.truetype(FILE, size)


def in_letters(text: str) -> str:
    """The text in letters of the font: without accents that it lacks, "?" for other scripts."""
    letters = []
    for letter in unicodedata.normalize("NFC", text):
        plain = letter if _has(letter) else unicodedata.normalize("NFKD", letter)[0]
        if not unicodedata.combining(letter) or _has(letter):
            letters.append(plain if _has(plain) else "?")
    return "".join(letters)


@cache
def _has(letter: str) -> bool:
    drawn, missing = (font(20).getmask(each) for each in (letter, NOWHERE))
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)
