"""The page Latent space: an image that is opened, and pictures that are saved."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from betavae_core.datasets import load_dataset
from pages._ui import charts
from tests.datasets.own.images import GRID, numbered, write
from tests.oracles import small_config, train_small
from tests.pages.driving import captions, open_page
from tests.pages.latent_space.drawn import inside, the_map


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
