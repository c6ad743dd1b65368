"""The convolutional VAE of Burgess et al. (2018), for images of 64 or 32 pixels a side."""

from torch import nn

from ..errors import InputError, Refusal
from .downsampling import HalvingConv
from .upsampling import SubPixelConv, TransposedConv
from .vae import VAE

CHANNELS = 32
HIDDEN = 256


def conv_vae(shape: tuple[int, int, int], latents: int) -> VAE:
    """Conv 4×4 stride 2, 32 channels, ReLU, down to 4×4 (four at 64 px, three at 32 px); two
    layers of 256 units; decoder mirrored. 502,005 parameters for 1×64×64 and 10 latents, 504,055
    for 3×64×64.
    """
    channels, size, width = shape
    if size != width or size not in (32, 64):
        raise InputError(
            f"The conv model takes images of 32×32 or 64×64 pixels, got {size}×{width}.",
            Refusal.VALUE,
            name="images",
            expected="32×32 or 64×64",
            got=[size, width],
        )
    steps = {32: 3, 64: 4}[size]

    encoder: list[nn.Module] = []
    for step in range(steps):
        encoder += [HalvingConv(CHANNELS if step else channels, CHANNELS), nn.ReLU(True)]
    flat = CHANNELS * 4 * 4
    encoder += [
        *(nn.Flatten(), nn.Linear(flat, HIDDEN), nn.ReLU(True)),
        *(nn.Linear(HIDDEN, HIDDEN), nn.ReLU(True)),
        nn.Linear(HIDDEN, 2 * latents),
    ]
    decoder: list[nn.Module] = [
        *(nn.Linear(latents, HIDDEN), nn.ReLU(True)),
        *(nn.Linear(HIDDEN, HIDDEN), nn.ReLU(True)),
        *(nn.Linear(HIDDEN, flat), nn.ReLU(True), nn.Unflatten(1, (CHANNELS, 4, 4))),
    ]
    for _ in range(steps - 1):
        decoder += [TransposedConv(CHANNELS, CHANNELS), nn.ReLU(True)]
    decoder += [SubPixelConv(CHANNELS, channels)]
    return VAE(nn.Sequential(*encoder), nn.Sequential(*decoder), latents, shape)
