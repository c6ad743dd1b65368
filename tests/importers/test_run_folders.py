"""Folders with settings, our own runs among them: what is known is kept, what is odd refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save as save_safetensors

from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.importers import (
    Imported,
    import_checkpoint,
    keep,
    read_checkpoint,
    read_guarded,
)
from betavae_core.models import build_vae
from betavae_core.store import (
    add_score,
    create_run,
    load_run,
    rewrite_history,
    save_weights,
    weights_images,
)
from tests.importers.formats import tensors, zipped
from tests.oracles import one_sentence


@pytest.mark.parametrize("name", ["model.pt", "specs.json", "config.json", "weights.safetensors"])
def test_links_out_of_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(zipped(tensors()))
    folder = tmp_path / "folder"
    folder.mkdir()
    if name.startswith("weights"):
        (folder / "config.json").write_text("{}")
    (folder / name).symlink_to(tmp_path / "secret")
    with one_sentence(name, "link"):
        read_checkpoint(folder)


def test_folders(tmp_path: Path) -> None:
    with one_sentence("without a checkpoint", "specs.json"):
        read_checkpoint(tmp_path)
    (tmp_path / "a.pt").write_bytes(zipped(tensors()))
    assert read_checkpoint(tmp_path).layout == "pythae-state"
    (tmp_path / "b.pt").write_bytes(zipped(tensors()))
    with one_sentence("2 files of tensors"):
        read_checkpoint(tmp_path)


ODD_SETTINGS: list[dict[str, Any]] = [
    {"source": "two\nlines"},
    {"precision": "x" * 5000},
    {"no\nsetting": 1},
    {"layers": "\n->" + "x" * 5000},
]


def test_runs_of_ours(tmp_path: Path) -> None:
    (tmp_path / "mine.pt").write_bytes(zipped(tensors()))
    folder = import_checkpoint(tmp_path / "mine.pt", tmp_path / "runs")
    found = read_checkpoint(folder)
    assert (found.layout, found.config) == ("run", load_run(folder).config)
    config = json.loads((folder / "config.json").read_text())
    for changes in (
        {"latents": 10**18},
        {"latents": 1001},
        {"image_size": 257},
        {"model": "mlp", "layers": "", "image_size": 30_000},
        *ODD_SETTINGS,
    ):
        (folder / "config.json").write_text(json.dumps(config | changes))
        with one_sentence():
            read_checkpoint(folder)
    (folder / "config.json").write_text(json.dumps(config | {"model": "pca", "layers": ""}))
    with one_sentence():
        read_checkpoint(folder)


DOUBLED = {
    "config.json": '{"format": 1, "dataset": "2dshapes", "model": "mlp", "beta": 4, "beta": 1}',
    "specs.json": '{"img_size": [1, 32, 32], "latent_dim": 10, "latent_dim": 9}',
    "model_config.json": '{"name": "VAEConfig", "a": {"β": 1, "β": 1}}',
}


@pytest.mark.parametrize("name", DOUBLED)
def test_settings_given_twice(name: str, tmp_path: Path) -> None:
    """Python takes the last one, other readers the first."""
    (tmp_path / name).write_text(DOUBLED[name])
    with one_sentence(name, "two entries named"):
        read_checkpoint(tmp_path)


@pytest.mark.parametrize(
    "files",
    [
        {"specs.json": "{}"},
        {"specs.json": "{", "model.pt": "x"},
        {"model_config.json": "{}"},
        {"model_config.json": "{}", "model.pt": ""},
        {"encoder.onnx": ""},
        {"config.json": "{}"},
        {"config.json": "{}", "weights.safetensors": "x"},
        {"config.json": '{"format": 1}', "weights.safetensors": None},
        {"config.json": '{"format": 9}', "weights.safetensors": None},
        {"a.pt": "", "b.pt": ""},
        {},
    ],
    ids=str,
)
def test_sentences_have_the_name_that_people_know(
    files: dict[str, str | None], tmp_path: Path
) -> None:
    """A server keeps an upload in a folder whose name means nothing to who sent it."""
    place = tmp_path / "checkpoint-1phe2rsi"
    place.mkdir()
    for name, text in files.items():
        data = save_safetensors(tensors()) if text is None else text.encode()
        (place / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_checkpoint(place, name="my model")
    assert "1phe2rsi" not in str(caught.value)


def run_of_ours(place: Path, images: int, budget: int) -> Path:
    """A run with a history up to so many images, a score of its weights and one of others."""
    text = "flatten, linear 4 -> linear 16, unflatten 1 4 4"
    settings = {"model": "layers", "layers": text, "latents": 2, "channels": 1, "image_size": 4}
    config = RunConfig(dataset="any", beta=2.0, images=budget, **settings)  # type: ignore[arg-type]
    create_run(place, config)
    save_weights(place, build_vae(config), images, half=True)
    rewrite_history(place, [{"images": images, "nll": 1.0, "kl": [0.1, 0.2]}])
    measured = {"score": "irs", "value": 0.5, "settings": {"β": 1}, "details": {}, "versions": {}}
    add_score(place, measured | {"weights": load_run(place).weights_hash})
    add_score(place, measured | {"weights": "others", "settings": {}})
    return place


@pytest.mark.parametrize(("images", "status"), [(500, "finished"), (300, "unfinished")])
@pytest.mark.parametrize("reader", [read_checkpoint, read_guarded])
def test_a_run_of_ours_keeps_what_is_known_of_it(
    reader: Callable[[Path], Imported], images: int, status: str, tmp_path: Path
) -> None:
    theirs = load_run(run_of_ours(tmp_path / "theirs", images, 500))
    found = reader(theirs.path)
    assert any("1 scores" in note for note in found.notes)
    run = load_run(keep(found, tmp_path, "kept"))
    assert (run.status, run.images_seen, run.history) == (status, images, theirs.history)
    assert weights_images(run.path) == images
    assert run.scores == run.valid_scores  # under the hash that they have here
    (mine,) = run.scores
    (before,) = theirs.valid_scores
    assert {**mine, "weights": ""} == {**before, "weights": ""}
    for name, tensor in run.vae.state_dict().items():
        assert torch.equal(tensor, theirs.vae.state_dict()[name])


def test_a_run_without_a_history_says_from_its_weights_how_long_it_was(tmp_path: Path) -> None:
    theirs = run_of_ours(tmp_path / "theirs", 300, 500)
    (theirs / "history.jsonl").unlink()
    found = read_checkpoint(theirs)
    assert found.facts["images"] == 300
    assert weights_images(keep(found, tmp_path, "kept")) == 300
