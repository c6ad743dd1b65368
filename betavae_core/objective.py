"""The β-ELBO and its terms, as functions on tensors. All values are in nats per image."""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F

from .errors import InputError


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


LIKELIHOODS: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "bernoulli": bernoulli_nll,
}


def likelihood_nll(name: str) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The reconstruction term of a likelihood by name."""
    if name not in LIKELIHOODS:
        raise InputError(f'There is no likelihood "{name}"; there are: {", ".join(LIKELIHOODS)}.')
    return LIKELIHOODS[name]


def beta_elbo(
    x: torch.Tensor,
    decoded: torch.Tensor,
    mean: torch.Tensor,
    log_var: torch.Tensor,
    beta: float,
    nll: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = bernoulli_nll,
) -> Terms:
    """The negative β-ELBO, NLL(x|z) + β · KL(q(z|x) ‖ N(0, I)), averaged over the batch.

    x: images (N, C, H, W) in [0, 1]; decoded: what the decoder gave for a sampled z (logits for
    Bernoulli), the same shape; mean, log_var: (N, D). β weights the KL summed over latents against
    the NLL summed over pixels (not averaged: averaging over P pixels would multiply the effective β
    by P). Lower is better. Higgins et al. (2017), equation 4.
    """
    reconstruction = nll(decoded, x).mean()
    kl = kl_per_latent(mean, log_var).mean(0)
    return Terms(reconstruction + beta * kl.sum(), reconstruction, kl)


def beta_normalised(beta: float, latents: int, pixels: int) -> float:
    """β · latents / pixels, where pixels counts channels · height · width.

    Makes β comparable between image sizes: an objective that averages over pixels and latents has
    this weight on its KL. Higgins et al. (2017), section 4.2.
    """
    return beta * latents / pixels


def chance_nll(pixels: int) -> float:
    """Bernoulli NLL of a decoder that says ½ everywhere: pixels · log 2 nats per image."""
    return pixels * math.log(2)
