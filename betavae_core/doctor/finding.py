"""The result of a checkup: one finding per question, in words, with its numbers and pictures."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np


class Verdict(StrEnum):
    """The answer to a question, or to all of them, from harmless to bad."""

    FINE = "fine"
    NOT_COMPUTED = "not computed"
    LOOK = "look"
    NOT_OPENED = "not opened"
    BROKEN = "broken"

    @property
    def sentence(self) -> str:
        """On a whole checkup, see `worst`."""
        return VERDICT_SENTENCES[self]

    @property
    def failed(self) -> bool:
        """Whether a verb ends with an error for it."""
        return self in (Verdict.BROKEN, Verdict.NOT_OPENED)


VERDICT_SENTENCES = {
    Verdict.FINE: "No problem was found.",
    Verdict.LOOK: "Some findings are worth a look.",
    Verdict.NOT_OPENED: "This checkpoint cannot be opened here.",
    Verdict.BROKEN: "This checkpoint is broken.",
}


@dataclass(frozen=True)
class Finding:
    """The answer to one question about a checkpoint."""

    key: str  # "weights", "reconstruction", …: stable, for scripts
    title: str  # for people
    verdict: Verdict
    says: str  # one plain sentence with the numbers
    cause: str = ""  # the usual cause; empty for "fine"
    numbers: dict[str, Any] = field(default_factory=dict)
    images: dict[str, np.ndarray] = field(default_factory=dict)  # caption → uint8 (H, W, 3)
    records: list[dict[str, Any]] = field(default_factory=list)  # scores, as runs store them

    def to_json(self) -> dict[str, Any]:
        """Without the pictures and records; a number that is not finite becomes None, since JSON
        has none."""
        return {
            "key": self.key,
            "title": self.title,
            "verdict": self.verdict,
            "says": self.says,
            "cause": self.cause,
            "numbers": finite(self.numbers),
        }


def worst(findings: Iterable[Finding]) -> Verdict:
    """The verdict on the whole: broken, else not opened, else look, else fine (what could not be
    computed is no accusation)."""
    verdicts = {finding.verdict for finding in findings}
    bad = (Verdict.BROKEN, Verdict.NOT_OPENED, Verdict.LOOK)
    return next((verdict for verdict in bad if verdict in verdicts), Verdict.FINE)


def finite(value: Any) -> Any:
    """Numbers in lists and dicts, with None for NaN and infinity."""
    if isinstance(value, dict):
        return {str(key): finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [finite(each) for each in value]
    if isinstance(value, np.floating | np.integer):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def nats(value: float) -> str:
    """A number of nats for a sentence: 93.4, 9.84, 6,470.2, 8.6e+22."""
    if not abs(value) < 1e6:
        return f"{value:.2g}"
    return f"{value:.2f}" if abs(value) < 20 else f"{value:,.1f}"


def share(explained: float) -> str:
    """A share explained for a sentence; below 0 it is worse than the mean image."""
    return f"{100 * explained:.0f} %" if explained >= 0.005 else "nothing"


def short(names: list[str], most: int = 6) -> str:
    """A list for a sentence, shortened if it is long."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
