"""Links show again what they were taken from: those of the pages and those of the verb export."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest

from betavae_core.__main__ import main
from betavae_core.addresses import Choices, link
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_vae
from betavae_core.store import load_run
from betavae_core.store.snapshots import save_snapshot
from betavae_core.traversal.codes import Values
from betavae_core.traversal.pictures import aggregate_of
from pages._ui import address, charts
from pages._ui.encoded import aggregate_densities, aggregate_posterior
from pages._ui.latent_space import details as latent_details
from pages._ui.reconstruction import side_by_side
from pages._ui.traversals import still_picture
from tests.datasets.own.test_own import write
from tests.pages.driving import APP, captions, open_page, save_run

CONV = {beta: RunConfig(beta=beta) for beta in (1.0, 4.0)}
HUED = RunConfig(dataset="tiles", source="own", channels=3, image_size=32, beta=2.0, latents=4)


@pytest.fixture
def runs(own_folders: dict[str, Path]) -> Path:
    """Two β of one seed, and a run on images of your own that have hues."""
    own_folders["DATA"].mkdir()
    images = np.random.default_rng(0).integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    factors = {"factor_names": ["floor hue", "x", "wall hue"], "factor_sizes": [4, 3, 5]}
    write(own_folders["DATA"] / "tiles.npz", images=images, **factors)
    for config in CONV.values():
        save_run(own_folders["RUNS"], config)
    save_run(own_folders["RUNS"], HUED, score=False)
    return own_folders["RUNS"]


@pytest.fixture
def saved(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the pages offer to download, by the file's name."""
    files: dict[str, Any] = {}

    def keep(label: str, data: Any, file: str, *_: Any, **__: Any) -> None:
        files[file] = data

    for module in (charts, still_picture, side_by_side, latent_details):
        monkeypatch.setattr(module, "download", keep)
    return files


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The links that pages make, the newest last."""
    made: list[str] = []
    make = address.link

    def remember(page: str, choices: Choices) -> str:
        made.append(make(page, choices))
        return made[-1]

    monkeypatch.setattr(address, "link", remember)
    return made


def follow(link: str) -> AppTest:
    """The page as somebody sees it who opens the link, without a visit to another page before."""
    parts = urlsplit(link)
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page(f"pages/{parts.path}.py")
    for name, values in parse_qs(parts.query, keep_blank_values=True).items():
        app.query_params[name] = values
    app.run()
    assert not app.exception
    return app


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


def exported(kind: str, *arguments: str, out: Path) -> tuple[Path, dict[str, Any]]:
    assert main(["export", kind, *arguments, "--out", str(out)]) == 0
    (folder,) = out.iterdir()
    return folder, json.loads((folder / "caption.json").read_text())


def picture(data: bytes) -> tuple[np.ndarray, dict[str, Any]]:
    opened = Image.open(io.BytesIO(data))
    return np.asarray(opened), json.loads(opened.text["betavae"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("config", [CONV[4.0], HUED], ids=["2dshapes", "hues"])
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("traversal", []),
        ("traversal", ["--image", "7", "--mode", "aggregate", "--steps", "4"]),
        ("traversal", ["--mode", "posterior"]),
        ("traversal", ["--mode", "around"]),
        ("pair", ["--latents", "2,0"]),
        ("interpolation", ["--to", "9", "--steps", "5"]),
        ("sweep", ["--factor", "FACTOR"]),
    ],
)
def test_the_link_of_an_exported_traversal_shows_it(
    runs: Path,
    saved: dict[str, Any],
    tmp_path: Path,
    kind: str,
    options: list[str],
    config: RunConfig,
) -> None:
    """The same run, start and settings, pixel by pixel, though the page would start elsewhere."""
    factor = "wall hue" if config is HUED else "position x"
    options = [factor if each == "FACTOR" else each for each in options]
    folder, about = exported(kind, config.run_id, *options, out=tmp_path)
    follow(about["link"])
    (name,) = [file for file in saved if file.endswith(".png")]
    pixels, shown = picture(saved[name])
    for key in ("run", "weights", "image", "dataset", "source", "rows", "settings"):
        assert shown[key] == about[key], key
    assert shown.get("columns") == about.get("columns")
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(folder / f"{kind}.png")))


@pytest.mark.parametrize("images", [0, 1000])
def test_the_link_of_an_earlier_state_shows_it(
    runs: Path, saved: dict[str, Any], tmp_path: Path, images: int
) -> None:
    """Of a run whose training kept states; its last one is the run itself."""
    config = CONV[4.0]
    run = load_run(runs / config.run_id)
    for seen, seed in ((0, 1), (1000, 2)):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            save_snapshot(run.path, build_vae(replace(config, seed=seed)), seen)
    after = ["--after", str(images)]
    folder, about = exported("traversal", config.run_id, *after, out=tmp_path)
    assert folder.name == f"traversal-{config.run_id}-after-{images}"
    assert about["images_seen"] == images
    assert about["weights"] != run.weights_hash
    follow(about["link"])
    (data,) = [data for file, data in saved.items() if file.endswith(".png")]
    pixels, shown = picture(data)
    assert shown["weights"] == about["weights"]
    assert "KL" not in about["caption"]  # of these weights it was not measured
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(folder / "traversal.png")))


def test_states_that_were_not_kept_are_named(
    runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = CONV[4.0].run_id
    for kind, named in (("traversal", "no snapshot after 5"), ("embedding", "takes no --after")):
        assert main(["export", kind, name, "--after", "5", "--out", str(tmp_path)]) == 2
        assert named in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_link_of_a_comparison_shows_the_same_rows(
    runs: Path, saved: dict[str, Any], tmp_path: Path
) -> None:
    save_run(runs, RunConfig(beta=4.0, seed=7), score=False)
    names = [CONV[4.0].run_id, CONV[1.0].run_id]
    folder, about = exported("comparison", *names, "--image", "500", out=tmp_path)
    follow(about["link"])
    (data,) = [data for file, data in saved.items() if file.endswith(".png")]
    pixels, shown = picture(data)
    assert list(shown["compared"]) == names
    assert "|r| " in shown["rows"][1]
    np.testing.assert_array_equal(pixels, np.asarray(Image.open(folder / "comparison.png")))


def test_the_link_of_reconstructions_shows_the_draw(
    runs: Path, saved: dict[str, Any], tmp_path: Path
) -> None:
    save_run(runs, RunConfig(beta=4.0, seed=7), score=False)
    save_run(runs, RunConfig(beta=1.0, seed=7), score=False)
    name = CONV[4.0].run_id
    _, about = exported("reconstructions", name, "--seed", "11", out=tmp_path)
    follow(about["link"])
    _, shown = picture(saved["reconstructions-2dshapes.png"])
    assert list(shown["runs"]) == [name]
    assert (shown["images"], shown["seed"]) == (about["images"], 11)


@pytest.mark.parametrize("image", [None, "31"])
def test_the_link_of_an_embedding_shows_its_run_seed_and_image(
    runs: Path, saved: dict[str, Any], tmp_path: Path, image: str | None
) -> None:
    for beta in (1.0, 4.0, 10.0):  # the page itself would show seed 7, of which there are most
        save_run(runs, RunConfig(beta=beta, seed=7), score=False)
    for config in (CONV[1.0], HUED):
        out = tmp_path / config.dataset
        out.mkdir()
        options = [] if image is None else ["--image", image]
        folder, about = exported("embedding", config.run_id, *options, out=out)
        app = follow(about["link"])
        made = saved["latent-space.csv"]
        rows = (made() if callable(made) else made).splitlines()
        header = next(number for number, line in enumerate(rows) if not line.startswith("#"))
        mine = (folder / "embedding.csv").read_text().splitlines()
        assert [line.rsplit(",", 1)[1] for line in rows[header + 1 :]] == [config.run_id] * (
            len(mine) - 1
        )
        assert [line.split(",")[:2] for line in rows[header:]] == [
            line.split(",")[:2] for line in mine
        ]
        assert not app.exception


def test_the_link_of_numbers_opens_the_run(runs: Path, tmp_path: Path) -> None:
    _, about = exported("numbers", HUED.run_id, out=tmp_path)
    app = follow(about["link"])
    assert app.segmented_control(key="dataset").value == "tiles"
    assert app.selectbox(key="run").value == HUED.run_id


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
        return picture(saved[file]() if callable(saved[file]) else saved[file])[1]

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
    hills = aggregate_densities(run, dataset, -3, 3, bins=12)
    values = Values("aggregate", 3, 0.5).of(drawn[0], None, lambda: drawn)
    for d, hill in enumerate(hills):
        counts = np.histogram(drawn[:, d].numpy(), 12, (-3, 3))[0]
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
