"""The sliders of the latents: their order, the KL of each, and the distribution of its codes."""

from typing import Any

import numpy as np
import torch

from ..browser.live import SliderRow
from ..scoring.elbo import active_latents, latents_by_kl, latest_elbo
from ..store import Run

REACH = 3.0  # prior standard deviations to either side of a slider
BINS = 48


def latent_rows(
    run: Run,
    over_beta: dict[str, Any] | None = None,
    densities: list[list[float]] | None = None,
) -> list[SliderRow]:
    """One slider per latent, the most informative first; for foreign datasets the KL is unknown.

    over_beta: what was measured over β, for a multi-rate run at one β: its latents are in the order
    of their KL at the lowest, so that the order stays. densities: of every latent, as `densities`.
    """
    score = latest_elbo(run)
    latents = latents_by_kl(score, run.config.latents)
    if over_beta is not None:
        latents = latents_by_kl({"kl": over_beta["kl"][0]}, run.config.latents)
    kl = score["kl"] if score else [None] * run.config.latents
    active = active_latents(score) if score else [True] * run.config.latents
    rows: list[SliderRow] = [
        {"latent": d, "kl": kl[d], "active": active[d], "min": -REACH, "max": REACH}
        for d in latents
    ]
    if densities is not None:
        for row in rows:
            row["density"] = densities[row["latent"]]
    return rows


def densities(
    samples: torch.Tensor, low: float = -REACH, high: float = REACH, bins: int = BINS
) -> list[list[float]]:
    """For each latent, the histogram of samples (N, D) of the aggregate posterior in even bins from
    low to high, scaled so that the highest bin is 1."""
    counts = [np.histogram(column, bins, (low, high))[0] for column in samples.numpy().T]
    return [(count / max(count.max(), 1)).round(3).tolist() for count in counts]
