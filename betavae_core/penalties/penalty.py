"""The interface of the penalties."""

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Codes:
    """What a penalty looks at, for a batch of N images and D latents; all in the loss's type."""

    mean: torch.Tensor  # (N, D), of the posteriors
    log_var: torch.Tensor  # (N, D)
    z: torch.Tensor  # (N, D), one sample of each posterior
    kl: torch.Tensor  # (N, D), nats
    noise: torch.Tensor  # (N, `Penalty.noise`), further standard normal numbers


class Penalty:
    """A penalty: the scalar that is added to the reconstruction loss (nats per image, lower is
    better)."""

    noise = 0  # further random numbers that it needs for each image

    def of(self, codes: Codes, risen: float | torch.Tensor) -> torch.Tensor:
        """The penalty () of a batch; risen: how far the KL warm-up has come, from 0 to 1."""
        raise NotImplementedError

    def weight(self, risen: float | torch.Tensor) -> float | torch.Tensor:
        """The penalty's weight in the loss during the warm-up: it rises from 0."""
        return risen

    def learn(self) -> None:
        """Called after each update of the model: what the penalty itself learns from the last batch
        that it saw."""

    def state(self) -> dict[str, torch.Tensor]:
        """What the penalty has learned so far, for the resume state."""
        return {}

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        """The inverse of `state`; raises KeyError or ValueError if it does not fit."""
