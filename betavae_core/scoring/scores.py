"""Disentanglement scores of a run, stored with the settings of their measurement."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import torch

from ..datasets import Dataset, config_dataset, load_dataset
from ..disk_cache import Progress
from ..errors import InputError
from ..factors import FactorSpace
from ..metrics import ALL_METRICS, Record
from ..provenance import versions
from ..store import Run
from ..store.protocol import IN_PAPER_MODE, LATER, STANDARD, full_settings, whole_grid
from .codes import DrawnCodes, code_table, has_code_table
from .elbo import measured_elbo
from .rate_distortion import measured_rate_distortion


def score_metrics(
    run: Run,
    wanted: Sequence[tuple[str, dict[str, Any]]],
    dataset: Dataset | None = None,
    *,
    limit: int | None = None,
    progress: Progress | None = None,
    device: str | torch.device = "cpu",
    again: bool = False,
    store: bool = True,
) -> list[dict[str, Any]]:
    """Scores of a run, each stored (unless `store` is false) with its settings when it is finished;
    stored scores are not computed again, so that a killed call continues where it stopped.

    wanted: names from `metrics.ALL_METRICS`, each with its own settings. Encodes the dataset first
    unless its codes are in the cache (limit: only part of the grid, see `code_table`); for scores
    that together draw fewer than half of the images, only those. progress receives every step.
    again: compute and store a new value. Raises `InputError` for unknown names or settings and a
    dataset without factors.
    """
    tell = progress or (lambda what, done, total: None)
    dataset = dataset or config_dataset(run.config)
    about = {"dataset": dataset.name, "source": dataset.source, "most": limit}
    asked = [full_settings(name, settings) | about for name, settings in wanted]
    found: dict[int, dict[str, Any]] = {}
    for number, (name, _) in enumerate(wanted):
        for record in run.valid_scores:
            if not again and (record["score"], record.get("asked")) == (name, asked[number]):
                found[number] = record
    missing = [number for number in range(len(wanted)) if number not in found]
    if not missing:
        return [found[number] for number in range(len(wanted))]
    codes, space = _codes(run, [wanted[n] for n in missing], dataset, limit, progress, device)

    def keep(number: int, record: Record) -> None:
        found[number] = {
            "score": record.metric,
            "weights": run.weights_hash,
            "value": record.score,
            "settings": {
                **about,
                "images": space.size,
                "factor_sizes": list(space.sizes),
                **record.settings,
            },
            "details": record.details,
            "asked": asked[number],
            "versions": versions("scikit-learn"),
        }
        if store:
            run.keep_score(found[number])

    for name in dict.fromkeys(wanted[number][0] for number in missing):
        numbers = [number for number in missing if wanted[number][0] == name]
        settings = [wanted[number][1] for number in numbers]
        for place, measured in ALL_METRICS[name].measure_each(codes, space, settings, tell, device):
            keep(numbers[place], measured)
    return [found[number] for number in range(len(wanted))]


def _codes(
    run: Run,
    wanted: Sequence[tuple[str, dict[str, Any]]],
    dataset: Dataset,
    limit: int | None,
    progress: Progress | None,
    device: str | torch.device,
) -> tuple[Any, FactorSpace]:
    """The run's code table, or for scores of few images only their codes."""
    model = run.model
    if (
        limit is None
        and dataset.space is not None
        and not has_code_table(run.weights_hash, dataset)
        and sum(ALL_METRICS[name].images(settings) for name, settings in wanted)
        < 0.69 * dataset.space.size  # at most half are distinct
    ):
        return DrawnCodes(model, dataset, device), dataset.space
    table = code_table(
        model, run.weights_hash, dataset, limit=limit, progress=progress, device=device
    )
    return table.mean, table.space


def standard_scores(space: FactorSpace) -> list[tuple[str, dict[str, Any]]]:
    """`STANDARD`, without settings that need the factor shape if the space has none."""
    return _possible(STANDARD, space)


def paper_scores(space: FactorSpace) -> list[tuple[str, dict[str, Any]]]:
    """`IN_PAPER_MODE`, likewise."""
    return _possible(IN_PAPER_MODE, space)


def _possible(
    wanted: Sequence[tuple[str, dict[str, Any]]], space: FactorSpace
) -> list[tuple[str, dict[str, Any]]]:
    shapes = sum(name.endswith("shape") for name in space.names)
    without = shapes > 0 and len(space.names) - shapes > 1
    return [each for each in wanted if without or each[1].get("factors") != "no-shape"]


def standard_records(run: Run) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The run's records of `STANDARD` on the whole grid, each with its requested settings."""
    asked = [(name, full_settings(name, settings)) for name, settings in STANDARD]
    whole = whole_grid(run.config)
    return [
        (record, settings)
        for name, settings in asked
        for record in run.valid_scores
        if (record["score"], record.get("asked")) == (name, settings | whole)
    ]


def has_standard_scores(run: Run) -> bool:
    """Whether the run has all that a sweep with scores measures: the ELBO, or rate and distortion
    of a multi-rate run; and on a dataset with factors all of `standard_scores` but those of
    `LATER`."""
    if run.config.multirate:
        return measured_rate_distortion(run) is not None
    space = _space_of(run)
    scores = [] if space is None else standard_scores(space)
    wanted = sum(name not in LATER for name, _ in scores)
    have = [record for record, _ in standard_records(run) if record["score"] not in LATER]
    return measured_elbo(run) is not None and len(have) >= wanted


def has_paper_scores(run: Run) -> bool:
    """Whether the run has all of `paper_scores` that it can have here."""
    space, whole = _space_of(run), whole_grid(run.config)
    have = [(record["score"], record.get("asked")) for record in run.valid_scores]
    wanted = [] if space is None else paper_scores(space)
    return all((name, full_settings(name, each) | whole) in have for name, each in wanted)


def _space_of(run: Run) -> FactorSpace | None:
    """The factors of its dataset; None if it has none or is not here, so that the run cannot be
    scored."""
    with suppress(InputError):
        return load_dataset(run.config.dataset, run.config.source, prepare=False).space
    return None


def is_usual(name: str, settings: dict[str, Any]) -> bool:
    """Whether these settings of a record of `STANDARD` are the first that it has for the metric,
    whatever factors take part."""
    first = full_settings(name, next(each for metric, each in STANDARD if metric == name))
    return all(settings[key] == value for key, value in first.items() if key != "factors")
