"""Tensors that no layout has: left out and told where they are no layers, else compared."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import nn

from betavae_core.config import RunConfig
from betavae_core.errors import InputError, Refusal
from betavae_core.importers import read_checkpoint
from betavae_core.importers.beta_vae import BURGESS
from betavae_core.importers.layouts import Sizes, expected
from betavae_core.models import build_vae
from tests.importers.dialects import State, W, prefixed, saved
from tests.oracles import one_sentence


def test_an_unknown_file_is_described_by_its_own_names(tmp_path: Path) -> None:
    """Not by those of a block in it that shares some with a layout."""
    block = {"conv1.weight": (64, 64, 3, 3), "bn1.weight": (64,), "conv2.weight": (64, 64, 3, 3)}
    shapes = {"conv1.weight": (64, 3, 7, 7), "bn1.running_mean": (64,)}
    shapes |= {
        f"layer{i}.{j}.{n}": s for i in range(1, 5) for j in (0, 1) for n, s in block.items()
    }
    state = {name: torch.zeros(shape) for name, shape in shapes.items()}
    for value, start in ((state, ""), ({"state_dict": state}, "state_dict.")):
        with pytest.raises(InputError) as told:
            read_checkpoint(saved(value, tmp_path))
        says = str(told.value)
        first = f"{start}conv1.weight 64×3×7×7, {start}bn1.running_mean 64, "
        assert f"no known layout: {first}{start}layer1.0.conv1.weight 64×64×3×3" in says
        assert f"and {len(shapes) - 8} more" in says
        assert "batch normalisation" in says
        assert "no known layout shares" in says
    disc = {"disc.0.weight": torch.zeros(3, 3)}
    less = {name: tensor for name, tensor in W.items() if name != "decoder.layers.0.0.bias"}
    with one_sentence("disc.0.weight 3×3, vae.encoder", 'under "vae" shared',
                      'lacks the tensor "vae.decoder.layers.0.0.bias"'):  # fmt: skip
        read_checkpoint(saved(disc | prefixed(less, "vae."), tmp_path))


BESIDE_THEM: dict[str, State] = {
    "a prior": {"prior_mean": torch.zeros(10)},
    "a float of one number": {"beta": torch.ones(1)},
    "whole numbers": {"counts": torch.zeros(2, dtype=torch.int64)},
    "a discriminator": {"disc.0.weight": torch.zeros(3, 3), "disc.0.bias": torch.zeros(3)},
    "NaN": {"last_loss_of_each": torch.full((3,), torch.nan)},
}


@pytest.mark.parametrize("prefix", ["", "vae.", "model.vae."])
@pytest.mark.parametrize("kind", BESIDE_THEM)
def test_what_belongs_to_no_layer_is_left_out_and_told(
    kind: str, prefix: str, tmp_path: Path
) -> None:
    more = BESIDE_THEM[kind]
    found = read_checkpoint(saved(prefixed(W | more, prefix), tmp_path))
    plain = read_checkpoint(saved(W, tmp_path, "plain.pt"))
    for name, tensor in found.model.state_dict().items():
        assert torch.equal(tensor, plain.model.state_dict()[name])
    assert all(any(name in note for note in found.notes) for name in more)
    assert found.facts["beside"] == len(more)


@pytest.mark.parametrize(
    "name", ["encoder.layers.1.0.weight", "decoder.log_sigma", "encoder2.weight", "Decoder.3.bias"]
)
def test_what_may_be_a_layer_of_the_model_is_not_left_out(name: str, tmp_path: Path) -> None:
    for prefix in ("", "vae."):
        with one_sentence(f'has the tensor "{prefix}{name}"'):
            read_checkpoint(saved(prefixed(W | {name: torch.zeros(3)}, prefix), tmp_path))


def test_layers_without_modules_have_none_beside_them(tmp_path: Path) -> None:
    """Where everything lies side by side, a batch normalisation more is another model."""
    state = {n: torch.zeros(s) for n, s in expected(BURGESS, Sizes(1, 32, 2)).items()}
    ema = read_checkpoint(saved(state | {"bn.ema.weight": torch.zeros(3)}, tmp_path))
    assert ema.layout == "betavae-burgess"
    for name in ("bn1.weight", "line3.bias", "conve_9.weight"):
        with one_sentence(f'has the tensor "{name}"'):
            read_checkpoint(saved(state | {name: torch.zeros(3)}, tmp_path))


def test_a_whole_number_in_place_of_a_weight(tmp_path: Path) -> None:
    name = "decoder.layers.0.0.bias"
    with one_sentence(name, "int64"):
        read_checkpoint(saved(W | {name: W[name].long()}, tmp_path))


def test_batch_normalisation_has_its_nearest_layout(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 32, 3), nn.BatchNorm2d(32))
    state = {f"encoder.{name}": tensor for name, tensor in model.state_dict().items()}
    for path in (saved(state, tmp_path), tmp_path / "m.safetensors"):
        (tmp_path / "m.safetensors").write_bytes(save_safetensors(state))
        with pytest.raises(InputError, match="batch normalisation") as told:
            read_checkpoint(path)
        assert told.value.kind is Refusal.UNKNOWN
        assert "nearest are" in str(told.value)


@pytest.mark.parametrize("prefix", ["", "vae."])
def test_the_gates_of_a_model_for_every_beta_are_not_left_out(prefix: str, tmp_path: Path) -> None:
    """Without them it would be another model."""
    state = build_vae(RunConfig(model="conv-multirate")).state_dict()
    with one_sentence("every β", "freeze"):
        read_checkpoint(saved(prefixed(state, prefix), tmp_path))
    folded = build_vae(RunConfig()).state_dict()
    assert read_checkpoint(saved(prefixed(folded, prefix), tmp_path)).layout == "conv"
