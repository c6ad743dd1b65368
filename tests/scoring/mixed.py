"""Images that are mixtures of known factors."""

import torch

from betavae_core.datasets import Dataset
from betavae_core.factors import FactorSpace
from betavae_core.rng import generator


class Mixed(Dataset):
    """Images that are a linear mixture of four independent, far from normal factors."""

    name, title, source, key = "mixed", "Mixed", "rendered", "mixed-1"
    shape = (1, 32, 32)
    space = FactorSpace(("a", "b", "object shape", "d"), (5, 6, 4, 7))

    def __len__(self) -> int:
        return self.space.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        mixing = torch.rand(4, 1024, generator=generator(0, "mixing"))
        factors = self.space.factors(indices) / torch.tensor(self.space.sizes)
        return (factors @ mixing * 60).to(torch.uint8).unflatten(1, self.shape)


DATASET = Mixed()
