"""The ELBO's terms of a run, measured and stored; and the active latents according to them."""

from typing import Any

import torch

from ..datasets import Dataset, config_dataset
from ..datasets.base import Indices, to_float
from ..device import choose_device, exact_float32, moved
from ..errors import wrong_value
from ..models import VAE
from ..objective import kl_per_latent, likelihood_nll, sample_posterior
from ..provenance import versions
from ..rng import generator
from ..store import Run
from ..store.protocol import records_of

BATCH = 256


ACTIVE_KL = 0.1  # nats: a latent with less cannot even distinguish two kinds of images


def elbo_terms(
    model: VAE,
    dataset: Dataset,
    indices: Indices,
    likelihood: str = "bernoulli",
    seed: int = 0,
    sigma: float = 1.0,
) -> dict[str, Any]:
    """The ELBO's terms, averaged over the given images, all in nats per image, lower is better.

    Returns nll (of one posterior sample per image, drawn with `seed`: the ELBO's own term),
    nll_at_mean (of z = posterior mean, which is lower and belongs to the reconstructions on screen)
    and kl (list of D, per latent). The mode (train or eval) of the model is unchanged. Raises
    `InputError` without images.
    """
    nll_of = likelihood_nll(likelihood, sigma)
    rows = torch.as_tensor(indices)
    if len(rows) == 0:
        raise wrong_value("The ELBO", "at least one image", 0, "needs")
    place = next(model.parameters()).device
    noise = generator(seed, "posterior")
    nll = torch.zeros(2, dtype=torch.float64)  # for a sample, at the mean
    kl = torch.zeros(model.latents, dtype=torch.float64)
    with torch.no_grad(), exact_float32:
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


def measured_elbo(run: Run) -> dict[str, Any] | None:
    """The run's `elbo` record on its own dataset, None if there is none: a record of another
    dataset does not show which latents are active on its own."""
    found = records_of(run.valid_scores, "elbo", run.config, {})
    return found[-1] if found else None


def latest_elbo(run: Run) -> dict[str, Any] | None:
    """The run's `elbo` record, or during training the mean over the last interval (nll, kl; no
    settings); None if neither was computed."""
    trained = [record for record in run.history if "nll" in record]
    return measured_elbo(run) or (trained[-1] if trained else None)


def active_latents(record: dict[str, Any]) -> list[bool]:
    """Whether each latent is active: mean KL above 0.1 nats in an `elbo` or training record."""
    return [kl > ACTIVE_KL for kl in record["kl"]]


def latents_by_kl(record: dict[str, Any] | None, latents: int) -> list[int]:
    """The numbers of all latents, the most informative first; in their own order without a
    record."""
    if record is None:
        return list(range(latents))
    return sorted(range(latents), key=lambda d: -record["kl"][d])


def score_elbo(
    run: Run,
    dataset: Dataset | None = None,
    images: int = 10_000,
    seed: int = 0,
    device: str | torch.device = "cpu",
) -> dict[str, Any]:
    """Measure `elbo_terms` of a run on uniform random images of its dataset and store the record.

    Uses the run's own dataset and source unless another is given; raises `InputError` for an
    unknown dataset.
    """
    dataset = dataset or config_dataset(run.config)
    indices = torch.randint(len(dataset), (images,), generator=generator(seed, "evaluation"))
    record = {
        "score": "elbo",
        "weights": run.weights_hash,
        **elbo_terms(
            moved(run.vae, choose_device(str(device))),
            dataset,
            indices,
            run.config.likelihood,
            seed,
            run.config.sigma,
        ),
        "settings": {
            "dataset": dataset.name,
            "source": dataset.source,
            **({"part": dataset.note} if dataset.note else {}),
            "images": images,
            "seed": seed,
            "likelihood": run.config.likelihood,
            **({"sigma": run.config.sigma} if run.config.likelihood == "gaussian" else {}),
        },
        "versions": versions(),
    }
    run.keep_score(record)
    return record
