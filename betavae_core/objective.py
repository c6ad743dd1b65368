"""The β-ELBO and its terms, as functions on tensors. All values are in nats per image."""

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F

from .errors import InputError, Refusal


class Terms(NamedTuple):
    """The β-ELBO's terms, averaged over a batch: loss = nll + beta · Σ kl."""

    loss: torch.Tensor  # (), minimised
    nll: torch.Tensor  # (), reconstruction −log p(x|z), summed over pixels
    kl: torch.Tensor  # (D,), KL of each latent


def bernoulli_nll(logits: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """−log p(x|z) = −Σ_pixels [x log σ(l) + (1 − x) log(1 − σ(l))], lower is better.

    logits: (N, C, H, W); x: the same shape, in [0, 1]. Returns (N,), ≥ 0, in nats. For grey x the
    minimum is the entropy of x, not 0. Higgins et al. (2017); Kingma & Welling (2014), appendix C.
    """
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none").flatten(1).sum(1)


def kl_per_latent(mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """KL(N(mean, exp(log_var)) ‖ N(0, 1)) = ½ (mean² + exp(log_var) − log_var − 1), per latent.

    mean, log_var: (N, D). Returns (N, D), ≥ 0, in nats; 0 exactly where the posterior is the prior.
    Kingma & Welling (2014), appendix B.
    """
    return 0.5 * (mean.square() + log_var.exp() - log_var - 1)


def sample_posterior(
    mean: torch.Tensor, log_var: torch.Tensor, noise: torch.Tensor
) -> torch.Tensor:
    """z = mean + exp(½ log_var) · noise, all (N, D): the reparameterised sample."""
    return mean + (0.5 * log_var).exp() * noise


def gaussian_nll(
    logits: torch.Tensor, x: torch.Tensor, sigma: float | torch.Tensor = 1.0
) -> torch.Tensor:
    """−log N(x; x̂, σ² I) = P/2 · log(2π σ²) + ‖x − x̂‖² / (2 σ²), x̂ = sigmoid(logits).

    logits, x: (N, C, H, W), P = C · H · W values; sigma: the fixed standard deviation, above 0, in
    units of x. Returns (N,), in nats, lower is better; it may be below 0, since it is a density.
    Equations 8–10 of the paper: up to a factor σ² and a constant this is ½ ‖x − x̂‖² with β = σ².
    """
    squares = (logits.sigmoid() - x).square().flatten(1).sum(1)
    pixels = x[0].numel()
    log_sigma = sigma.log() if isinstance(sigma, torch.Tensor) else math.log(sigma)
    return pixels * (0.5 * math.log(2 * math.pi) + log_sigma) + squares / (2 * sigma**2)


def sigma_vae_nll(logits: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """`gaussian_nll` at the σ that fits the batch best, σ² = mean squared error over all its
    pixels, so that σ, and with it the weight of the KL, need not be chosen.

    Returns (N,), in nats; their mean is P/2 · (1 + log(2π MSE)). Rybkin, Daniilidis & Levine
    (2021), Simple and Effective VAE Training with Calibrated Decoders, section 3.2.
    """
    squares = (logits.sigmoid() - x).square().flatten(1).sum(1)
    pixels = x[0].numel()
    variance = (squares.mean() / pixels).clamp(min=SMALLEST_VARIANCE)
    return 0.5 * pixels * torch.log(2 * math.pi * variance) + squares / (2 * variance)


SMALLEST_VARIANCE = 1e-6  # for σ-VAE: a quarter of a grey level, so that perfect pixels stay finite
LIKELIHOODS: dict[str, Callable[..., torch.Tensor]] = {
    "bernoulli": bernoulli_nll,
    "gaussian": gaussian_nll,
    "sigma-vae": sigma_vae_nll,
}


def likelihood_nll(
    name: str, sigma: float | torch.Tensor = 1.0
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The reconstruction term of a likelihood by name; sigma: for "gaussian"."""
    if name not in LIKELIHOODS:
        raise InputError(
            f'There is no likelihood "{name}"; the choices are: {", ".join(LIKELIHOODS)}.',
            Refusal.SETTINGS,
        )
    return partial(gaussian_nll, sigma=sigma) if name == "gaussian" else LIKELIHOODS[name]


def bits_per_dimension(nll: float, pixels: int, likelihood: str) -> float:
    """NLL in nats per image as bits per value; lower is better.

    Gaussian densities are over x in [0, 1] and are counted for 256 grey levels: NLL / (P log 2) +
    8. The Bernoulli likelihood is a probability of binary pixels and has no such term; on grey
    images it is not a density, and the number only compares runs with each other.
    """
    bits = nll / (pixels * math.log(2))
    return bits if likelihood == "bernoulli" else bits + 8


def equivalent_beta(sigma: float) -> float:
    """The β that, with the reconstruction term ½ ‖x − x̂‖², gives σ² times the gradients of a VAE
    (β = 1) with a Gaussian likelihood of standard deviation `sigma`: β = σ²."""
    return sigma**2


def beta_elbo(
    x: torch.Tensor,
    decoded: torch.Tensor,
    mean: torch.Tensor,
    log_var: torch.Tensor,
    beta: float | torch.Tensor,
    nll: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = bernoulli_nll,
) -> Terms:
    """The negative β-ELBO, NLL(x|z) + β · KL(q(z|x) ‖ N(0, I)), averaged over the batch.

    x: images (N, C, H, W) in [0, 1]; decoded: the decoder's output for a sampled z (logits for
    Bernoulli), the same shape; mean, log_var: (N, D). β weights the KL summed over latents against
    the NLL summed over pixels (not averaged: averaging over P pixels would multiply the effective β
    by P). Lower is better. Higgins et al. (2017), equation 4.
    """
    reconstruction = nll(decoded, x).mean()
    kl = kl_per_latent(mean, log_var).mean(0)
    return Terms(reconstruction + beta * kl.sum(), reconstruction, kl)


def chance_nll(pixels: int, likelihood: str = "bernoulli", sigma: float = 1.0) -> float:
    """The largest NLL in nats per image of a decoder whose output is ½ everywhere, for pixels in
    [0, 1]: with Bernoulli it is pixels · log 2 for every image."""
    half, black = torch.zeros(1, pixels, 1, 1), torch.zeros(1, pixels, 1, 1)
    return float(likelihood_nll(likelihood, sigma)(half, black))
