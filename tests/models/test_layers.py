"""Models from a text of layers: the known architectures come out the same, nonsense is refused."""

import time
from pathlib import Path

import pytest
import torch
from torch import nn

from betavae_core.browser.model import network_layers
from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.models.conv import conv_vae
from betavae_core.models.layers import cost, layers_vae
from betavae_core.models.mlp import mlp_vae
from betavae_core.models.vae import VAE
from betavae_core.store import create_run, load_run, save_weights
from tests.oracles import one_sentence

CONV = (
    "conv 32 4 2 1, relu, conv 32 4 2 1, relu, conv 32 4 2 1, relu, conv 32 4 2 1, relu, flatten, "
    "linear 256, relu, linear 256, relu, linear 20 -> "
    "linear 256, relu, linear 256, relu, linear 512, relu, unflatten 32 4 4, upconv 32 4 2 1, "
    "relu, upconv 32 4 2 1, relu, upconv 32 4 2 1, relu, upconv 3 4 2 1"
)
MLP = (
    "flatten, linear 1200, relu, linear 1200, relu, linear 20 -> linear 1200, tanh, linear 1200, "
    "tanh, linear 1200, tanh, linear 4096, unflatten 1 64 64"
)
SMALL = "flatten, linear 4 -> linear 64, unflatten 1 8 8"


def small(text: str = SMALL) -> VAE:
    return layers_vae((1, 8, 8), 2, text)


@pytest.mark.parametrize(
    ("text", "known"),
    [(CONV, conv_vae((3, 64, 64), 10)), (MLP, mlp_vae((1, 64, 64), 10))],
    ids=["conv", "mlp"],
)
def test_known_architectures_as_text(text: str, known: VAE) -> None:
    """Same names and shapes of tensors, and with the same weights the same results."""
    model = layers_vae(known.shape, 10, text)  # type: ignore[arg-type]
    model.load_state_dict(known.state_dict())
    x = torch.rand(2, *known.shape)
    with torch.no_grad():
        mean, log_var = model.encode(x)
        torch.testing.assert_close((mean, log_var), known.encode(x))
        torch.testing.assert_close(model.decode(mean), known.decode(mean))


def test_the_browser_can_run_the_decoder() -> None:
    records, _ = network_layers(layers_vae((3, 64, 64), 10, CONV).decoder)
    assert records[-1]["out"] == [3, 64, 64]


def test_other_sizes_of_convolutions() -> None:
    """Kernels, strides and padding as PyTorch counts them."""
    text = "conv 5 3 1 0, relu, conv 4 5 3 2, flatten, linear 4 -> linear 12, unflatten 3 2 2, "
    model = small(text + "upconv 2 3 2 0, sigmoid, upconv 1 4 1 0")
    x = torch.rand(3, 1, 8, 8)
    assert model.encoder[0](x).shape == (3, 5, 6, 6)
    assert model.encoder[:3](x).shape == (3, 4, 2, 2)
    assert model.decode(torch.zeros(3, 2)).shape == (3, 1, 8, 8)


def test_a_leaky_slope_is_in_thousandths() -> None:
    model = small("flatten, linear 4, leaky 200 -> linear 64, leaky 10, unflatten 1 8 8")
    x = torch.tensor([-5.0, 5.0])
    assert model.encoder[2](x).tolist() == [-1.0, 5.0]
    assert model.decoder[1](x).tolist() == pytest.approx([-0.05, 5.0])
    for slope in ("0", "1001"):
        with one_sentence("1 to 1000", slope):
            small(SMALL.replace("linear 4 ", f"linear 4, leaky {slope} "))


def test_a_run_of_such_a_model_opens(tmp_path: Path) -> None:
    config = RunConfig(
        dataset="any", model="layers", layers=SMALL, latents=2, channels=1, image_size=8
    )
    model = build_vae(config)
    create_run(tmp_path / "run", config)
    save_weights(tmp_path / "run", model, 0)
    run = load_run(tmp_path / "run")
    assert run.config == config
    assert torch.equal(run.vae.encoder[1].weight, model.encoder[1].weight)  # type: ignore[arg-type]
    assert isinstance(run.vae.decoder[0], nn.Linear)
    assert len(config.run_id) < 100
    assert " " not in config.run_id


