"""Several VAEs of one architecture at once: every layer a batched matrix product, one for all.

Activations are (K, N, height, width, channels) or (K, N, units), K models and N images; weights are
(K, …) with the shapes and names of a single model. A 4×4 convolution of stride 2 and padding 1 is a
2×2 convolution of stride 1 over blocks (2×2 pixels of the padded image as one of four times the
channels), and that is a matrix product and a sum of four shifted parts; a transposed one likewise.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from ..errors import InputError, Refusal
from ..models import VAE, MultiRateVAE

Weights = Mapping[str, torch.Tensor]
Layer = Callable[[torch.Tensor, Weights], torch.Tensor]

FEW_CHANNELS = 4  # size of a transposed convolution's result up to which to multiply before moving
POINTWISE: dict[type[nn.Module], Callable[[torch.Tensor], torch.Tensor]] = {
    nn.ReLU: torch.relu,
    nn.Tanh: torch.tanh,
    nn.Sigmoid: torch.sigmoid,
}


def is_stackable(model: VAE) -> bool:
    """Whether `stacked_layers` knows every layer of the model."""
    return not isinstance(model, MultiRateVAE) and all(
        _known(layer) for half in (model.encoder, model.decoder) for layer in half
    )


def stacked_layers(model: VAE) -> tuple[list[Layer], list[Layer]]:
    """The layers of encoder and decoder as functions of activations and stacked weights; raises
    `InputError` for a model with layers other than `nn.Linear`, 4×4 convolutions of stride 2 and
    padding 1 (also transposed ones), ReLU, Tanh, Sigmoid, Flatten and Unflatten."""
    if not is_stackable(model):
        raise InputError(
            "Models with layers of this kind cannot be stacked; train each alone.",
            Refusal.UNSUITABLE,
        )
    encoder, decoder = (
        [_layer(layer, f"{name}.{number}") for number, layer in enumerate(half)]
        for name, half in (("encoder", model.encoder), ("decoder", model.decoder))
    )
    return encoder, decoder


def stacked_encode(
    layers: list[Layer], weights: Weights, x: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (N, C, H, W), the same for all models, to mean and log-variance, (K, N, D) each."""
    x = x.permute(0, 2, 3, 1)[None]
    for layer in layers:
        x = layer(x, weights)
    mean, log_var = x.chunk(2, dim=2)
    return mean, log_var


def stacked_decode_logits(layers: list[Layer], weights: Weights, z: torch.Tensor) -> torch.Tensor:
    """z (K, N, D) to logits (K, N, C, H, W)."""
    for layer in layers:
        z = layer(z, weights)
    return z.permute(0, 1, 4, 2, 3)


def _known(layer: nn.Module) -> bool:
    if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
        numbers = (layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.groups)
        return numbers == ((4, 4), (2, 2), (1, 1), (1, 1), 1) and layer.bias is not None
    if isinstance(layer, nn.Linear):
        return layer.bias is not None
    return isinstance(layer, nn.Flatten | nn.Unflatten) or type(layer) in POINTWISE


def _layer(layer: nn.Module, name: str) -> Layer:
    """One layer, its parameters looked up by name."""
    if isinstance(layer, nn.Conv2d):
        return lambda x, w: _conv(x, w[f"{name}.weight"], w[f"{name}.bias"])
    if isinstance(layer, nn.ConvTranspose2d):
        return lambda x, w: _transposed(x, w[f"{name}.weight"], w[f"{name}.bias"])
    if isinstance(layer, nn.Linear):
        return lambda x, w: _linear(x, w[f"{name}.weight"], w[f"{name}.bias"])
    if isinstance(layer, nn.Flatten):  # in a single model's order: channels first
        return lambda x, w: x.permute(0, 1, 4, 2, 3).flatten(2)
    if isinstance(layer, nn.Unflatten):
        shape: Any = layer.unflattened_size
        return lambda x, w: x.unflatten(2, shape).permute(0, 1, 3, 4, 2)
    function = POINTWISE[type(layer)]
    return lambda x, w: function(x)


def _linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """x (K or 1, N, I), weight (K, O, I) → (K, N, O)."""
    return torch.baddbmm(bias[:, None], x.expand(len(weight), -1, -1), weight.mT)


