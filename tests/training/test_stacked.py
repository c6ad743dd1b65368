"""Runs trained at once: each is what training it alone makes of it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.errors import Diverged
from betavae_core.models import build_vae
from betavae_core.store import load_run
from betavae_core.store.snapshots import list_snapshots
from betavae_core.training.loop import Record
from betavae_core.training.resume import CHECKPOINT
from betavae_core.training.stacked import MOST, group_stacks, stack_size, train_stacked
from betavae_core.training.stacked_step import Stack, graphed
from betavae_core.training.step import make_optimizer, make_step
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import history, same_weights, stop_after, weights

# the layers of the MLP, narrower
DENSE = (
    "flatten, linear 32, relu, linear 32, relu, linear 6 "
    "-> linear 32, tanh, linear 32, sigmoid, linear 4096, unflatten 1 64 64"
)
Inputs = Callable[[], tuple[torch.Tensor, torch.Tensor]]


def three(**changes: Any) -> list[RunConfig]:
    """Runs that differ in all that a stack's may."""
    base = small_config(**changes)
    rate = base.learning_rate
    return [
        replace(base, beta=1.0, seed=7),
        replace(base, beta=4.0, seed=5, learning_rate=2 * rate, kl_warmup=64),
        replace(base, beta=10.0, seed=5, sigma=0.5 if base.likelihood == "gaussian" else 1.0),
    ]


def stack_of(configs: list[RunConfig], kind: torch.dtype = torch.float64) -> Stack:
    models = [build_vae(config).to(kind) for config in configs]
    optimizers = [make_optimizer(m, c) for m, c in zip(models, configs, strict=True)]
    return Stack(models, optimizers, configs)


def rates(configs: list[RunConfig], kind: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.tensor([config.learning_rate for config in configs], dtype=kind)


def betas(configs: list[RunConfig], kind: torch.dtype = torch.float64) -> torch.Tensor:
    return torch.tensor([config.beta for config in configs], dtype=kind)


def inputs_of(config: RunConfig, models: int, kind: torch.dtype = torch.float64) -> Inputs:
    source = torch.Generator().manual_seed(0)
    shape = (config.batch_size, *config.shape)

    def draw() -> tuple[torch.Tensor, torch.Tensor]:
        images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=source)
        noise = (models, config.batch_size, config.latents)
        return images, torch.randn(noise, dtype=kind, generator=source)

    return draw


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"dataset": "3dshapes", "likelihood": "gaussian"},
        {"dataset": "cifar10", "source": "official", "likelihood": "sigma-vae"},
        {"model": "layers", "layers": DENSE, "optimizer": "adagrad", "learning_rate": 1e-2},
    ],
    ids=str,
)
def test_steps_of_a_stack_are_those_of_each_model(changes: dict[str, Any]) -> None:
    """In float64: the same up to rounding, whatever the losses and updates are."""
    configs = three(**changes)
    stack = stack_of(configs)
    alone = [build_vae(config).double() for config in configs]
    steps = [
        make_step(model, make_optimizer(model, config), config)
        for model, config in zip(alone, configs, strict=True)
    ]
    draw = inputs_of(configs[0], 3)
    for _ in range(4):
        images, noise = draw()
        together = stack.step(images, noise, betas(configs), rates(configs))
        each = [s(images, n, c.beta or 0) for s, n, c in zip(steps, noise, configs, strict=True)]
        torch.testing.assert_close(together, torch.stack(each), rtol=1e-9, atol=1e-9)
    for row, model in zip(stack.weights, alone, strict=True):
        expected = torch.cat([parameter.detach().flatten() for parameter in model.parameters()])
        torch.testing.assert_close(row, expected, rtol=0, atol=1e-10)


def test_a_graphed_stack_equals_the_plain_one_exactly() -> None:
    configs = three()
    one, other = (stack_of(configs, torch.float32) for _ in range(2))
    draw = inputs_of(configs[0], 3, torch.float32)
    given = betas(configs, torch.float32), rates(configs, torch.float32)
    first = draw()
    for stack in (one, other):
        stack.step(*first, *given)  # so that the optimizer has a state to restore
    replayed = graphed(other, *first)
    for _ in range(3):
        inputs = draw()
        assert torch.equal(one.step(*inputs, *given), replayed(*inputs, *given))
    assert all(map(torch.equal, one.tensors(), other.tensors()))


