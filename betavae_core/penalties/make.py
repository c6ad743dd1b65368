"""The penalty of an objective, from its settings."""

import torch

from .beta_tcvae import BetaTCVAE
from .capacity import Capacity
from .dip_vae import DipVAE
from .factor_vae import FactorVAE
from .penalty import Penalty


def make_penalty(
    objective: str,
    strength: float,
    capacity: float,
    latents: int,
    seed: int,
    device: torch.device | str = "cpu",
) -> Penalty:
    """The penalty of one of `COMPARED`, with `strength` as its weight; capacity: of "capacity", in
    nats; latents, seed: of the critic of "factor-vae"."""
    if objective == "beta-tcvae":
        return BetaTCVAE(strength)
    if objective == "capacity":
        return Capacity(strength, capacity)
    if objective == "factor-vae":
        return FactorVAE(strength, latents, seed, device)
    return DipVAE(strength, sampled={"dip-vae-i": False, "dip-vae-ii": True}[objective])