REFUSED = {
    "no arrow": ("flatten, linear 4", "->"),
    "two arrows": (SMALL + " -> relu", "->"),
    "empty half": (" -> linear 64, unflatten 1 8 8", "encoder"),
    "unknown word": (SMALL.replace("flatten,", "flatten, attention 4,", 1), "attention"),
    "code": (SMALL.replace("flatten,", "__import__('os'),", 1), "__import__"),
    "no number": (SMALL.replace("linear 4 ", "linear ", 1), "linear"),
    "not a number": (SMALL.replace("linear 4 ", "linear four ", 1), "four"),
    "negative": (SMALL.replace("linear 4 ", "linear -4 ", 1), "-4"),
    "other digits": (SMALL.replace("linear 4 ", "linear ٤ ", 1), "whole numbers"),
    "wrong latents": (SMALL.replace("linear 4 ", "linear 6 ", 1), "encoder", "4"),
    "wrong image": (SMALL.replace("64, unflatten 1 8 8", "16, unflatten 1 4 4"), "1×8×8"),
    "flat image": (SMALL.replace(", unflatten 1 8 8", ""), "decoder"),
    "linear on an image": ("linear 4 -> linear 64, unflatten 1 8 8", "1×8×8"),
    "conv on a vector": (SMALL.replace("flatten,", "flatten, conv 1 1 1 0,", 1), "conv"),
    "kernel too large": (SMALL.replace("flatten", "conv 1 9 1 0, flatten", 1), "1×0×0"),
    "no stride": (SMALL.replace("flatten", "conv 1 3 0 0, flatten", 1), "stride"),
    "unflatten to another size": (SMALL.replace("unflatten 1", "unflatten 2"), "2×8×8"),
    "huge layer": (SMALL.replace("linear 4 ", "linear 999999999, linear 4 "), "999999999"),
    "huge weights": (SMALL.replace("linear 4 ", "linear 9999, linear 9999, linear 4 "), "50,000"),
    "wide layer": (SMALL.replace("flatten", "upconv 9 400 1 0, flatten", 1), "1,000,000"),
    "much work": (
        SMALL.replace(
            "flatten", "conv 1200 3 1 1, relu, conv 1200 3 1 1, conv 1 8 8 0, flatten", 1
        ),
        "500,000,000",
    ),
    "many layers": ("relu," * 100_000 + SMALL, "64"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_nonsense_is_refused_before_anything_is_allocated(fault: str) -> None:
    text, *named = REFUSED[fault]
    begin = time.process_time()
    with one_sentence(*named):
        small(text)
    assert time.process_time() - begin < 1


def test_images_and_latents_beyond_a_lab() -> None:
    """A text of one line and 4 MB of weights once took 2 GB for a batch of such images."""
    text = "conv 1 32 32 0, flatten, linear {} -> linear 1024, unflatten 1 32 32, upconv 1 32 32 0"
    with one_sentence("1×1024×1024", "256 pixels"):
        layers_vae((1, 1024, 1024), 500, text.format(1000))
    with one_sentence("2,000 latents", "1,000"):
        layers_vae((1, 8, 8), 2000, "flatten, linear 4000 -> linear 64, unflatten 1 8 8")


@pytest.mark.parametrize(
    ("text", "shape"),
    [(CONV, (3, 64, 64)), (MLP, (1, 64, 64)), ("conv 4 3 2 0, flatten, linear 20 -> " +
     "linear 8, unflatten 2 2 2, upconv 5 5 3 1, tanh, upconv 1 3 1 0", (1, 8, 8))],
)  # fmt: skip
def test_what_an_image_costs(text: str, shape: tuple[int, int, int]) -> None:
    """Against the built model: its parameters, the values that its layers hand on, and each weight
    once at every position of a convolution's output (a transposed one's input)."""
    model, found = layers_vae(shape, 10, text), cost(shape, 10, text)
    assert found.parameters == sum(each.numel() for each in model.parameters())
    values, work = [0], 0
    for half, x in ((model.encoder, torch.zeros(1, *shape)), (model.decoder, torch.zeros(1, 10))):
        for layer in half:
            y = layer(x)
            values += [x.numel(), y.numel()]
            place = x if isinstance(layer, nn.ConvTranspose2d) else y
            work += sum(w.numel() for w in layer.parameters()) * place[0][0].numel()
            x = y
    assert (found.values, found.multiply_adds) == (max(values), work)


def test_the_setting_belongs_to_its_model() -> None:
    with one_sentence("layers"):
        RunConfig(layers=SMALL)
    with one_sentence("layers"):
        RunConfig(model="layers")
