"""The numbers of a lesson: defined in its header, computed from the runs' records when shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..beta import beta_text
from ..store import Run
from ..tables import paper
from .header import Header, refusal
from .measures import MEASURES, NAMES, Records, Setting, measured_on
from .selection import narrowed
from .units import COUNT, DISTANCE, NOT_COMPUTED, PERCENT, POINTS, Number, Unit, number

Pairs = list[tuple[Run, float]]


def _better_half(values: np.ndarray, lower_is_better: bool) -> float:
    """The mean without the worse half (rounded down), as Higgins et al. (2017) chose models."""
    ordered = np.sort(values)[:: 1 if lower_is_better else -1]
    return float(ordered[: len(values) - len(values) // 2].mean())


SUMMARIES: dict[str, Callable[[np.ndarray], float]] = {
    "median": lambda v: float(np.median(v)),
    "mean": lambda v: float(v.mean()),
    "lowest": lambda v: float(v.min()),
    "highest": lambda v: float(v.max()),
    "spread": lambda v: float(v.max() - v.min()),
    "standard deviation": lambda v: float(v.std(ddof=1)),
    "count": lambda v: float(len(v)),
}
OVER = (*SUMMARIES, "better half", "best beta")
OF_SEVERAL = ("spread", "standard deviation")  # need two values
DIFFERENCES = ("spread", "standard deviation")  # are in the unit of differences
COMBINED = ("difference", "spread", "lowest", "highest", "mean")


@dataclass(frozen=True)
class Measured:
    """A measure of a selection's runs, summarised over them."""

    what: str
    of: str  # name of a selection
    over: str
    settings: Mapping[str, Any]
    betas: tuple[float, ...] = ()
    seeds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Combined:
    """A number made from others of the same unit: the first minus the second, or a summary."""

    how: str
    of: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """A number that the paper, or Higgins et al. (2017), printed."""

    value: float | None
    unit: Unit
    about: str


Definition = Measured | Combined | Printed


def read_numbers(header: Header, selections: Sequence[str]) -> dict[str, Definition]:
    """The table [numbers] of a lesson; selections: the names in its table [runs]."""
    found: dict[str, Definition] = {}
    for name, row in header.rows():
        if not name.isidentifier():
            raise refusal(row.where, "a number's name consists of letters, digits and _")
        found[name] = _read(row, selections, found)
        row.end()
    return found


def _read(row: Header, selections: Sequence[str], before: Mapping[str, Definition]) -> Definition:
    for how in COMBINED:
        if how in row:
            names = row.any_of(how, before, ())
            if len(names) < 2 or (how == "difference" and len(names) != 2):
                raise refusal(row.where, f'"{how}" needs two numbers that are defined above')
            if len({unit_of(name, before) for name in names}) > 1:
                raise refusal(row.where, f'"{how}" needs numbers of the same unit')
            return Combined(how, names)
    if "printed" in row:
        return _printed(row)
    what = row.one_of("what", [*MEASURES, *NAMES])
    known = (MEASURES[what] if what in MEASURES else NAMES[what]).settings
    return Measured(
        what,
        row.one_of("of", selections),
        row.one_of("over", OVER, "median") if what in MEASURES else "",
        {name: _setting(row, name, setting) for name, setting in known.items()},
        row.numbers("beta"),
        row.numbers("seed"),
    )


def unit_of(name: str, known: Mapping[str, Definition]) -> Unit | None:
    """The unit of a number; None for a name, and for a β."""
    definition = known[name]
    if isinstance(definition, Combined):
        return unit_of(definition.of[0], known)
    if isinstance(definition, Printed):
        return definition.unit
    if definition.what in NAMES or definition.over == "best beta":
        return None
    return COUNT if definition.over == "count" else MEASURES[definition.what].unit


def _setting(row: Header, name: str, setting: Setting) -> Any:
    if not setting.choices:
        return row.text(name)
    if all(isinstance(choice, int) for choice in setting.choices):
        value = row.whole(name, setting.usual)
        if value not in setting.choices:
            raise row.unknown(name, str(value), map(str, setting.choices))
        return value
    needed = setting.usual is None
    return row.one_of(name, setting.choices, *([] if needed else [setting.usual]))


