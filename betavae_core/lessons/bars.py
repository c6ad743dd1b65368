"""The numbers of the view "numbers", a bar each."""

from collections.abc import Sequence

from .predictions import Facts
from .units import PERCENT, Number
from .views import ASKED, View


def shown_numbers(view: View, facts: Facts) -> list[Number]:
    """The numbers of the view "numbers", in its order; one that is asked for has no value, and the
    unit of the first of the others."""
    names = view.settings["show"]
    unit = next(facts.numbers[name].unit for name in names if name != ASKED)
    asked = Number(None, ASKED, unit)
    return [asked if name == ASKED else facts.numbers[name] for name in names]


def right_end(numbers: Sequence[Number]) -> float:
    """Where the axis of these bars ends: at 100 for percentages, a tenth beyond the longest bar for
    other numbers and for differences in points."""
    known = [number for number in numbers if number.value is not None]
    if all(number.unit is PERCENT and not number.difference for number in known):
        return 100.0
    return 1.1 * max(0.0, *(number.value or 0.0 for number in known)) or 1.0
