"""A loss that explodes ends the training and keeps the last good weights."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core import store
from betavae_core.datasets import load_dataset
from betavae_core.errors import Diverged
from betavae_core.objective import bernoulli_nll, chance_nll
from betavae_core.store import BrokenRun, Run, list_runs, load_run
from betavae_core.training.loop import record_interval
from tests.oracles import small_config, train_small
from tests.training.reading import stop_after, weights


def explode(root: Path, rate: float, checkpoint_seconds: float, steps: int = 0) -> Path:
    """Train with an absurd learning rate; 10 steps a record."""
    config = small_config(images=16_000, learning_rate=rate)
    assert record_interval(config) == 80
    options: dict[str, Any] = {"checkpoint_seconds": checkpoint_seconds}
    if steps:
        train_small(root, config, name="run", stop=stop_after(steps), **options)
    else:
        with pytest.raises(Diverged, match=r"last good weights") as caught:
            train_small(root, config, name="run", **options)
        assert "\n" not in str(caught.value)
        assert f"{rate:g}" in str(caught.value)
    return root / "run"


def is_good(path: Path) -> bool:
    """Whether the weights on disk open and reconstruct no worse than a decoder that knows nothing
    (give or take): absurd weights are finite but not good."""
    run = load_run(path)
    x = load_dataset("2dshapes", "rendered").images([0, 300_000]).float() / 255
    nll = bernoulli_nll(run.model.decode_logits(run.model.encode(x)[0]), x)
    return bool((nll < 2 * chance_nll(4096)).all())


@pytest.mark.parametrize("rate", [10.0, 1e30, 1e39])
@pytest.mark.parametrize("checkpoints", ["none", "every step"])
def test_an_exploding_loss_stops_and_keeps_good_weights(
    rate: float, checkpoints: str, tmp_path: Path
) -> None:
    path = explode(tmp_path, rate, 1e9 if checkpoints == "none" else -1)
    (found,) = list_runs(tmp_path)
    assert isinstance(found, Run)
    assert found.status == "diverged"
    event = found.history[-1]
    assert event["event"] == "diverged"
    assert "learning rate" in event["message"]
    assert is_good(path)


def test_stopping_after_the_loss_exploded_keeps_good_weights(tmp_path: Path) -> None:
    """Ctrl-C between two records, before the loop has looked at the loss."""
    try:
        path = explode(tmp_path, 1e39, 1e9, steps=4)
    except Diverged:
        path = tmp_path / "run"
    (found,) = list_runs(tmp_path)
    assert not isinstance(found, BrokenRun), found.reason
    assert is_good(path)


def test_a_good_run_that_explodes_later_keeps_what_it_learned(tmp_path: Path) -> None:
    """The rate is raised in the stored config, as if the loss had exploded by itself."""
    config = small_config(images=16_000)
    train_small(tmp_path, config, name="run", stop=stop_after(12))
    path = tmp_path / "run"
    learned = weights(path)
    worse = replace(config, learning_rate=1e30)
    (path / store.CONFIG).write_text(worse.to_json())
    with pytest.raises(Diverged):
        train_small(tmp_path, worse, name="run", resume=True)
    assert all(torch.equal(tensor, learned[key]) for key, tensor in weights(path).items())
    lines = (path / store.HISTORY).read_text().splitlines()
    assert [json.loads(line)["images"] for line in lines[:-1]] == [80]
    assert json.loads(lines[-1])["event"] == "diverged"
    assert load_run(path).images_seen == 80
