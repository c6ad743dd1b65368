"""The page Latent space: which images, how they are embedded, what is measured of them."""

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.embedding.panel import Place
from betavae_core.embedding.paths import star
from betavae_core.embedding.projections import fit_pca
from betavae_core.models import build_model
from betavae_core.scoring.encoding import encode_rows
from betavae_core.store import load_run, save_weights
from pages._ui import charts, encoded
from pages._ui.latent_space import details as latent_details
from pages._ui.latent_space import panels as latent_map
from pages._ui.latent_space.embedding_map import Panel, ellipses, windows
from pages._ui.latent_space.panels import where_the_prior_is
from pages._ui.latent_space.visited import Numbered, Visited, thinned
from tests.datasets.own.test_own import GRID, class_folder, numbered, write
from tests.oracles import small_config, train_small
from tests.pages.driving import captions, open_page, save_run


def the_map(app: AppTest) -> dict[str, Any]:
    """What the component was given."""
    (component,) = app.get("bidi_component")
    return json.loads(component.proto.json)


@dataclass(frozen=True)
class Route:
    """Points of a group as a panel shows them."""

    group: str
    places: np.ndarray  # (n, 2) in the drawing's units
    joined: bool


def inside(panel: dict[str, Any], tag: str, kind: str = "") -> list[ElementTree.Element]:
    """Elements of a panel's drawing, of a class."""
    root = ElementTree.fromstring(f"<svg>{panel['drawing']}</svg>")
    return [node for node in root.iter(tag) if node.get("class", "") == kind]


def drawn_paths(panel: dict[str, Any]) -> list[Route]:
    return [
        Route(
            node.get("data-group", ""),
            np.array(
                [[float(dot.get(at, "")) for at in ("cx", "cy")] for dot in node.iter("circle")]
            ),
            node.find("polyline") is not None,
        )
        for node in inside(panel, "g", "points")
    ]


def which(panel: dict[str, Any], place: np.ndarray) -> list[int]:
    """The images at a place."""
    return np.flatnonzero((np.array(panel["places"]) == place).all(1)).tolist()


def places_of(points: np.ndarray, side: float) -> np.ndarray:
    """Where a panel of these points (N, 2) alone shows them."""
    (window,) = windows([Panel("", "", points)], shared=False)
    return Place(window, side)(points)


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
    mean, _ = encode_rows(run.vae.encode, dataset.images, distinct)
    expected = mean @ fit_pca(mean).axes.T
    panel = data["panels"][0]
    assert np.array(panel["places"]) == pytest.approx(places_of(expected, data["side"]), abs=0.1)
    assert data["labels"][which(panel, drawn[0].places[0])[0]].startswith("shape square")
    assert f"{len(distinct)} images" in captions(app)
    assert "PCA of these codes" in captions(app)
    table = app.dataframe[0].value
    assert list(table.columns) == ["β = 1", "β = 4"]
    assert table.loc["straightness of the path, orientation", "β = 1"] == pytest.approx(0, abs=1e-3)
    deviation = np.exp(0.5 * encode_rows(run.vae.encode, dataset.images, distinct)[1]).mean()
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


def test_thinned_paths_keep_their_order() -> None:
    lines = [Numbered(0, np.array([0, 2, 4, 6, 8])), Numbered(1, np.array([9, 7, 5, 3, 1]))]
    labels = [f"image {10 * n}" for n in range(10)]
    full = Visited(tuple(range(0, 100, 10)), lines, ["a", "b"], True, labels, "")
    few, kept = thinned(full, 6)
    assert len(few.rows) == len(kept) == 6
    assert few.rows == tuple(10 * n for n in kept)
    assert few.labels == [f"image {row}" for row in few.rows]
    for line, before in zip(few.lines, lines, strict=True):
        still = [n for n in before.points if n in kept]
        assert [int(kept[n]) for n in line.points] == still
    assert thinned(full, 6)[0].rows == few.rows
    assert thinned(full, 10)[0] is full


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


