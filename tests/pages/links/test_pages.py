"""Links of the pages show again what they were taken from, and files say what they are of."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from betavae_core.addresses import link
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_vae
from betavae_core.store import load_run
from betavae_core.store.snapshots import save_snapshot
from betavae_core.traversal.codes import Values
from betavae_core.traversal.latent_rows import BINS, REACH
from betavae_core.traversal.pictures import aggregate_of
from pages._ui.encodings import aggregate_densities, aggregate_posterior
from tests.pages.driving import captions, open_page, save_run
from tests.pages.links.taken import CONV, HUED, follow, picture


@pytest.mark.parametrize(
    ("name", "former", "now"),
    [
        ("start", "zero", "zero"),
        ("view", "from image to image", "between"),
        ("view", "a factor's sweep", "sweep"),
        ("view", "the same latent in other runs", "compare"),
        ("after-RUN", "trained", "end of training"),
    ],
)
def test_links_with_former_values_work(runs: Path, name: str, former: str, now: str) -> None:
    """Labels were renamed since; links that were kept open what they opened then."""
    run = CONV[4.0].run_id
    save_snapshot(runs / run, build_vae(CONV[4.0]), 0)
    name = name.replace("RUN", run)
    app = follow(link("traversals", {"run": run, name: former}))
    assert app.session_state[name] == now
    assert not app.warning
    if name == "start":
        assert app.query_params[name] == "zero code"


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ("traversals", {"run", "start", "2dshapes-shape", "view", "mode", "steps", "mass"}),
        ("latent_space", {"dataset", "seed-2dshapes", "runs", "visit", "map"}),
        ("reconstruction", {"dataset", "seed-2dshapes", "runs", "show", "draw"}),
        ("disentanglement", {"dataset", "score", "middle", "classifier"}),
        ("sensitivity", {"dataset", "live", "L", "B", "live-classifier"}),
        ("datasets", {"data", "source", "mosaic", "2dshapes-shape"}),
    ],
)
def test_a_page_links_what_stands_at_its_default_too(
    runs: Path, taken: list[str], page: str, named: set[str]
) -> None:
    """Among other runs the defaults are others: the link opens what it was taken from."""
    follow(page)
    link = taken[-1] if page != "disentanglement" else taken[0]
    first = parse_qs(urlsplit(link).query, keep_blank_values=True)
    assert named <= set(first)
    for beta in (0.5, 1.0, 4.0, 8.0):  # another usual seed, and another first run
        save_run(runs, RunConfig(beta=beta, seed=7), score=False)
    save_run(runs, RunConfig(beta=0.1, seed=1), score=False)
    taken.clear()
    follow(f"{page}?{urlsplit(link).query}")
    link = taken[-1] if page != "disentanglement" else taken[0]
    again = parse_qs(urlsplit(link).query, keep_blank_values=True)
    assert {key: again[key] for key in first} == first


def test_strips_and_pictures_are_saved_with_what_they_are_of(
    runs: Path, saved: dict[str, Any], taken: list[str]
) -> None:
    def stored(file: str) -> dict[str, Any]:
        return picture(saved[file])[1]

    open_page()
    about = stored("runs-2dshapes.png")
    assert list(about["runs"]) == [config.run_id for config in CONV.values()]
    assert len(about["images"]) == 12
    assert "seed-2dshapes=123" in about["link"]
    open_page("datasets", data="tiles (your own)", factor="x")
    files = ["tiles-images.png", "tiles-change.png", "tiles-factors.png", "tiles-7.png"]
    for file in files:
        about = stored(file)
        assert (about["dataset"], about["source"]) == ("tiles", "own")
        assert "factor=x" in about["link"] or file == "tiles-images.png"
        assert {"torch", "betavae"} <= set(about["versions"])
    assert stored("tiles-images.png")["images"]
    name = CONV[4.0].run_id
    open_page("disentanglement", run=name)
    made = [file for file in saved if name in file]
    assert any(file.startswith("latents-") for file in made)
    for file in made:
        assert stored(file)["run"] == name
        assert stored(file)["settings"]["beta"] == 4.0


def test_a_run_that_is_to_be_guessed_is_not_named_by_a_file(
    runs: Path, saved: dict[str, Any]
) -> None:
    open_page("disentanglement", guess="true")
    assert not [file for file in saved if "conv" in file]


def test_a_link_that_names_runs_shows_these_and_a_way_to_all(runs: Path) -> None:
    one = CONV[4.0].run_id
    app = open_page("latent_space", runs=one)
    assert "Showing 1 of 2 models: only those that the link names" in captions(app)
    next(button for button in app.button if button.label == "Show all").click().run()
    assert not app.exception
    assert "that the link names" not in captions(app)
    assert "runs" not in app.query_params
    app = follow(f"latent_space?runs=![gone]&runs={one}")
    assert app.warning[0].value == "The link names models that are not here: ??gone?."
    assert "only those that the link names" in captions(app)
    app = follow("latent_space?runs=gone")
    assert "that the link names" not in captions(app)
    assert "gone" in app.warning[0].value


def test_a_link_to_a_run_that_is_not_here_says_so(runs: Path) -> None:
    for page in ("traversals", "disentanglement"):
        app = follow(f"{page}?run=gone")
        assert 'no model "gone"' in app.warning[0].value


def test_a_state_of_training_is_linked(runs: Path, saved: dict[str, Any], taken: list[str]) -> None:
    name = CONV[1.0].run_id
    young = build_vae(CONV[1.0])
    save_snapshot(runs / name, young, 0)
    save_snapshot(runs / name, load_run(runs / name).vae, CONV[1.0].images)
    app = follow(f"traversals?run={name}")
    app.select_slider(key=f"after-{name}").set_value("untrained").run()
    file = f"traversal-{name}.png"
    pixels, about = picture(saved[file])
    assert about["images_seen"] == 0
    saved.clear()
    follow(about["link"])
    again, shown = picture(saved[file])
    assert shown["weights"] == about["weights"]
    np.testing.assert_array_equal(again, pixels)


def test_quantiles_and_hills_are_of_the_same_samples(runs: Path) -> None:
    run, dataset = load_run(runs / CONV[4.0].run_id), load_dataset("2dshapes", "rendered")
    drawn = aggregate_of(run, lambda each: aggregate_posterior(each, dataset))
    hills = aggregate_densities(run, dataset)
    values = Values("aggregate", 3, 0.5).of(drawn[0], None, lambda: drawn)
    for d, hill in enumerate(hills):
        counts = np.histogram(drawn[:, d].numpy(), BINS, (-REACH, REACH))[0]
        np.testing.assert_allclose(hill, counts / counts.max(), atol=1e-3)
        quartiles = np.quantile(drawn[:, d].numpy(), [0.25, 0.5, 0.75])
        np.testing.assert_allclose(values[d].numpy(), quartiles, atol=1e-5)


def test_weights_in_the_metadata_are_those_of_the_run(runs: Path, saved: dict[str, Any]) -> None:
    open_page("traversals", run=HUED.run_id)
    _, about = picture(saved[f"traversal-{HUED.run_id}.png"])
    assert about["weights"] == load_run(runs / HUED.run_id).weights_hash
    assert about["settings"]["learning_rate"] == HUED.learning_rate
    assert (about["dataset"], about["source"], about["beta"]) == ("tiles", "own", 2.0)
    assert {"torch", "betavae"} <= set(about["versions"])
    space = load_dataset("tiles").space
    assert space is not None
    # two hues are not the same, as their medians would be
    assert about["image"] == int(space.index(np.array([[0, 1, 2]]))[0])
