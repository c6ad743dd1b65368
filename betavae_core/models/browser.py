"""A decoder and the settings of its sliders as one safetensors file for the page's JavaScript."""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np
import safetensors.torch
import torch
from torch import nn

Mode = Literal["browser", "server"]
ImageShape = tuple[int, int, int]


class UnsupportedDecoder(ValueError):
    """The browser has no code for a layer of this decoder."""


class SliderRow(TypedDict):
    """One slider: the latent that it moves, that latent's KL in nats, and the slider's range."""

    latent: int
    kl: float | None  # None: not computed
    active: bool
    min: float
    max: float
    density: NotRequired[list[float]]  # of the aggregate posterior, in even bins from min to max


def decoder_layers(decoder: nn.Module) -> tuple[list[dict[str, Any]], dict[str, torch.Tensor]]:
    """Describe a sequential decoder so that the browser can run it.

    Args:
        decoder: an ``nn.Sequential`` (nested ones are flattened) of Linear, ReLU, LeakyReLU, Tanh,
            Sigmoid, Flatten, Unflatten and ConvTranspose2d, from (N, D) to logits (N, C, H, W).

    Returns:
        The layer records in order, each with its output shape (without N) under ``out``, and the
        tensors that they name.  All tensors are float16 if that preserves every value, and
        float32 otherwise.

    Raises:
        UnsupportedDecoder: with one sentence, for anything else.
    """
    layers: list[dict[str, Any]] = []
    tensors: dict[str, torch.Tensor] = {}
    shape: tuple[int, ...] = ()
    for index, module in enumerate(_flat(decoder)):
        record, shape = _record(module, index, shape)
        for name in ("weight", "bias"):
            value = getattr(module, name, None)
            if value is not None:
                record[name] = f"{index}.{name}"
                tensors[record[name]] = value.detach().to("cpu", torch.float32).contiguous()
        layers.append({**record, "out": list(shape)})
    if all(torch.equal(tensor.half().float(), tensor) for tensor in tensors.values()):
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    return layers, tensors


def _flat(module: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers in the order in which they run."""
    if isinstance(module, nn.Sequential) and type(module).forward is nn.Sequential.forward:
        for child in module:
            yield from _flat(child)
    else:
        yield module


def _record(
    module: nn.Module, index: int, shape: tuple[int, ...]
) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Return one layer's record and output shape; ``shape`` is () before the first layer."""
    name = type(module).__name__
    if isinstance(module, nn.Linear):
        if len(shape) > 1:
            raise UnsupportedDecoder(f"Layer {index} ({name}) takes an image of shape {shape}.")
        return {"type": "linear", "inputs": module.in_features}, (module.out_features,)
    if isinstance(module, nn.ReLU):
        return {"type": "relu"}, shape
    if isinstance(module, nn.LeakyReLU):
        return {"type": "leaky_relu", "slope": module.negative_slope}, shape
    if isinstance(module, nn.Tanh):
        return {"type": "tanh"}, shape
    if isinstance(module, nn.Sigmoid):
        return {"type": "sigmoid"}, shape
    if isinstance(module, nn.Flatten) and (module.start_dim, module.end_dim) == (1, -1):
        return {"type": "flatten"}, (math.prod(shape),) if shape else ()
    if isinstance(module, nn.Unflatten) and module.dim in (1, -1) and len(shape) < 2:
        target = tuple(int(size) for size in module.unflattened_size)
        if len(target) == 3 and min(target) > 0:
            return {"type": "unflatten"}, target
    if isinstance(module, nn.ConvTranspose2d) and len(shape) == 3:
        plain = module.groups == 1 and tuple(module.dilation) == (1, 1)
        if plain and not isinstance(module.padding, str):
            height, width = (
                (size - 1) * stride - 2 * padding + kernel + extra
                for size, stride, padding, kernel, extra in zip(
                    shape[1:],
                    module.stride,
                    module.padding,
                    module.kernel_size,
                    module.output_padding,
                    strict=True,
                )
            )
            geometry = {
                "kernel": list(module.kernel_size),
                "stride": list(module.stride),
                "padding": list(module.padding),
            }
            return {"type": "conv_transpose2d", **geometry}, (module.out_channels, height, width)
    raise UnsupportedDecoder(f"The browser cannot run layer {index} of this decoder ({module}).")


def live_blob(
    layers: list[dict[str, Any]],
    tensors: dict[str, torch.Tensor],
    *,
    rows: Sequence[SliderRow],
    start: np.ndarray,
    start_id: str,
    image_shape: ImageShape,
    initial: np.ndarray | None = None,
    key: str = "live",
    visit: int = 0,
    digest: str = "",
    mode: Mode = "browser",
    note: str = "",
) -> bytes:
    """Pack all inputs of the component into one safetensors file.

    It is one file because Streamlit passes raw bytes on unchanged only as the whole ``data``.

    Args:
        layers: records from ``decoder_layers``, empty in server mode.
        tensors: the tensors they name; in server mode ``image``, uint8 (C, H, W).
        rows: sliders in display order.
        start: latent code (D,) to begin at.
        start_id: identifies the image whose code is ``start``.
        image_shape: (C, H, W).
        initial: the first positions of the sliders, if not ``start``.
        key: the mount's key.
        visit: grows whenever the sliders must go back to ``start``.
        digest: changes with ``layers`` or ``tensors``; computed when empty.
        mode: whether the browser or the server draws.
        note: one sentence under the picture.

    Returns:
        A safetensors file; everything except the tensors is JSON under ``live`` in its metadata.
    """
    meta = {
        "layers": layers,
        "rows": list(rows),
        "start": [float(value) for value in start],
        "initial": [float(value) for value in (start if initial is None else initial)],
        "start_id": start_id,
        "image_shape": list(image_shape),
        "key": key,
        "visit": visit,
        "digest": digest or digest_of(layers, tensors),
        "mode": mode,
        "note": note,
    }
    text = json.dumps(meta, allow_nan=False)
    return safetensors.torch.save(tensors, metadata={"live": text})


def digest_of(layers: list[dict[str, Any]], tensors: dict[str, torch.Tensor]) -> str:
    """Name the weights by their content, so that the browser need not parse them twice."""
    digest = hashlib.sha256(json.dumps(layers).encode())
    for name, tensor in tensors.items():
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()[:16]