def _product(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    """x (K or 1, N, h, w, I), matrix (K, I, O) → (K, N, h, w, O)."""
    flat = x.reshape(x.shape[0], -1, x.shape[-1]).expand(len(matrix), -1, -1)
    return torch.bmm(flat, matrix).view(len(matrix), *x.shape[1:-1], matrix.shape[-1])


def _conv(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """x (K or 1, N, 2h, 2w, C), weight (K, O, C, 4, 4) → (K, N, h, w, O)."""
    models, out, channels = weight.shape[:3]
    # the kernel's rows 0…3 are 2a + r: row r of block a; its columns likewise 2b + s
    split = weight.reshape(models, out, channels, 2, 2, 2, 2)  # K, O, C, a, r, b, s
    if x.requires_grad:
        matrix = split.permute(0, 4, 6, 2, 3, 5, 1).reshape(models, 4 * channels, 4 * out)
        parts = _product(_blocks(x), matrix)
        y = _Gather.apply(parts.unflatten(-1, (4, out)))
    else:  # images, shared by all models: their neighbourhoods are small compared with the result
        matrix = split.permute(0, 3, 5, 4, 6, 2, 1).reshape(models, 16 * channels, out)
        y = _product(_neighbours(_blocks(x)).flatten(-2), matrix)
    return y + bias[:, None, None, None]


def _transposed(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """x (K, N, h, w, I), weight (K, I, O, 4, 4) → (K, N, 2h, 2w, O)."""
    models, inner, out = weight.shape[:3]
    split = weight.reshape(models, inner, out, 2, 2, 2, 2)  # K, I, O, a, r, b, s
    if out > FEW_CHANNELS:
        matrix = split.permute(0, 3, 5, 1, 4, 6, 2).reshape(models, 4 * inner, 4 * out)
        blocks = _product(_Spread.apply(x).flatten(-2), matrix)
    else:
        matrix = split.permute(0, 1, 3, 5, 4, 6, 2).reshape(models, inner, 16 * out)
        blocks = _Collect.apply(_product(x, matrix).unflatten(-1, (4, 4 * out)))
    return _pixels(blocks, out) + bias[:, None, None, None]


def _blocks(x: torch.Tensor) -> torch.Tensor:
    """(K, N, 2h, 2w, C), padded by one pixel, as blocks (K, N, h + 1, w + 1, 4·C)."""
    padded = nn.functional.pad(x, (0, 0, 1, 1, 1, 1))
    k, n, height, width, channels = padded.shape
    split = padded.view(k, n, height // 2, 2, width // 2, 2, channels)
    return split.permute(0, 1, 2, 4, 3, 5, 6).reshape(k, n, height // 2, width // 2, 4 * channels)


def _pixels(blocks: torch.Tensor, channels: int) -> torch.Tensor:
    """The inverse of `_blocks`: (K, N, h + 1, w + 1, 4·C) to (K, N, 2h, 2w, C)."""
    k, n, height, width, _ = blocks.shape
    split = blocks.view(k, n, height, width, 2, 2, channels).permute(0, 1, 2, 4, 3, 5, 6)
    return split.reshape(k, n, 2 * height, 2 * width, channels)[:, :, 1:-1, 1:-1]


# ---- moving to and from four neighbours: two pairs, in each of which one is the other's adjoint

SHIFTS = ((0, 0), (0, 1), (1, 0), (1, 1))


def _gather(parts: torch.Tensor) -> torch.Tensor:
    """(…, h + 1, w + 1, 4, D) → (…, h, w, D): Σ over (a, b) of part (a, b) at (i + a, j + b)."""
    height, width = parts.shape[-4] - 1, parts.shape[-3] - 1
    views = [
        parts[..., a : a + height, b : b + width, number, :] for number, (a, b) in enumerate(SHIFTS)
    ]
    return (views[0] + views[1]).add_(views[2]).add_(views[3])


def _spread(x: torch.Tensor) -> torch.Tensor:
    """(…, h, w, D) → (…, h + 1, w + 1, 4, D): x(i, j) as part (a, b) at (i + a, j + b)."""
    *rest, height, width, depth = x.shape
    parts = x.new_zeros(*rest, height + 1, width + 1, 4, depth)
    for number, (a, b) in enumerate(SHIFTS):
        parts[..., a : a + height, b : b + width, number, :] = x
    return parts


def _neighbours(x: torch.Tensor) -> torch.Tensor:
    """(…, h + 1, w + 1, D) → (…, h, w, 4, D): x(i + a, j + b) as part (a, b) at (i, j)."""
    height, width = x.shape[-3] - 1, x.shape[-2] - 1
    return torch.stack([x[..., a : a + height, b : b + width, :] for a, b in SHIFTS], -2)


def _collect(parts: torch.Tensor) -> torch.Tensor:
    """(…, h, w, 4, D) → (…, h + 1, w + 1, D): Σ of part (a, b) at (i, j) into (i + a, j + b)."""
    *rest, height, width, _, depth = parts.shape
    x = parts.new_zeros(*rest, height + 1, width + 1, depth)
    for number, (a, b) in enumerate(SHIFTS):
        x[..., a : a + height, b : b + width, :] += parts[..., number, :]
    return x


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, parts: torch.Tensor) -> torch.Tensor:
        return _gather(parts)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        return _spread(grad)


class _Spread(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return _spread(x)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        return _gather(grad)


class _Collect(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, parts: torch.Tensor) -> torch.Tensor:
        return _collect(parts)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        return _neighbours(grad)
