"""Weights kept while a run is trained."""

from pathlib import Path

import pytest
import torch

from betavae_core.errors import InputError
from betavae_core.models import build_vae
from betavae_core.store import Run, load_run
from betavae_core.store.snapshots import (
    at_snapshot,
    list_snapshots,
    save_snapshot,
    snapshot_times,
)
from betavae_core.training.loop import train
from tests.oracles import small_config


def trained(root: Path, snapshots: int) -> Run:
    config = small_config(images=64)
    for _ in train(config, root, device="cpu", snapshots=snapshots):
        pass
    return load_run(root / config.run_id)


@pytest.mark.parametrize(
    ("budget", "count", "times"),
    [(800, 2, [0, 800]), (800, 5, [0, 100, 200, 400, 800]), (3, 9, [0, 1, 3])],
)
def test_times_double_up_to_the_budget(budget: int, count: int, times: list[int]) -> None:
    assert snapshot_times(budget, count) == times


def test_one_snapshot_shows_no_training() -> None:
    with pytest.raises(InputError, match="must be at least 2"):
        snapshot_times(100, 1)


def test_the_first_is_untrained_and_the_last_is_the_run(tmp_path: Path) -> None:
    run = trained(tmp_path, 4)
    assert list_snapshots(run.path) == [0, 16, 32, 64]
    assert at_snapshot(run, 64).weights_hash == run.weights_hash
    assert len(list((run.path / "snapshots").iterdir())) == 3, "the last is the run itself"
    for images, model in ((0, build_vae(run.config)), (64, run.vae)):
        state = at_snapshot(run, images).vae.state_dict()
        for name, tensor in model.state_dict().items():
            torch.testing.assert_close(state[name], tensor, rtol=1e-3, atol=1e-6)
    middle = at_snapshot(run, 16)
    assert middle.images_seen == 16
    assert middle.label == f"{run.name} after 16 images"
    assert middle.weights_hash not in (run.weights_hash, at_snapshot(run, 32).weights_hash)
    assert middle.scores == []
    assert max(record["images"] for record in middle.history) <= 16
    assert not middle.vae.training


def test_keeping_states_changes_nothing(tmp_path: Path) -> None:
    with_them, without = trained(tmp_path / "a", 3), trained(tmp_path / "b", 0)
    assert with_them.weights_hash == without.weights_hash
    assert list_snapshots(without.path) == []


def test_a_stopped_run_goes_on_keeping(tmp_path: Path) -> None:
    config = small_config(images=64)
    for record in train(config, tmp_path, device="cpu", snapshots=4, checkpoint_seconds=-1):
        if record.images >= 24:
            break
    assert list_snapshots(tmp_path / config.run_id) == [0, 16]
    for _ in train(config, tmp_path, device="cpu", snapshots=4, resume=True):
        pass
    whole = trained(tmp_path / "whole", 4)
    for images in (0, 16, 32, 64):
        one, other = (
            at_snapshot(load_run(root / config.run_id), images)
            for root in (tmp_path, tmp_path / "whole")
        )
        assert one.weights_hash == other.weights_hash
    assert list_snapshots(whole.path) == [0, 16, 32, 64]


def test_what_is_not_there_or_damaged_is_said(tmp_path: Path) -> None:
    run = trained(tmp_path, 3)
    with pytest.raises(InputError, match="no snapshot after 7 images; it has: 0, 32, 64"):
        at_snapshot(run, 7)
    file = run.path / "snapshots" / "000000000032.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(InputError, match="truncated or damaged"):
        at_snapshot(run, 32)
    (run.path / "snapshots" / "notes.safetensors").write_bytes(b"")
    assert list_snapshots(run.path) == [0, 32, 64]


def test_earlier_versions_kept_the_last_as_well(tmp_path: Path) -> None:
    run = trained(tmp_path, 3)
    save_snapshot(run.path, run.vae, 64)
    assert list_snapshots(run.path) == [0, 32, 64]
    assert at_snapshot(run, 64).weights_hash != run.weights_hash, "float16"
