"""One step: captured as a graph, in bfloat16, and its time."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import VAE, build_model
from betavae_core.step import GraphedStep, make_optimizer, make_step
from tests.oracles import small_config, train_small
from tests.training.reading import history, same_weights, stop_after


def steps_of(model: VAE, config: RunConfig, graphed: bool, steps: int = 4) -> torch.Tensor:
    """Terms (steps, 1 + D) of some steps on fixed batches and noise."""
    optimizer = make_optimizer(model, config)
    step: Callable[..., torch.Tensor] = make_step(model, optimizer, config)
    dataset = load_dataset("2dshapes", "rendered")
    source = torch.Generator().manual_seed(0)

    def inputs() -> tuple[torch.Tensor, torch.Tensor]:
        indices = torch.randint(len(dataset), (config.batch_size,), generator=source)
        noise = torch.randn(config.batch_size, config.latents, generator=source)
        return dataset.images(indices), noise

    terms = [step(*inputs())]  # a step before the graph, so that the optimiser has a state
    if graphed:
        step = GraphedStep(step, model, optimizer, config)
    terms += [step(*inputs()).clone() for _ in range(steps - 1)]
    return torch.stack(terms)


def test_graphed_step_equals_the_plain_one_exactly() -> None:
    config = small_config()
    plain, graphed = build_model(config), build_model(config)
    assert torch.equal(steps_of(plain, config, False), steps_of(graphed, config, True))
    for one, other in zip(plain.parameters(), graphed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_graphed_run_equals_the_plain_one(tmp_path: Path) -> None:
    """With a last batch that is smaller than the graph's, and resumed in between."""
    config = small_config(images=60)
    train_small(tmp_path, config, name="plain")
    train_small(tmp_path, config, name="graph", graph=True, stop=stop_after(3))
    train_small(tmp_path, config, name="graph", graph=True, resume=True)
    assert same_weights(tmp_path / "plain", tmp_path / "graph")
    assert history(tmp_path / "plain") == history(tmp_path / "graph")


def test_bfloat16_step_is_close_to_float32() -> None:
    config = small_config()
    mixed = replace(config, precision="bfloat16")
    models = build_model(config), build_model(mixed)
    full, half = (steps_of(m, c, False) for m, c in zip(models, (config, mixed), strict=True))
    assert half.dtype == torch.float32
    assert not torch.equal(full, half)
    torch.testing.assert_close(half[:, 0], full[:, 0], rtol=5e-3, atol=0)
    torch.testing.assert_close(half[:, 1:], full[:, 1:], rtol=0.1, atol=1e-3)
    assert all(p.dtype == torch.float32 for p in models[1].parameters())


def test_seconds_of_a_resumed_run_add_up(tmp_path: Path) -> None:
    config = small_config()
    train_small(tmp_path, config, name="run", stop=stop_after(8))
    before = store.read_history(tmp_path / "run")[0][-1]["seconds"]
    time.sleep(0.2)  # not training
    started = time.monotonic()
    records = train_small(tmp_path, config, name="run", resume=True)
    took = time.monotonic() - started
    assert records[0].seconds >= before
    assert records[-1].seconds <= before + took + 0.15
