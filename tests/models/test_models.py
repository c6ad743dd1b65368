"""Every model at every image shape: shapes, ranges, gradients, names."""

import copy
from typing import Any

import pytest
import torch
from torch import nn

from betavae_core.config import RunConfig
from betavae_core.models import MODELS, VAE, build_model
from betavae_core.models.downsampling import HalvingConv
from betavae_core.models.upsampling import SubPixelConv, TransposedConv
from betavae_core.objective import beta_elbo
from tests.oracles import one_sentence

SHAPES = [(1, 64, 64), (3, 64, 64), (1, 32, 32), (3, 32, 32)]
ONE_BETA = [name for name in MODELS if name != "conv-multirate"]  # which has a file of its own
CASES = [pytest.param(m, s, id=f"{m}-{'x'.join(map(str, s))}") for m in ONE_BETA for s in SHAPES]
every_model = pytest.mark.parametrize(("name", "shape"), CASES)


def config_for(name: str, shape: tuple[int, int, int], **changes: int) -> RunConfig:
    channels, size, _ = shape
    settings: dict[str, Any] = {"channels": channels, "image_size": size, "latents": 6} | changes
    if name == "layers":
        ends = 2 * settings["latents"], channels * size**2, channels, size, size
        settings["layers"] = (
            "conv 8 4 2 1, relu, flatten, linear {} -> linear {}, unflatten {} {} {}".format(*ends)
        )
    return RunConfig(dataset="any", model=name, **settings)


