"""The page Reconstruction: pictures, distances where they are, sentences where they are not."""

import json
import re
import shutil
import signal
import threading
import time
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from betavae_core.datasets import load_dataset
from betavae_core.fid import FEATURES
from betavae_core.scoring.distances import distance_observer, score_distances
from betavae_core.scoring.elbo import score_elbo
from betavae_core.store import load_run
from betavae_core.store.labels import run_labels
from pages._ui import background
from tests.datasets.own.test_own import write
from tests.oracles import small_config, train_small
from tests.pages.driving import captions, open_page


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with β = 1 and 4, two seeds each, on 40 images of your own, with everything
    measured on few images."""
    home = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RUNS", "DATA", "CACHE"):
            patch.setenv(f"BETAVAE_{name}", str(home / name.lower()))
        (home / "data").mkdir()
        images = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
        write(home / "data" / "noise.npz", images=images)
        dataset = load_dataset("noise")
        observe = distance_observer(dataset, 4, features="lite0", reference_images=20)
        for beta, seed in product((1.0, 4.0), (1, 2)):
            config = small_config(
                dataset="noise", source="own", channels=3, image_size=32, images=16,
                beta=beta, seed=seed,
            )  # fmt: skip
            train_small(home / "runs", config, observe=observe, observations=2)
            run = load_run(home / "runs" / config.run_id)
            score_elbo(run, dataset, images=40)
            score_distances(run, dataset, features="lite0", images=8, reference_images=20)
    return home


@pytest.fixture
def runs(measured: Path, own_folders: dict[str, Path]) -> Path:
    for name, folder in own_folders.items():
        shutil.copytree(measured / name.lower(), folder, dirs_exist_ok=True)
    return own_folders["RUNS"]


def texts(app: AppTest) -> str:
    shown = (*app.markdown, *app.caption, *app.info, *app.warning)
    return "\n".join(element.value for element in shown)


def charts(app: AppTest) -> int:
    return len(app.get("plotly_chart"))


def test_the_page_shows_pictures_and_every_chart(runs: Path) -> None:
    app = open_page("reconstruction")
    shown = texts(app)
    assert charts(app) == 9  # two distances, over N, loss, loss × distance, 3 of training, σ
    assert "8 images of each model against 20 of noise" in shown
    assert "features: EfficientNet-Lite0" in shown
    assert "8 images are fewer" in shown  # the warning below 2,048
    assert "are therefore not called FID" in shown
    assert "Lowest median" in shown
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
    assert found[10]["reconstruction loss"].tolist() != found[50]["reconstruction loss"].tolist()


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


def test_the_missing_is_computed_by_a_process_of_its_own(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the setting of what is there, so that the new values join it."""
    path = (
        runs
        / small_config(
            dataset="noise", source="own", channels=3, image_size=32, images=16, beta=1.0, seed=1
        ).run_id
    )
    records = load_run(path).scores
    (path / "scores.json").unlink()
    app = open_page("reconstruction")
    button = next(b for b in app.button if "Compute the missing distances of 1 model: " in b.label)
    button.click().run()
    assert not app.exception
    work = background._running()["fid-noise-lite0"]
    assert work.process.wait(120) == 0, work.failure()
    found = [r for r in load_run(path).scores if r["score"] == "frechet"]
    expected = [r for r in records if r["score"] == "frechet"]
    assert [r["settings"] for r in found] == [r["settings"] for r in expected]
    for one, two in zip(found, expected, strict=True):
        assert one["value"] == pytest.approx(two["value"], rel=1e-3)
    app.run()
    assert "Compute the missing" not in "".join(b.label for b in app.button)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What the page would start in the background: label and arguments of each button."""
    seen: list[tuple[str, list[str]]] = []

    def note(key: str, label: str, arguments: list[str], about: str = "") -> None:
        seen.append((label, arguments))

    monkeypatch.setattr(background, "background", note)
    return seen


def test_fid_is_offered_once_its_weights_are_here(
    runs: Path, offered: list[tuple[str, list[str]]], tmp_path: Path, monkeypatch: Any
) -> None:
    """Although everything is measured over the embedded network's features."""
    open_page("reconstruction")
    assert offered == []
    (tmp_path / "weights.pth").write_bytes(b"checked when they are used")
    monkeypatch.setenv("BETAVAE_INCEPTION", str(tmp_path / "weights.pth"))
    app = open_page("reconstruction")
    [(label, arguments)] = offered
    assert label == "Compute the missing distances of 4 models: FID"
    assert arguments[arguments.index("--features") + 1] == "inception"
    assert "are therefore not called FID" not in texts(app)


