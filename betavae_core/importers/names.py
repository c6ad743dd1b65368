"""Texts from files: as they can stand in a sentence, and which half of a model they name."""

import re

HALF = re.compile(r"(?:.*[_\-. ])?(enc|dec)(?:oder)?(?:[_\-. ].*)?", re.IGNORECASE | re.DOTALL)


def shown(text: str | bytes, length: int = 80) -> str:
    """Text from a file as it can stand in a sentence: one line, not longer than `length`; what is
    no valid UTF-8 (bytes) with marks in its place."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= length else text[: length - 1] + "…"


def half_of(text: str) -> str:
    """ "encoder" or "decoder" of a name like "vae_encoder", "dec.pt", "encoder_state_dict"; "" of
    any other."""
    found = HALF.fullmatch(text)
    return f"{found[1].lower()}oder" if found else ""
