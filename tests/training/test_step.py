"""One step: captured as a graph, in bfloat16, and its time."""

import copy
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.device import fastest_precision
from betavae_core.models import VAE, build_model
from betavae_core.training.loop import kl_weight
from betavae_core.training.step import GraphedStep, make_optimizer, make_step
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

    terms = [
        step(*inputs(), config.beta)
    ]  # a step before the graph, so that the optimiser has a state
    if graphed:
        step = GraphedStep(step, model, optimizer, config)
    terms += [step(*inputs(), config.beta).clone() for _ in range(steps - 1)]
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
    low = replace(config, precision="bfloat16")
    models = build_model(config), build_model(low)
    full, half = (steps_of(m, c, False) for m, c in zip(models, (config, low), strict=True))
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


def test_bfloat16_weights_are_the_rounded_ones_at_every_step() -> None:
    """The working copy never drifts: a step follows from the float32 weights alone."""
    config = small_config(precision="bfloat16")
    model = build_model(config)
    optimizer = make_optimizer(model, config)
    step = make_step(model, optimizer, config)
    images = load_dataset("2dshapes", "rendered").images(range(8))
    noise = torch.randn(8, config.latents, generator=torch.Generator().manual_seed(0))
    step(images, noise, 4.0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1.5)  # from outside, as a restored checkpoint does
    fresh = make_step(copy.deepcopy(model), make_optimizer(model, config), config)
    assert torch.equal(step(images, noise, 4.0), fresh(images, noise, 4.0))


def test_the_weight_of_the_kl_rises_linearly_over_the_warm_up() -> None:
    config = small_config(beta=4.0, kl_warmup=1000)
    assert [kl_weight(config, n) for n in (0, 250, 500, 1000, 5000)] == [0.0, 1.0, 2.0, 4.0, 4.0]
    assert kl_weight(replace(config, kl_warmup=0), 0) == 4.0


def test_the_step_takes_the_weight_of_the_kl_that_it_is_given() -> None:
    """Gradients with a warm-up's weight are those of a run with that β; 0 leaves the KL out."""
    images = load_dataset("2dshapes", "rendered").images(range(8))

    def moved(beta: float, given: float) -> list[torch.Tensor]:
        config = small_config(beta=beta)
        model = build_model(config)
        step = make_step(model, make_optimizer(model, config), config)
        step(images, torch.zeros(8, config.latents), given)
        return [weight.detach() for weight in model.parameters()]

    for one, other in zip(moved(4.0, 1.5), moved(1.5, 1.5), strict=True):
        assert torch.equal(one, other)
    assert not all(map(torch.equal, moved(4.0, 0.0), moved(4.0, 4.0)))


def test_a_run_in_warm_up_reports_the_loss_of_its_final_beta(tmp_path: Path) -> None:
    """β shown is the final one; and with a long warm-up the KL is hardly held down."""
    free, held = (
        train_small(tmp_path, small_config(beta=50.0, images=160, kl_warmup=n), name=f"run{n}")[-1]
        for n in (10**6, 0)
    )
    for record in (free, held):
        assert record.loss == pytest.approx(record.nll + 50 * sum(record.kl), rel=1e-6)
    assert sum(free.kl) > 2 * sum(held.kl)


@pytest.mark.parametrize("started", ["float32", "bfloat16"])
def test_a_resumed_run_keeps_its_precision(started: str, tmp_path: Path) -> None:
    """Whatever is fastest where it goes on."""
    train_small(tmp_path, small_config(precision=started), name="run", stop=stop_after(2))
    train_small(tmp_path, small_config(precision="auto"), name="run", resume=True)
    assert store.read_config(tmp_path / "run").precision == started


def test_the_precision_is_that_of_the_machine(tmp_path: Path) -> None:
    """ "auto" is settled before anything is written, by what the processor has."""
    flags = Path("/proc/cpuinfo")
    has = flags.exists() and any(f in flags.read_text() for f in ("avx512_bf16", "amx_bf16"))
    train_small(tmp_path, small_config(precision="auto"), name="run")
    expected = "bfloat16" if has else "float32"
    assert store.read_config(tmp_path / "run").precision == expected
    assert fastest_precision(torch.device("meta")) == "float32"
