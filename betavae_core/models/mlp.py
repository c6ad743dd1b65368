"""The fully connected VAE of Higgins et al. (2017), table 1."""

import math

from torch import nn

from .vae import VAE

HIDDEN = 1200


def mlp_vae(shape: tuple[int, int, int], latents: int) -> VAE:
    """Encoder pixels-1200-1200 with ReLU, decoder 1200-1200-1200-pixels with Tanh between."""
    pixels = math.prod(shape)
    encoder = nn.Sequential(
        nn.Flatten(),
        *(nn.Linear(pixels, HIDDEN), nn.ReLU(True)),
        *(nn.Linear(HIDDEN, HIDDEN), nn.ReLU(True)),
        nn.Linear(HIDDEN, 2 * latents),
    )
    decoder = nn.Sequential(
        *(nn.Linear(latents, HIDDEN), nn.Tanh()),
        *(nn.Linear(HIDDEN, HIDDEN), nn.Tanh()),
        *(nn.Linear(HIDDEN, HIDDEN), nn.Tanh()),
        *(nn.Linear(HIDDEN, pixels), nn.Unflatten(1, shape)),
    )
    return VAE(encoder, decoder, latents, shape)