def test_ellipses_are_the_projected_posterior() -> None:
    """Against samples: their covariance under the map has these axes."""
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 2)))[0].T
    log_var = np.log(np.array([[0.1, 0.5, 1.0, 2.0, 0.3]]) ** 2)
    ((long, short, angle),) = ellipses(axes, log_var)
    noise = torch.randn(200_000, 5, generator=torch.Generator().manual_seed(0)).double().numpy()
    drawn = (noise * np.exp(0.5 * log_var)) @ axes.T
    values, vectors = np.linalg.eigh(np.cov(drawn.T))
    assert [long, short] == pytest.approx(np.sqrt(values[::-1]), rel=0.01)
    direction = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    assert abs(direction @ vectors[:, 1]) == pytest.approx(1, abs=1e-3)
    round_ones = ellipses(np.eye(2), np.zeros((3, 2)))
    assert round_ones[:, :2] == pytest.approx(1)


def scaled_codes(path: Path, config: RunConfig, factor: float) -> None:
    """Make a run's codes so many times as large."""
    model = build_model(config)
    with torch.no_grad():
        model.encoder[-1].weight *= factor
    save_weights(path, model, config.images)


def test_a_collapsed_run_is_drawn_to_its_own_scale_and_says_so(
    own_folders: dict[str, Path],
) -> None:
    """No two images fall together because their codes are close, and the bar tells how close."""
    config = RunConfig(beta=10.0)
    path = save_run(own_folders["RUNS"], config)
    scaled_codes(path, config, 1e-5)
    panel = the_map(open_page("latent_space"))["panels"][0]
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None
    rows = np.unique(np.concatenate([path.rows for path in star(dataset.space)]))
    mean, _ = encode_rows(load_run(path).vae.encode, dataset.images, rows)
    codes = mean @ fit_pca(mean).axes.T
    assert np.array(panel["places"]) == pytest.approx(places_of(codes, 456), abs=0.1)
    assert np.ptp(panel["places"], axis=0).max() == pytest.approx(0.9 * 456, abs=0.2)
    assert panel["bar"]["text"].endswith(" σ")
    assert float(panel["bar"]["text"].split()[0]) < 0.003


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the page's downloads would save, by their labels."""
    files: dict[str, str] = {}

    def keep(label: str, data: Any, *rest: Any, **options: Any) -> None:
        files[label] = data() if callable(data) else data

    monkeypatch.setattr(latent_details, "download", keep)
    return files


def test_the_saved_picture_is_the_one_on_screen(
    runs: Path,
    saved: dict[str, str],
) -> None:
    data = the_map(open_page("latent_space", widths="true", shared="true"))
    root = ElementTree.fromstring(saved["SVG"])
    texts = [node.text for node in root.iter() if node.tag.endswith(("text", "tspan"))]
    for panel in data["panels"]:
        assert panel["title"] in texts
        assert panel["note"] in texts
        assert panel["numbers"] in texts
        assert panel["bar"]["text"] in texts
    corners = [
        [float(node.get(at, "")) for at in "xy"]
        for node in root.iter()
        if node.tag.endswith("rect") and node.get("width") == str(data["side"])
    ]
    assert len(corners) == len(data["panels"])
    for tag, kind in (("circle", "dot"), ("ellipse", "")):
        saved_ones = [
            [float(node.get(at, "")) for at in ("cx", "cy")]
            for node in root.iter()
            if node.tag.endswith(tag) and node.get("class", "") == kind
        ]
        shown = [
            [
                float(node.get(at, "")) + offset
                for at, offset in zip(("cx", "cy"), corner, strict=True)
            ]
            for panel, corner in zip(data["panels"], corners, strict=True)
            for node in inside(panel, tag, kind)
        ]
        assert np.array(saved_ones) == pytest.approx(np.array(shown), abs=0.11)
    notes = [line for line in saved["CSV"].splitlines() if line.startswith("#")]
    for panel in data["panels"]:
        assert f"# {panel['title']}: {panel['note']}" in notes
    assert "PC 1" in data["panels"][0]["note"]


