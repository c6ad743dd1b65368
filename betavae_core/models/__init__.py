"""The models: one table, one module per architecture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..rng import initialising
from .baselines import FactorCode, LinearCode, NoiseCode
from .conv import conv_vae
from .layers import layers_vae
from .mlp import mlp_vae
from .multirate import MultiRateVAE, conv_multirate_vae
from .vae import VAE

__all__ = [
    "BASELINE_MODELS",
    "MODELS",
    "VAE",
    "FactorCode",
    "LinearCode",
    "Model",
    "MultiRateVAE",
    "NoiseCode",
    "build_model",
    "build_vae",
]

Model = VAE | LinearCode | FactorCode | NoiseCode


@dataclass(frozen=True)
class ModelEntry:
    """One row of the table of architectures."""

    title: str
    source: str
    build: Callable[..., Model]  # (C, H, W), latents, and the model's own settings → model


MODELS: dict[str, ModelEntry] = {
    "conv": ModelEntry("Conv VAE", "Burgess et al. 2018, appendix A", conv_vae),
    "mlp": ModelEntry("MLP VAE", "Higgins et al. 2017, table 1", mlp_vae),
    "conv-multirate": ModelEntry(
        "Multi-rate conv VAE", "Bae et al. 2023, for a range of β", conv_multirate_vae
    ),
    "layers": ModelEntry("Other VAE", "layers as the run's config lists them", layers_vae),
}

BASELINE_MODELS: dict[str, ModelEntry] = {
    "pca": ModelEntry("PCA", "scikit-learn, whitened", LinearCode),
    "ica": ModelEntry("ICA", "scikit-learn's FastICA", LinearCode),
    "oracle": ModelEntry("True factors", "the factors themselves, standardised", FactorCode),
    "rotated": ModelEntry("True factors, rotated", "a random rotation mixes them", FactorCode),
    "noise": ModelEntry("Noise", "codes independent of the image", NoiseCode),
}


def build_model(config: RunConfig) -> Model:
    """A freshly initialised model for a config; the weights depend only on the seed. Those of a
    baseline are set by `scoring.baselines.make_baseline`."""
    table = MODELS | BASELINE_MODELS
    if config.model not in table:
        raise InputError(
            f'There is no model "{config.model}"; the choices are: {", ".join(table)}.',
            Refusal.SETTINGS,
        )
    with initialising(config.seed, "init"):
        try:
            return table[config.model].build(config.shape, config.latents, *_own_settings(config))
        except (RuntimeError, MemoryError, TypeError, OverflowError) as error:  # or beyond int64
            raise InputError(
                f"A model with {config.latents} latents for images {config.shape} does not fit "
                "into memory.",
                Refusal.SETTINGS,
            ) from error


def _own_settings(config: RunConfig) -> tuple[Any, ...]:
    """The settings that only one model has."""
    if config.model == "layers":
        return (config.layers,)
    return (config.beta_low, config.beta_high) if config.multirate else ()


def build_vae(config: RunConfig) -> VAE:
    """`build_model` for training or importing; raises `InputError` for a baseline."""
    model = build_model(config)
    if not isinstance(model, VAE):
        raise InputError(
            f'"{config.model}" is a baseline; the models are: {", ".join(MODELS)}.',
            Refusal.CONFLICT,
            model=config.model,
            choices=[*MODELS],
        )
    return model
