"""Rate and distortion of a multi-rate run over its range of β."""

from typing import Any

import numpy as np
import torch

from ..datasets import Dataset, config_dataset
from ..device import choose_device, moved
from ..disk_cache import Progress
from ..provenance import versions
from ..rng import generator
from ..store import Run
from .elbo import elbo_terms

NAME = "rate-distortion"
IMAGES = 2_000  # at each β, so that all take as long as three times `score_elbo`
COUNT = 15  # values of β, evenly spaced in log β over the range


def measured_rate_distortion(run: Run) -> dict[str, Any] | None:
    """The run's record, None if it was not measured."""
    found = [record for record in run.valid_scores if record["score"] == NAME]
    return found[-1] if found else None


def score_rate_distortion(
    run: Run,
    dataset: Dataset | None = None,
    images: int | None = None,
    seed: int = 0,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure `elbo_terms` at 15 values of β of the range, on the same uniform random images (None:
    2,000), and store the record: beta (15,), nll (15,) and kl (15, D), in nats per image. Raises
    `InputError` for a run that has no range of β."""
    model, config, images = run.multirate, run.config, images or IMAGES
    dataset = dataset or config_dataset(config)
    indices = torch.randint(len(dataset), (images,), generator=generator(seed, "evaluation"))
    place = choose_device(str(device))
    betas = [float(f"{beta:.4g}") for beta in np.geomspace(model.low, model.high, COUNT)]
    found = []
    for done, beta in enumerate(betas):
        if progress:
            progress("Rate and distortion", done, len(betas))
        one = moved(model.at_beta(beta), place).eval()
        found.append(elbo_terms(one, dataset, indices, config.likelihood, seed, config.sigma))
    record = {
        "score": NAME,
        "weights": run.weights_hash,
        "beta": betas,
        "nll": [terms["nll"] for terms in found],
        "kl": [terms["kl"] for terms in found],
        "settings": {
            "dataset": dataset.name,
            "source": dataset.source,
            **({"part": dataset.note} if dataset.note else {}),
            "images": images,
            "seed": seed,
            "likelihood": config.likelihood,
            **({"sigma": config.sigma} if config.likelihood == "gaussian" else {}),
        },
        "versions": versions(),
    }
    run.keep_score(record)
    return record
