"""A run from its first record to its weights: what is seen, recorded and kept."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.config import PRESETS
from betavae_core.datasets import load_dataset
from betavae_core.models import build_model
from betavae_core.objective import chance_nll
from betavae_core.store import load_run
from betavae_core.training.loop import learning_rate, record_interval, train
from tests.oracles import small_config, train_small
from tests.training.reading import files, same_weights, weights


@pytest.mark.parametrize(
    "changes", [{}, {"model": "mlp", "optimizer": "adagrad", "learning_rate": 0.01}], ids=str
)
def test_a_run_from_start_to_end(changes: dict[str, Any], tmp_path: Path) -> None:
    config = small_config(**changes)
    records = train_small(tmp_path, config)
    path = tmp_path / config.run_id
    run = load_run(path)
    assert run.config == config
    assert run.status == "finished"
    assert sorted(files(path)) == ["config.json", "history.jsonl", "weights.safetensors"]
    assert [r["images"] for r in run.history] == [r.images for r in records]
    assert records[-1].images == config.images == 124  # 15 batches of 8, and one of 4
    assert all(len(r.kl) == 3 for r in records)
    for record in records:
        assert record.loss == pytest.approx(record.nll + config.beta * sum(record.kl))
    assert records[0].nll == pytest.approx(chance_nll(4096), rel=0.05)
    assert records[-1].nll < records[0].nll
    initial = build_model(config).state_dict()
    for key, tensor in weights(path).items():
        assert not torch.equal(tensor, initial[key]), key


def test_records_are_means_over_their_interval(tmp_path: Path) -> None:
    """The first two batches at a rate too small to move the weights: the same by hand."""
    config = small_config(images=24, batch_size=8, learning_rate=1e-12)
    records = train_small(tmp_path, config)
    assert [record.images for record in records] == [8, 16, 24]
    model = build_model(config)
    run = load_run(tmp_path / config.run_id)
    for key, tensor in run.model.state_dict().items():
        torch.testing.assert_close(tensor, model.state_dict()[key], rtol=0, atol=1e-8)
    wide = replace(config, images=24, batch_size=24)
    (together,) = train_small(tmp_path, wide)
    parts = [sum(record.kl) for record in records]
    assert sum(together.kl) == pytest.approx(sum(parts) / 3, rel=1e-4)


def test_same_seed_same_bits_other_seed_other_bits(tmp_path: Path) -> None:
    config = small_config(images=40)
    for root, seed in (("a", 1), ("b", 1), ("c", 2)):
        train_small(tmp_path / root, replace(config, seed=seed), name="run")
    assert same_weights(tmp_path / "a" / "run", tmp_path / "b" / "run")
    assert not same_weights(tmp_path / "a" / "run", tmp_path / "c" / "run")


def test_beta_reaches_the_training(tmp_path: Path) -> None:
    config = small_config(images=2048, batch_size=32, learning_rate=2e-3)
    kl = {}
    for beta in (0.0, 100.0):
        records = train_small(tmp_path, replace(config, beta=beta))
        kl[beta] = sum(records[-1].kl)
    assert kl[0.0] > 10 * kl[100.0]


def test_every_image_is_seen_once_a_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set of 20 images, 50 of budget, batches of 8: the batches of two whole passes hold
    each image once, and no batch reaches over the end of a pass."""
    dataset = load_dataset("2dshapes", "rendered")
    seen: list[torch.Tensor] = []
    images = type(dataset)._images

    def watched(self: Any, indices: torch.Tensor) -> torch.Tensor:
        seen.append(indices.clone())
        return images(self, indices)

    monkeypatch.setattr(type(dataset), "_images", watched)
    monkeypatch.setattr(type(dataset), "__len__", lambda self: 20)
    train_small(tmp_path, small_config(images=50))
    assert [len(batch) for batch in seen] == [8, 8, 4, 8, 8, 4, 8, 2]
    passes = torch.cat(seen)[:40].view(2, 20)
    assert torch.equal(passes.sort(1).values, torch.arange(20).expand(2, -1))
    assert not torch.equal(passes[0], passes[1])


def test_learning_rate_is_a_fifth_in_the_last_quarter(tmp_path: Path) -> None:
    config = small_config(images=128)
    rates = [learning_rate(config, images) for images in range(128)]
    assert rates == [config.learning_rate] * 96 + [config.learning_rate / 5] * 32
    assert [(r.images, r.learning_rate) for r in train_small(tmp_path, config)] == [
        (images, config.learning_rate / (5 if images > 96 else 1)) for images in range(8, 129, 8)
    ]


def test_learning_rate_reaches_the_optimiser(tmp_path: Path) -> None:
    """Adam's steps are about as long as its rate: in the last quarter a fifth."""
    config = small_config(images=320, learning_rate=1e-5)
    bias = []
    for record in train(config, tmp_path, device="cpu", checkpoint_seconds=-1):
        bias.append(weights(tmp_path / config.run_id)["decoder.0.bias"].clone())
        assert record.images == 8 * len(bias)
    # each file holds the weights before the step of the record that was just yielded
    length = [float((b - a).abs().mean()) for a, b in pairwise(bias)]
    assert sum(length[-8:]) / 8 < 0.35 * sum(length[20:28]) / 8


def test_number_of_records() -> None:
    assert record_interval(PRESETS["2dshapes-conv-laptop"]) == 737_280 // 200
    assert record_interval(PRESETS["2dshapes-conv"]) == 20_480
    assert record_interval(small_config(images=10)) == 8


def test_half_weights(tmp_path: Path) -> None:
    config = small_config(images=40)
    train_small(tmp_path / "full", config, name="run")
    train_small(tmp_path / "half", config, name="run", half=True)
    half, full = weights(tmp_path / "half" / "run"), weights(tmp_path / "full" / "run")
    assert {tensor.dtype for tensor in half.values()} == {torch.float16}
    assert all(torch.equal(half[key], full[key].half()) for key in full)
    assert load_run(tmp_path / "half" / "run").status == "finished"
