"""Forks: a run that continues from a kept state of another one."""

from pathlib import Path

import torch

from betavae_core.command_line import train_command
from betavae_core.store import load_run, weights_images
from betavae_core.store.snapshots import at_snapshot
from betavae_core.training.fork import fork, fork_config
from betavae_core.training.steering import steer
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import history

CONFIG = small_config(images=160)


def test_a_fork_continues_from_the_snapshot_with_another_beta(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    parent = load_run(tmp_path / "parent")
    config = fork_config(parent, 80, beta=1.0)
    path = tmp_path / config.run_id
    fork(parent, 80, config, path)
    begun = load_run(path)
    kept = at_snapshot(parent, 80)
    assert all(
        torch.equal(one, other)
        for one, other in zip(
            begun.vae.state_dict().values(), kept.vae.state_dict().values(), strict=True
        )
    )
    assert (begun.images_seen, begun.status, weights_images(path)) == (80, "unfinished", 80)
    records = train_small(tmp_path, config, resume=True)
    assert records[0].images == 88
    forked = load_run(path)
    assert forked.status == "finished"
    assert (forked.config.beta, forked.config.forked) == (1.0, "parent after 80")
    assert forked.config.by_hand
    theirs = [r for r in history(tmp_path / "parent") if r["images"] <= 80]
    assert history(path)[: len(theirs) + 1] == [*theirs, {"images": 80, "event": "forked"}]
    after = [record for record in forked.history if record["images"] > 80]
    assert all(abs(r["loss"] - r["nll"] - sum(r["kl"])) < 1e-3 * r["loss"] for r in after)
    assert "--from parent --after 80 --beta 1" in train_command(forked.config)


def test_a_fork_of_a_steered_run_has_its_beta(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3, stop=lambda: True)
    steer(tmp_path / "parent", beta=7.0)
    train_small(tmp_path, CONFIG, name="parent", snapshots=3, resume=True)
    config = fork_config(load_run(tmp_path / "parent"), 80)
    assert (config.beta, config.steered) == (7.0, "")


def test_forks_from_two_states_have_two_names(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    parent = load_run(tmp_path / "parent")
    names = {fork_config(parent, after, beta=1.0).run_id for after in (0, 80)}
    assert len(names | {CONFIG.run_id}) == 3


def test_what_cannot_be_forked_is_refused(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    parent = load_run(tmp_path / "parent")
    with one_sentence("no snapshot after 16 images", "0, 80, 160"):
        fork(parent, 16, fork_config(parent, 16), tmp_path / "fork")
    with one_sentence("above 160"):
        fork_config(parent, 160)
    assert not (tmp_path / "fork").exists()
    with one_sentence("already has a run"):
        fork(parent, 80, fork_config(parent, 80), tmp_path / "parent")
    assert load_run(tmp_path / "parent").weights_hash == parent.weights_hash
    assert load_run(tmp_path / "parent").history == parent.history
