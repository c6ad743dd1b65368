"""The states that a training keeps while the page is open: the newest one is offered for a fork."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core.queue.entries import entries
from betavae_core.store import create_run
from betavae_core.store.snapshots import list_snapshots
from betavae_core.training.under_way import RunUnderWay, publishing
from tests.oracles import train_small
from tests.pages.driving import captions, open_page
from tests.pages.training.mini import MINI


def keep(run: Path, images: int) -> None:
    """A state after so many images, of the weights of another one."""
    folder = run / "snapshots"
    shutil.copy(next(folder.glob("*1024.*")), folder / f"{images:012d}.safetensors")
    assert images in list_snapshots(run)


def test_the_newest_state_is_offered_until_another_one_is_chosen(
    running: Path, served: list[Path]
) -> None:
    app, key = open_page("training"), f"steer-after-{running.name}"
    assert app.selectbox(key=key).value == 1_024
    keep(running, 1_536)
    assert app.run().selectbox(key=key).value == 1_536
    app.selectbox(key=key).set_value(1_024).run()
    keep(running, 1_792)
    assert app.run().selectbox(key=key).value == 1_024  # what the visitor has chosen
    assert len(app.selectbox(key=key).options) == 3
    app.button(key=f"steer-fork-{running.name}").click().run()
    (entry,) = entries(running.parent)
    assert entry.after == 1_024


def test_a_training_that_has_just_begun_has_no_pictures_yet(root: Path) -> None:
    create_run(root / MINI.run_id, MINI)
    with publishing(root, "train") as publish:
        publish([RunUnderWay(MINI.run_id, "running", 0, 2_048)], None)
        assert "Its first pictures come when it has begun." in captions(open_page("training"))


@pytest.mark.parametrize("beta", [5_000.0, 0.001])
def test_a_fork_begins_at_the_beta_of_its_run(beta: float, root: Path) -> None:
    """Also where that is above what is offered, or has more digits than are usual."""
    config = replace(MINI, beta=beta)
    train_small(root, config, watched=True, snapshots=3)
    app = open_page("training")
    assert not app.exception
    offered = app.number_input(key=f"steer-fork-beta-{config.run_id}")
    assert (offered.value, offered.proto.format) == (beta, "%g")