def test_the_missing_is_asked_for_as_it_was_measured(
    runs: Path, offered: list[tuple[str, list[str]]]
) -> None:
    """With the draw of the distances that are there, which it would otherwise never join."""
    paths = sorted(path for path in runs.iterdir() if path.is_dir())
    for path in paths:
        records = load_run(path).scores
        for record in records:
            if record["score"] == "frechet":
                record["settings"]["seed"] = record["asked"]["seed"] = 7
        (path / "scores.json").write_text(json.dumps(records))
    kept = [r for r in load_run(paths[0]).scores if r["score"] != "frechet"]
    (paths[0] / "scores.json").write_text(json.dumps(kept))
    open_page("reconstruction")
    [(label, arguments)] = offered
    assert "of 1 model: " in label
    command = " ".join(arguments)
    assert str(paths[0]) in command
    assert "--features lite0 --images 8 --reference-images 20 --seed 7" in command


def test_distances_to_images_that_were_replaced_are_told_apart(
    runs: Path, own_folders: dict[str, Path], offered: list[tuple[str, list[str]]]
) -> None:
    """As many other images under the same name: nothing stale is joined with what is measured."""
    images = np.random.default_rng(1).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    write(own_folders["DATA"] / "noise.npz", images=images)
    st.cache_resource.clear()
    open_page("reconstruction")
    assert ["4 models" in label for label, _ in offered] == [True]
    path = next(path for path in sorted(runs.iterdir()) if path.is_dir())
    score_distances(load_run(path), load_dataset("noise"), features="lite0", images=8,
                    reference_images=20)  # fmt: skip
    offered.clear()
    app = open_page("reconstruction")
    options = app.selectbox(key="measured").options
    assert len(options) == 2
    assert all(", images " in option for option in options)
    table = next(d.value for d in app.dataframe if "frechet" in d.value)
    assert len(table) == 6  # the group of most runs, without the one that was measured anew
    assert path.name not in set(table["run"])


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


def test_cancelling_ends_the_work_and_its_children(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in runs.iterdir():
        if path.is_dir():
            (path / "scores.json").unlink()
    app = open_page("reconstruction")
    next(b for b in app.button if "Compute the missing" in b.label).click().run()
    work = background._running()["fid-noise-lite0"]
    assert work.process.poll() is None
    app.run()
    next(b for b in app.button if b.label == "Cancel").click().run()
    assert not app.exception
    assert work.process.poll() == -signal.SIGTERM
    app.run()
    assert "did not finish" not in "".join(e.value for e in app.error)  # it was asked to stop
    assert any("Compute the missing" in b.label for b in app.button)


def test_two_visitors_start_one_process(
    own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight that press at the same moment; starting takes long enough for all to look first."""
    started: list[Any] = []
    popen = background.subprocess.Popen

    def slow(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.3)
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(background.subprocess, "Popen", slow)
    moment = threading.Barrier(8)

    def press() -> None:
        moment.wait()
        background._start("two", ["runs"])

    visitors = [threading.Thread(target=press) for _ in range(8)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    assert len(started) == 1
    assert background._running()["two"].process is started[0]
    assert started[0].wait(60) == 0


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
    ]
    assert run_labels(several) == [
        "β = 1", "β = 4, seed 1", "β = 4, seed 2", "β = 10, conv", "β = 10, mlp",
        "β = 1, σ = 0.1", "β = 1, σ-VAE", several[7].name, several[8].name, "β = 0.1, seed 2",
    ]  # fmt: skip


def test_the_time_left_is_that_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(background.time, "monotonic", lambda: now[0])
    nothing: Any = None
    work = background.Work(nothing, nothing)
    assert work.seconds_left("features", 0.2) is None
    now[0] = 10.0
    assert work.seconds_left("features", 0.3) == pytest.approx(70)  # 10 % in 10 s, 70 % to go
    assert work.seconds_left("samples", 0.0) is None
    now[0] = 20.0
    assert work.seconds_left("samples", 0.5) == pytest.approx(10)
    assert work.seconds_left("samples", 0.1) is None  # the same step of the next run
    now[0] = 30.0
    assert work.seconds_left("samples", 0.2) == pytest.approx(80)
    assert background.duration(40) == "40 s"
    assert background.duration(600) == "10 min"


def test_the_papers_numbers_stand_beside_fid_only(own_folders: dict[str, Path]) -> None:
    """CIFAR10 runs as they ship, then with the same records as if over Inception's features; at
    infinitely many images the paper has no numbers."""
    shipped = Path(__file__).parents[2] / "trained_models"
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
