"""The page Latent space: which images, and where they are drawn."""

from pathlib import Path

import numpy as np
import pytest

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.embedding.paths import star
from betavae_core.embedding.projections import fit_pca
from betavae_core.scoring.encoding import encode_rows
from betavae_core.store import load_run
from pages._ui.latent_space import panels as latent_map
from tests.datasets.own.images import class_folder, numbered, write
from tests.oracles import small_config, train_small
from tests.pages.driving import captions, open_page, save_run
from tests.pages.latent_space.drawn import drawn_paths, inside, places_of, the_map, which


def test_the_points_are_the_codes_of_the_star(runs: Path) -> None:
    app = open_page("latent_space")
    data = the_map(app)
    assert [panel["title"] for panel in data["panels"]] == ["β = 1", "β = 4"]
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None
    paths = star(dataset.space)
    drawn = drawn_paths(data["panels"][0])
    assert [path.group for path in drawn] == list(dataset.space.names)
    assert [len(path.places) for path in drawn] == list(dataset.space.sizes)
    run = load_run(runs / RunConfig(beta=1.0).run_id)
    distinct = np.unique(np.concatenate([path.rows for path in paths]))
    mean, _ = encode_rows(run.vae, dataset, distinct)
    expected = mean @ fit_pca(mean).axes.T
    panel = data["panels"][0]
    assert np.array(panel["places"]) == pytest.approx(places_of(expected, data["side"]), abs=0.1)
    assert data["labels"][which(panel, drawn[0].places[0])[0]].startswith("shape square")
    assert f"{len(distinct)} images" in captions(app)
    assert "PCA of these codes" in captions(app)
    table = app.dataframe[0].value
    assert list(table.columns) == ["β = 1", "β = 4"]
    assert table.loc["straightness of the path, orientation", "β = 1"] == pytest.approx(0, abs=1e-3)
    deviation = np.exp(0.5 * encode_rows(run.vae, dataset, distinct)[1]).mean()
    assert table.loc["mean posterior σ", "β = 1"] == pytest.approx(deviation, rel=1e-6)


@pytest.mark.parametrize(
    "link",
    [
        {"map": "PCA of the aggregate posterior", "shared": "true"},
        {"map": "two latents", "widths": "true"},
        {"map": "t-SNE"},
        {"visit": "random traversals"},
        {"visit": "grid: two factors together"},
        {"deep": "true"},
    ],
    ids=str,
)
def test_every_choice_draws(runs: Path, link: dict[str, str]) -> None:
    app = open_page("latent_space", **link)
    if "deep" in link:
        assert len(app.get("plotly_chart")) == 2
        return
    data = the_map(app)
    paths = drawn_paths(data["panels"][0])
    for panel in data["panels"]:
        assert np.array(panel["places"]).min() >= 0
        assert np.array(panel["places"]).max() <= data["side"]
        assert all(which(panel, place) for path in drawn_paths(panel) for place in path.places)
    lengths = [
        panel["bar"]["length"] / panel["bar"]["share"] for panel in data["panels"] if panel["bar"]
    ]
    if "shared" in link:
        assert lengths == pytest.approx([lengths[0]] * 2)
    assert bool(inside(data["panels"][0], "ellipse")) == ("widths" in link)
    assert (data["panels"][0]["bar"] is not None) == (link.get("map") != "t-SNE")
    if link.get("visit", "").startswith("random"):
        assert len(paths) == 15
    if link.get("visit", "").startswith("grid"):
        assert len(data["labels"]) == 32 * 40
        assert {path.group for path in paths} == {"orientation", "position x"}


