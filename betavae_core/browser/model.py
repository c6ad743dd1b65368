"""A model and the settings of its sliders as one safetensors file for their JavaScript."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import safetensors.torch
import torch
from torch import nn

from betavae_core.models.multirate import Gate, MultiRateVAE
from betavae_core.models.vae import VAE

Record = dict[str, Any]  # of a layer
TENSORS = ("weight", "bias", "slope", "offset")  # entries of a record that name tensors


class UnsupportedLayer(ValueError):
    """The browser has no code for a layer of this network."""


@dataclass(frozen=True)
class BrowserModel:
    """A model's layers as records, and the tensors that they name; `encoder` is empty where it
    stays on the server."""

    layers: list[Record]
    encoder: list[Record]
    tensors: dict[str, torch.Tensor]
    range: dict[str, float] | None  # low and high β of a multi-rate model
    digest: str  # changes with anything of the above

    @property
    def bytes(self) -> int:
        return sum(tensor.nbytes for tensor in self.tensors.values())

    @property
    def is_half(self) -> bool:
        """Whether all weights are float16."""
        return all(tensor.dtype == torch.float16 for tensor in self.tensors.values())

    def halved(self) -> "BrowserModel":
        """The model with its weights rounded to float16; unchanged if one of them is too large for
        that."""
        half = {name: tensor.half() for name, tensor in self.tensors.items()}
        fits = all(bool(tensor.isfinite().all()) for tensor in half.values())
        if self.is_half or not fits:
            return self
        digest = digest_of([self.layers, self.encoder, self.range], half)
        return replace(self, tensors=half, digest=digest)

    def decoder_only(self) -> "BrowserModel":
        """The model without its encoder."""
        named = {record.get(name) for record in self.layers for name in TENSORS}
        kept = {name: tensor for name, tensor in self.tensors.items() if name in named}
        digest = digest_of([self.layers, [], self.range], kept)
        return replace(self, encoder=[], tensors=kept, digest=digest)


def browser_model(model: VAE | nn.Module, encoder_limit: int = 8 * 2**20) -> BrowserModel:
    """A VAE, or a decoder alone, as the browser runs it.

    The encoder goes along if the browser has code for all its layers and its tensors need no more
    than `encoder_limit` bytes. Raises `UnsupportedLayer` if the decoder cannot run there.
    """
    decoder = model.decoder if isinstance(model, VAE) else model
    layers, tensors = network_layers(_gated(model, "decoder") or decoder)
    encoder: list[Record] = []
    if isinstance(model, VAE):
        with suppress(UnsupportedLayer):
            halves = _gated(model, "encoder") or model.encoder
            found, weights = network_layers(halves, tuple(model.shape), "encoder.")
            if sum(tensor.nbytes for tensor in weights.values()) <= encoder_limit:
                encoder, tensors = found, tensors | weights
    reach = {"low": model.low, "high": model.high} if isinstance(model, MultiRateVAE) else None
    digest = digest_of([layers, encoder, reach], tensors)
    return BrowserModel(layers, encoder, tensors, reach, digest)


def _gated(model: nn.Module, half: str) -> list[nn.Module] | None:
    """The layers of a multi-rate model's half, each gate behind its layer."""
    return model.with_gates(half) if isinstance(model, MultiRateVAE) else None


def network_layers(
    network: nn.Module | Sequence[nn.Module], shape: tuple[int, ...] = (), prefix: str = ""
) -> tuple[list[Record], dict[str, torch.Tensor]]:
    """Describe a sequential network so that the browser can run it.

    Args:
        network: an ``nn.Sequential`` (nested ones are flattened) or a list of Linear, ReLU,
            LeakyReLU, Tanh, Sigmoid, Flatten, Unflatten, Conv2d, ConvTranspose2d and Gate.
        shape: of the input, without N; empty for a code.
        prefix: of the tensors' names.

    Returns:
        The layer records in order, each with its output shape (without N) under ``out``, and the
        tensors that they name.  All tensors are float16 if that preserves every value, and
        float32 otherwise.

    Raises:
        UnsupportedLayer: with one sentence, for anything else.
    """
    layers: list[Record] = []
    tensors: dict[str, torch.Tensor] = {}
    several = [network] if isinstance(network, nn.Module) else network
    for index, module in enumerate(each for part in several for each in _flat(part)):
        record, shape = _record(module, index, shape)
        names = ("slope", "offset") if isinstance(module, Gate) else ("weight", "bias")
        for name in names:
            value = getattr(module, name, None)
            if value is not None:
                record[name] = f"{prefix}{index}.{name}"
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
            raise UnsupportedLayer(f"Layer {index} ({name}) takes an image of shape {shape}.")
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
    if isinstance(module, Gate) and shape:
        return {"type": "gate"}, shape
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and len(shape) == 3:
        return _convolution(module, index, shape)
    raise _unsupported(module, index)


def _convolution(
    module: nn.Conv2d | nn.ConvTranspose2d, index: int, shape: tuple[int, ...]
) -> tuple[Record, tuple[int, ...]]:
    """The record and output shape of a convolution or its transpose, padded with zeros."""
    plain = module.groups == 1 and tuple(module.dilation) == (1, 1)
    padding = module.padding
    if isinstance(padding, str) or not plain or module.padding_mode != "zeros":
        raise _unsupported(module, index)
    geometry = {
        "kernel": list(module.kernel_size),
        "stride": list(module.stride),
        "padding": list(padding),
    }
    sides = zip(shape[1:], module.stride, padding, module.kernel_size, strict=True)
    if isinstance(module, nn.Conv2d):
        height, width = ((size + 2 * p - k) // stride + 1 for size, stride, p, k in sides)
        return {"type": "conv2d", **geometry}, (module.out_channels, height, width)
    height, width = (
        (size - 1) * stride - 2 * p + k + extra
        for (size, stride, p, k), extra in zip(sides, module.output_padding, strict=True)
    )
    return {"type": "conv_transpose2d", **geometry}, (module.out_channels, height, width)


def _unsupported(module: nn.Module, index: int) -> UnsupportedLayer:
    return UnsupportedLayer(f"The browser cannot run layer {index} of this network ({module}).")


def packed(model: BrowserModel | None, settings: Mapping[str, Any], **more: torch.Tensor) -> bytes:
    """All inputs of a component as one safetensors file: the model's tensors and `more`; its
    records and the settings as JSON under ``live`` in the metadata.

    It is one file because Streamlit passes raw bytes on unchanged only as the whole ``data``.
    """
    known: dict[str, Any] = {"layers": [], "encoder": [], "range": None, "digest": ""}
    if model is not None:
        known = {key: getattr(model, key) for key in known}
    tensors = {} if model is None else model.tensors
    text = json.dumps(known | dict(settings), allow_nan=False)
    return safetensors.torch.save(tensors | more, metadata={"live": text})


def digest_of(records: Any, tensors: dict[str, torch.Tensor]) -> str:
    """Name the weights by their content, so that the browser need not parse them twice."""
    digest = hashlib.sha256(json.dumps(records).encode())
    for name, tensor in tensors.items():
        digest.update(f"{name}{tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()[:16]
