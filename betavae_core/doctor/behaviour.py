"""A model's behaviour for any image and any code: can it work at all, whatever its data were?

A model with odd weights may still work. A model cannot work if its encoder gives every image the
same code, if its codes are not finite or are far beyond all prior samples, or if its decoder gives
the same grey for every code.
"""

import torch

from ..objective import kl_per_latent
from ..rng import generator
from .pictures import SAME, prior_codes
from .subject import Subject

DRAWS = 32
FAR = 1e5  # standard deviations of the prior; published models reach some hundreds
TELLING = 1e-3  # variance of the means over images, as a share of the posterior's variance
FLAT = 0.1  # of the range of grey


def patterns(shape: tuple[int, int, int], seed: int) -> torch.Tensor:
    """Images (24, C, H, W) in [0, 1] from no dataset: greys, ramps, discs, smooth noise."""
    channels, height, width = shape
    y, x = torch.meshgrid(torch.linspace(0, 1, height), torch.linspace(0, 1, width), indexing="ij")
    greys = [torch.full((height, width), level) for level in (0.0, 0.25, 0.75, 1.0)]
    ramps = [x, y, 1 - x, 1 - y]
    random = generator(seed, "patterns")
    places = torch.rand(8, 3, generator=random).tolist()
    discs = [
        ((x - a).square() + (y - b).square() < (0.05 + 0.3 * r) ** 2).float() for a, b, r in places
    ]
    coarse = torch.rand(8, 1, 4, 4, generator=random)
    smooth = torch.nn.functional.interpolate(coarse, (height, width), mode="bilinear")[:, 0]
    every = torch.stack([*greys, *ramps, *discs, *smooth])
    return every.unsqueeze(1).expand(-1, channels, -1, -1).contiguous()


def failing(subject: Subject, seed: int) -> str:
    """The reason why the model cannot work, as a clause; "" if there is none. Passes on the model's
    exceptions."""
    x = patterns(subject.config.shape, seed)[: subject.images(24)]
    mean, log_var = subject.encode(x)
    kl = kl_per_latent(mean.double(), log_var.double())
    widthless = bool((log_var == -torch.inf).all())  # such codes have no KL
    finite = mean.isfinite().all() and (widthless or kl.isfinite().any())
    if not finite:
        return "its codes are not finite for any image"
    largest = float(mean.abs().amax(1).median())
    if largest > FAR:
        return f"its codes reach {largest:.1g} standard deviations of the prior for any image"
    width = log_var.double().exp().mean(0)
    if float((mean.double().var(0) / width.clamp(min=1e-12)).max()) < TELLING:
        return "its encoder gives every image the same code"
    if subject.decodes:
        images = subject.logits(prior_codes(subject, DRAWS, seed)).sigmoid()
        flat = float(images.max() - images.min()) < FLAT and float(images.std(0).mean()) < SAME
        if flat:
            return "its decoder gives the same grey for every code"
    return ""
