"""The models: one visible table, one file per architecture."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ..config import RunConfig
from ..errors import InputError
from ..rng import generator
from .conv import conv_vae
from .mlp import mlp_vae
from .vae import VAE

__all__ = ["MODELS", "VAE", "build_model"]


@dataclass(frozen=True)
class ModelEntry:
    """One row of the table of architectures."""

    title: str
    source: str
    build: Callable[[tuple[int, int, int], int], VAE]  # (C, H, W), latents → model


MODELS: dict[str, ModelEntry] = {
    "conv": ModelEntry("Conv VAE", "Burgess et al. 2018, appendix A", conv_vae),
    "mlp": ModelEntry("MLP VAE", "Higgins et al. 2017, table 1", mlp_vae),
}


def build_model(config: RunConfig) -> VAE:
    """A freshly initialised model for a config; the weights depend on the seed alone."""
    if config.model not in MODELS:
        raise InputError(f'There is no model "{config.model}"; there are: {", ".join(MODELS)}.')
    seed = generator(config.seed, "init").initial_seed()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            return MODELS[config.model].build(config.shape, config.latents)
        except (RuntimeError, MemoryError) as error:
            raise InputError(
                f"A model with {config.latents} latents for images {config.shape} does not fit "
                "into memory."
            ) from error
