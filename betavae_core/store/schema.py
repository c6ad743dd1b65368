"""The fields that tables and pages need in the records of a run's history and scores: one table,
checked when the run is opened.

By hand and not by pydantic: each refusal is one sentence about one field, unknown fields stay, and
the table is shorter than the models would be; `RunConfig` checks its types in 15 lines likewise."""

import math
from collections.abc import Callable
from typing import Any

Kind = tuple[str, Callable[[Any], bool]]  # description for the message, and the test


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _are_numbers(values: list[Any]) -> bool:
    """Whether each is one: a run has thousands, and these loops are the interpreter's own."""
    return set(map(type, values)) <= {int, float} and all(map(math.isfinite, values))


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len({len(row) if isinstance(row, list) else -1 for row in value}) == 1
        and all(isinstance(row, list) and row and _are_numbers(row) for row in value)
    )


NUMBER: Kind = ("a finite number", _is_number)
# a single draw has no spread: null or NaN
SPREAD: Kind = ("a number or null", lambda v: v is None or isinstance(v, float) or _is_number(v))
KNOWN: Kind = ("a finite number or null", lambda v: v is None or _is_number(v))
COUNT: Kind = ("a whole number above 0", _is_count)
SEED: Kind = ("a whole number", lambda v: isinstance(v, int) and not isinstance(v, bool))
TEXT: Kind = ("text", lambda v: isinstance(v, str))
FIELDS: Kind = ("a set of named values", lambda v: isinstance(v, dict))
NAMES: Kind = (
    "a list of names",
    lambda v: isinstance(v, list) and bool(v) and all(isinstance(each, str) for each in v),
)
NUMBERS: Kind = (
    "a list of finite numbers",
    lambda v: isinstance(v, list) and bool(v) and _are_numbers(v),
)
SPREADS: Kind = (
    "a list of numbers or nulls",
    lambda v: isinstance(v, list) and bool(v) and all(map(SPREAD[1], v)),
)
TABLE: Kind = ("a table of finite numbers", _is_table)
PATHS: Kind = (
    "a table of two finite numbers for each point, by name",
    lambda v: (
        isinstance(v, dict)
        and bool(v)
        and all(_is_table(each) and len(each[0]) == 2 for each in v.values())
    ),
)
BY_COUNT: Kind = (
    "a list of pairs of a number of images and a value",
    lambda v: _is_table(v) and all(len(row) == 2 and row[0] >= 1 for row in v),
)

COMMON: dict[str, Kind] = {  # of every score except the ELBO
    "value": NUMBER,
    "settings": FIELDS,
    "details": FIELDS,
    "versions": FIELDS,
}
SCORE_FIELDS: dict[str, dict[str, Kind]] = {  # further fields of some scores
    "frechet": {
        "settings.dataset": TEXT,
        "settings.source": TEXT,
        "settings.kind": TEXT,
        "settings.features": TEXT,
        "settings.images": COUNT,
        "settings.reference_images": COUNT,
        "settings.seed": SEED,
        "details.kernel": NUMBER,
        "details.kernel_standard_error": SPREAD,
        "details.by_count": BY_COUNT,
        "details.limit": NUMBER,
        "details.limit_standard_error": SPREAD,
    },
    "higgins": {
        "settings.L": COUNT,
        "settings.classifier": TEXT,
        "settings.factors": NAMES,
        "details.chance": NUMBER,
        "details.standard_error": SPREAD,
        "details.per_draw": NUMBERS,
    },
    "factor_vae": {"details.chance": NUMBER},
    "mig": {
        "details.factors": NAMES,
        "details.mutual_information": TABLE,
        "details.entropy": NUMBERS,
    },
    "infomec": {
        "details.factors": NAMES,
        "details.compactness": NUMBER,
        "details.explicitness": NUMBER,
    },
    "axis_ratio": {
        "details.factors": NAMES,
        "details.linear_ratio": NUMBER,
        "details.axis_alignment": NUMBER,
    },
    "dci": {
        "details.factors": NAMES,
        "details.importance": TABLE,
        "details.completeness": NUMBER,
        "details.informativeness": NUMBER,
    },
}
RATE_DISTORTION: dict[str, Kind] = {
    "beta": NUMBERS,
    "nll": NUMBERS,
    "kl": TABLE,
    "settings": FIELDS,
    "versions": FIELDS,
}
STAR: dict[str, Kind] = {
    "points": PATHS,
    "explained": NUMBERS,
    "numbers.spread": NUMBER,
    "numbers.sigma": NUMBER,
    "numbers.nearest": KNOWN,  # null: every code is the same
    "numbers.separation": KNOWN,
    "settings.images": COUNT,
    "versions": FIELDS,
}
OVER_BETA: dict[str, Kind] = {  # of scores of a model for every β
    "beta": NUMBERS,
    "value": NUMBERS,
    "standard_error": SPREADS,
    "settings": FIELDS,
    "settings.metric": TEXT,
    "versions": FIELDS,
}
DISTANCES: dict[str, Kind] = {  # of the distances in a history
    "distances.features": TEXT,
    "distances.images": COUNT,
    "distances.reference_images": COUNT,
    "distances.frechet": NUMBER,
    "distances.kernel": NUMBER,
    "distances.kernel_standard_error": SPREAD,
}


QUICK_SCORES: dict[str, Kind] = {  # of a history, measured while the run was training
    **{
        f"quick_scores.{name}.{part}": NUMBER
        for name in ("higgins", "mig")
        for part in ("value", "half_interval")
    },
    "quick_scores.chance": NUMBER,
    "quick_scores.images": COUNT,
    "quick_scores.L": COUNT,
}

STEERED: dict[str, Kind] = {"beta": NUMBER, "learning_rate": NUMBER}  # of a change, those it has


def history_fault(record: dict[str, Any], latents: int) -> str:
    """The fault in a record of a history, in words that follow "a record whose", or ""."""
    if "nll" in record and (fault := _terms_fault(record, latents)):
        return fault
    if record.get("event") == "steered":
        return _fault(record, {name: kind for name, kind in STEERED.items() if name in record})
    if "quick_scores" in record:
        return _fault(record, QUICK_SCORES)
    return _fault(record, DISTANCES) if "distances" in record else ""


def score_fault(record: dict[str, Any], latents: int) -> str:
    """The same for a record of the scores."""
    if record["score"] == "elbo":
        return _terms_fault(record, latents)
    if record["score"] == "rate-distortion":
        return _fault(record, RATE_DISTORTION)
    if record["score"] == "star":
        return _fault(record, STAR)
    if record["score"] == "over-beta":
        lists = ("beta", "value", "standard_error")
        alike = len({len(record[name]) for name in lists if isinstance(record.get(name), list)}) < 2
        return _fault(record, OVER_BETA) or "" if alike else "beta and value differ in length"
    return _fault(record, COMMON | SCORE_FIELDS.get(str(record["score"]), {}))


def _terms_fault(record: dict[str, Any], latents: int) -> str:
    kl = record.get("kl")
    whole = isinstance(kl, list) and len(kl) == latents and _are_numbers(kl)
    if whole and _is_number(record.get("nll")):
        return ""
    return f"nll and kl are not a finite number and {latents} of them"


def _fault(record: dict[str, Any], fields: dict[str, Kind]) -> str:
    for place, (says, holds) in fields.items():
        value: Any = record
        for name in place.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if not holds(value):
            return f"{place} is not {says}"
    return ""
