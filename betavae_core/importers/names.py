"""Texts from files: made safe for messages, and the half of a model that they name."""

import re

from ..errors import printable

HALF = re.compile(r"(?:.*[_\-. ])?(enc|dec)(?:oder)?(?:[_\-. ].*)?", re.IGNORECASE | re.DOTALL)


def shown(text: str | bytes, length: int = 80) -> str:
    """Text from a file made safe for a message: one line of at most `length` characters, with marks
    for bytes that are not valid UTF-8."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    return printable(text, length)


def half_of(text: str) -> str:
    """ "encoder" or "decoder" for a name like "vae_encoder", "dec.pt" or "encoder_state_dict"; ""
    for any other."""
    found = HALF.fullmatch(text)
    return f"{found[1].lower()}oder" if found else ""