def test_three_dimensions_share_their_axes_and_name_factors(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables: dict[str, str] = {}

    def keep(label: str, data: Any, file: str, *rest: Any, **options: Any) -> None:
        tables[file] = data()

    monkeypatch.setattr(charts, "download", keep)
    scaled_codes(runs / RunConfig(beta=4.0).run_id, RunConfig(beta=4.0), 3)
    app = open_page("latent_space", deep="true", shared="true")
    figures = [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]
    scenes = [figure["layout"]["scene"] for figure in figures]
    for axis in ("xaxis", "yaxis", "zaxis"):
        low, high = scenes[0][axis]["range"]
        assert scenes[1][axis]["range"] == [low, high]
        for figure in figures:
            for trace in figure["data"]:
                values = plotly_array(trace[axis[0]])
                assert low <= values.min() <= values.max() <= high
    assert "<br>scale " in figures[0]["data"][0]["hovertext"][0]
    assert "shown and opened in the 2-D view" in captions(app)
    notes = [line for line in tables["latent-space-1.csv"].splitlines() if line.startswith("#")]
    assert any("2Dshapes (rendered)" in note and "2dshapes-conv-beta4" in note for note in notes)
    apart = open_page("latent_space", deep="true").get("plotly_chart")
    one, two = (json.loads(chart.proto.spec)["layout"]["scene"]["xaxis"] for chart in apart)
    assert one["range"] != two["range"]
    for scene in scenes:  # a step is as long along every axis
        lengths = [np.ptp(scene[axis]["range"]) for axis in ("xaxis", "yaxis", "zaxis")]
        assert lengths == pytest.approx([lengths[0]] * 3)


def plotly_array(values: Any) -> np.ndarray:
    """Plotly writes arrays as base64."""
    if isinstance(values, list):
        return np.array(values)
    return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"])


def test_the_most_telling_numbers_stand_below_every_panel(
    runs: Path,
    saved: dict[str, str],
) -> None:
    for beta in (1.0, 4.0):
        scaled_codes(runs / RunConfig(beta=beta).run_id, RunConfig(beta=beta), 1000 * beta)
    app = open_page("latent_space")
    table = app.dataframe[0].value
    for panel in the_map(app)["panels"]:
        column = table[panel["title"]]
        assert f"spread {column['spread of the posterior means']:.2g} " in panel["numbers"]
        assert f"posterior σ {column['mean posterior σ']:.2g} " in panel["numbers"]
        away = f"{column['distance to the nearest code, in posterior σ']:.2g} posterior σ"
        assert panel["numbers"].endswith(away)
    text = saved["These numbers as CSV"]
    notes = [line for line in text.splitlines() if line.startswith("#")]
    for part in ("2Dshapes (rendered)", "# β = 4: 2dshapes-conv-beta4", "# link: ", "torch "):
        assert any(part in note for note in notes), part
    read = pd.read_csv(io.StringIO(text), comment="#", index_col="measured")
    assert read["β = 1"].to_numpy() == pytest.approx(table["β = 1"].to_numpy())


def test_numbers_of_a_collapsed_run_are_short(runs: Path) -> None:
    """Untrained codes lie as close."""
    for panel in the_map(open_page("latent_space"))["panels"]:
        assert panel["numbers"] == (
            "spread < 0.001 · posterior σ 1 · distance to nearest code < 0.001 posterior σ"
        )


def test_codes_that_are_all_the_same_are_said_to_be(own_folders: dict[str, Path]) -> None:
    config = RunConfig(beta=10.0)
    path = save_run(own_folders["RUNS"], config)
    scaled_codes(path, config, 0)
    (panel,) = the_map(open_page("latent_space"))["panels"]
    assert panel["numbers"].startswith("every image has the same code · posterior σ ")
    assert panel["bar"] is None


def test_a_link_opens_an_image_and_its_picture_says_what_it_is_of(
    runs: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files: dict[str, bytes] = {}

    def keep(label: str, data: Any, file: str, *rest: Any, **options: Any) -> None:
        files[file] = data()

    monkeypatch.setattr(charts, "download", keep)
    space = load_dataset("2dshapes", "rendered").space
    assert space is not None
    row = int(space.sweep(space.median(), 1)[5])
    app = open_page("latent_space", opened=str(row))
    assert f"**Image {row:,}**" in [text.value for text in app.markdown]
    assert "Posterior mean ± σ of each latent" in captions(app)
    data = the_map(app)
    assert data["labels"][data["chosen"]].splitlines()[1] == "scale 1"
    assert app.query_params["opened"] == str(row)
    picture = Image.open(io.BytesIO(files[f"2dshapes-image-{row}.png"]))
    said = json.loads(picture.text["betavae"])  # type: ignore[attr-defined]
    assert said["image"] == row
    assert said["known"]["scale"] == "1"
    assert said["rows"] == ["image", "β = 1", "β = 4"]
    assert f"opened={row}" in said["link"]
    for run in said["runs"].values():
        assert {"weights", "dataset", "source", "versions"} <= set(run)


@pytest.mark.parametrize(
    ("asked", "said"),
    [("7", "Image 7, which was opened before, is not among"), ("![x](http://y)", "")],
)
def test_a_link_to_an_image_that_is_not_shown(
    runs: Path,
    asked: str,
    said: str,
) -> None:
    app = open_page("latent_space", opened=asked)
    assert [info.value[: len(said)] for info in app.info] == [said] * bool(said)
    assert the_map(app)["chosen"] is None
    assert "opened" not in app.query_params
    app.run()
    assert not app.info


def test_an_opened_image_is_not_carried_over_to_another_dataset(
    runs: Path,
    own_folders: dict[str, Path],
) -> None:
    """Where its number means another image."""
    own_folders["DATA"].mkdir()
    write(own_folders["DATA"] / "tiles.npz", images=numbered(), **GRID)
    config = small_config(
        dataset="tiles", source="own", channels=3, image_size=32, images=8, beta=1.0
    )
    train_small(runs, config)
    app = open_page("latent_space")
    app.segmented_control(key="dataset").set_value("tiles").run()
    app.query_params["opened"] = "7"
    app.run()
    assert "**Image 7**" in [text.value for text in app.markdown]
    app.segmented_control(key="dataset").set_value("2dshapes").run()
    assert not app.exception
    assert not app.info
    assert "opened" not in app.query_params
    app.segmented_control(key="dataset").set_value("tiles").run()
    assert the_map(app)["chosen"] is None


def test_the_saved_picture_of_neighbours_has_no_scale(
    runs: Path,
    saved: dict[str, str],
) -> None:
    open_page("latent_space", map="t-SNE")
    assert 'class="scale"' not in saved["SVG"]
    assert 'class="prior"' not in saved["SVG"]


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


def test_the_caption_says_where_the_prior_is() -> None:
    square = np.array([[-1.0, -1.0], [1.0, 1.0]])
    here, there = Panel("β = 1", "", square), Panel("β = 4", "", square + 9)
    assert where_the_prior_is([here], shared=False).endswith("cross: the mean of the prior.")
    assert "lies outside the panel of β = 4." in where_the_prior_is([here, there], shared=False)
    assert "The mean of the prior lies outside the" in where_the_prior_is([there], shared=False)
    assert where_the_prior_is([here, there], shared=True).endswith("the mean of the prior.")
    one, two = windows([here, there], shared=True)
    assert one == two


def test_densities_are_those_of_posterior_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead latent looks like the prior, a live one like its means, in bins of even width."""
    mean = np.stack([np.zeros(1000), np.linspace(-0.99, 0.99, 1000)], 1)
    log_var = np.stack([np.zeros(1000), np.full(1000, -20.0)], 1)
    monkeypatch.setattr(encoded, "aggregate_posterior", lambda run, dataset: (mean, log_var))
    anything: Any = None
    dead, live = encoded.aggregate_densities(anything, anything, -3, 3, bins=6)
    assert max(dead) == max(live) == 1
    assert live[0] == live[1] == live[4] == live[5] == 0
    assert live[2:4] == pytest.approx([1, 1], abs=0.01)
    probabilities = np.diff([0.00135, 0.02275, 0.15866, 0.5, 0.84134, 0.97725, 0.99865])
    expected = (probabilities / probabilities.max()).tolist()
    assert dead == pytest.approx(expected, abs=0.15)  # of a thousand samples


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
    assert "**fixed** &ensp; 0 :gray[one value only]" in [text.value for text in app.markdown]
    labels = [slider.label for slider in app.slider]
    assert not any("fixed" in label for label in labels)
    moved = next(slider for slider in app.slider if "**stripe**" in slider.label)
    moved.set_value(0).run()
    assert not app.exception
    if page == "latent_space":
        paths = drawn_paths(the_map(app)["panels"][0])
        assert [len(path.places) for path in paths] == [1, 4, 3]
