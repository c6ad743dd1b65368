"""The choice of dataset, run and seed that follows a visitor from page to page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .store import Run


@dataclass(frozen=True)
class Choice:
    """The choice so far; None: nothing yet. A run implies its dataset and, if seeds distinguish the
    runs of a dataset, its seed."""

    dataset: str | None = None
    run: str | None = None
    seed: int | None = None


def seed_of(run: Run) -> int | None:
    """The seed that distinguishes a run from its repetitions; None: it is shown beside all of them
    (a baseline, or an imported run)."""
    return None if run.config.origin or run.config.baseline else run.config.seed


def usual_seed(runs: Sequence[Run]) -> int | None:
    """The seed with the most runs that have weights, then with the most runs, the lowest in a tie;
    None if no run has one."""
    seeds = [seed for run in runs if (seed := seed_of(run)) is not None]
    whole = [seed_of(run) for run in runs if run.has_weights]

    def order(seed: int) -> tuple[int, int, int]:
        return whole.count(seed), seeds.count(seed), -seed

    return max(seeds, key=order, default=None)


STORY_BETA = 4.0  # at which the paper's story is told


def opening_run(runs: Sequence[Run]) -> Run:
    """The run that a page opens on: of the dataset of the first one, the run whose β is closest to
    4 (as a ratio), of these the one with the longest training; before them all come trained runs of
    this lab, those with weights, and those whose training is finished."""

    def order(run: Run) -> tuple[bool, bool, bool, float, int]:
        config = run.config
        others = bool(config.origin or config.baseline)
        beta = config.beta
        away = abs(math.log(beta / STORY_BETA)) if beta else math.inf
        return others, not run.has_weights, run.status != "finished", away, -config.images

    return min([r for r in runs if r.config.dataset == runs[0].config.dataset], key=order)


def choose_run(choice: Choice, run: Run) -> Choice:
    """Choose the run, and with it its dataset and seed."""
    seed = seed_of(run)
    kept = choice.seed if run.config.dataset == choice.dataset else None
    return Choice(run.config.dataset, run.name, kept if seed is None else seed)


def choose_dataset(choice: Choice, dataset: str) -> Choice:
    """Choose the dataset; a run or seed of another dataset is forgotten."""
    return choice if choice.dataset == dataset else Choice(dataset)


def choose_seed(choice: Choice, dataset: str, seed: int, runs: Sequence[Run]) -> Choice:
    """Choose the seed, and the chosen run's repetition with that seed if `runs` has one; one of the
    same training length, if there is one."""
    before = next((run for run in runs if run.name == choice.run), None)
    if before is None or before.config.dataset != dataset:
        return Choice(dataset, None, seed)
    if seed_of(before) in (None, seed):
        return Choice(dataset, before.name, seed)
    recipe = before.config.images, before.config.kl_warmup
    again = [
        run
        for run in runs
        if run.config.dataset == dataset
        and seed_of(run) == seed
        and (run.config.model, run.config.beta) == (before.config.model, before.config.beta)
    ]
    again.sort(key=lambda run: (run.config.images, run.config.kl_warmup) != recipe)
    return Choice(dataset, again[0].name if again else None, seed)


def shown_run(choice: Choice, runs: Sequence[Run]) -> Run:
    """The chosen run if it is one of `runs`, otherwise the `opening_run` of those with its dataset
    and seed, with its dataset, or of any kind."""
    for run in runs:
        if run.name == choice.run:
            return run
    of_it = [run for run in runs if run.config.dataset == choice.dataset]
    seeded = [run for run in of_it if choice.seed is not None and seed_of(run) == choice.seed]
    return opening_run(seeded or of_it or runs)


def settled(choice: Choice, dataset: str, seed: int | None, runs: Sequence[Run]) -> Choice:
    """The choice after a page has shown a dataset and a seed: these, and the run if it has both."""
    run = next((run for run in runs if run.name == choice.run), None)
    agrees = (
        run is not None
        and run.config.dataset == dataset
        and (seed is None or seed_of(run) in (None, seed))
    )
    return Choice(dataset, choice.run if agrees else None, seed)
