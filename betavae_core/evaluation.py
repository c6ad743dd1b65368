"""Numbers that describe a run, each a record for scores.json with what it was measured on."""

import platform
from inspect import signature
from typing import Any

import sklearn
import torch

from . import __version__
from .codes import code_table
from .datasets import Dataset, config_dataset
from .datasets.base import Indices, to_float
from .datasets.prepared import Progress
from .errors import InputError
from .metrics import METRICS
from .models import VAE
from .objective import kl_per_latent, likelihood_nll, sample_posterior
from .rng import generator
from .store import Run, add_score

BATCH = 256
ACTIVE_KL = 0.1  # nats: below that a latent cannot tell even two kinds of images apart


def versions() -> dict[str, str]:
    """What computed a number: kept beside it."""
    return {
        "betavae": __version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


def elbo_terms(
    model: VAE,
    dataset: Dataset,
    indices: Indices,
    likelihood: str = "bernoulli",
    seed: int = 0,
) -> dict[str, Any]:
    """The ELBO's terms, averaged over the given images, all in nats per image, lower is better.

    Returns nll (of one posterior sample per image, drawn with `seed`: the ELBO's own term),
    nll_at_mean (of z = posterior mean, lower: what a reconstruction on screen shows) and kl (list
    of D, per latent). The mode (train or eval) of the model is left as found. Raises `InputError`
    without images.
    """
    nll_of = likelihood_nll(likelihood)
    rows = torch.as_tensor(indices)
    if len(rows) == 0:
        raise InputError("The ELBO needs at least one image, got none.")
    place = next(model.parameters()).device
    noise = generator(seed, "posterior")
    nll = torch.zeros(2, dtype=torch.float64)  # of a sample, at the mean
    kl = torch.zeros(model.latents, dtype=torch.float64)
    with torch.no_grad():
        for part in rows.split(BATCH):
            x = to_float(dataset.images(part)).to(place)
            mean, log_var = model.encode(x)
            epsilon = torch.randn(mean.shape, generator=noise).to(place)
            for i, z in enumerate((sample_posterior(mean, log_var, epsilon), mean)):
                nll[i] += nll_of(model.decode_logits(z), x).sum().double().cpu()
            kl += kl_per_latent(mean, log_var).sum(0).double().cpu()
    return {
        "nll": (nll[0] / len(rows)).item(),
        "nll_at_mean": (nll[1] / len(rows)).item(),
        "kl": (kl / len(rows)).tolist(),
    }


def latest_elbo(run: Run) -> dict[str, Any] | None:
    """The run's `elbo` record, or while it trains the mean over its last interval of training
    (nll, kl; no settings); None where neither was computed."""
    trained = [record for record in run.history if "nll" in record]
    return run.score("elbo") or (trained[-1] if trained else None)


def active_latents(record: dict[str, Any]) -> list[bool]:
    """Which latents carry information: mean KL above 0.1 nats in an `elbo` or training record."""
    return [kl > ACTIVE_KL for kl in record["kl"]]


def score_elbo(
    run: Run, dataset: Dataset | None = None, images: int = 10_000, seed: int = 0
) -> dict[str, Any]:
    """Measure `elbo_terms` of a run on uniform random images of its dataset and store the record.

    Uses the run's own dataset and source unless another is given; raises `InputError` where the
    dataset is not one of ours.
    """
    dataset = dataset or config_dataset(run.config)
    indices = torch.randint(len(dataset), (images,), generator=generator(seed, "evaluation"))
    record = {
        "score": "elbo",
        "weights": run.weights_hash,
        **elbo_terms(run.model, dataset, indices, run.config.likelihood, seed),
        "settings": {
            "dataset": dataset.name,
            "source": dataset.source,
            **({"part": dataset.note} if dataset.note else {}),
            "images": images,
            "seed": seed,
            "likelihood": run.config.likelihood,
        },
        "versions": versions(),
    }
    add_score(run.path, record)
    return record


def score_metric(
    run: Run,
    name: str,
    dataset: Dataset | None = None,
    *,
    most: int | None = None,
    progress: Progress | None = None,
    device: str | torch.device = "cpu",
    again: bool = False,
    **settings: Any,
) -> dict[str, Any]:
    """A disentanglement score of a run, stored with its settings; one that is there is returned.

    name: a key of `METRICS`, settings: that metric's. Encodes the dataset first where its codes are
    not in the cache (most: only part of the grid, see `code_table`; progress is told of it).
    again: compute and store anew. Raises `InputError` for unknown names or settings and a dataset
    without factors.
    """
    if name not in METRICS:
        raise InputError(f'There is no score "{name}"; there are: {", ".join(METRICS)}.')
    parameters = signature(METRICS[name]).parameters
    if unknown := sorted(set(settings) - set(parameters) - {"codes", "space"}):
        raise InputError(f'The score "{name}" has no setting "{unknown[0]}".')
    asked = {
        key: settings.get(key, parameter.default)
        for key, parameter in parameters.items()
        if key not in ("codes", "space", "jobs", "progress")
    }
    dataset = dataset or config_dataset(run.config)
    about = {"dataset": dataset.name, "source": dataset.source, "most": most}
    for record in run.valid_scores:
        if not again and record["score"] == name and record.get("asked") == asked | about:
            return record
    table = code_table(
        run.model, run.weights_hash, dataset, most=most, progress=progress, device=device
    )
    found = METRICS[name](table.mean, table.space, **settings)
    record = {
        "score": name,
        "weights": run.weights_hash,
        "value": found.score,
        "settings": {
            **about,
            "images": table.space.size,
            "factor_sizes": list(table.space.sizes),
            **found.settings,
        },
        "details": found.details,
        "asked": asked | about,
        "versions": versions() | {"scikit-learn": sklearn.__version__},
    }
    add_score(run.path, record)
    return record
