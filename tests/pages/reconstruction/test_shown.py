"""The page Reconstruction: pictures, distances where they are, sentences where they are not."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from betavae_core import sentences
from betavae_core.fid import FEATURES
from betavae_core.store import load_run
from betavae_core.store.labels import run_labels
from betavae_core.tables.distances import comparable, distance_rows
from pages._ui.style import plain
from tests.oracles import small_config
from tests.pages.driving import captions, open_page, opened
from tests.pages.reconstruction.shown import charts, texts

FD = FEATURES["lite0"].distance


def test_the_page_shows_pictures_and_every_chart(runs: Path) -> None:
    app = open_page("reconstruction")
    shown = texts(app)
    assert charts(app) == 9  # two distances, over N, loss, loss × distance, 3 of training, σ
    assert "8 images of each model against 20 of noise" in shown
    assert "features: EfficientNet-Lite0" in shown
    assert "8 images are fewer" in shown  # the warning below 2,048
    assert "are therefore not called FID" in shown
    said = [each.value for each in app.markdown if re.fullmatch(r"\*\*.+\.\*\*", each.value)]
    folded = [each for each in app.expander if each.label == "How measured"]
    assert len(said) == len(folded) == charts(app)
    first = comparable(distance_rows(opened(runs)))[0]
    assert f"**{plain(sentences.distance_over_beta(first, 'frechet', FD))}**" in said
    assert re.search(r"over 4 models: Pearson \*\*r = -?\d\.\d\d", shown)
    assert "4 reconstructions against 20" in shown
    assert "Mean squared error of these images" in captions(app)
    assert "Compute the missing" not in "".join(b.label for b in app.button)
    table = next(d.value for d in app.dataframe if "frechet" in d.value)
    assert len(table) == 8
    assert set(table["kind"]) == {"reconstructions", "samples"}


def test_what_is_shown_can_be_chosen(runs: Path) -> None:
    link = {"show": "prior samples"}
    app = open_page("reconstruction", **link)
    assert "random z of the prior" in captions(app)
    app = open_page("reconstruction", images="3, 5")
    assert "Mean squared error" in captions(app)
    chosen = app.text_input(key="images")
    assert chosen.value == "3, 5"
    before = captions(app)
    app.number_input(key="draw").set_value(3).run()
    assert not app.exception
    assert captions(app) == before  # the given images stay, whatever is drawn
    app.text_input(key="images").set_value("").run()
    assert captions(app) != before
    app.text_input(key="images").set_value("2, 999").run()
    assert "There is no image 999; the last image is 39." in texts(app)
    assert not app.exception
    app.text_input(key="images").set_value("-3, 5").run()
    assert "-3 is not an image number" in texts(app)
    given = captions(app)
    app.text_input(key="images").set_value("5").run()
    assert captions(app) == given
    app.segmented_control(key="show").set_value("errors").run()
    assert re.search(r"Error maps: black is 0, white 0\.\d\d\.", captions(app))


def test_moving_sigma_changes_beta_and_the_losses(runs: Path) -> None:
    app = open_page("reconstruction")
    slider = app.select_slider(key="sigma")
    found = {}
    for place in (10, 50):
        slider.set_value(slider.options[place]).run()
        assert not app.exception
        sigma = float(slider.options[place])
        assert float(app.metric[0].value) == pytest.approx(sigma**2, rel=0.01)
        found[place] = next(d.value for d in app.dataframe if "Best σ" in d.value)
        least = found[place].sort_values("Total loss")["Model"].iloc[0]
        assert app.metric[1].value == least
    assert found[10]["KL"].tolist() == found[50]["KL"].tolist()
    assert found[10]["Reconstruction loss"].tolist() != found[50]["Reconstruction loss"].tolist()


def test_extrapolated_values_on_request(runs: Path) -> None:
    app = open_page("reconstruction")
    app.toggle(key="limit").set_value(True).run()
    assert not app.exception
    assert "compare only at the same" not in texts(app)
    assert "Lowest median" not in texts(app)


def test_without_measurements_the_page_says_so(runs: Path) -> None:
    for path in runs.iterdir():
        (path / "scores.json").unlink()
        lines = (path / "history.jsonl").read_text().splitlines()
        kept = [line for line in lines if "distances" not in line]
        (path / "history.jsonl").write_text("\n".join(kept) + "\n")
    shown = texts(open_page("reconstruction"))
    assert "No distances are computed yet" in shown
    assert "The distance of reconstructions is not computed yet" in shown
    assert "train --distances" in shown


def test_without_the_images_samples_are_left(runs: Path, own_folders: dict[str, Path]) -> None:
    (own_folders["DATA"] / "noise.npz").unlink()
    shutil.rmtree(own_folders["CACHE"])
    st.cache_resource.clear()  # a server keeps what it has opened
    app = open_page("reconstruction")
    shown = texts(app)
    assert "not on this machine; only prior samples" in shown
    assert "data fetch" not in shown  # nobody publishes it
    assert "random z of the prior" in shown
    assert charts(app) == 8  # all but σ


def test_unfinished_runs_are_not_drawn_over_beta(runs: Path) -> None:
    path = next(path for path in sorted(runs.iterdir()) if path.is_dir())
    lines = (path / "history.jsonl").read_text().splitlines()
    kept = [line for line in lines if json.loads(line)["images"] < 16]
    (path / "history.jsonl").write_text("\n".join(kept) + "\n")
    assert load_run(path).status == "unfinished"
    app = open_page("reconstruction")
    assert f"training not finished): {path.name}" in texts(app).replace("\\", "")
    table = next(d.value for d in app.dataframe if "frechet" in d.value)
    assert path.name not in set(table["run"])
    assert len(table) == 6


def test_labels_tell_runs_apart() -> None:
    class Named:
        def __init__(self, **changes: Any) -> None:
            self.config = small_config(**changes)
            self.name = self.config.run_id

    several: Any = [
        Named(beta=1.0),
        Named(beta=4.0, seed=1),
        Named(beta=4.0, seed=2),
        Named(beta=10.0),
        Named(beta=10.0, model="mlp"),
        Named(beta=1.0, likelihood="gaussian", sigma=0.1),
        Named(beta=1.0, likelihood="sigma-vae"),
        Named(beta=0.1, seed=1),
        Named(beta=0.1, seed=1, images=8),
        Named(beta=0.1, seed=2),
        Named(beta=1.0, steered="β = 9 after 8 images"),
    ]
    assert run_labels(several) == [
        "β = 1", "β = 4, seed 1", "β = 4, seed 2", "β = 10, conv", "β = 10, mlp",
        "β = 1, σ = 0.1", "β = 1, σ-VAE", several[7].name, several[8].name, "β = 0.1, seed 2",
        "β = 1, steered",
    ]  # fmt: skip


def test_the_papers_numbers_stand_beside_fid_only(own_folders: dict[str, Path]) -> None:
    """CIFAR10 runs as they ship, then with the same records as if over Inception's features; at
    infinitely many images the paper has no numbers."""
    shipped = Path(__file__).parents[3] / "trained_models"
    own_folders["RUNS"].mkdir(exist_ok=True)
    for name in ("cifar10-conv-beta1-seed4723", "cifar10-conv-beta4-seed4723"):
        shutil.copytree(shipped / name, own_folders["RUNS"] / name)

    def names() -> str:
        app = open_page("reconstruction")
        return "".join(chart.proto.spec for chart in app.get("plotly_chart")[:2])

    before = names()
    assert "FD (EfficientNet-Lite0), lower is better" in before
    assert "paper, reconstructions" not in before
    for path in own_folders["RUNS"].iterdir():
        records = json.loads((path / "scores.json").read_text())
        for record in records:
            if record["score"] == "frechet":
                settings = {
                    "features": "inception",
                    "preprocessing": FEATURES["inception"].preprocessing,
                }
                record["settings"] |= settings
        (path / "scores.json").write_text(json.dumps(records))
    shown = names()
    assert "FID, lower is better" in shown
    assert "paper, reconstructions" in shown
    assert "171.1" in shown
    app = open_page("reconstruction")
    app.toggle(key="limit").set_value(True).run()
    assert not app.exception
    after = "".join(chart.proto.spec for chart in app.get("plotly_chart")[:2])
    assert "FID, lower is better" in after
    assert "paper, reconstructions" not in after
