"""ONNX pairs: a folder with encoder.onnx and decoder.onnx, as models of the kind "layers".

The graphs are read as data with the optional package ``onnx`` and converted to our layers with
their weights; nothing runs them. This works for chains of convolutions, linear layers, batch norms
and activations, the form in which VAEs are exported; a refusal names the first operation that is
not one of these, or has unsupported settings. A runtime would open more models, but the live
decoder of the page Traversals, the search for dead units, and the check that the decoder gives
logits need layers, and a runtime would be one more component to trust with untrusted graphs. The
tests compare our layers with its results. The encoder has two outputs, mean and log-variance (two
layers, or one that is split): for a single output the order could only be guessed.
"""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..errors import InputError, Refusal
from ..models import build_vae
from .files import inside
from .layouts import NOTHING_STATED, Imported, Sizes, StateLayout, config_of
from .onnx_chain import Chain, ChainGraph

LAYOUT = "ONNX: a folder with encoder.onnx and decoder.onnx"
ENCODER, DECODER = "encoder.onnx", "decoder.onnx"


def recognises(folder: Path) -> bool:
    return (folder / ENCODER).is_file() or (folder / DECODER).is_file()


def read(folder: Path, label: str, entry: str = "") -> Imported:
    """The pair as one model of layers, without entries to choose from. Raises `InputError` naming
    the first unsupported part."""
    encoder, decoder = (
        ChainGraph(inside(folder, ENCODER, label)),
        ChainGraph(inside(folder, DECODER, label)),
    )
    first, heads = encoder.follow()
    second, ends = decoder.follow()
    if len(heads) != 2 or heads != encoder.outputs:
        raise InputError(
            f"{ENCODER} must have two outputs, mean and log-variance, got {len(heads)}.",
            Refusal.SETTINGS,
        )
    if ends != decoder.outputs:
        raise InputError(
            f"{DECODER} must have one output, got {len(decoder.outputs)}.", Refusal.SETTINGS
        )
    notes = ["The encoder's first output is taken as the mean, its second as the log-variance."]
    last = second.take_sigmoid()
    if last == "sigmoid":
        notes.append("The decoder's final sigmoid was removed: our decoders give logits.")
    elif last is None:
        notes.append("The decoder has no final sigmoid; its output is taken as logits.")
    else:
        raise InputError(
            f"{DECODER} ends in a {last}; it must end in a sigmoid (images of values from 0 to 1) "
            "or "
            "without an activation (their logits).",
            Refusal.SETTINGS,
        )
    if (
        len(encoder.shape) != 3
        or len(decoder.shape) != 1
        or min(*encoder.shape, *decoder.shape) < 1
    ):
        raise InputError(
            f"{ENCODER} needs an input (N, C, H, W) and {DECODER} one (N, D) of fixed sizes, got "
            f"{encoder.shape} and {decoder.shape} after N.",
            Refusal.SETTINGS,
        )
    channels, height, width = encoder.shape
    if height != width:
        raise InputError(
            f"{ENCODER} takes images of {height}×{width}, expected square ones.", Refusal.SETTINGS
        )
    sizes = Sizes(channels, height, decoder.shape[0])
    text = f"{first.text} -> {second.text}"
    layout = StateLayout("ONNX", "layers", lambda _: sizes, lambda _: {}, lambda _: text)
    config = config_of(layout, sizes, origin=f"ONNX, {label}")
    model = build_vae(config)
    state, wanted = first.state("encoder") | second.state("decoder"), model.state_dict()
    for name, tensor in wanted.items():
        if name not in state or state[name].shape != tensor.shape:
            raise InputError(
                f"The weights of {label} do not fit its layer {name}.", Refusal.SETTINGS
            )
    model.load_state_dict({name: state[name].float() for name in wanted})
    model.eval().requires_grad_(False)
    _check_features(first, model.encoder, torch.zeros(1, *sizes.shape), ENCODER)
    _check_features(second, model.decoder, torch.zeros(1, sizes.latents), DECODER)
    if not all(tensor.isfinite().all() for tensor in model.state_dict().values()):
        raise InputError(
            f"The weights of {label} are not finite once batch norms are folded in.",
            Refusal.SETTINGS,
        )
    count = sum(tensor.numel() for tensor in state.values())
    facts: dict[str, Any] = {
        "project": "ONNX",
        "model": "layers",
        "format": "ONNX",
        "dtype": "float32",
    }
    facts |= {"tensors": len(state), "parameters": count}
    return Imported("onnx", config, model, [*notes, NOTHING_STATED], facts)


def _check_features(chain: Chain, half: nn.Sequential, x: torch.Tensor, name: str) -> None:
    """Refuse a Reshape to another number of features than an image has: it would mix images."""
    for step, layer in zip(chain.steps, half, strict=True):
        x = layer(x)
        if step.features not in (0, x.shape[1]):
            raise InputError(
                f"{name}: a Reshape to {step.features} features gets {x.shape[1]} from each image.",
                Refusal.SETTINGS,
            )
