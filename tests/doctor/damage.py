"""One good model, and copies of it with one fault each."""

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from betavae_core.config import RunConfig
from betavae_core.models import VAE, build_vae
from betavae_core.store import load_run

RUNS = Path(__file__).resolve().parents[2] / "trained_models"


def grey(beta: str) -> str:
    """The shipped run on 2Dshapes with this β, after ten passes."""
    return f"2dshapes-conv-beta{beta}-seed123-images7372800-klwarmup640000"


def colour(beta: str) -> str:
    """The shipped run on 3Dshapes with this β, after three passes."""
    return f"3dshapes-conv-beta{beta}-seed123-learningrate0.0005-images1440000-klwarmup640000"


GREY, COLOUR = grey("4"), colour("4")


@cache
def good(name: str = GREY) -> tuple[VAE, RunConfig]:
    """A shipped run's model and config."""
    run = load_run(RUNS / name)
    return run.vae, run.config


class Notebook:
    """A model as somebody might write one: two functions, no weights to see."""

    def __init__(self, encode: Callable[..., Any], decode_logits: Callable[..., Any]) -> None:
        self.encode, self.decode_logits = encode, decode_logits


def sigmoid_twice(model: VAE) -> VAE:
    changed = copy.deepcopy(model)
    changed.decoder = nn.Sequential(*changed.decoder, nn.Sigmoid())
    return changed


def inverted(model: VAE) -> Notebook:
    """Trained on 1 − x."""
    return Notebook(lambda x: model.encode(1 - x), lambda z: -model.decode_logits(z))


def bgr(model: VAE) -> Notebook:
    """Trained on images with the channels the other way round."""
    return Notebook(lambda x: model.encode(x.flip(1)), lambda z: model.decode_logits(z).flip(1))


def swapped(model: VAE) -> Notebook:
    return Notebook(lambda x: model.encode(x)[::-1], model.decode_logits)


def two_latents_swapped(model: VAE, one: int, other: int) -> VAE:
    """The decoder takes two latents for one another."""
    changed = copy.deepcopy(model)
    weight = changed.get_parameter("decoder.0.weight").data
    weight[:, [one, other]] = weight[:, [other, one]]
    return changed


def interleaved(model: VAE) -> VAE:
    """The head gives (μ₀, log σ²₀, μ₁, …) and is read as halves."""
    changed = copy.deepcopy(model)
    head = changed.encoder[-1]
    assert isinstance(head, nn.Linear)
    order = torch.arange(2 * model.latents).reshape(2, -1).T.flatten()
    head.weight.data, head.bias.data = head.weight.data[order], head.bias.data[order]
    return changed


def read_one_by_one(model: VAE) -> Notebook:
    """The head gives all means first and is read as (μ₀, log σ²₀, μ₁, …)."""

    def encode(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        head = torch.cat(model.encode(x), 1)
        return head[:, 0::2], head[:, 1::2]

    return Notebook(encode, model.decode_logits)


def fresh_decoder(model: VAE) -> VAE:
    changed = copy.deepcopy(model)
    fresh = build_vae(RunConfig(seed=9, channels=model.shape[0], latents=model.latents))
    changed.decoder.load_state_dict(fresh.decoder.state_dict())
    return changed


def changed_weights(model: VAE, change: Callable[[VAE], Any]) -> VAE:
    changed = copy.deepcopy(model)
    with torch.no_grad():
        change(changed)
    return changed


def zeroed(model: VAE) -> VAE:
    return changed_weights(model, lambda m: m.get_parameter("encoder.2.weight").zero_())


def thirtyfold(model: VAE) -> VAE:
    return changed_weights(model, lambda m: [weight.mul_(30) for weight in m.parameters()])


def with_nan(model: VAE) -> VAE:
    return changed_weights(
        model, lambda m: m.get_parameter("decoder.2.weight")[3, 4].fill_(torch.nan)
    )


def collapsed(model: VAE) -> VAE:
    """The posterior is the prior, whatever the image."""

    def forget(m: VAE) -> None:
        m.get_parameter("encoder.13.weight").mul_(1e-4)
        m.get_parameter("encoder.13.bias").zero_()

    return changed_weights(model, forget)


def exploding(model: VAE) -> VAE:
    """Codes far outside of the prior: the means are 300 times what they were."""

    def enlarge(m: VAE) -> None:
        m.get_parameter("encoder.13.weight")[: m.latents] *= 300
        m.get_parameter("encoder.13.bias")[: m.latents] *= 300

    return changed_weights(model, enlarge)


def overflowing(model: VAE) -> VAE:
    """Log-variances whose variance is no float32."""
    return changed_weights(model, lambda m: m.get_parameter("encoder.13.bias")[10:].add_(2_000))
