"""A run that was steered while it trained: looked at alone, named where runs are compared by β."""

from dataclasses import replace
from pathlib import Path

import pytest

from betavae_core.config import RunConfig
from betavae_core.store.labels import training_words
from tests.pages.driving import captions, open_page, save_run

STEERED = RunConfig(beta=2.0, seed=7, steered="β = 9 after 1,000 images")


@pytest.fixture
def steered(runs: Path) -> str:
    """Beside the two runs of the pages' tests."""
    return save_run(runs, STEERED).name


@pytest.mark.parametrize("page", ["", "latent_space", "reconstruction", "disentanglement"])
def test_it_is_named_where_runs_are_compared(page: str, steered: str) -> None:
    text = captions(open_page(page))
    assert f"changed while they trained, or they are forks): {steered}." in text
    assert text.count(steered) == 1


def test_it_can_be_looked_at_alone(steered: str) -> None:
    app = open_page("traversals", run=steered)
    assert training_words(STEERED) in captions(app)
    model = next(box for box in app.selectbox if box.key == "pick-model")
    assert model.value == "Conv VAE, steered"


def test_forks_are_named_likewise(runs: Path) -> None:
    name = save_run(runs, replace(STEERED, steered="", forked="a-run after 500")).name
    assert f"or they are forks): {name}." in captions(open_page("reconstruction"))
