"""The β of the training, estimated from the weights alone: from the width of the posterior."""

import math
from dataclasses import dataclass

import torch

from ..beta import beta_text
from ..objective import kl_per_latent, sample_posterior
from ..penalties import BETA_VAE
from ..rng import generator
from ..scoring.elbo import ACTIVE_KL
from .finding import Finding, Verdict
from .subject import Subject
from .terms import Measured

STEP = 0.1  # change of the posterior's σ in both directions, as a share of it
DRAWS = 400  # resamplings of the bootstrap over images
AGREES = 1.35  # largest ratio of estimate and claim that agrees; 28 of our runs: within 1.2
MOST_WIDTH = 1.0  # of the interval, as a share of the estimate


@dataclass(frozen=True)
class BetaEstimate:
    """An estimate of β with its 95 % interval over images."""

    beta: float
    low: float
    high: float


def estimate_beta(subject: Subject, measured: Measured, seed: int) -> BetaEstimate:
    """β̂ = −(dNLL/ds) / (dKL/ds) at s = 1, where every posterior is N(mean, (s·σ)²).

    Training minimises NLL + β · KL, and the encoder's width adapts within a few steps. Then
    widening all posteriors by a factor s does not change the sum to first order, so that the ratio
    of the two slopes is β, in nats per image as in `RunConfig`. Both slopes are central
    differences at s = 1 ± 0.1 with the same noise on both sides; the interval is a bootstrap over
    images. It needs an active latent: for a collapsed model both slopes are 0.
    """
    slopes = []
    for s in (1 + STEP, 1 - STEP):
        log_var = measured.log_var + 2 * math.log(s)
        z = sample_posterior(measured.mean, log_var, measured.noise)
        kl = kl_per_latent(measured.mean.double(), log_var.double()).sum(1)
        slopes.append((subject.nll_of(subject.logits(z), measured.x).double(), kl))
    nll = (slopes[0][0] - slopes[1][0]) / (2 * STEP)
    kl = (slopes[0][1] - slopes[1][1]) / (2 * STEP)
    rows = torch.randint(len(nll), (DRAWS, len(nll)), generator=generator(seed, "bootstrap"))
    drawn = -(nll[rows].mean(1) / kl[rows].mean(1))
    low, high = torch.quantile(drawn, torch.tensor([0.025, 0.975], dtype=drawn.dtype)).tolist()
    return BetaEstimate(float(-nll.mean() / kl.mean()), low, high)


def check_beta(subject: Subject, measured: Measured, seed: int) -> Finding:
    """Whether the claimed β agrees with the weights; the claim is never changed."""
    key, title = "beta", "β"
    claimed = subject.config.beta
    if measured.nll is None:
        says = "β is estimated from the balance of NLL and KL, which needs a decoder."
        return Finding(key, title, Verdict.NOT_COMPUTED, says, "", {"claimed": claimed})
    if not measured.kl.isfinite().all() or float(measured.kl.max()) <= ACTIVE_KL:
        says = "No latent is active, or the KL is infinite, so β cannot be estimated."
        return Finding(key, title, Verdict.NOT_COMPUTED, says, "", {"claimed": claimed})
    found = estimate_beta(subject, measured, seed)
    numbers = {"claimed": claimed, "images": len(measured.x), "step": STEP, **vars(found)}
    says = f"The posterior's width corresponds to β {found.beta:.3g} (95 % interval "
    says += f"{found.low:.3g} to {found.high:.3g}, {len(measured.x):,} images)"
    if not found.beta > 0 or found.high - found.low > MOST_WIDTH * abs(found.beta):
        says += ": too uncertain to judge."
        return Finding(key, title, Verdict.NOT_COMPUTED, says, "", numbers)
    if claimed is None:
        stated = "the checkpoint states no β"
        if subject.config.objective != BETA_VAE:
            stated = f"the checkpoint states {subject.config.beta_words}, no weight of the KL alone"
        says += f"; {stated}, and this estimate is not stored as one."
        return Finding(key, title, Verdict.FINE, says, "", numbers)
    ratio = found.beta / claimed if claimed else math.inf
    if 1 / AGREES < ratio < AGREES or found.low <= claimed <= found.high:
        return Finding(
            key, title, Verdict.FINE, f"{says}, as claimed ({beta_text(claimed)}).", "", numbers
        )
    cause = "A β other than stated, an annealed or capacity-controlled objective, an unfinished "
    cause += "training, or another likelihood."
    if hint := normalisation(subject, found.beta):
        cause = f"The stated β is probably {hint}; " + cause[0].lower() + cause[1:]
    return Finding(
        key,
        title,
        Verdict.LOOK,
        f"{says}, but the checkpoint claims {beta_text(claimed)}.",
        cause,
        numbers,
    )


def normalisation(subject: Subject, beta: float) -> str:
    """The usual normalisation of β under which the claim would be right; "" if there is none."""
    claimed, config = subject.config.beta, subject.config
    if not claimed:
        return ""
    ways = {
        "normalised, β · latents / pixels": config.latents / config.pixels,
        "the β of an NLL averaged over pixels": 1 / config.pixels,
        "the β of a KL averaged over latents": config.latents,
    }
    for text, factor in ways.items():
        if 1 / AGREES < beta * factor / claimed < AGREES:
            return text
    return ""
