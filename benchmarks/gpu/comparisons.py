"""Small cases on the device against the CPU: is it right?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.device import (
    exact_float32,
    moved,
)
from betavae_core.metrics.classifiers import fit_predict
from betavae_core.models import build_vae
from betavae_core.training.stacked_step import StackStep, graphed
from betavae_core.training.step import GraphedStep, make_optimizer, make_step

from .stacks import stack_of


@dataclass(frozen=True)
class Check:
    """One comparison with the CPU."""

    what: str
    difference: float
    tolerance: float
    fused: bool = False  # of the fused step, without which the device can still train

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance  # false for NaN


def checks(device: torch.device) -> Iterator[Check]:
    """The device against the CPU in float32, and graph and stack against the plain step."""
    with exact_float32:
        yield from _checks(device)


def _checks(device: torch.device) -> Iterator[Check]:
    config = RunConfig(batch_size=16)
    cpu = torch.device("cpu")
    plain, there = _terms(config, cpu), _terms(config, device)
    yield Check("four steps, device and CPU", _far(there, plain), 1e-3)
    yield Check("four steps, graph and plain", _far(_terms(config, device, True), there), 1e-5)
    configs = [replace(config, beta=beta, seed=seed) for beta, seed in ((1.0, 1), (4.0, 123))]
    stacked = _stack_terms(configs, device, False)
    each = torch.stack([_terms(one, device) for one in configs], 1)
    yield Check("four steps, stack and one by one", _far(stacked, each), 1e-3)
    yield Check(
        "four steps, stack's graph and plain",
        _far(_stack_terms(configs, device, True), stacked),
        1e-5,
    )
    if device.type == "cuda":
        fused = _stack_terms(configs, device, True, fused=True)
        far = _far(fused, stacked)
        yield Check("four steps, fused stack's graph and plain", far, 1e-5, fused=True)
        for precision, tolerance in (("float32", 1e-3), ("bfloat16", 0.05)):
            yield fused_gradients(replace(config, precision=precision), device, tolerance)
    images = to_float(load_dataset("2dshapes", "rendered").images(range(0, 737_280, 2880)))
    model = build_vae(config).eval()
    with torch.no_grad():
        codes = model.encode(images)[0]
        yield Check(
            "codes", _far(moved(model, device).encode(images.to(device))[0].cpu(), codes), 1e-4
        )
    points, labels = _points()
    for name in ("linear", "mlp"):
        one, other = (
            fit_predict(name, points, labels, points, 3, paper=False, seeds=[0, 1], device=place)
            for place in (cpu, device)
        )
        yield Check(f"guesses of the {name} classifier", float((one != other).mean()), 0.01)


def fused_gradients(config: RunConfig, device: torch.device, tolerance: float) -> Check:
    """The gradients of a fused step of two models against those of the plain one: the parameter
    with the largest difference, relative to the length of its gradient."""
    configs = [replace(config, seed=seed) for seed in (1, 123)]
    images, noise = next(_batches(config, len(configs), device))
    found = []
    for fused in (True, False):
        stack, given = stack_of(configs, device)
        if fused:
            stack.fuse()
        stack.step(images, noise, *given)
        found.append([each.float() for each in stack.grads])
    far = [float((one - other).norm() / other.norm()) for one, other in zip(*found, strict=True)]
    worst = max(range(len(far)), key=far.__getitem__)
    name = [name for name, _ in build_vae(config).named_parameters()][worst]
    what = f"gradient of {name}, fused and plain, {config.precision}"
    return Check(what, far[worst], tolerance, fused=True)


def _points() -> tuple[np.ndarray, np.ndarray]:
    """Two problems (2, 150, 4) of three classes that a line separates in part, and labels."""
    source = np.random.default_rng(0)
    labels = source.integers(0, 3, (2, 150))
    return source.normal(size=(2, 150, 4)) + 1.5 * np.eye(3, 4)[labels], labels


def _far(one: torch.Tensor, other: torch.Tensor) -> float:
    """The largest difference, relative to the other's largest value."""
    return float((one.cpu() - other.cpu()).abs().max() / other.cpu().abs().max())


def _batches(config: RunConfig, models: int, device: torch.device) -> Iterator[tuple[Any, Any]]:
    """Endless images and noise (K, N, D), the same on every device."""
    dataset = load_dataset("2dshapes", "rendered")
    source = torch.Generator().manual_seed(0)
    while True:
        rows = torch.randint(len(dataset), (config.batch_size,), generator=source)
        one = torch.randn(config.batch_size, config.latents, generator=source)
        yield dataset.images(rows).to(device), one.expand(models, -1, -1).to(device)


def _terms(config: RunConfig, device: torch.device, graph: bool = False) -> torch.Tensor:
    """NLL and KL (4, 1 + D) of four steps, after one that gives the optimizer its state."""
    model = build_vae(config).to(device)
    optimizer = make_optimizer(model, config)
    step: Callable[..., torch.Tensor] = make_step(model, optimizer, config)
    batches = _batches(config, 1, device)
    images, noise = next(batches)
    step(images, noise[0], config.beta)
    if graph:
        step = GraphedStep(step, model, optimizer, config)
    found = []
    for _ in range(4):
        images, noise = next(batches)
        found.append(step(images, noise[0], config.beta).clone())
    return torch.stack(found)


def _stack_terms(
    configs: Sequence[RunConfig], device: torch.device, graph: bool, fused: bool = False
) -> torch.Tensor:
    """The same of a stack, (4, K, 1 + D)."""
    stack, given = stack_of(configs, device)
    if fused:
        stack.fuse()
    batches = _batches(configs[0], len(configs), device)
    first = next(batches)
    stack.step(*first, *given)
    step: StackStep = graphed(stack, *first) if graph else stack.step
    return torch.stack([step(*next(batches), *given).clone() for _ in range(4)])
