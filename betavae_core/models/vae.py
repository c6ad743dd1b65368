"""A VAE: an encoder to posterior mean and log-variance, a decoder to logits."""

import torch
from torch import nn

from ..objective import sample_posterior


class VAE(nn.Module):
    """Diagonal Gaussian posterior over `latents`, standard normal prior.

    encoder: an `nn.Sequential` from images (N, C, H, W) in [0, 1] to (N, 2·D), the first D values
    the posterior mean, the last D its log-variance. decoder: an `nn.Sequential` from z (N, D) to
    logits (N, C, H, W).
    """

    def __init__(
        self, encoder: nn.Sequential, decoder: nn.Sequential, latents: int, shape: tuple[int, ...]
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latents = latents
        self.shape = shape  # (C, H, W)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to posterior mean and log-variance, each (N, D)."""
        mean, log_var = self.encoder(x).chunk(2, dim=1)
        return mean, log_var

    def decode_logits(self, z: torch.Tensor) -> torch.Tensor:
        """z (N, D) to logits (N, C, H, W)."""
        return self.decoder(z)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """z (N, D) to images (N, C, H, W) in [0, 1]: the mean of p(x|z)."""
        return self.decode_logits(z).sigmoid()

    def forward(
        self, x: torch.Tensor, noise: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits (N, C, H, W) of a posterior sample, mean and log-variance (N, D); noise (N, D)."""
        mean, log_var = self.encode(x)
        return self.decode_logits(sample_posterior(mean, log_var, noise)), mean, log_var
