"""A stack of fresh models."""

from collections.abc import Sequence

import torch

from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.training.stacked_step import Stack
from betavae_core.training.step import make_optimizer


def stack_of(
    configs: Sequence[RunConfig], device: torch.device
) -> tuple[Stack, tuple[torch.Tensor, torch.Tensor]]:
    """A fresh stack, and its β and learning rates (K,)."""
    models = [build_vae(config).to(device) for config in configs]
    optimizers = [make_optimizer(m, c) for m, c in zip(models, configs, strict=True)]
    beta = torch.tensor([config.beta for config in configs], device=device)
    rate = torch.tensor([config.learning_rate for config in configs], device=device)
    return Stack(models, optimizers, configs), (beta, rate)
