"""The pages with a run for a range of β: what they draw, say, and keep in their addresses."""

from pathlib import Path

import numpy as np
import pytest
import torch

from betavae_core import store
from betavae_core.beta import beta_text
from betavae_core.browser.model import BrowserModel
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.scoring.rate_distortion import score_rate_distortion
from betavae_core.store.frozen import at_beta, freeze
from betavae_core.tables.parts import architecture_title
from pages._ui import live_decoder
from tests.pages.driving import captions, open_page, save_run
from tests.pages.latent_space.drawn import the_map

OF_ALL = RunConfig(model="conv-multirate", beta_low=0.1, beta_high=10)


@pytest.fixture
def of_all(runs: Path) -> store.Run:
    """A run for β from 0.1 to 10 beside the two of β = 1 and 4."""
    path = save_run(runs, OF_ALL, score=False)
    model = store.load_run(path).multirate
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("slope"):
                parameter.add_(1)
    store.save_weights(path, model, OF_ALL.images)
    run = store.load_run(path)
    score_rate_distortion(run, load_dataset("2dshapes", "rendered"), images=32)
    return store.load_run(path)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The settings that the live sliders were given."""
    seen: list[dict[str, object]] = []
    pack = live_decoder.packed

    def remember(model: BrowserModel, settings: dict[str, object], **more: torch.Tensor) -> bytes:
        seen.append(settings)
        return pack(model, settings, **more)

    monkeypatch.setattr(live_decoder, "packed", remember)
    return seen


def test_overview_opens_on_it(of_all: store.Run) -> None:
    app = open_page()
    assert len(app.get("bidi_component")) == 1
    said = captions(app)
    assert "One model of seed 123, trained with a β between 0.1 and 10" in said
    assert "means over 32 random images at 15 values of β" in said
    assert "Circles: 2 models trained for one β each" in said
    assert "at β = 1" in said
    (unfolded,) = (each.value for each in app.caption if each.value.startswith("Rate: "))
    assert "Above 1, the one model is worse." in unfolded


def test_a_frozen_run_is_no_model_trained_for_one_beta(of_all: store.Run, runs: Path) -> None:
    frozen = freeze(of_all, 2, runs)
    assert architecture_title(frozen) == "Conv VAE, frozen"
    app = open_page()
    rows = [each.value for each in app.markdown if "latents used" in each.value]
    assert len(rows) == 2
    assert not any(beta_text(2) in row for row in rows)


def test_overview_without_one_has_only_the_rows(runs: Path) -> None:
    assert not open_page().get("bidi_component")


def test_traversals_have_a_slider_of_beta(of_all: store.Run, sent: list[dict[str, object]]) -> None:
    app = open_page("traversals", run=of_all.name)
    beta = sent[-1]["beta"]
    assert isinstance(beta, dict)
    assert (beta["value"], beta["marks"]) == (1.0, [1.0, 4.0])
    assert len(beta["measured"]["kl"]) == 15
    assert "beta" not in app.query_params
    image = load_dataset("2dshapes", "rendered").images([389_648]).float() / 255
    at_one = at_beta(of_all, 1.0).vae.encode(image)[0][0].numpy()
    np.testing.assert_allclose(np.array(sent[-1]["start"]), at_one, atol=1e-6)


@pytest.mark.parametrize(
    ("asked", "value", "said"),
    [
        ("4", 4.0, ""),
        ("2.5e-1", 0.25, ""),
        ("99", 10.0, "It shows 10 instead."),
        ("nan", 1.0, 'asks for "nan", which is not a finite number.'),
        ("much", 1.0, 'asks for "much", which is not a finite number.'),
    ],
)
def test_a_link_names_beta(
    of_all: store.Run, sent: list[dict[str, object]], asked: str, value: float, said: str
) -> None:
    app = open_page("traversals", run=of_all.name, beta=asked)
    beta = sent[-1]["beta"]
    assert isinstance(beta, dict)
    assert beta["value"] == value
    told = [warning.value for warning in app.warning]
    assert len(told) == bool(said)
    assert all(said in each for each in told)
    assert app.query_params.get("beta") == (None if value == 1 else f"{value:g}")


def test_an_ordinary_run_has_no_beta_to_turn(
    of_all: store.Run, sent: list[dict[str, object]]
) -> None:
    app = open_page("traversals", run=RunConfig(beta=4.0).run_id, beta="3")
    assert sent[-1]["beta"] is None
    assert any("β" in warning.value for warning in app.warning)


def test_another_page_says_that_it_does_not_show_it(of_all: store.Run) -> None:
    app = open_page("disentanglement", run=of_all.name)
    assert any("one model for every β" in info.value for info in app.info)


def test_latent_space_moves_its_points_with_beta(of_all: store.Run) -> None:
    app = open_page("latent_space", every="true")
    data = the_map(app)
    (panel,) = data["panels"]
    morph = data["morph"]
    places = np.array(morph["places"])
    assert places.shape == (25, len(data["labels"]), 2)
    assert (morph["betas"][0], morph["betas"][-1]) == (0.1, 10)
    assert morph["marks"] == [1.0, 4.0]
    assert np.abs(places[0] - places[-1]).max() > 5
    assert places.min() >= 0
    assert places.max() <= data["side"]
    drawn = panel["drawing"].count('class="points"')
    assert len(morph["lines"]) == drawn
    assert "PCA of the codes at 25 values of β together" in captions(app)


def test_latent_space_shows_the_separate_models_at_first(of_all: store.Run) -> None:
    data = the_map(open_page("latent_space"))
    assert len(data["panels"]) == 2
    assert "morph" not in data


def test_latent_space_follows_a_link_to_the_model_for_every_beta(of_all: store.Run) -> None:
    app = open_page("latent_space", run=of_all.name)
    assert "morph" in the_map(app)
    app.toggle(key="every").set_value(False).run()  # and stays off
    assert "morph" not in the_map(app)
    assert not app.exception


def test_reconstruction_draws_it_as_a_line(of_all: store.Run) -> None:
    said = captions(open_page("reconstruction"))
    assert f"The dotted line is one model for every β, {of_all.name}" in said.replace("\\", "")