def _printed(row: Header) -> Printed:
    """{printed = "paper", factors = "no-shape", beta = 4, over = "median"}, {printed = "Higgins et
    al.", beta = 4} or {printed = "paper FID", dataset = "cifar10", beta = 1}; a baseline instead of
    β: {printed = "paper", baseline = "pca"}."""
    source = row.one_of("printed", ("paper", "Higgins et al.", "paper FID"))
    of: Any = row.text("baseline") if "baseline" in row else row.number("beta")
    if source == "paper FID":
        table: Mapping[Any, Any] = paper.TABLE_3[row.one_of("dataset", paper.TABLE_3)]
        unit, about = DISTANCE, "FID of reconstructions, the paper's Table 3"
    elif source == "paper":
        columns = {"mean": 0, "standard deviation": 1, "median": 2}
        column = columns[row.one_of("over", columns, "median")]
        factors = paper.TABLE_1[row.one_of("factors", paper.TABLE_1, "all")]
        table = {key: values[column] / 100 for key, values in factors.items()}
        unit = POINTS if column == 1 else PERCENT
        about = "Higgins' metric of MLP VAEs on 2Dshapes, the paper's Table 1"
    else:
        table = {key: value / 100 for key, (value, _) in paper.PUBLISHED["higgins"].items()}
        unit, about = PERCENT, "Higgins et al. (2017), four factors"
    if of not in table:
        raise row.unknown("row of the printed table", str(of), map(str, table))
    return Printed(table[of], unit, about)


def evaluated(
    definitions: Mapping[str, Definition], runs: Mapping[str, Sequence[Run]]
) -> dict[str, Number]:
    """All numbers of a lesson, by name; runs: of its selections, by name. "not computed" where a
    record is missing."""
    records = {name: Records(each) for name, each in runs.items()}
    found: dict[str, Number] = {}
    for name, definition in definitions.items():
        if isinstance(definition, Printed):
            found[name] = number(definition.value, definition.unit, definition.about)
        elif isinstance(definition, Combined):
            found[name] = _combined(definition, [found[each] for each in definition.of])
        else:
            found[name] = _measured(definition, records[definition.of])
    return found


def _measured(definition: Measured, records: Records) -> Number:
    here = narrowed(records.runs, definition.betas, definition.seeds)
    if definition.what in NAMES:
        name = NAMES[definition.what]
        text = name.text(here, records, definition.settings) if here else None
        return Number(None, NOT_COMPUTED if text is None else text)
    measure = MEASURES[definition.what]
    pairs = measure.values(here, records, definition.settings)
    measured = [run for run, _ in pairs]
    about = measured_on(measured, definition.what, definition.settings, definition.over)
    if definition.over == "best beta":
        best = _best_beta(pairs, lower=measure.lower_is_better)
        return Number(best, NOT_COMPUTED if best is None else beta_text(best), about=about)
    values = np.array([value for _, value in pairs])
    apart = definition.over in DIFFERENCES
    if len(values) < (2 if definition.over in OF_SEVERAL else 1):
        return number(None, measure.unit, about, difference=apart)
    if definition.over == "better half":
        stored = _better_half(values, measure.lower_is_better)
    else:
        stored = SUMMARIES[definition.over](values)
    unit = COUNT if definition.over == "count" else measure.unit
    return number(stored, unit, about, difference=apart)


def _best_beta(pairs: Pairs, *, lower: bool) -> float | None:
    """The β whose runs have the best median."""
    by_beta: dict[float, list[float]] = {}
    for run, value in pairs:
        if run.config.beta is not None:
            by_beta.setdefault(run.config.beta, []).append(value)
    if len(by_beta) < 2:
        return None
    medians = {beta: float(np.median(values)) for beta, values in by_beta.items()}
    return (min if lower else max)(medians, key=medians.__getitem__)


def _combined(definition: Combined, parts: list[Number]) -> Number:
    values = [part.value for part in parts if part.value is not None]
    unit, about = parts[0].unit, "; ".join(dict.fromkeys(p.about for p in parts if p.about))
    apart = definition.how in ("difference", *DIFFERENCES) or parts[0].difference
    if len(values) < len(parts):
        return number(None, unit, about, difference=apart)
    shown = np.array(values)
    result = (
        values[0] - values[1]
        if definition.how == "difference"
        else SUMMARIES[definition.how](shown)
    )
    return number(result / unit.factor, unit, about, difference=apart)
