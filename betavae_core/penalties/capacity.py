"""Annealed capacity: the KL is held at a capacity that rises during the training."""

import torch

from .penalty import Codes, Penalty


class Capacity(Penalty):
    """γ · |KL − C|, C rising linearly from 0 to `capacity` nats during the KL warm-up, and constant
    without one. With C = 0 it is the penalty of a β-VAE with β = γ. Burgess et al. (2018),
    Understanding disentangling in β-VAE, equation 8."""

    def __init__(self, gamma: float, capacity: float) -> None:
        self.gamma, self.capacity = gamma, capacity

    def of(self, codes: Codes, risen: float | torch.Tensor) -> torch.Tensor:
        return self.gamma * (codes.kl.sum(1).mean() - risen * self.capacity).abs()

    def weight(self, risen: float | torch.Tensor) -> float | torch.Tensor:
        """1: what rises is the capacity."""
        return 1.0
