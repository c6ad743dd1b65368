"""Links of the verb export show again what they were taken from."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from betavae_core.__main__ import main
from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.store import load_run
from betavae_core.store.snapshots import save_snapshot
from tests.pages.driving import save_run, shown_run
from tests.pages.links.taken import CONV, HUED, exported, follow, picture


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
    for kind, named in (
        ("traversal", "no snapshot after 5"),
        ("embedding", "embedding does not have the option --after"),
    ):
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
    assert shown_run(app) == HUED.run_id
