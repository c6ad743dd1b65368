"""Runs with other objectives beside β-VAEs of the same recipe: score, distortion and rate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ..config import RunConfig
from ..penalties import BETA_VAE
from ..scoring.elbo import latest_elbo
from ..store import Run
from .families import recipe

COLUMNS = ["run", "objective", "label", "beta", "seed", "images", "nll", "kl", "value", "versions"]


@dataclass(frozen=True)
class PublishedCurve:
    """A model of another project: its loss, and reconstruction and KL (nats per image, means over a
    pass of official dSprites as it goes) after some passes."""

    objective: str
    settings: str
    passes: dict[int, tuple[float, float]]  # number of the pass → (reconstruction, KL)


SOURCE = (
    "github.com/YannDubs/disentangling-vae, its logged losses; the conv architecture, 10 latents"
)
PUBLISHED = (
    PublishedCurve("β-VAE, β = 1", "batch 64, Adam 5e-4", {
        1: (71.0, 33.7), 3: (34.5, 26.5), 10: (22.7, 26.7), 30: (18.0, 25.4)}),
    PublishedCurve("β-VAE, β = 4", "batch 64, Adam 5e-4", {
        1: (87.9, 20.7), 3: (60.1, 14.9), 10: (47.4, 15.0), 30: (35.6, 15.4)}),
    PublishedCurve("β-TCVAE, β = 6.4", "batch 64, Adam 5e-4", {
        1: (114.5, 17.7), 3: (74.5, 11.8), 10: (68.4, 11.9), 30: (42.2, 13.6)}),
    PublishedCurve("Annealed capacity, γ = 100, C = 25 nats", "batch 64, Adam 1e-3, C rising over "
        "100,000 steps", {1: (339.0, 1.8), 3: (117.2, 7.2), 10: (97.4, 25.0), 30: (81.1, 25.0)}),
    PublishedCurve("FactorVAE, γ = 6.4", "batch 128, Adam 1e-4", {
        1: (156.3, 19.7), 3: (68.1, 20.3), 10: (47.3, 22.0), 30: (41.4, 22.2)}),
)  # fmt: skip


def published_after(passes: float) -> list[tuple[PublishedCurve, float, float]]:
    """The published curves that state reconstruction and KL after so many passes."""
    return [
        (curve, *curve.passes[int(passes)]) for curve in PUBLISHED if int(passes) in curve.passes
        if passes == int(passes)
    ]  # fmt: skip


def recipe_of(config: RunConfig) -> tuple[object, ...]:
    """What runs share that differ only in objective, its weight, KL warm-up and seed."""
    return recipe(config, "objective", "beta", "strength", "capacity", "kl_warmup")


def by_objective(rows: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    """The trained runs of the recipe that most runs with another objective share, β-VAEs first.

    rows: of one score and setting (`scores.score_rows`). Columns: run, objective, label (the
    objective with its weight), beta (NaN for another objective), seed, images, nll and kl (nats per
    image; NaN if not computed), value (of the score; NaN likewise), versions. Empty if no run has
    another objective.
    """
    trained = [
        run
        for run in runs
        if not (run.config.baseline or run.config.origin or run.config.by_hand)
        and (run.config.beta is not None or run.config.objective != BETA_VAE)
    ]
    recipes = Counter(
        recipe_of(run.config) for run in trained if run.config.objective != BETA_VAE
    ).most_common(1)
    scored = {row.run: row for row in rows.itertuples()}
    found = []
    for run in trained:
        if not recipes or recipe_of(run.config) != recipes[0][0]:
            continue
        elbo, row = latest_elbo(run), scored.get(run.name)
        found.append(
            {
                "run": run.name,
                "objective": run.config.objective,
                "label": run.config.beta_words,
                "beta": run.config.beta,
                "seed": run.config.seed,
                "images": run.config.images,
                "nll": elbo["nll"] if elbo else None,
                "kl": sum(elbo["kl"]) if elbo else None,
                "value": row.value if row else None,
                "versions": row.versions if row else "",
            }
        )
    table = pd.DataFrame(found, columns=COLUMNS)
    table = table.astype(dict.fromkeys(("beta", "nll", "kl", "value"), float))
    table["other"] = table["objective"] != BETA_VAE
    return table.sort_values(["other", "objective", "beta", "seed"]).drop(columns="other")
