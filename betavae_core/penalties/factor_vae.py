"""FactorVAE: a critic, trained beside the model, estimates the total correlation of the codes."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from ..rng import initialising
from .penalty import Codes, Penalty

WIDTH, HIDDEN, SLOPE = 1000, 6, 0.2  # units and number of hidden layers, slope of the leaky ReLU
RATE, MOMENTA = 1e-4, (0.5, 0.9)  # of the critic's Adam


def permuted(z: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """z (N, D), every latent permuted over the batch by itself: the order in which its column of
    `noise` (N, D) sorts. A sample of Π_d q(z_d) instead of q(z); Kim & Mnih, algorithm 1."""
    return z.gather(0, noise.argsort(0))


class FactorVAE(Penalty):
    """KL + γ · mean(logit), the logit of a critic that tells codes z from `permuted` ones: log
    q(z) / Π_d q(z_d) for a perfect critic, so that its mean is the total correlation, in nats.

    The critic (six hidden layers of 1,000 units, leaky ReLU) is trained after each update, on the
    same batch, by Adam at 1e-4. Kim & Mnih (2018), Disentangling by Factorising, equation 2 and
    table 2; with one logit instead of a softmax of two, which is the same.
    """

    def __init__(
        self, gamma: float, latents: int, seed: int, device: torch.device | str = "cpu"
    ) -> None:
        self.gamma, self.noise = gamma, latents
        self.critic = _critic(latents, seed).to(device)
        self.optimizer = torch.optim.Adam(self.critic.parameters(), RATE, MOMENTA, fused=True)
        self.seen: tuple[torch.Tensor, torch.Tensor] | None = None

    def of(self, codes: Codes, risen: float | torch.Tensor) -> torch.Tensor:
        self.seen = codes.z.detach(), permuted(codes.z.detach(), codes.noise)
        self.critic.requires_grad_(False)  # the model learns from the critic, not it from the model
        return codes.kl.sum(1).mean() + self.gamma * self.critic(codes.z).mean()

    def learn(self) -> None:
        """One step of the critic: codes as 1, permuted ones as 0."""
        assert self.seen is not None, "after `of`"
        self.critic.requires_grad_(True)
        logits = self.critic(torch.cat(self.seen))[:, 0]
        truth = torch.zeros_like(logits)
        truth[: len(self.seen[0])] = 1
        self.optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(logits, truth).backward()
        self.optimizer.step()
        self.seen = None

    def state(self) -> dict[str, torch.Tensor]:
        tensors = {f"weights.{name}": each for name, each in self.critic.state_dict().items()}
        for number, values in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{key}": each for key, each in values.items()}
        return tensors

    def restore(self, state: dict[str, torch.Tensor]) -> None:
        self.critic.load_state_dict(
            {name: state[f"weights.{name}"] for name in self.critic.state_dict()}
        )
        kept: dict[int, dict[str, torch.Tensor]] = {}
        for key, tensor in state.items():
            kind, _, rest = key.partition(".")
            if kind == "optimizer":
                number, _, part = rest.partition(".")
                kept.setdefault(int(number), {})[part] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": kept, "param_groups": groups})


def _critic(latents: int, seed: int) -> nn.Sequential:
    sizes = [latents, *[WIDTH] * HIDDEN]
    with initialising(seed, "critic"):
        hidden = [
            layer
            for inner, outer in pairwise(sizes)
            for layer in (nn.Linear(inner, outer), nn.LeakyReLU(SLOPE))
        ]
        return nn.Sequential(*hidden, nn.Linear(WIDTH, 1))