def inputs(shape: tuple[int, ...], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(1)
    x = torch.rand(4, *shape, generator=source)
    return x.to(device), torch.randn(4, 6, generator=source).to(device)


def plain(model: VAE) -> VAE:
    """The same model with PyTorch's own transposed convolutions."""
    other = copy.deepcopy(model)
    for layer in other.modules():
        for library in (nn.ConvTranspose2d, nn.Conv2d):
            if isinstance(layer, library):
                layer.__class__ = library
    return other


def gradients(model: VAE, x: torch.Tensor, noise: torch.Tensor) -> dict[str, torch.Tensor]:
    beta_elbo(x, *model(x, noise), beta=4.0).loss.backward()
    return {n: p.grad for n, p in model.named_parameters() if p.grad is not None}


@every_model
def test_shapes_and_ranges(name: str, shape: tuple[int, int, int], device: torch.device) -> None:
    model = build_model(config_for(name, shape)).to(device)
    x, noise = inputs(shape, device)
    mean, log_var = model.encode(x)
    assert mean.shape == log_var.shape == (4, 6)
    images = model.decode(1000 * noise)  # far outside the prior
    assert images.shape == x.shape
    assert images.isfinite().all()
    assert images.min() >= 0
    assert images.max() <= 1
    torch.testing.assert_close(model.decode(noise), model.decode_logits(noise).sigmoid())
    logits, forward_mean, _ = model(x, torch.zeros_like(noise))
    torch.testing.assert_close(forward_mean, mean)
    torch.testing.assert_close(logits, model.decode_logits(mean))


@every_model
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_gradients_are_those_of_plain_layers(
    name: str, shape: tuple[int, int, int], layout: torch.memory_format, device: torch.device
) -> None:
    model = build_model(config_for(name, shape)).to(device).to(memory_format=layout)
    x, noise = inputs(shape, device)
    x = x.contiguous(memory_format=layout)
    expected = gradients(plain(model), x, noise)
    found = gradients(model, x, noise)
    assert found.keys() == expected.keys() == dict(model.named_parameters()).keys()
    for key, gradient in expected.items():
        assert gradient.norm() > 0
        assert (found[key] - gradient).norm() <= 1e-4 * gradient.norm(), key


@every_model
def test_training_and_evaluation_give_the_same_images(
    name: str, shape: tuple[int, int, int], device: torch.device
) -> None:
    model = build_model(config_for(name, shape)).to(device)
    x, noise = inputs(shape, device)
    trained = model.train()(x, noise)
    with torch.no_grad():
        evaluated = model.eval()(x, noise)
    for one, other in zip(trained, evaluated, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
    frozen = model.requires_grad_(False)(x, noise)  # as a loaded run is
    torch.testing.assert_close(frozen[0], evaluated[0], rtol=1e-5, atol=1e-5)


@every_model
def test_names_and_shapes_are_those_of_plain_layers(name: str, shape: tuple[int, int, int]) -> None:
    model = build_model(config_for(name, shape))
    expected = {key: value.shape for key, value in plain(model).state_dict().items()}
    assert {key: value.shape for key, value in model.state_dict().items()} == expected
    plain(model).load_state_dict(model.state_dict(), strict=True)


@every_model
def test_weights_follow_the_seed_alone(name: str, shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    before = torch.random.get_rng_state()
    one = build_model(config_for(name, shape, seed=1)).state_dict()
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(99)
    same = build_model(config_for(name, shape, seed=1)).state_dict()
    other = build_model(config_for(name, shape, seed=2)).state_dict()
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not any(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize(("shape", "parameters"), [((1, 64, 64), 502_005), ((3, 64, 64), 504_055)])
def test_parameters_of_the_conv_model(shape: tuple[int, int, int], parameters: int) -> None:
    model = build_model(config_for("conv", shape, latents=10))
    assert sum(p.numel() for p in model.parameters()) == parameters


def test_layers_of_the_mlp_model() -> None:
    model = build_model(config_for("mlp", (1, 64, 64), latents=10))
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [
        (4096, 1200),
        (1200, 1200),
        (1200, 20),
        (10, 1200),
        (1200, 1200),
        (1200, 1200),
        (1200, 4096),
    ]
    assert sum(isinstance(layer, nn.ReLU) for layer in model.encoder) == 2
    assert sum(isinstance(layer, nn.Tanh) for layer in model.decoder) == 3


@pytest.mark.parametrize("layer", [TransposedConv, SubPixelConv])
@pytest.mark.parametrize(("channels_in", "channels_out"), [(32, 32), (5, 1), (2, 3)])
@pytest.mark.parametrize("side", [1, 4, 7])
def test_layer_equals_the_plain_one(
    layer: type[nn.ConvTranspose2d],
    channels_in: int,
    channels_out: int,
    side: int,
    device: torch.device,
) -> None:
    """Values and gradients, the input's included; height and width differ."""
    torch.manual_seed(0)
    ours = layer(channels_in, channels_out).to(device)
    theirs = nn.ConvTranspose2d(channels_in, channels_out, 4, 2, 1).to(device)
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(2, channels_in, side, side + 1, device=device)
    results = []
    for each in (ours, theirs):
        leaf = x.clone().requires_grad_()
        y = each(leaf)
        (y * torch.linspace(-1, 1, y.numel(), device=device).view_as(y)).sum().backward()
        results.append((y.detach(), leaf.grad, each.weight.grad, each.bias.grad))
    for found, expected in zip(*results, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


LAYERS = {  # of ours, with the library's own
    HalvingConv: nn.Conv2d,
    TransposedConv: nn.ConvTranspose2d,
    SubPixelConv: nn.ConvTranspose2d,
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("channels_in", "channels_out"), [(32, 32), (1, 32), (3, 5), (8, 1)])
@pytest.mark.parametrize("side", [4, 10, 7])
def test_bfloat16_layer_equals_the_plain_one_to_rounding(
    layer: type[HalvingConv | TransposedConv | SubPixelConv],
    channels_in: int,
    channels_out: int,
    side: int,
) -> None:
    """Values and gradients against float64: no further away than bfloat16's own rounding, 2⁻⁸; of
    images as of activations, height and width differ."""
    torch.manual_seed(0)
    ours = layer(channels_in, channels_out).bfloat16()
    theirs = LAYERS[layer](channels_in, channels_out, 4, 2, 1).double()
    theirs.load_state_dict({name: tensor.double() for name, tensor in ours.state_dict().items()})
    x = torch.randn(3, channels_in, side, side + 2).bfloat16()
    for wanted in (True, False):
        results = []
        for each, kind in ((ours, torch.bfloat16), (theirs, torch.float64)):
            each.zero_grad()
            leaf = x.to(kind).clone().requires_grad_(wanted)
            y = each(leaf)
            y.backward(torch.linspace(-1, 1, y.numel()).view_as(y).bfloat16().to(y.dtype))
            assert each.weight.grad is not None
            assert each.bias is not None
            results.append([y.detach(), each.weight.grad, each.bias.grad, leaf.grad])
        for found, expected in zip(*results, strict=True):
            assert (found is None) == (expected is None)
            if found is not None and expected is not None:
                assert (found.double() - expected).norm() <= 2**-7 * expected.norm()


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_the_faster_routes_are_taken(
    layer: type[HalvingConv | TransposedConv | SubPixelConv], kind: torch.dtype
) -> None:
    """Else the comparisons above compare the plain layer with itself."""
    nodes = layer(4, 2).to(kind)(torch.randn(2, 4, 8, 8, dtype=kind)).grad_fn
    assert nodes is not None
    library = LAYERS[layer](4, 2, 4, 2, 1)(torch.randn(2, 4, 8, 8)).grad_fn
    assert library is not None
    as_the_library = layer is HalvingConv and kind == torch.float32
    assert (nodes.name() == library.name()) == as_the_library


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("channels_in", "channels_out"), [(32, 32), (1, 32), (3, 5), (8, 1)])
@pytest.mark.parametrize("side", [4, 10])
def test_without_gradients_a_layer_equals_the_plain_one(
    layer: type[HalvingConv | TransposedConv | SubPixelConv],
    channels_in: int,
    channels_out: int,
    side: int,
) -> None:
    """Also of an image that is no whole tensor; what the model returns can be viewed as a table."""
    torch.manual_seed(0)
    ours, theirs = (
        layer(channels_in, channels_out),
        LAYERS[layer](channels_in, channels_out, 4, 2, 1),
    )
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(6, channels_in, side, side + 2)
    for part in (x, x[::2], x[:1, :, :, : side - 2]):
        with torch.inference_mode():
            found = ours(part)
        torch.testing.assert_close(found, theirs(part).detach(), rtol=1e-5, atol=1e-6)
        if layer is SubPixelConv:
            assert found.view(len(part), -1).shape[0] == len(part)


def test_without_gradients_the_layout_is_channels_last() -> None:
    """Else the comparison above compares the plain layer with itself."""
    with torch.no_grad():
        for channels, layer in ((1, HalvingConv), (3, HalvingConv), (4, TransposedConv)):
            found = layer(channels, 8)(torch.randn(2, channels, 8, 8))
            assert found.is_contiguous(memory_format=torch.channels_last)
            assert not found.is_contiguous()


def test_bfloat16_autocast_uses_the_plain_layers() -> None:
    model = build_model(config_for("conv", (1, 64, 64)))
    x, noise = inputs((1, 64, 64), torch.device("cpu"))
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(x, noise)[0]
        expected = plain(model)(x, noise)[0]
    assert logits.dtype == torch.bfloat16
    assert torch.equal(logits, expected)


@pytest.mark.parametrize("size", [16, 48, 128])
def test_conv_refuses_other_sizes(size: int) -> None:
    with one_sentence("32×32 or 64×64", f"{size}×{size}"):
        build_model(config_for("conv", (1, size, size)))


def test_unknown_model_lists_the_names() -> None:
    with one_sentence("transformer", *MODELS):
        build_model(RunConfig(model="transformer"))
