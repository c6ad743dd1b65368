"""NLL and KL on a thousand images, compared with sane ranges and our own runs; active latents."""

import math
from dataclasses import dataclass
from typing import Any

import torch

from ..beta import beta_text
from ..datasets.base import to_float
from ..objective import kl_per_latent, sample_posterior
from ..rng import generator, random_rows
from ..scoring.elbo import ACTIVE_KL
from .finding import Finding, Verdict, nats, share, short
from .fit import BARELY, Scale, come_back
from .others import FACTOR, OwnRun, kl_by_rank, near, of_which, range_of
from .subject import Subject

IMAGES = 1_000
LARGE_KL = 25.0  # nats of one latent: e²⁵ kinds of images
THIN = 1.0  # nats of all latents: with more, there is information even if none is active


@dataclass(frozen=True)
class Measured:
    """The results of one pass over the images, which further checks reuse."""

    scale: Scale
    x: torch.Tensor  # (N, C, H, W) in [0, 1]
    mean: torch.Tensor  # (N, D)
    log_var: torch.Tensor  # (N, D)
    noise: torch.Tensor  # (N, D)
    nll: torch.Tensor | None  # (N,), nats, of one posterior sample; None without a decoder
    kl: torch.Tensor  # (D,), nats
    pictured: float = -math.inf  # share of the pixels' variance that the decoded sample explains
    seed: int = 0  # of the images and the noise


def measure(subject: Subject, scale: Scale, seed: int, images: int = IMAGES) -> Measured:
    """Encode uniform random images and decode one posterior sample of each."""
    whole = len(scale.dataset)
    count = min(subject.images(images), whole)
    rows = random_rows(whole, count, generator(seed, "evaluation"))
    x = to_float(scale.dataset.images(rows))
    mean, log_var = subject.encode(x)
    noise = torch.randn(mean.shape, generator=generator(seed, "posterior"))
    nll, pictured = None, -math.inf
    if subject.decodes:
        logits = subject.logits(sample_posterior(mean, log_var, noise))
        nll, pictured = subject.nll_of(logits, x), scale.pictured(logits.sigmoid(), x)
    kl = kl_per_latent(mean.double(), log_var.double()).mean(0)
    return Measured(scale, x, mean, log_var, noise, nll, kl, pictured, seed)


def check_terms(subject: Subject, measured: Measured, runs: list[OwnRun]) -> Finding:
    """The ELBO's two terms: are they possible, sane, and like those of our own runs? For an encoder
    alone only the KL, which needs no decoder."""
    key, title = "terms", "NLL and KL"
    scale, count = measured.scale, len(measured.x)
    kl = float(measured.kl.sum())
    where = f"{count:,} images of {scale.dataset.title} ({scale.dataset.source_and_part})"
    mean, floor = (float(of(measured.x).mean()) for of in (scale.mean_image, scale.floor))
    numbers: dict[str, Any] = {
        "dataset": scale.dataset.name,
        "source": scale.dataset.source,
        "images": count,
        "seed": measured.seed,
        "kl": kl,
        "kl_per_latent": measured.kl.tolist(),
        "nll_of_mean_image": mean,
        "nll_of_copy": floor,
        "runs": [vars(run) for run in runs],
    }
    terms, explained = [f"KL {nats(kl)}"], None
    if measured.nll is not None:
        nll = numbers["nll"] = float(measured.nll.mean())
        explained = scale.explained(scale_nll(subject, measured), measured.x)
        numbers["explained"] = explained
        terms.insert(0, f"NLL {nats(nll)}")
    if bool((measured.log_var == -torch.inf).all()):
        says = "Codes without a posterior width have no KL"
        says += f" ({terms[0]} nats on {where})." if terms[1:] else "."
        return Finding(key, title, Verdict.NOT_COMPUTED, says, "", numbers)
    says = f"{' and '.join(terms)} nats on {where}"
    says += "" if terms[1:] else " (an encoder alone has no NLL)"
    if not (math.isfinite(numbers.get("nll", 0.0)) and math.isfinite(kl)):
        cause = "Exploding KL: log-variances so large that the numbers overflow, or NaN weights."
        return Finding(key, title, Verdict.BROKEN, says + ": not finite.", cause, numbers)
    works = explained is None or come_back(explained, measured.pictured)
    if kl > mean - floor and subject.config.likelihood == "bernoulli":
        says += f": the KL exceeds the {mean - floor:,.0f} nats that full knowledge of an "
        cause = (
            "Exploding KL: exploding encoder weights, or mean and log-variance mixed up; or a β "
        )
        cause += "near 0, which does not limit it."
        verdict = Verdict.LOOK if works else Verdict.BROKEN
        return Finding(key, title, verdict, says + "image could save.", cause, numbers)
    if explained is not None and explained < -BARELY and works:
        says += f": predicting the mean image gives {nats(mean)}, although "
        says += f"{share(measured.pictured)} of the "
        cause = (
            "Single pixels that are wrong with great confidence, or a likelihood other than stated."
        )
        return Finding(
            key, title, Verdict.LOOK, f"{says}pixels' variance is reproduced.", cause, numbers
        )
    if explained is not None and explained < -BARELY:
        cause = "See the findings above; if they name nothing and the latents are active, "
        cause += "half-loaded weights: the decoder was not loaded."
        says += f": predicting the mean image gives {nats(mean)}."
        return Finding(key, title, Verdict.BROKEN, says, cause, numbers)
    verdict, compared, cause = against(runs, measured, subject.config.beta, floor)
    return Finding(key, title, verdict, f"{says}; {compared}.", cause, numbers)


