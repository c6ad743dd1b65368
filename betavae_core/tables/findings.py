"""What the paper found, and what the stored records of runs say of it: for each finding a verdict
by a rule that is written down here, and our numbers in one sentence.

The paper's numbers are those of `paper`; no number of ours is typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..beta import beta_number, beta_text
from ..datasets import dataset_title
from ..fid import FEATURES
from ..store import Run
from . import paper
from .distances import comparable, distance_rows
from .parts import length_title
from .scores import ALONE, collapsed, score_rows, with_own_latent

HIGH = 0.95  # of Higgins' metric: a score that is called nearly perfect

HOLDS, PARTLY, NOT = "holds", "holds in part", "does not hold"
NOT_COMPUTED, NOT_COMPARABLE = "not computed", "not comparable"


@dataclass(frozen=True)
class Finding:
    """One finding of the paper beside ours."""

    claim: str  # what the paper says, one sentence
    place: str  # where it says so
    verdict: str  # of our runs: one of the above
    ours: str  # one sentence with our numbers, or the reason why there are none
    page: str  # that shows more
    dataset: str  # to open it with


def findings(runs: Sequence[Run]) -> list[Finding]:
    """The findings, in the paper's order. Runs kept without their weights count, too."""
    trained = [run for run in runs if not run.config.baseline and not run.config.origin]
    rows = score_rows([run for run in trained if run.status == "finished"])
    rows = rows[(rows["score"] == "higgins") & (rows["classifier"] == "linear") & (rows["L"] == 64)]
    named = {run.name: run for run in trained}
    return [
        published_score(rows, named),
        best_beta(rows, named),
        score_and_latents(rows, named),
        image_quality(distance_rows(trained)),
    ]


def published_score(rows: pd.DataFrame, runs: dict[str, Run]) -> Finding:
    """Holds if the mean over seeds of the paper's architecture at β = 4, four factors, stays below
    the published score by more than its error, and the seeds spread by more than that."""
    published, error = paper.PUBLISHED["higgins"][4.0]
    mean, deviation, _ = paper.TABLE_1["no-shape"][4.0]
    claim = (
        f"The score that Higgins et al. published for β = 4, {published:g} ± {error:g} %, is not "
        f"reached, and differs from seed to seed: {mean:g} ± {deviation:g} %."
    )
    at = rows[
        (rows["dataset"] == "2dshapes")
        & (rows["model"] == "mlp")
        & (rows["beta"] == 4.0)
        & (rows["subset"] == "no-shape")
    ]
    recipes = [_recipe(runs[name]) for name in at["run"]]
    groups = [at[[each == one for each in recipes]] for one in dict.fromkeys(recipes)]
    seeds = max(groups, key=len, default=at)

    def finding(verdict: str, ours: str) -> Finding:
        return Finding(claim, "Table 1", verdict, ours, "disentanglement", "2dshapes")

    if len(seeds) < 2:
        return finding(
            NOT_COMPUTED if at.empty else NOT_COMPARABLE,
            "The MLP VAE at β = 4 on 2Dshapes needs scores of two or more seeds that were trained "
            f"alike; there {'is' if len(seeds) == 1 else 'are'} {len(seeds) or 'none'}.",
        )
    values = 100 * seeds["value"].to_numpy()
    below = values.mean() < published - error
    spread = np.ptp(values) > 2 * error
    return finding(
        HOLDS if below and spread else PARTLY if below or spread else NOT,
        f"{values.mean():.1f} ± {values.std(ddof=1):.1f} % over {len(values)} seeds "
        f"({values.min():.1f} … {values.max():.1f} %), MLP VAE, "
        f"{_trained_on(runs[seeds['run'].iloc[0]])}.",
    )


def best_beta(rows: pd.DataFrame, runs: dict[str, Run]) -> Finding:
    """Holds if the values of β with the highest mean scores on MPI3DToy are those of the paper, in
    order; in part, if the first is."""
    first, second = paper.BEST_ON_MPI3D
    claim = (
        f"The best β depends on the dataset: on MPI3DToy it is {beta_number(first)}, then "
        f"{beta_number(second)}, not a high one."
    )

    def finding(verdict: str, ours: str) -> Finding:
        return Finding(claim, "Figure 3", verdict, ours, "disentanglement", "mpi3d-toy")

    at = rows[
        (rows["dataset"] == "mpi3d-toy") & (rows["subset"] == "all") & (rows["model"] == "conv")
    ]
    groups: dict[object, list[str]] = {}
    for name in at["run"]:
        groups.setdefault(_recipe(runs[name], beta=False), []).append(name)
    alike = max(
        (at[at["run"].isin(names)] for names in groups.values()),
        key=lambda group: (group["beta"].nunique(), len(group)),
        default=at,
    )
    if not {first, second} <= set(alike["beta"]):
        return finding(
            NOT_COMPUTED if at.empty else NOT_COMPARABLE,
            f"No conv VAEs on MPI3DToy that were trained alike are scored at both "
            f"{beta_text(first)} and {beta_text(second)}.",
        )
    means = alike.groupby("beta")["value"].mean().sort_values(ascending=False)
    order = means.index.tolist()
    agrees = HOLDS if order[:2] == [first, second] else PARTLY if order[0] == first else NOT
    seeds = alike.groupby("beta")["run"].count()
    empty = {run.name for run in collapsed([runs[name] for name in alike["run"]])}
    full = set(alike[~alike["run"].isin(empty)]["beta"])
    said = ", ".join(
        f"{100 * value:.0f} % at {beta_text(beta)}" + " (collapsed)" * (beta not in full)
        for beta, value in means.items()
    )
    return finding(
        agrees,
        f"{said}; Conv VAE, all factors, {_several(int(seeds.min()), 'seed')} per β, "
        f"{_trained_on(runs[alike['run'].iloc[0]])}.",
    )


