"""The numbers of the view "numbers", a bar each."""

from .predictions import Facts
from .units import Number
from .views import ASKED, View


def shown_numbers(view: View, facts: Facts) -> list[Number]:
    """The numbers of the view "numbers", in its order; one that is asked for has no value, and the
    unit of the first of the others."""
    names = view.settings["show"]
    unit = next(facts.numbers[name].unit for name in names if name != ASKED)
    asked = Number(None, ASKED, unit)
    return [asked if name == ASKED else facts.numbers[name] for name in names]