def test_a_stack_in_bfloat16_is_close_to_float32() -> None:
    configs = three()
    low = [replace(config, precision="bfloat16") for config in configs]
    stacks = stack_of(configs, torch.float32), stack_of(low, torch.float32)
    inputs = inputs_of(configs[0], 3, torch.float32)()
    given = betas(configs, torch.float32), rates(configs, torch.float32)
    full, half = (stack.step(*inputs, *given) for stack in stacks)
    assert not torch.equal(full, half)
    torch.testing.assert_close(half[:, 0], full[:, 0], rtol=5e-3, atol=0)
    assert stacks[1].weights.dtype == torch.float32


def trained(root: Path, configs: list[RunConfig], **options: Any) -> list[tuple[int, Any]]:
    return list(train_stacked(configs, root, device="cpu", **options))


def close_runs(one: Path, other: Path) -> None:
    """The same up to float32 rounding over some steps of Adam."""
    a, b = history(one), history(other)
    assert [r["images"] for r in a] == [r["images"] for r in b]
    for record, like in zip(a, b, strict=True):
        assert record["loss"] == pytest.approx(like["loss"], rel=1e-3)
        assert record["kl"] == pytest.approx(like["kl"], rel=1e-2, abs=1e-4)
        assert record["learning_rate"] == like["learning_rate"]
    mine, theirs = (torch.cat([t.flatten() for t in weights(p).values()]) for p in (one, other))
    assert (mine - theirs).norm() < 1e-3 * theirs.norm()


def test_three_runs_at_once_are_three_separate_runs(tmp_path: Path) -> None:
    """With the same order of images, which their configs name; across the end of a pass, too."""
    configs = three()
    news = trained(tmp_path / "stack", configs, snapshots=[0, 3, 0])
    assert {number for number, _ in news} == {0, 1, 2}
    for config in configs:
        path = tmp_path / "stack" / config.run_id
        run = load_run(path)
        assert run.status == "finished"
        assert run.config.images_order == 5
        assert run.config.order_seed == (5 if config.seed == 7 else None)
        assert {record["stacked"] for record in run.history} == {3}
        assert not (path / CHECKPOINT).exists()
        train_small(tmp_path / "alone", replace(config, order_seed=5))
        close_runs(path, tmp_path / "alone" / config.run_id)
    assert len(list_snapshots(tmp_path / "stack" / configs[1].run_id)) == 3


def test_another_order_of_images_is_another_run(tmp_path: Path) -> None:
    """What `order_seed` says is what happens."""
    config = small_config(images=24)
    train_small(tmp_path, config, name="own")
    train_small(tmp_path, replace(config, order_seed=config.seed), name="same")
    train_small(tmp_path, replace(config, order_seed=5), name="other")
    assert same_weights(tmp_path / "own", tmp_path / "same")
    assert not same_weights(tmp_path / "own", tmp_path / "other")


@pytest.mark.parametrize("graph", [False, True])
def test_stopped_and_resumed_equals_uninterrupted(graph: bool, tmp_path: Path) -> None:
    """Bit by bit, between two records and in bfloat16, stopped twice."""
    configs = three(images=64, precision="bfloat16")
    trained(tmp_path / "whole", configs)
    parts = tmp_path / "parts"
    trained(parts, configs, stop=stop_after(3), graph=graph)
    assert {load_run(parts / config.run_id).status for config in configs} == {"unfinished"}
    trained(parts, configs, resume=True, stop=stop_after(2), graph=graph)
    trained(parts, configs, resume=True, graph=graph)
    for config in configs:
        assert same_weights(parts / config.run_id, tmp_path / "whole" / config.run_id)
        assert history(parts / config.run_id) == history(tmp_path / "whole" / config.run_id)
    assert trained(parts, configs, resume=True) == []


def test_members_left_at_different_points_meet_again(tmp_path: Path) -> None:
    """As a kill between two checkpoints leaves them; and one of them went on alone before."""
    configs = three(images=64)
    trained(tmp_path / "whole", configs)
    parts = tmp_path / "parts"
    trained(parts, configs, stop=stop_after(3))
    train_small(parts, configs[1], resume=True, stop=stop_after(2))
    news = trained(parts, configs, resume=True)
    assert news[0][0] != 1
    for config in configs:
        close_runs(parts / config.run_id, tmp_path / "whole" / config.run_id)
    stacked = [r.get("stacked") for r in history(parts / configs[0].run_id)]
    assert 2 in stacked
    assert stacked[-1] == 3


