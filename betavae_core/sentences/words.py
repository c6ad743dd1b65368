"""Parts of sentences: lists, counts and numbers."""

import math
from collections.abc import Sequence

MOST_DECIMALS = 4


def listed(names: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(count: int, total: int, noun: str) -> str:
    """Some of `total` ≥ 1 things: "all 8 models", "7 of 8 models", "none of the 8 models", "both
    models"; for a single thing "the model" or "not the model"."""
    if total == 1:
        return f"the {noun}" if count else f"not the {noun}"
    if count == total:
        return f"both {noun}s" if total == 2 else f"all {total} {noun}s"
    return f"{count or 'none'} of {'the ' * (not count)}{total} {noun}s"


def spelled(values: Sequence[float], decimals: int | None = None) -> list[str]:
    """Numbers with equally many decimals and a true minus sign: the given number of decimals, or
    what leaves three digits of the largest number; more, up to four, as long as different numbers
    would read the same."""
    largest = max((abs(value) for value in values), default=0.0)
    if decimals is None:
        decimals = 2 if not largest else max(0, 2 - math.floor(math.log10(largest)))
    for count in range(decimals, max(decimals, MOST_DECIMALS) + 1):
        texts = _fixed(values, count)
        if len(set(texts)) == len(set(values)):
            return texts
    return _fixed(values, decimals)


def _fixed(values: Sequence[float], decimals: int) -> list[str]:
    return [f"{value:,.{decimals}f}".replace("-", "−") for value in values]


def percent(values: Sequence[float]) -> list[str]:
    """Shares in [0, 1] as "82.5 %"."""
    return [f"{100 * value:.1f} %" for value in values]


def sentence(*clauses: str) -> str:
    """The clauses that are not empty, joined by semicolons, as one sentence. Names such as z5 and β
    keep their letters."""
    said = "; ".join(clause for clause in clauses if clause)
    first = said.split(" ", 1)[0]
    plain = first.isascii() and first.replace("-", "").isalpha()
    return f"{said[0].upper() if plain else said[0]}{said[1:]}." if said else ""
