"""Forks: a run that continues from a kept state of another one."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from betavae_core.command_line import command_for
from betavae_core.store import (
    create_run,
    list_runs,
    load_run,
    read_config,
    save_weights,
    weights_images,
)
from betavae_core.store.snapshots import at_snapshot
from betavae_core.tables.parts import architecture_title
from betavae_core.training.fork import fork, fork_config
from betavae_core.training.steering import followed, steer
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import history, stop_after

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
    assert "--from parent --after 80 --beta 1" in command_for(forked.config)


def test_a_fork_of_a_steered_run_has_its_beta(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3, stop=lambda: True)
    steer(tmp_path / "parent", beta=7.0)
    train_small(tmp_path, CONFIG, name="parent", snapshots=3, resume=True)
    parent = load_run(tmp_path / "parent")
    config = fork_config(parent, 80)
    assert (config.beta, config.steered) == (7.0, "")
    other = replace(config, beta=1.0)
    fork(parent, 80, other, tmp_path / "forked")
    (change,) = [record for record in history(tmp_path / "parent") if "event" in record]
    told = history(tmp_path / "forked")
    events = [record for record in told if "event" in record]
    assert events == [change | {"event": "inherited"}, {"images": 80, "event": "forked"}]
    assert [record["images"] for record in told] == sorted(record["images"] for record in told)
    assert followed(other, told) == other, "the parent's β is not taken up again"


KILLED = """
import os, signal, sys
from pathlib import Path
from betavae_core.store import load_run
from betavae_core.training import fork
name = sys.argv[2]
where = fork.store if hasattr(fork.store, name) else fork
setattr(where, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
parent = load_run(Path(sys.argv[1]) / "parent")
fork.fork(parent, 80, fork.fork_config(parent, 80, beta=1.0), Path(sys.argv[1]) / "forked")
"""


@pytest.mark.slow
@pytest.mark.parametrize("at", ["rewrite_history", "save_weights"])
def test_a_fork_that_was_killed_while_it_was_made_is_made_again(at: str, tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    command = [sys.executable, "-c", KILLED, str(tmp_path), at]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert [run.name for run in list_runs(tmp_path)] == ["parent"]
    parent, path = load_run(tmp_path / "parent"), tmp_path / "forked"
    config = fork_config(parent, 80, beta=1.0)
    fork(parent, 80, config, path)
    train_small(tmp_path, config, name="forked", resume=True)
    theirs = [r for r in history(tmp_path / "parent") if r["images"] <= 80]
    assert theirs
    assert history(path)[: len(theirs) + 1] == [*theirs, {"images": 80, "event": "forked"}]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["forked", "parent"]


def test_a_fork_without_the_weights_it_begins_from_is_not_trained(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    config = fork_config(load_run(tmp_path / "parent"), 80, beta=1.0)
    with one_sentence("continues parent after 80 images", "--from RUN --after N"):
        train_small(tmp_path, config, resume=True)
    assert not (tmp_path / config.run_id).exists()


def test_a_folder_with_something_else_is_not_overwritten(tmp_path: Path) -> None:
    train_small(tmp_path, CONFIG, name="parent", snapshots=3)
    parent = load_run(tmp_path / "parent")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "notes.txt").write_text("mine")
    with one_sentence("there", "already exists"):
        fork(parent, 80, fork_config(parent, 80), tmp_path / "there")
    assert [file.name for file in (tmp_path / "there").iterdir()] == ["notes.txt"]
    (tmp_path / "empty").mkdir()
    fork(parent, 80, fork_config(parent, 80), tmp_path / "empty")
    assert load_run(tmp_path / "empty").images_seen == 80


@pytest.mark.parametrize("images", [160, 0])
def test_a_fork_of_an_imported_run_is_a_run_of_this_lab(images: int, tmp_path: Path) -> None:
    """Also of one that does not tell how many images it has seen."""
    train_small(tmp_path, CONFIG, name="trained")
    config = replace(read_config(tmp_path / "trained"), origin="another project", images=images)
    create_run(tmp_path / "parent", config)
    save_weights(tmp_path / "parent", load_run(tmp_path / "trained").vae, images)
    parent = load_run(tmp_path / "parent")
    assert (parent.status, parent.images_seen) == ("imported", images or None)
    forked = fork_config(parent, images, images=images + 160, beta=1.0)
    assert (forked.origin, forked.forked) == ("", f"parent after {images}")
    fork(parent, images, forked, tmp_path / "forked")
    assert load_run(tmp_path / "forked").status == "unfinished"
    train_small(tmp_path, forked, name="forked", resume=True, stop=stop_after(4))
    train_small(tmp_path, forked, name="forked", resume=True)
    assert load_run(tmp_path / "forked").status == "finished"
    assert architecture_title(load_run(tmp_path / "forked")) == "Conv VAE, steered"


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