def test_a_member_that_diverges_is_ended_and_harms_no_other(tmp_path: Path) -> None:
    configs = three(images=64)
    configs[1] = replace(configs[1], learning_rate=1e30)
    news = trained(tmp_path / "stack", configs)
    failed = [number for number, what in news if isinstance(what, Diverged)]
    assert failed == [1]
    run = load_run(tmp_path / "stack" / configs[1].run_id)
    assert run.status == "diverged"
    assert [r["event"] for r in run.history if "event" in r] == ["diverged"]
    assert all(tensor.isfinite().all() for tensor in weights(run.path).values())
    for config in (configs[0], configs[2]):
        assert load_run(tmp_path / "stack" / config.run_id).status == "finished"
        train_small(tmp_path / "alone", replace(config, order_seed=5))
        close_runs(tmp_path / "stack" / config.run_id, tmp_path / "alone" / config.run_id)


def test_a_member_whose_folder_is_taken_does_not_stop_the_others(tmp_path: Path) -> None:
    configs = three(images=24)
    store.create_run(tmp_path / configs[0].run_id, replace(configs[0], latents=4))
    news = dict(reversed(trained(tmp_path, configs, resume=True)))
    assert "other settings" in str(news[0])
    assert isinstance(news[1], Record)
    assert load_run(tmp_path / configs[2].run_id).status == "finished"


def test_runs_that_cannot_share_a_stack_are_refused(tmp_path: Path) -> None:
    one = small_config()
    for other, named in (
        (replace(one, beta=1.0, latents=4), "differ only in beta"),
        (replace(one, beta=1.0, images=8), "differ only in beta"),
        (
            small_config(
                model="layers",
                layers="flatten, linear 6 -> linear 4096, relu, unflatten 1 64 64, conv 1 3 1 1",
            ),
            "cannot be stacked",
        ),
    ):
        with one_sentence(named):
            trained(tmp_path, [one, other])
    train_small(tmp_path, replace(one, seed=3), stop=stop_after(2))
    train_small(tmp_path, replace(one, seed=4), stop=stop_after(2))
    with one_sentence("seeds 3, 4"):
        trained(tmp_path, [replace(one, seed=3), replace(one, seed=4)], resume=True)
    assert not (tmp_path / one.run_id).exists()


def test_groups_are_of_one_kind_and_only_where_that_is_faster(tmp_path: Path) -> None:
    base = small_config()
    configs = [
        base,
        replace(base, beta=1.0),
        replace(base, latents=4),
        replace(base, seed=9, learning_rate=1e-3),
        small_config(model="layers", layers="flatten, linear 6 -> linear 4096, unflatten 1 64 64"),
        replace(base, beta=8.0),
    ]
    cpu = torch.device("cpu")
    assert stack_size(cpu) == 1
    assert stack_size(torch.device("cuda")) == MOST
    assert group_stacks(configs, tmp_path, cpu) == [[n] for n in range(6)]
    assert group_stacks(configs, tmp_path, cpu, 8) == [[0, 1, 3, 5], [2], [4]]
    assert group_stacks(configs, tmp_path, cpu, 3) == [[0, 1, 3], [2], [4], [5]]
    train_small(tmp_path, configs[3], stop=stop_after(1))  # begun alone, in its own order
    assert group_stacks(configs, tmp_path, cpu, 8) == [[0, 1, 5], [2], [3], [4]]


def test_images_come_from_where_the_device_is() -> None:
    from betavae_core.datasets.resident import Resident, on_device

    dataset = load_dataset("2dshapes", "rendered")
    assert on_device(dataset, torch.device("cpu")) is not dataset
    small = load_dataset("2dshapes", "rendered")
    small.__class__ = type("Small", (type(small),), {"__len__": lambda self: 5000})
    held = Resident(small, torch.device("cpu"))
    rows = torch.tensor([0, 4999, 17, 17])
    assert torch.equal(held.images(rows), dataset.images(rows))
    assert (held.name, held.space, held.key) == (dataset.name, dataset.space, dataset.key)
    assert on_device(held, torch.device("cpu")) is held
