"""The factors of variation that a model's reconstructions show."""

from collections.abc import Callable

import torch

from ..datasets import Dataset
from ..datasets.base import to_float
from ..errors import no_factors
from ..rng import generator

SHOWN = 0.5  # a factor counts as shown from this explained share on
BATCH = 256


def explained_changes(
    reconstruct: Callable[[torch.Tensor], torch.Tensor],
    dataset: Dataset,
    pairs: int = 1_000,
    seed: int = 0,
) -> dict[str, float]:
    """For each factor, the share of its change of the images that the reconstructions also show:
    1 − Σ ‖(x′ − x) − (x̂′ − x̂)‖² / Σ ‖x′ − x‖² over pairs x, x′ of images that differ only in that
    factor.

    reconstruct: images (N, C, H, W) in [0, 1] to images of the same shape. Returns factor → share,
    at most 1 (the full change), 0 for reconstructions that do not change at all, negative for
    wrong changes; pairs: number of pairs per factor, each of a random image and the same with
    another random value. Factors with one value are left out. Raises `InputError` for a dataset
    without known factors.
    """
    space = dataset.space
    if space is None:
        raise no_factors(dataset.title)
    random = generator(seed, "explained changes")
    shares = {}
    for k, (name, size) in enumerate(zip(space.names, space.sizes, strict=True)):
        if size < 2:
            continue
        first = space.factors(torch.randint(space.size, (pairs,), generator=random))
        second = first.clone()
        steps = torch.randint(1, size, (pairs,), generator=random)
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
