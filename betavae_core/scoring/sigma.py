"""The squared error of reconstructions, and the Gaussian reconstruction term for any σ."""

import math

import torch

from ..datasets.base import to_float
from ..models import VAE
from ..objective import kl_per_latent, sample_posterior
from ..rng import generator


def squares_and_kl(model: VAE, images: torch.Tensor, seed: int = 0) -> tuple[float, float]:
    """‖x − x̂‖² of a posterior sample and Σ KL, averaged over images uint8 (N, C, H, W): in squared
    units of pixels in [0, 1] per image, and nats per image."""
    x = to_float(images)
    with torch.no_grad():
        mean, log_var = model.encode(x)
        noise = torch.randn(mean.shape, generator=generator(seed, "posterior"))
        decoded = model.decode(sample_posterior(mean, log_var, noise))
        squares = (x - decoded).square().flatten(1).sum(1).mean()
        return float(squares), float(kl_per_latent(mean, log_var).sum(1).mean())


def gaussian_loss(squares: float, pixels: int, sigma: float) -> float:
    """The Gaussian reconstruction term of a given squared error, P/2 · log(2π σ²) + squares/(2 σ²),
    nats per image; equations 8–10 of the paper."""
    return 0.5 * pixels * math.log(2 * math.pi * sigma**2) + squares / (2 * sigma**2)


def best_sigma(squares: float, pixels: int) -> float:
    """The σ at which `gaussian_loss` is lowest, √(squares / P): σ-VAE's (Rybkin et al. 2021)."""
    return math.sqrt(squares / pixels)
