"""The standard protocol: the default settings of each score, and the stored records with them."""

from collections.abc import Sequence
from typing import Any

from ..config import RunConfig
from ..errors import InputError, Refusal, no_setting, unknown_name
from ..metrics import ALL_METRICS, METRICS, STATISTICS
from ..metrics.classifiers import CLASSIFIERS

USUAL_HIGGINS: dict[str, Any] = {"points": 1_000, "test_points": 5_000, "draws": 5}
STANDARD: list[tuple[str, dict[str, Any]]] = [
    *(
        ("higgins", USUAL_HIGGINS | {"L": L, "classifier": classifier, "factors": factors})
        for L, classifier in [(64, c) for c in CLASSIFIERS]
        + [(n, "linear") for n in (16, 128, 256)]
        for factors in ("all", "no-shape")
    ),
    *((name, {}) for name in METRICS if name not in ("higgins", "dci")),
    ("mig", {"points": None}),
    *((name, {}) for name in STATISTICS),
    ("dci", {"points": 2_000, "test_points": 1_000}),
]
"""The scores that the pages show for every run: all scores; Higgins' metric on 1,000 points, as in
the paper, tested on 5,000, five draws of both, with four classifiers at L = 64 and the linear one
at four L, on all factors and without shape. If a score has several settings, the first is *the*
standard one: for Higgins' metric L = 64, the linear classifier, all factors; for MIG 10,000
points."""


IN_PAPER_MODE: list[tuple[str, dict[str, Any]]] = [
    ("higgins", {"mode": "paper", "draws": 5, "classifier": classifier, "factors": factors})
    for classifier in CLASSIFIERS
    for factors in ("all", "no-shape")
]
"""Higgins' metric as the paper's code computes it, for the paper's Tables 1 and 2; not part of the
standard."""


LATER = ("infomec", "snc", "nk", "axis_ratio")
"""Scores of the standard that came later: a run is complete without them, as runs that are kept
without their weights cannot have them."""


UNSTANDARD = (
    "elbo",
    "frechet",
    "rate-distortion",
    "over-beta",
    "udr",
    "star",
)  # other measurements of a run, without a standard


def full_settings(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    """All settings of one score, the defaults filled in; raises `InputError`."""
    if name not in ALL_METRICS:
        raise unknown_name("metric", name, ALL_METRICS)
    return ALL_METRICS[name].full_settings(settings)


def standard_choice(name: str) -> dict[str, Any]:
    """The settings of a score in the standard protocol; empty for a score without a standard."""
    return next((settings for each, settings in STANDARD if each == name), {})


def whole_grid(config: RunConfig) -> dict[str, Any]:
    """The images of a run's standard records: all of its own dataset."""
    return {"dataset": config.dataset, "source": config.source, "most": None}


def standard_settings(name: str, config: RunConfig) -> dict[str, Any]:
    """The standard settings of a score of a run; empty for a score without a standard, such as a
    Fréchet distance.

    The ELBO's terms estimate the same quantity for any number of images and any seed, so only the
    dataset is standard.
    """
    if name == "elbo":
        return {"dataset": config.dataset}
    known = any(each == name for each, _ in STANDARD)
    return full_settings(name, standard_choice(name)) | whole_grid(config) if known else {}


def stated(record: dict[str, Any]) -> dict[str, Any]:
    """All settings that a record states, in their requested form if that was recorded."""
    parts = (record.get("settings"), record.get("asked"))
    return {key: value for part in parts if isinstance(part, dict) for key, value in part.items()}


def records_of(
    records: Sequence[dict[str, Any]], name: str, config: RunConfig, settings: dict[str, Any]
) -> list[dict[str, Any]]:
    """The records of one score with these settings; the others have their standard values.

    A record that does not state a setting counts as having the standard one (earlier records state
    fewer); a given setting must be stated. The best record is last: from the run's own source, with
    the most images, the newest.
    """
    usual = standard_settings(name, config)

    def fits(record: dict[str, Any]) -> bool:
        says = stated(record)
        given = all(key in says and says[key] == value for key, value in settings.items())
        return given and all(says.get(k, v) == v for k, v in usual.items() if k not in settings)

    def rank(record: dict[str, Any]) -> tuple[bool, int]:
        says = stated(record)
        images = says.get("images")
        own = says.get("source", config.source) == config.source
        return own, images if isinstance(images, int) else 0

    return sorted((r for r in records if r["score"] == name and fits(r)), key=rank)


def the_record(
    records: Sequence[dict[str, Any]], name: str, config: RunConfig, settings: dict[str, Any]
) -> dict[str, Any] | None:
    """The one record with a score's name and settings; None if it was not computed.

    Raises `InputError` for an unknown name (with the known ones), for a setting that the score does
    not have, and, with the available settings, if no settings were given and the score was computed
    only with others than the standard, or if it has no standard and several records fit.
    """
    names = {*(known for known, _ in STANDARD), *UNSTANDARD, *(each["score"] for each in records)}
    if name not in names:
        raise unknown_name("metric", name, sorted(names))
    there = [stated(record) for record in records if record["score"] == name]
    known = {*standard_settings(name, config), *(key for says in there for key in says)}
    measurable = there or name in ALL_METRICS
    if unknown := sorted(set(settings) - known) if measurable else []:
        raise no_setting(name, unknown[0])
    found = records_of(records, name, config, settings)
    unclear = len(found) > 1 and not standard_settings(name, config)
    if found and not unclear:
        return found[-1]
    if unclear or (there and not settings):
        which = "with several settings" if unclear else "but not with the standard settings"
        among = [stated(record) for record in found] if unclear else there
        raise InputError(
            f'The metric "{name}" was computed {which}; choose one of: {differing(among)}.',
            Refusal.CONFLICT,
            metric=name,
        )
    return None


def differing(several: Sequence[dict[str, Any]]) -> str:
    """Settings as text, without those on which all agree."""
    keys = dict.fromkeys(key for says in several for key in says)
    apart = [key for key in keys if len({repr(says.get(key)) for says in several}) > 1]
    texts = [
        ", ".join(f"{key}={says[key]!r}" for key in (apart or keys) if key in says)
        for says in several
    ]
    return "; ".join(dict.fromkeys(texts))
