"""Which factors of variation a model's reconstructions show."""

from collections.abc import Callable

import torch

from ..datasets import Dataset
from ..datasets.base import to_float
from ..errors import InputError
from ..rng import generator

SHOWN = 0.5  # explained share from which on a factor counts as shown
BATCH = 256


def explained_changes(
    reconstruct: Callable[[torch.Tensor], torch.Tensor],
    dataset: Dataset,
    pairs: int = 1_000,
    seed: int = 0,
) -> dict[str, float]:
    """Of each factor, how much of the change that it makes to the images the reconstructions make:
    1 − Σ ‖(x′ − x) − (x̂′ − x̂)‖² / Σ ‖x′ − x‖² over pairs x, x′ of images that differ in that factor
    alone.

    reconstruct: images (N, C, H, W) in [0, 1] to images of the same shape. Returns factor → share,
    at most 1 (every change is made), 0 for reconstructions that do not change at all, negative for
    wrong changes; pairs: of random images per factor, the second with another random value.
    Factors of one value are left out. Raises `InputError` for a dataset without known factors.
    """
    space = dataset.space
    if space is None:
        raise InputError(f"{dataset.title} has no known factors of variation.")
    source = generator(seed, "explained changes")
    shares = {}
    for k, (name, size) in enumerate(zip(space.names, space.sizes, strict=True)):
        if size < 2:
            continue
        first = space.factors(torch.randint(space.size, (pairs,), generator=source))
        second = first.clone()
        steps = torch.randint(1, size, (pairs,), generator=source)
        second[:, k] = (first[:, k] + steps) % size
        missed, change = 0.0, 0.0
        for one, other in zip(first.split(BATCH), second.split(BATCH), strict=True):
            x, y = (to_float(dataset.images(space.index(each))) for each in (one, other))
            with torch.no_grad():
                made = reconstruct(y) - reconstruct(x)
            missed += float((y - x - made).double().square().sum())
            change += float((y - x).double().square().sum())
        shares[name] = 1 - missed / change
    return shares
