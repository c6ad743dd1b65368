"""The latents of a run by what they tell about the factors."""

from collections.abc import Sequence

import numpy as np

from ..scoring.elbo import active_latents, latents_by_kl, latest_elbo
from ..store import Run
from ..tables.scores import factor_matrix

CLEAN = 0.1  # of a factor's entropy: what a clean latent tells at most of any second factor


def matrices(runs: Sequence[Run], factor: str = "") -> list[tuple[Run, np.ndarray, int]]:
    """Mutual information of latents and factors as shares of the factors' entropies (D, K), and the
    column of the factor; of runs whose datasets have it."""
    found = [(run, factor_matrix(run, "mig")) for run in runs]
    return [
        (run, pair[0], pair[1].index(factor) if factor else 0)
        for run, pair in found
        if pair is not None and (not factor or factor in pair[1])
    ]


def best_latent(run: Run, factor: str) -> int | None:
    """The latent with the most information about a factor; None if that was not computed, or if
    the run's dataset has no such factor."""
    found = matrices([run], factor)
    return int(found[0][1][:, found[0][2]].argmax()) if found else None


def clean_latents(matrix: np.ndarray, used: Sequence[bool]) -> int:
    """The number of used latents that tell at most `CLEAN` of any factor but one; matrix: (D, K),
    mutual information as a share of each factor's entropy."""
    second = np.sort(matrix, axis=1)[:, -2]
    return int((np.asarray(used) & (second <= CLEAN)).sum())


def used_latents(run: Run) -> list[int]:
    """The latents in use, the most informative first; all of them if that was not measured."""
    record = latest_elbo(run)
    used = active_latents(record) if record else [True] * run.config.latents
    return [d for d in latents_by_kl(record, run.config.latents) if used[d]]


def latents_of(run: Run, names: Sequence[str]) -> list[int]:
    """The latents that a view names: those of factors, or all, used or unused ones."""
    every = latents_by_kl(latest_elbo(run), run.config.latents)
    if names == ("all",):
        return every
    used = used_latents(run)
    if names == ("used",):
        return used
    if names == ("unused",):
        return [d for d in every if d not in used]
    found = [best_latent(run, name) for name in names]
    return list(dict.fromkeys(d for d in found if d is not None))
