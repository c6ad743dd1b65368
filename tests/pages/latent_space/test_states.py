"""The page Latent space steps through the kept states of training; the axes stay."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from betavae_core.addresses import TRAINED
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.embedding.panel import Place
from betavae_core.embedding.paths import star
from betavae_core.embedding.projections import fit_pca
from betavae_core.embedding.window import window_of
from betavae_core.scoring.encoding import encode_rows
from betavae_core.store import load_run
from betavae_core.store.snapshots import at_snapshot, list_snapshots
from tests.oracles import train_small
from tests.pages.driving import captions, open_page
from tests.pages.latent_space.drawn import the_map

MINI = RunConfig(dataset="sprites-mini", images=2_048, batch_size=64, latents=3)
OTHER = RunConfig(**MINI.__dict__ | {"beta": 0.5})
STATES = ["untrained", "1,024 images", TRAINED]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BETAVAE_RUNS", str(tmp_path / "runs"))
    train_small(tmp_path / "runs", MINI, snapshots=3)
    train_small(tmp_path / "runs", OTHER)
    return tmp_path / "runs"


def test_a_steered_run_is_shown_by_itself(root: Path) -> None:
    """Never beside models of one β; a button leads to those."""
    steered = replace(MINI, seed=5, steered="β 1 from 1,024 images")
    train_small(root, replace(MINI, seed=5), name="changed", snapshots=3)
    (root / "changed" / "config.json").write_text(steered.to_json())
    app = open_page("latent_space", runs="changed", after="1,024 images")
    assert not app.exception
    assert not app.warning
    assert app.select_slider(key="after").value == "1,024 images"
    assert len(the_map(app)["panels"]) == 1
    assert "changed is shown alone" in captions(app)
    for name in (MINI.run_id, OTHER.run_id):
        (root / name).rename(root.parent / name)
    alone = open_page("latent_space", runs="changed")
    assert len(the_map(alone)["panels"]) == 1
    for name in (MINI.run_id, OTHER.run_id):
        (root.parent / name).rename(root / name)
    next(each for each in app.button if each.label == "Show others").click().run()
    assert not app.exception
    assert "changed is shown alone" not in captions(app)
    assert "changed" not in [panel["title"] for panel in the_map(app)["panels"]]


def codes_at(root: Path) -> dict[int, np.ndarray]:
    """The codes of the star at every kept state, and at the end of training as state −1."""
    dataset, run = load_dataset("sprites-mini", "rendered"), load_run(root / MINI.run_id)
    assert dataset.space is not None
    rows = np.unique(np.concatenate([path.rows for path in star(dataset.space)]))
    states = {images: at_snapshot(run, images) for images in list_snapshots(run.path)}
    return {n: encode_rows(each.vae, dataset, rows)[0] for n, each in (states | {-1: run}).items()}


def scale(data: dict[str, Any]) -> float:
    bar = data["panels"][0]["bar"]
    return bar["length"] / bar["share"]


def test_the_paths_move_and_the_axes_stay(root: Path) -> None:
    codes = codes_at(root)
    mapped = fit_pca(codes[-1]).axes
    points = {images: each @ mapped.T for images, each in codes.items()}
    app, scales = open_page("latent_space", runs=MINI.run_id), []
    slider = app.select_slider(key="after")
    assert (slider.options, slider.value) == (STATES, TRAINED)
    for images, title in ((0, "untrained"), (1_024, "1,024 images")):
        app.select_slider(key="after").set_value(title).run()
        assert not app.exception
        data = the_map(app)
        window = window_of([points[images], np.concatenate(list(points.values()))], origin=True)
        expected = Place(window, data["side"])(points[images])
        assert np.array(data["panels"][0]["places"]) == pytest.approx(expected, abs=0.1)
        scales.append(scale(data))
    assert scales[0] == pytest.approx(scales[1], rel=1e-3)
    assert "after 1,024 images, on axes that stay the same for all kept states" in captions(app)


def test_runs_without_the_state_are_named(root: Path) -> None:
    app = open_page("latent_space", after="1,024 images")
    assert [panel["title"] for panel in the_map(app)["panels"]] == ["β = 4"]
    assert f"their state after 1,024 images was not kept): {OTHER.run_id}." in captions(app)


def test_the_saved_picture_has_the_axes_of_the_page(root: Path, saved: dict[str, str]) -> None:
    kept = []
    for title in STATES[:2]:
        open_page("latent_space", runs=MINI.run_id, after=title)
        kept.append(saved["SVG"].split('class="scale" d="')[1].split('"')[0])
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    "link",
    [
        {"map": "PCA of the aggregate posterior", "shared": "true"},
        {"map": "two latents", "widths": "true"},
        {"deep": "true"},
        {"visit": "random traversals"},
    ],
    ids=str,
)
def test_every_linear_map_has_states(root: Path, link: dict[str, str]) -> None:
    app = open_page("latent_space", runs=MINI.run_id, after="untrained", **link)
    assert not app.exception
    assert "the models before training, on axes" in captions(app)


def test_neighbourhoods_have_no_axes_that_could_stay(root: Path) -> None:
    app = open_page("latent_space", runs=MINI.run_id, map="t-SNE")
    assert "after" not in [slider.key for slider in app.select_slider]


def test_without_kept_states_there_is_no_slider(runs: Path) -> None:
    app = open_page("latent_space")
    assert "after" not in [slider.key for slider in app.select_slider]
