"""Files of a run: what is written, what it says of itself, and that it is the run's."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import torch
from PIL import Image

from betavae_core.__main__ import main
from betavae_core.datasets import load_dataset
from betavae_core.embedding.paths import star
from betavae_core.errors import InputError
from betavae_core.export.embedding import export_embedding
from betavae_core.export.numbers import export_numbers
from betavae_core.export.reconstructions import export_reconstructions
from betavae_core.export.traversals import export_comparison, export_traversal
from betavae_core.pictures.files import has_mp4
from betavae_core.scoring.elbo import score_elbo
from betavae_core.scoring.rate_distortion import score_rate_distortion
from betavae_core.scoring.scores import score_metrics
from betavae_core.scoring.star import score_star
from betavae_core.store import Run, load_run
from tests.datasets.own.images import class_folder
from tests.oracles import one_sentence, small_config, train_small


@pytest.fixture
def small_run(tmp_path: Path) -> Run:
    config = small_config()
    train_small(tmp_path / "runs", config)
    return load_run(tmp_path / "runs" / config.run_id)


def caption(folder: Path) -> dict[str, object]:
    return json.loads((folder / "caption.json").read_text())


def test_a_traversal(small_run: Run, tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    folder = export_traversal(small_run, dataset, tmp_path / "out")
    about = caption(folder)
    assert about["run"] == small_run.name
    assert about["weights"] == small_run.weights_hash
    assert (about["dataset"], about["source"]) == ("2dshapes", "rendered")
    assert {"torch", "betavae"} <= set(about["versions"])  # type: ignore[call-overload]
    assert len(about["columns"]) == 9  # type: ignore[arg-type]
    opened = Image.open(folder / "traversal.png")
    link = parse_qs(urlsplit(json.loads(opened.text["betavae"])["link"]).query)  # type: ignore[attr-defined]
    assert link["run"] == [small_run.name]
    assert (link["start"], link["2dshapes-orientation"]) == (["dataset image"], ["20"])
    assert about["settings"] == asdict(small_run.config)
    assert about["image"] == 389_648
    moving = Image.open(folder / "traversal.gif")
    assert moving.n_frames <= 16  # equal neighbours may be one frame
    assert (folder / "traversal.mp4").exists() == has_mp4()
    other = export_traversal(small_run, dataset, tmp_path / "other", image=5)
    assert caption(other)["image"] == 5
    with one_sentence("no image 900000", "737279"):
        export_traversal(small_run, dataset, tmp_path, image=900_000)


def test_an_embedding_is_the_star_of_codes(small_run: Run, tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None
    folder = export_embedding(small_run, dataset, tmp_path)
    table = pd.read_csv(folder / "embedding.csv")
    paths = star(dataset.space)
    assert table["image"].tolist() == [int(row) for path in paths for row in path.rows]
    with torch.no_grad():
        mean, log_var = small_run.vae.encode(dataset.images(table["image"]).float() / 255)
    for d in range(3):
        assert table[f"z{d}"].to_numpy() == pytest.approx(mean[:, d].numpy(), abs=1e-5)
        deviation = (0.5 * log_var[:, d]).exp().numpy()
        assert table[f"z{d} sigma"].to_numpy() == pytest.approx(deviation, rel=1e-4)
    assert table["map 1"].var() >= table["map 2"].var()
    root = ElementTree.parse(folder / "embedding.svg").getroot()
    lines = [node for node in root.iter() if node.tag.endswith("polyline")]
    assert [len(line.get("points", "").split()) for line in lines] == list(dataset.space.sizes)
    names = [node.text for node in root if node.tag.endswith("text")]
    assert names == [small_run.name, *dataset.space.names]
    assert set(caption(folder)["numbers"]) >= {"spread", "sigma", "nearest"}  # type: ignore[call-overload]


def test_reconstructions(small_run: Run, tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    folder = export_reconstructions(small_run, dataset, tmp_path, seed=3)
    about = caption(folder)
    x = dataset.images(about["images"]).float() / 255  # type: ignore[arg-type]
    with torch.no_grad():
        made = small_run.vae.decode(small_run.vae.encode(x)[0])
    expected = float((x - made).square().mean())
    assert about["mean_squared_error"] == pytest.approx(expected)
    assert (folder / "reconstructions.png").exists()


def test_numbers_are_those_of_the_run(small_run: Run, tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    score_metrics(small_run, [("mig", {"points": 500, "bins": 7})], dataset)
    stored, elbo = score_star(small_run, dataset), score_elbo(small_run, dataset, images=16)
    run = load_run(small_run.path)
    folder = export_numbers(run, dataset, tmp_path)
    scores = pd.read_csv(folder / "scores.csv")
    (record,) = [r for r in run.scores if r["score"] == "mig"]
    (row,) = [r for r in scores.itertuples() if r.score == "mig"]
    star = {r.score: r.value for r in scores.itertuples() if r.score.startswith("star")}
    assert star == {f"star: {name}": value for name, value in stored["numbers"].items()}
    nats = {r.score: r.value for r in scores.itertuples() if r.score in ("nll", "kl")}
    assert nats == {"nll": elbo["nll"], "kl": sum(elbo["kl"])}
    assert (row.value, row.bins) == (pytest.approx(record["value"]), 7)
    history = pd.read_csv(folder / "history.csv")
    assert history["nll"].tolist() == pytest.approx([r["nll"] for r in run.history])
    assert history["kl z2"].tolist() == pytest.approx([r["kl"][2] for r in run.history])
    assert caption(folder)["records"] == len(run.history)


def test_what_was_measured_over_beta_is_a_row_for_each_beta(tmp_path: Path) -> None:
    """From the command line, as it is stored: a model for every β needs no --beta here."""
    config = small_config(model="conv-multirate", beta_low=0.1, beta_high=10.0)
    train_small(tmp_path, config, name="every")
    run, dataset = load_run(tmp_path / "every"), load_dataset("2dshapes", "rendered")
    score_rate_distortion(run, dataset, images=16)
    about = {"settings": {"metric": "mig", "points": 500}, "versions": {}}
    beta, value = [0.5, 2.0], [0.25, 0.5]
    curve = {"score": "over-beta", "beta": beta, "value": value, "standard_error": [None, 0.5]}
    run.keep_score(curve | about)
    where = ["--runs", str(tmp_path), "--out", str(tmp_path)]
    assert main(["export", "numbers", "every", *where]) == 0
    scores = pd.read_csv(tmp_path / "numbers-every" / "scores.csv")
    mig = scores[scores["score"] == "mig"]
    assert (mig["beta"].tolist(), mig["value"].tolist()) == (beta, value)
    assert mig["points"].tolist() == [500, 500]
    rate = scores[scores["score"] == "rate"]
    record = next(r for r in run.scores if r["score"] == "rate-distortion")
    assert rate["beta"].tolist() == record["beta"]
    assert rate["value"].tolist() == pytest.approx([sum(kl) for kl in record["kl"]])
    link = caption(tmp_path / "numbers-every")["link"]
    assert str(link).startswith("disentanglement?")
    assert "every" not in str(link)


def test_without_factors_there_is_no_embedding(
    tmp_path: Path, own_folders: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    class_folder(own_folders["DATA"] / "birds")
    config = small_config(dataset="birds", source="own", channels=3, image_size=32, images=8)
    train_small(own_folders["RUNS"], config)
    command = ["export", "embedding", config.run_id, "--out", str(tmp_path)]
    assert main(command) == 2
    assert "no known factors" in capsys.readouterr().err
    assert main(["export", "all", *command[2:], "--json"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert [each["kind"] for each in written] == ["traversal", "reconstructions", "numbers"]
    assert all((Path(each["folder"]) / "caption.json").exists() for each in written)


def test_bad_input_is_one_sentence(
    small_run: Run, unwritable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, named in (
        (
            ["export", "poster", small_run.name],
            "traversal, embedding, reconstructions, numbers, pair, interpolation, sweep, "
            "comparison, rising-beta, handout, site, all",
        ),
        (
            ["export", "embedding", small_run.name, "--steps", "5"],
            "embedding does not have the option --steps",
        ),
        (["export", "traversal", small_run.name, "--steps", "99"], "3 to 15"),
        (["export", "traversal", small_run.name, "--mode", "sideways"], "prior, aggregate"),
        (["export", "pair", str(small_run.path), "--latents", "one"], "numbers such as"),
        (["export", "pair", str(small_run.path), "--latents", "1"], "2 of the run's latents"),
        (["export", "pair", str(small_run.path), "--latents", "1,1"], "z1 twice"),
        (["export", "pair", str(small_run.path), "--latents", "0,9"], "no latent 9"),
        (["export", "interpolation", str(small_run.path), "--to", "-1"], "no image -1"),
        (["export", "sweep", str(small_run.path), "--factor", "colour"], "position x"),
        (["export", "reconstructions", str(small_run.path), "--seed", "-1"], "0 to 9999"),
        (["export", "comparison", str(small_run.path)], "2 to 8 runs"),
        (["export", "traversal", "nothing"], "nothing"),
        (["export", "traversal", str(small_run.path), "--out", str(unwritable)], "Cannot write"),
    ):
        assert main(command) == 2
        error = capsys.readouterr().err.strip()
        assert named in error
        assert "\n" not in error


def test_a_comparison_is_of_runs_of_the_same_images(small_run: Run, tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    config = small_config(seed=5)
    train_small(tmp_path / "runs", config)
    other = load_run(tmp_path / "runs" / config.run_id)
    folder = export_comparison([small_run, other], dataset, tmp_path / "out", latents=[1])
    about = caption(folder)
    compared: dict[str, dict[str, object]] = about["compared"]  # type: ignore[assignment]
    assert list(compared) == [small_run.name, other.name]
    for run in (small_run, other):
        assert compared[run.name]["weights"] == run.weights_hash
        assert compared[run.name]["settings"] == asdict(run.config)
    first, second = about["rows"]  # type: ignore[misc]
    assert first.endswith(": z1")  # type: ignore[has-type]
    assert "|r| " in second  # type: ignore[has-type]
    foreign = replace(other, config=replace(config, source="official"))
    with one_sentence(other.name, "other images"):
        export_comparison([small_run, foreign], dataset, tmp_path)


def test_a_video_that_fails_leaves_the_other_files(
    small_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise InputError("The video was not made: ffmpeg failed (no encoder).")

    monkeypatch.setattr("betavae_core.export.folder.mp4", fails)
    folder = export_traversal(small_run, load_dataset("2dshapes", "rendered"), tmp_path)
    assert {file.name for file in folder.iterdir()} == {
        "traversal.png",
        "traversal.gif",
        "caption.json",
    }
    assert "ffmpeg failed" in str(caption(folder)["no video"])
