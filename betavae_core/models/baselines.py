"""Baselines: fitted representations without depth, which a β-VAE should beat, and codes made from
the factors themselves. Their parameters are in buffers, stored like weights."""

from typing import Protocol

import numpy as np
import torch
from torch import nn

from ..factors import FactorSpace
from ..rng import generator


class HasFactors(Protocol):
    """A dataset, as far as codes that are made of its factors need it."""

    space: FactorSpace | None


class LinearCode(nn.Module):
    """PCA and ICA: z = W (x − mean); decodes by least squares, x = mean + W⁺ z.

    The variance of its "posterior" is 0: the log-variance is −∞.
    """

    mean: torch.Tensor  # (P,), P = C · H · W
    weight: torch.Tensor  # (D, P)

    def __init__(self, shape: tuple[int, int, int], latents: int) -> None:
        super().__init__()
        self.shape, self.latents = shape, latents
        pixels = int(np.prod(shape))
        self.register_buffer("mean", torch.zeros(pixels))
        self.register_buffer("weight", torch.zeros(latents, pixels))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to codes and log-variance −∞, each (N, D)."""
        z = torch.addmm(-self.weight @ self.mean, x.flatten(1), self.weight.T)
        return z, torch.full_like(z, -torch.inf)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Codes (N, D) to images (N, C, H, W), cut to [0, 1]."""
        flat = torch.addmm(self.mean, z, torch.linalg.pinv(self.weight).T)
        return flat.clamp(0, 1).unflatten(1, self.shape)


class FactorCode(nn.Module):
    """The true factors, standardised, times a matrix: the identity, perhaps without one factor, or
    a random rotation."""

    rotation: torch.Tensor  # (K, K), orthogonal, or with a row of zeros for a missing factor

    def __init__(self, shape: tuple[int, int, int], latents: int) -> None:
        super().__init__()
        self.shape, self.latents = shape, latents
        self.register_buffer("rotation", torch.eye(latents))

    def codes(self, dataset: HasFactors, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Codes (N, K) of the images at grid indices `rows` (N,): each factor's position, with mean
        0 and variance 1 over the grid (0 where it has one value), rotated; log-variance −∞."""
        space = dataset.space
        assert space is not None, "asked of datasets with factors"
        sizes = np.array(space.sizes)
        scale = np.sqrt(np.maximum(sizes**2 - 1, 1) / 12)
        z = (space.factors(rows) - (sizes - 1) / 2) / scale
        mean = torch.from_numpy(z).float() @ self.rotation.T
        return mean, torch.full_like(mean, -torch.inf)


class NoiseCode(nn.Module):
    """Standard normal codes, independent of the image."""

    digits: torch.Tensor  # (4,), whole numbers below 1024: the seed of the codes

    def __init__(self, shape: tuple[int, int, int], latents: int) -> None:
        super().__init__()
        self.shape, self.latents = shape, latents
        self.register_buffer("digits", torch.randint(1024, (4,)).float())
        self.grid: torch.Tensor | None = None

    def codes(self, dataset: HasFactors, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Codes (N, D) of the images at grid indices `rows` (N,); log-variance −∞."""
        assert dataset.space is not None, "asked of datasets with factors"
        size = dataset.space.size
        if self.grid is None or len(self.grid) != size:  # drawn for the whole grid at once
            random = generator(0, f"noise/{self.digits.int().tolist()}")
            self.grid = torch.randn(size, self.latents, generator=random)
        mean = self.grid[rows]
        return mean, torch.full_like(mean, -torch.inf)


def random_rotation(size: int, seed: int) -> torch.Tensor:
    """An orthogonal matrix (size, size), uniform (Haar), float32."""
    normal = torch.randn(size, size, generator=generator(seed, "rotation"), dtype=torch.float64)
    q, r = torch.linalg.qr(normal)
    return (q * r.diagonal().sign()).float()
