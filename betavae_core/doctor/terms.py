"""NLL and KL on a thousand images, against sane ranges and our own runs; active latents."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..datasets.base import to_float
from ..errors import InputError
from ..evaluation import ACTIVE_KL
from ..objective import kl_per_latent, sample_posterior
from ..rng import generator
from ..store import CONFIG, SCORES, read_config, read_scores
from .finding import Finding, nats, short
from .fit import Scale
from .subject import Subject

IMAGES = 1_000
LARGE_KL = 25.0  # nats of one latent: e²⁵ kinds of images
NEAR = 1.5  # ratio of β within which runs are compared
FACTOR = 2.0  # of excess NLL and of KL: what runs of one β differ by is well below


@dataclass(frozen=True)
class Measured:
    """What one pass over the images gives, and what further checks reuse."""

    scale: Scale
    x: torch.Tensor  # (N, C, H, W) in [0, 1]
    mean: torch.Tensor  # (N, D)
    log_var: torch.Tensor  # (N, D)
    noise: torch.Tensor  # (N, D)
    nll: torch.Tensor | None  # (N,), nats, of one posterior sample; None without a decoder
    kl: torch.Tensor  # (D,), nats


@dataclass(frozen=True)
class OwnRun:
    """The numbers of one of our runs on the same dataset."""

    name: str
    beta: float
    nll: float
    kl: float


def measure(subject: Subject, scale: Scale, seed: int, images: int = IMAGES) -> Measured:
    """Encode uniform random images and decode one posterior sample of each."""
    rows = torch.randint(len(scale.dataset), (images,), generator=generator(seed, "evaluation"))
    x = to_float(scale.dataset.images(rows))
    mean, log_var = subject.encode(x)
    noise = torch.randn(mean.shape, generator=generator(seed, "posterior"))
    nll = None
    if subject.decodes:
        nll = subject.nll_of(subject.logits(sample_posterior(mean, log_var, noise)), x)
    kl = kl_per_latent(mean.double(), log_var.double()).mean(0)
    return Measured(scale, x, mean, log_var, noise, nll, kl)


def own_runs(root: Path | None, subject: Subject, dataset: str) -> list[OwnRun]:
    """Our trained runs of a dataset with the same likelihood, from what is stored beside them."""
    found = []
    folders = sorted(root.iterdir()) if root is not None and root.is_dir() else []
    for folder in folders:
        if not (folder / CONFIG).is_file() or not (folder / SCORES).is_file():
            continue
        try:
            config, scores = read_config(folder), read_scores(folder)
        except (InputError, OSError, json.JSONDecodeError):  # broken runs are listed elsewhere
            continue
        if config.beta is None or config.baseline or config.origin:
            continue
        like = (dataset, subject.config.likelihood, subject.config.sigma)
        if (config.dataset, config.likelihood, config.sigma) != like:
            continue
        elbo = next((r for r in reversed(scores) if r["score"] == "elbo"), None)
        if elbo is not None:
            found.append(OwnRun(folder.name, config.beta, elbo["nll"], sum(elbo["kl"])))
    return found


def check_terms(subject: Subject, measured: Measured, runs: list[OwnRun]) -> Finding:
    """The ELBO's two terms: possible at all, sane, and like our own runs' at the claimed β."""
    key, title = "terms", "NLL and KL"
    scale, count = measured.scale, len(measured.x)
    kl = float(measured.kl.sum())
    where = f"{count:,} images of {scale.dataset.title} ({scale.dataset.source})"
    numbers: dict[str, Any] = {
        "dataset": scale.dataset.name,
        "source": scale.dataset.source,
        "images": count,
        "kl": kl,
        "kl_per_latent": measured.kl.tolist(),
        "runs": [vars(run) for run in runs],
    }
    if measured.nll is None:
        says = f"KL {nats(kl)} nats on {where}; there is no NLL without a decoder."
        return Finding(key, title, "not computed", says, "", numbers)
    nll, mean = float(measured.nll.mean()), float(scale.mean_image(measured.x).mean())
    floor = float(scale.floor(measured.x).mean())
    explained = scale.explained(scale_nll(subject, measured), measured.x)
    numbers |= {"nll": nll, "nll_of_mean_image": mean, "nll_of_copy": floor, "explained": explained}
    if bool((measured.log_var == -torch.inf).all()):
        says = f"NLL {nats(nll)} nats on {where}; codes without a width have no KL."
        return Finding(key, title, "not computed", says, "", numbers)
    says = f"NLL {nats(nll)} and KL {nats(kl)} nats on {where}"
    if not (math.isfinite(nll) and math.isfinite(kl)):
        cause = "Exploding KL: log-variances so large that the numbers overflow, or NaN weights."
        return Finding(key, title, "broken", says + ": not finite.", cause, numbers)
    if kl > mean - floor and subject.config.likelihood == "bernoulli":
        says += f": the KL is above the {mean - floor:,.0f} nats that all there is to know of an "
        cause = "Exploding KL: exploding encoder weights, or mean and log-variance mixed up."
        return Finding(key, title, "broken", says + "image can save.", cause, numbers)
    if explained < -0.02:
        cause = (
            "See above for what does not fit; where nothing is named and the latents are active, "
        )
        cause += "half-loaded weights: the decoder was not loaded."
        says += f": the mean image alone has {nats(mean)}."
        return Finding(key, title, "broken", says, cause, numbers)
    return _against_runs(key, title, says, runs, numbers, subject.config.beta, floor)


def scale_nll(subject: Subject, measured: Measured) -> torch.Tensor:
    """The NLL (N,) under the scale's likelihood, which differs from the config's for σ-VAEs."""
    assert measured.nll is not None, "callers have checked that"
    if subject.config.likelihood != "sigma-vae":
        return measured.nll
    z = sample_posterior(measured.mean, measured.log_var, measured.noise)
    return measured.scale.nll_of(subject.logits(z), measured.x)


def _against_runs(
    key: str,
    title: str,
    says: str,
    runs: list[OwnRun],
    numbers: dict[str, Any],
    beta: float | None,
    floor: float,
) -> Finding:
    """The last step of `check_terms`: what our runs of the nearest β have."""
    near = [run for run in runs if beta and run.beta and 1 / NEAR <= run.beta / beta <= NEAR]
    if not near:
        reason = "the checkpoint states no β" if beta is None else "none of our runs has its β"
        return Finding(key, title, "fine", f"{says}; not compared, {reason}.", "", numbers)
    nlls, kls = sorted(run.nll for run in near), sorted(run.kl for run in near)
    says += f"; {len(near)} of our runs near β {beta:g}: NLL {nlls[0]:,.1f} to {nlls[-1]:,.1f}, KL "
    says += f"{kls[0]:.2f} to {kls[-1]:.2f}"
    excess = (numbers["nll"] - floor) / max(nlls[-1] - floor, 1e-6)
    if excess > FACTOR:
        cause = "Less training, another dataset or source, or something above that does not fit."
        return Finding(key, title, "look", f"{says}: worse by {excess:.1f}×.", cause, numbers)
    if numbers["kl"] > FACTOR * kls[-1] + 0.5 or numbers["kl"] < kls[0] / FACTOR - 0.5:
        cause = "Another β than claimed (or normalised differently), or another length of training."
        return Finding(key, title, "look", f"{says}: the KL is unlike.", cause, numbers)
    return Finding(key, title, "fine", says + ".", "", numbers)


def check_latents(subject: Subject, measured: Measured) -> Finding:
    """Which latents carry information (mean KL above 0.1 nats) and which have collapsed."""
    key, title = "latents", "Active latents"
    kl = measured.kl.tolist()
    if bool((measured.log_var == -torch.inf).all()):
        says = "The codes have no width: how much a latent tells cannot be counted in nats."
        return Finding(key, title, "not computed", says)
    on = [d for d in range(len(kl)) if kl[d] > ACTIVE_KL]
    off = [f"z{d}" for d in range(len(kl)) if kl[d] <= ACTIVE_KL]
    spread = measured.mean.double().var(0) + measured.log_var.double().exp().mean(0)
    numbers = {
        "images": len(measured.x),
        "threshold": ACTIVE_KL,
        "active": on,
        "kl_per_latent": kl,
        "aggregate_variance": spread.tolist(),  # of the codes of all images: 1 under the prior
        "log_var_range": [float(measured.log_var.min()), float(measured.log_var.max())],
    }
    if not all(math.isfinite(value) for value in kl):
        cause = "Exploding KL: log-variances that overflow, or NaN weights."
        return Finding(key, title, "broken", "The KL is not a finite number.", cause, numbers)
    says = f"{len(on)} of {len(kl)} latents are active (KL above {ACTIVE_KL} nats)"
    if not on:
        cause = "Posterior collapse: β too high or training too short for anything to be worth its "
        cause += "KL; or the encoder was never loaded."
        return Finding(key, title, "broken", f"{says}.", cause, numbers)
    informed = sorted(on, key=lambda d: -kl[d])
    says += ": " + short([f"z{d} {kl[d]:.2f}" for d in informed])
    says += f"; collapsed: {short(off)}" if off else ""
    if large := [f"z{d}" for d in on if kl[d] > LARGE_KL]:
        cause = "Exploding KL: nothing holds the codes near the prior (β near 0, an autoencoder's "
        cause += "weights, mean and log-variance mixed up)."
        return Finding(key, title, "look", f"{says}; very large: {short(large)}.", cause, numbers)
    wide = [f"z{d}" for d in on if not 0.1 < float(spread[d]) < 10]
    if wide:
        cause = "Draws from the prior do not look like codes: β near 0, or a scaled encoder."
        says += f"; codes spread unlike the prior in {short(wide)}."
        return Finding(key, title, "look", says, cause, numbers)
    if len(on) == 1 and len(kl) > 1:
        cause = "Nearly collapsed: β high for this dataset, or training too short."
        return Finding(key, title, "look", f"{says}.", cause, numbers)
    return Finding(key, title, "fine", f"{says}.", "", numbers)
