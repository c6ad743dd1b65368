"""How a lesson writes its numbers."""

from dataclasses import dataclass

NOT_COMPUTED = "not computed"


@dataclass(frozen=True)
class Unit:
    """A stored value is multiplied by `factor`, rounded to `digits` after the point, and followed
    by `after`; `apart` follows a difference of two. bare: without zeros at the end."""

    factor: float = 1.0
    digits: int = 2
    after: str = ""
    apart: str = ""
    bare: bool = False

    def written(self, shown: float, *, difference: bool = False) -> str:
        """A value in this unit, already multiplied by the factor: "92.5 %", "−7.5 points"."""
        text = f"{shown:,.{self.digits}f}"
        if self.bare and "." in text:
            text = text.rstrip("0").rstrip(".")
        if float(text.replace(",", "")) == 0:
            text = text.lstrip("-")
        return text.replace("-", "−") + (self.apart if difference else self.after)


PERCENT = Unit(100, 1, " %", " points")
POINTS = Unit(100, 1, " points", " points")
SCORE = Unit(1, 2)
NATS = Unit(1, 1, " nats", " nats")
DISTANCE = Unit(1, 1)
COUNT = Unit(1, 1, bare=True)
BETA = Unit(1, 2, bare=True)


@dataclass(frozen=True)
class Number:
    """A number as it is shown. `value` is in shown units (92.5 for 92.5 %); None if it was not
    computed, or if it is a name. `about` says what was measured, for people."""

    value: float | None
    text: str
    unit: Unit = SCORE
    about: str = ""
    difference: bool = False

    @property
    def known(self) -> bool:
        return self.text != NOT_COMPUTED


def number(
    stored: float | None, unit: Unit, about: str = "", *, difference: bool = False
) -> Number:
    """A stored value in its unit; None: not computed."""
    if stored is None:
        return Number(None, NOT_COMPUTED, unit, about, difference)
    shown = unit.factor * stored
    return Number(shown, unit.written(shown, difference=difference), unit, about, difference)