def score_and_latents(rows: pd.DataFrame, runs: dict[str, Run]) -> Finding:
    """Of the models on 2Dshapes with a nearly perfect score on four factors: the factors of which
    one latent knows more than any other by half of their entropy. Holds if these are at most half
    of the factors in the median model, in part if not all of them."""
    clean, factors = paper.CLEAN_FACTORS
    claim = (
        f"A nearly perfect score does not mean disentangled latents: about {clean} of {factors} "
        "factors have a clean latent of their own."
    )

    def finding(verdict: str, ours: str) -> Finding:
        return Finding(claim, "Figure 4", verdict, ours, "disentanglement", "2dshapes")

    at = rows[(rows["dataset"] == "2dshapes") & (rows["subset"] == "no-shape")]
    high = at[at["value"] >= HIGH]
    found = [own for name in high["run"] if (own := with_own_latent(runs[name])) is not None]
    if not found:
        return finding(
            NOT_COMPUTED,
            "No model on 2Dshapes with a score of "
            f"{HIGH:.0%} or more has its mutual information computed.",
        )
    counts, every = [own for own, _ in found], max(factors for _, factors in found)
    median = float(np.median(counts))
    return finding(
        HOLDS if median <= every / 2 else PARTLY if median < every else NOT,
        f"Of {_several(len(counts), 'model')} with {HIGH:.0%} or more, the median one has "
        f"{median:g} of {every} such factors and the best one {max(counts)} (MIG's gap of "
        f"{ALONE:g} or more).",
    )


def image_quality(rows: pd.DataFrame) -> Finding:
    """Per dataset, the values of β whose reconstructions have the lowest and the highest distance:
    holds if both are the paper's on every dataset, in part if any of them is."""
    tables = {
        dataset: {beta: value for beta, value in table.items() if isinstance(beta, float)}
        for dataset, table in paper.TABLE_3.items()
    }
    best = [
        f"{beta_number(min(table, key=table.__getitem__))} on {dataset_title(dataset)}"
        for dataset, table in tables.items()
    ]
    worst = {max(table, key=table.__getitem__) for table in tables.values()}
    claim = (
        f"β costs image quality: the FID of reconstructions is lowest at β = {' and '.join(best)}, "
        f"and highest at β = {', '.join(beta_number(beta) for beta in sorted(worst))}."
    )
    agree, said = [], []
    for dataset, table in tables.items():
        here = rows[(rows["dataset"] == dataset) & (rows["kind"] == "reconstructions")]
        group = next(iter(comparable(here)), here)
        medians = group.groupby("beta")["frechet"].median()
        if not {min(table), max(table)} <= set(medians.index):
            continue
        name = FEATURES[group["features"].iloc[0]].distance
        low, high = float(medians.idxmin()), float(medians.idxmax())
        agree += [
            low == min(table, key=table.__getitem__),
            high == max(table, key=table.__getitem__),
        ]
        said.append(
            f"{dataset_title(dataset)}: lowest at {beta_text(low)} ({medians[low]:.0f}), highest "
            f"at {beta_text(high)} ({medians[high]:.0f}), {name}"
        )

    def finding(verdict: str, ours: str) -> Finding:
        return Finding(claim, "Table 3", verdict, ours, "reconstruction", "cifar10")

    if not said:
        return finding(NOT_COMPUTED, "No distances of these datasets are computed.")
    all_there = len(said) == len(tables)
    verdict = HOLDS if all(agree) and all_there else PARTLY if any(agree) else NOT
    other = "inception" not in set(rows["features"])
    return finding(
        verdict,
        "; ".join(said) + "." + " FD is not FID: only the order of β can be compared." * other,
    )


def _recipe(run: Run, beta: bool = True) -> tuple[object, ...]:
    """What runs that are compared share besides the seed."""
    config = run.config
    return (
        *(config.model, config.beta if beta else None, config.latents, config.likelihood),
        *(config.source, config.shape, config.images, config.kl_warmup, config.batch_size),
        *(config.optimizer, config.learning_rate, config.sigma),
    )


def _trained_on(run: Run) -> str:
    """Training length and source of the images."""
    return f"{length_title(run)} over {run.config.source} images"


def _several(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)
