"""The model alone: its architecture; whether its weights are finite, dead, exploding or untrained;
its units."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..beta import beta_text
from ..datasets import dataset_title
from ..models import MODELS
from ..penalties import BETA_VAE
from .available import UNKNOWN, contradiction
from .finding import Finding, Verdict, short
from .subject import Subject

HALF_DEAD = 0.5  # a layer is dead if a larger share of its units is zero
# in standard deviations of PyTorch's initialisation: trained layers of this lab have 0.2 to 11,
# working published models up to 42
SCALES = (0.1, 20.0)
ROUNDING = 1e-3  # of the largest weight, if a file keeps 16 bits
LEAST = 500  # weights: fewer cannot identify a uniform distribution
PART, ROWS = 2**22, 4096  # values, and units, of a weight that are processed together
SILENT = 0.9  # share of a ReLU layer's units that never fire: above it, the layer is suspicious


@dataclass(frozen=True)
class Layer:
    """One weight tensor of two or more dimensions, in numbers."""

    name: str
    count: int
    zero_units: float  # share of rows that are all zero
    scale: float  # root mean square, relative to PyTorch's initialisation
    untouched: bool  # distributed like an initialisation, not like trained weights


def layer_numbers(name: str, weight: torch.Tensor) -> Layer:
    """The numbers of a weight (out, in, …) or, transposed, (in, out, …).

    PyTorch draws uniformly from ±1/√fan_in, fan_in = shape[1] · kernel, for linear, convolutional
    and transposed layers alike: root mean square 1/√(3 fan_in). A uniform distribution has a hard
    edge, here at one of the usual bounds, and a kurtosis of 1.8; any training blurs the edge, so
    both together mean that no weights were loaded there.
    """
    flat = weight.detach().flatten()
    count, fan_in = flat.numel(), math.prod(weight.shape[1:])
    powers = torch.zeros(2, dtype=torch.float64)  # sums of squares and of fourth powers
    for part in flat.split(PART):
        square = part.double().square()
        powers += torch.stack([square.sum(), square.square().sum()])
    rms = math.sqrt(float(powers[0]) / count)
    largest = float(flat.abs().max())
    untouched = False
    if count >= LEAST and rms > 0:
        kurtosis = float(powers[1]) / count / rms**4
        fan_out = math.prod((len(weight), *weight.shape[2:]))
        at_edge = any(
            1 - 20 / count < largest / math.sqrt(share) < 1 + ROUNDING
            for share in (1 / fan_in, 3 / fan_in, 6 / fan_in, 6 / (fan_in + fan_out))
        )
        untouched = at_edge and abs(kurtosis - 1.8) < 5 / math.sqrt(count) + 0.01
    zeros = sum(int((~part.any(1)).sum()) for part in weight.detach().flatten(1).split(ROWS))
    return Layer(name, count, zeros / len(weight), rms * math.sqrt(3 * fan_in), untouched)


def check_architecture(subject: Subject) -> Finding:
    """The model according to its config, and its number of weights."""
    config, state = subject.config, subject.state
    channels, height, width = config.shape
    known = MODELS.get(config.model)
    title = known.title if known else config.model
    numbers: dict[str, Any] = {
        "model": config.model,
        "shape": list(config.shape),
        "latents": config.latents,
        "likelihood": config.likelihood,
        "beta": config.beta,
        "objective": config.objective,
        "dataset": config.dataset,
        "parameters": None if state is None else sum(t.numel() for t in state.values()),
    }
    says = f"{title}, images {channels}×{height}×{width}, {config.latents} latents"
    says += "" if state is None else f", {numbers['parameters']:,} parameters"
    says += f", {config.likelihood} likelihood, claims "
    if config.objective != BETA_VAE:
        says += config.beta_words
    else:
        says += "no β" if config.beta is None else beta_text(config.beta)
    says += (
        " and no dataset." if config.dataset == UNKNOWN else f" on {dataset_title(config.dataset)}."
    )
    if wrong := contradiction(config):
        cause = "A config that was copied from another run, or changed by hand."
        says = f"{says.rstrip('.')}; {wrong}."
        return Finding("architecture", "Architecture", Verdict.LOOK, says, cause, numbers)
    return Finding("architecture", "Architecture", Verdict.FINE, says, "", numbers)


def check_weights(subject: Subject, fails: Callable[[], str]) -> Finding:
    """Whether the weights are finite and look trained. Odd weights count as broken only if the
    model does not work: `fails` returns the evidence, or ""."""
    key, title = "weights", "Weights"
    state = subject.state
    if state is None:
        says = "The checkpoint does not show its weights, because it has no state_dict."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    floats = {n: t for n, t in state.items() if t.is_floating_point()}
    bad = [name for name, tensor in floats.items() if not tensor.isfinite().all()]
    others = [str(n) for n, value in (subject.saved or {}).items() if n not in state]
    numbers: dict[str, Any] = {"tensors": len(state), "not_finite": bad, "no_tensors": others}
    if bad:
        count = sum(int((~floats[name].isfinite()).sum()) for name in bad)
        says = f"{count:,} weights in {len(bad)} of {len(state)} tensors are NaN or infinite: "
        cause = "The training diverged (learning rate too high, half precision), or the file is "
        cause += "damaged."
        return Finding(key, title, Verdict.BROKEN, f"{says}{short(bad)}.", cause, numbers)
    if others:
        says = f"{len(others)} entries of the state_dict are not tensors: {short(others)}."
        cause = "Objects that a module adds to its state, or a checkpoint's dictionary instead of "
        cause += "the weights in it."
        return Finding(key, title, Verdict.LOOK, says, cause, numbers)
    layers = [layer_numbers(n, t) for n, t in floats.items() if t.ndim >= 2 and t.numel()]
    numbers["layers"] = [vars(layer) for layer in layers]
    if not layers:
        return Finding(
            key, title, Verdict.LOOK, "No tensor looks like a layer's weight.", "", numbers
        )
    return _verdict(key, title, layers, numbers, fails)


def _verdict(
    key: str, title: str, layers: list[Layer], numbers: dict[str, Any], fails: Callable[[], str]
) -> Finding:
    def odd(says: str, names: list[str], cause: str) -> Finding:
        shows = fails()
        said = (
            f"{says}{short(names)}; {shows or 'that alone does not keep the model from working'}."
        )
        return Finding(key, title, Verdict.BROKEN if shows else Verdict.LOOK, said, cause, numbers)

    dead = [layer.name for layer in layers if layer.zero_units > HALF_DEAD]
    if dead:
        says = f"Most units have only zero weights in {len(dead)} of {len(layers)} layers: "
        cause = "Half-loaded weights: the layer was created but never loaded, or it was pruned."
        return odd(says, dead, cause)
    low, high = SCALES
    large = [f"{each.name} (×{each.scale:.0f})" for each in layers if each.scale > high]
    if large:
        says = f"Weights are far above the scale of initialisation in {len(large)} of "
        cause = "Exploding weights: a diverging training, or weights scaled when they were saved; "
        cause += "or a long training towards a capacity, which makes them grow as well."
        return odd(f"{says}{len(layers)} layers: ", large, cause)
    judged = [layer for layer in layers if layer.count >= LEAST]
    fresh = [layer.name for layer in judged if layer.untouched]
    if fresh and len(fresh) < len(judged):
        says = f"{len(fresh)} of {len(judged)} layers are distributed exactly like an "
        says += "initialisation: "
        cause = "Half-loaded weights: names did not fit and loading continued without them "
        cause += "(strict=False)."
        return odd(says, fresh, cause)
    if fresh:
        says = f"All {len(judged)} large layers are distributed exactly like an initialisation."
        cause = "The model was never trained, or no weights were loaded into it."
        return Finding(key, title, Verdict.LOOK, says, cause, numbers)
    scales = [layer.scale for layer in layers]
    small = [layer.name for layer in layers if layer.scale < low]
    verdict = Verdict.LOOK if small else Verdict.FINE
    says = f"All {sum(layer.count for layer in layers):,} weights are finite, at {min(scales):.1f} "
    says += f"to {max(scales):.1f} times the scale of initialisation in {len(layers)} layers"
    says += f"; very small in {short(small)}." if small else "."
    return Finding(key, title, verdict, says, "Strong weight decay." if small else "", numbers)


def check_units(subject: Subject, x: torch.Tensor) -> Finding:
    """ReLU units that fire for none of the images x (N, C, H, W) in [0, 1], layer by layer."""
    key, title = "units", "ReLU units"
    module = subject.module
    relus = [] if module is None else [m for m in module.modules() if isinstance(m, nn.ReLU)]
    if module is None or not relus:
        says = "The checkpoint shows no ReLU layers whose units could be watched."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    names = {id(each): name for name, each in module.named_modules()}
    fired: dict[str, torch.Tensor] = {}

    def watch(layer: nn.Module, _: Any, out: torch.Tensor) -> None:
        # a channel of a convolution is one unit, wherever in the image it fires
        now = (out.detach() > 0).flatten(2).any(2) if out.ndim > 2 else out.detach() > 0
        name = names[id(layer)]
        fired[name] = fired.get(name, torch.zeros(now.shape[1], dtype=torch.bool)) | now.any(0)

    _ = subject.effort  # runs the layers once itself, before they are observed
    hooks = [each.register_forward_hook(watch) for each in relus]
    try:
        mean, _ = subject.encode(x)
        if subject.decodes:
            subject.logits(mean)
    finally:
        for hook in hooks:
            hook.remove()
    silent = {name: 1 - float(units.double().mean()) for name, units in fired.items()}
    if not silent:
        says = "No ReLU layer ran while the images were encoded and decoded."
        return Finding(key, title, Verdict.NOT_COMPUTED, says)
    numbers = {"images": len(x), "silent": silent}
    dead = [f"{name} ({share:.0%})" for name, share in silent.items() if share > SILENT]
    most = max(silent, key=lambda name: silent[name])
    if dead:
        whole = silent[most] == 1  # no signal passes: the later layers are the same for all images
        says = f"On {len(x)} images {'no' if whole else 'almost no'} unit fires in {len(dead)} of "
        says += f"{len(silent)} layers: "
        cause = (
            "Dead ReLUs: a learning rate that was once too high, a wrong input scale, or a layer "
        )
        cause += "that was not loaded."
        verdict = Verdict.BROKEN if whole else Verdict.LOOK
        return Finding(key, title, verdict, f"{says}{short(dead)}.", cause, numbers)
    says = f"On {len(x)} images at most {silent[most]:.0%} of a layer's units stay silent ({most})."
    return Finding(key, title, Verdict.FINE, says, "", numbers)