def scale_nll(subject: Subject, measured: Measured) -> torch.Tensor:
    """The NLL (N,) under the scale's likelihood, which differs from the config's for σ-VAEs."""
    assert measured.nll is not None, "callers have checked that"
    if subject.config.likelihood != "sigma-vae":
        return measured.nll
    z = sample_posterior(measured.mean, measured.log_var, measured.noise)
    return measured.scale.nll_of(subject.logits(z), measured.x)


def against(
    runs: list[OwnRun], measured: Measured, beta: float | None, floor: float
) -> tuple[Verdict, str, str]:
    """Verdict, sentence and cause: NLL, KL and the KL of each active latent (the most informative
    first, since the latents' order has no meaning) beside those of our runs."""
    like = near(runs, beta)
    if not like:
        others = "has this dataset, source and model" if not runs else f"is near {beta_text(beta)}"
        return Verdict.FINE, f"not compared, because none of our other runs {others}", ""
    kl, kls = float(measured.kl.sum()), range_of([sum(run.kl) for run in like])
    nlls = range_of([run.nll for run in like])
    ranked = sorted(measured.kl.tolist(), reverse=True)
    by_rank = kl_by_rank(like, len(ranked))
    active = [i for i, each in enumerate(by_rank) if max(ranked[i], each.low) > ACTIVE_KL]
    says = f"{of_which(like, beta)} have " if len(like) > 1 else f"{of_which(like, beta)} has "
    says += f"NLL {nlls} and KL {kls}; KL per latent: "
    says += short([f"{nats(ranked[i])} (theirs {by_rank[i]})" for i in active], 4)
    if beta is None and len({run.beta for run in like}) == 1:  # any β may be the checkpoint's
        return Verdict.FINE, f"{says}: runs at a single β do not show what is usual", ""
    if measured.nll is not None:
        excess = (float(measured.nll.mean()) - floor) / max(nlls.high - floor, 1e-6)
        if excess > FACTOR:
            cause = "Less training, another dataset or source, or a fault that is named above."
            return (
                Verdict.LOOK,
                f"{says}: the NLL above a perfect copy is {excess:.1f} times theirs",
                cause,
            )
    cause = "A β other than claimed (or normalised differently), or another training length."
    if beta is None:
        cause = "A β outside the range of our runs, or another training length."
    if not kls.has(kl):
        return Verdict.LOOK, f"{says}: the KL is unlike theirs", cause
    unlike = [i for i in active if not by_rank[i].has(ranked[i])]
    if len(unlike) > 1:  # seeds differ by one latent more or less
        which = short([f"{nats(ranked[i])}" for i in unlike], 3)
        return Verdict.LOOK, f"{says}: the KL per latent is unlike theirs at {which}", cause
    return Verdict.FINE, says, ""


def check_latents(subject: Subject, measured: Measured) -> Finding:
    """The active latents (mean KL above 0.1 nats) and the collapsed ones."""
    key, title = "latents", "Active latents"
    kl = measured.kl.tolist()
    if bool((measured.log_var == -torch.inf).all()):
        says = "The codes have no posterior width, so their information has no measure in nats."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    on = [d for d in range(len(kl)) if kl[d] > ACTIVE_KL]
    off = [f"z{d}" for d in range(len(kl)) if kl[d] <= ACTIVE_KL]
    spread = measured.mean.double().var(0) + measured.log_var.double().exp().mean(0)
    numbers = {
        "images": len(measured.x),
        "threshold": ACTIVE_KL,
        "active": on,
        "kl_per_latent": kl,
        "aggregate_variance": spread.tolist(),  # of the codes of all images: 1 for the prior
        "log_var_range": [float(measured.log_var.min()), float(measured.log_var.max())],
    }
    if not all(math.isfinite(value) for value in kl):
        cause = "Exploding KL: log-variances that overflow, or NaN weights."
        return Finding(key, title, Verdict.BROKEN, "The KL is not a finite number.", cause, numbers)
    says = f"{len(on)} of {len(kl)} latents are active (KL above {ACTIVE_KL} nats)"
    if not on and sum(kl) > THIN:
        says += f", but all {len(kl)} together carry {sum(kl):.1f} nats."
        cause = "A code of many latents that each carry little information."
        return Finding(key, title, Verdict.LOOK, says, cause, numbers)
    if not on:
        cause = "Posterior collapse: β too high or training too short; or the encoder was never "
        cause += "loaded."
        return Finding(key, title, Verdict.BROKEN, f"{says}.", cause, numbers)
    informed = sorted(on, key=lambda d: -kl[d])
    says += ": " + short([f"z{d} {kl[d]:.2f}" for d in informed])
    says += f"; collapsed: {short(off)}" if off else ""
    if large := [f"z{d}" for d in on if kl[d] > LARGE_KL]:
        cause = "Exploding KL: nothing keeps the codes near the prior (β near 0, an autoencoder's "
        cause += "weights, mean and log-variance mixed up)."
        return Finding(
            key, title, Verdict.LOOK, f"{says}; very large: {short(large)}.", cause, numbers
        )
    wide = [f"z{d}" for d in on if not 0.1 < float(spread[d]) < 10]
    if wide:
        cause = "Prior samples do not resemble codes: β near 0, or a scaled encoder."
        says += f"; the spread of codes differs from the prior's in {short(wide)}."
        return Finding(key, title, Verdict.LOOK, says, cause, numbers)
    if len(on) == 1 and len(kl) > 1:
        cause = "Nearly collapsed: β high for this dataset, or training too short."
        return Finding(key, title, Verdict.LOOK, f"{says}.", cause, numbers)
    return Finding(key, title, Verdict.FINE, f"{says}.", "", numbers)