def test_neighbours_of_many_images_are_those_of_some(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A sentence says how many and how they were chosen; the numbers are of all."""
    monkeypatch.setattr(latent_map, "MOST_NEIGHBOURS", 60)
    app = open_page("latent_space", map="t-SNE")
    data = the_map(app)
    panel = data["panels"][0]
    assert len(data["labels"]) == len(panel["places"]) == 60
    places = [place for path in drawn_paths(panel) for place in path.places]
    assert {n for place in places for n in which(panel, place)} == set(range(60))
    assert "of 109 images; t-SNE." in captions(app)
    assert "60 of these images, chosen at random (random seed 0)" in captions(app)
    everything = open_page("latent_space").dataframe[0].value
    assert app.dataframe[0].value.equals(everything)


def test_the_same_latent_twice_is_refused(runs: Path) -> None:
    app = open_page("latent_space", map="two latents", across="9", up="9")
    assert [info.value for info in app.info] == [
        "z9 is chosen for both axes; the vertical axis shows z0 instead."
    ]
    assert the_map(app)["panels"][0]["note"].startswith("z9 ")
    assert ", z0 " in the_map(app)["panels"][0]["note"]
    app.number_input(key="up").set_value(3).run()
    assert not app.exception
    assert not app.info
    assert ", z3 " in the_map(app)["panels"][0]["note"]


def test_runs_of_one_and_of_more_latents(own_folders: dict[str, Path]) -> None:
    """Two latents are offered where every run has two, and up to those that all have."""
    save_run(own_folders["RUNS"], RunConfig(latents=6))
    save_run(own_folders["RUNS"], RunConfig(latents=4))
    app = open_page("latent_space", map="two latents")
    assert app.number_input(key="up").max == 3
    assert "all models shown" in app.number_input(key="up").help
    save_run(own_folders["RUNS"], RunConfig(latents=1))
    app = open_page("latent_space", map="two latents")
    assert "two latents" not in app.selectbox(key="map").options
    assert len(the_map(app)["panels"]) == 3


def test_images_without_factors_embed_by_class(own_folders: dict[str, Path]) -> None:
    class_folder(own_folders["DATA"] / "birds")
    config = small_config(
        dataset="birds", source="own", channels=3, image_size=32, images=8, beta=1.0
    )
    train_small(own_folders["RUNS"], config)
    app = open_page("latent_space")
    data = the_map(app)
    assert [group["name"] for group in data["groups"]] == ["class0", "class1"]
    paths = drawn_paths(data["panels"][0])
    assert [len(path.places) for path in paths] == [3, 3]
    assert not any(path.joined for path in paths)
    assert not inside(data["panels"][0], "g", "name")  # without an order there is no end to name
    assert data["labels"][0].startswith("class0\nimage ")
    assert "path length, class0" not in app.dataframe[0].value.index
    app.multiselect[0].set_value(["class1"]).run()
    assert not app.exception
    assert [group["name"] for group in the_map(app)["groups"]] == ["class1"]


def test_without_runs_the_page_says_so(own_folders: dict[str, Path]) -> None:
    app = open_page("latent_space")
    assert "no trained models" in app.info[0].value


def test_every_panel_names_its_factors_once(runs: Path) -> None:
    for kind in ("star: one factor at a time", "random traversals", "grid: two factors together"):
        data = the_map(open_page("latent_space", visit=kind))
        for panel in data["panels"]:
            names = inside(panel, "text")
            assert {name.text for name in names} == {path.group for path in drawn_paths(panel)}
            assert len({name.text for name in names}) == len(names)
            assert all(
                0 <= float(name.get(at, "")) <= data["side"] for name in names for at in "xy"
            )


def test_widths_are_shown_whole_and_bars_only_where_lengths_mean_something(
    runs: Path,
) -> None:
    for link, bars in (({"widths": "true"}, True), ({"map": "t-SNE"}, False)):
        panel = the_map(open_page("latent_space", **link))["panels"][0]
        assert (panel["bar"] is not None) == bars
    wide = the_map(open_page("latent_space", widths="true"))["panels"][0]
    for node in inside(wide, "ellipse"):  # at least the short half axis to every side
        x, y, short = (float(node.get(at, "")) for at in ("cx", "cy", "ry"))
        assert short <= min(x, y)
        assert max(x, y) + short <= 456


@pytest.mark.parametrize("page", ["latent_space", "traversals", "datasets"])
def test_a_factor_of_one_value_is_named_without_a_slider(
    own_folders: dict[str, Path], page: str
) -> None:
    own_folders["DATA"].mkdir(parents=True)
    names = ["fixed", "shade", "stripe"]
    path = own_folders["DATA"] / "blocks.npz"
    write(path, images=numbered(), factor_names=names, factor_sizes=[1, 4, 3])
    config = small_config(
        dataset="blocks", source="own", channels=3, image_size=32, images=8, beta=1.0
    )
    train_small(own_folders["RUNS"], config)
    app = open_page(page, data="blocks (your own)")
    assert "**fixed** &ensp; 0 :gray[only one value]" in [text.value for text in app.markdown]
    labels = [slider.label for slider in app.slider]
    assert not any("fixed" in label for label in labels)
    moved = next(slider for slider in app.slider if slider.label.startswith("stripe: "))
    moved.set_value(0).run()
    assert not app.exception
    if page == "latent_space":
        paths = drawn_paths(the_map(app)["panels"][0])
        assert [len(path.places) for path in paths] == [1, 4, 3]
