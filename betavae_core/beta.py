"""β as text: one spelling for labels, sentences, tables and file names."""

import re

_UNSHOWN = re.compile(r"(<(script|style|title)\b.*?</\2>)", re.DOTALL)
_PERCENT = re.compile(r"(?<=\d) (?=%)")
_EQUAL = re.compile(r"([βγλσ]|\b[LBK]|\bz\d+) = (?=[−\d])")


def beta_number(beta: float | None) -> str:
    """Only the number: "4", "0.1", or "not stated"."""
    return "not stated" if beta is None else f"{beta:g}"


def beta_text(beta: float | None) -> str:
    """The number with its name: "β = 4"."""
    return f"β = {beta_number(beta)}"


def unbroken(text: str) -> str:
    """A text to be shown, in which no line ends inside "β = 4", "L = 64" or "99 %": with no-break
    spaces. What is stored, compared or put into addresses keeps its plain spaces."""
    return _PERCENT.sub("\u00a0", _EQUAL.sub("\\1\u00a0=\u00a0", text))


def unbroken_page(html: str) -> str:
    """An HTML page, whose text is `unbroken`; its scripts, styles and title are unchanged."""
    parts = _UNSHOWN.split(html)  # text, script, its tag, text, …
    parts[::3] = [unbroken(text) for text in parts[::3]]
    del parts[2::3]
    return "".join(parts)
