"""Snapshots of the weights during a training: RUN/snapshots/<images>.safetensors, float16. The last
of them has no file there: it is the finished run.

The meaning of a latent settles early, so snapshots are kept at doubling numbers of images.
"""

from dataclasses import replace
from pathlib import Path

from .. import store
from ..errors import InputError, Refusal, wrong_value
from ..models import VAE, build_vae
from .runs import Run

FOLDER = "snapshots"


def snapshot_times(budget: int, count: int) -> list[int]:
    """The numbers of images at which `count` snapshots are kept: 0 (untrained), then
    budget / 2^(count − 2), …, budget / 2, budget; fewer if the budget is too small to distinguish
    them. Raises `InputError` for fewer than two."""
    if count < 2:
        raise wrong_value("The number of snapshots", "at least 2", count)
    return sorted({0} | {max(budget >> halvings, 1) for halvings in range(count - 1)})


def save_snapshot(path: Path, model: VAE, images: int) -> None:
    """Keep the weights after `images` images, completely or not at all."""
    (path / FOLDER).mkdir(exist_ok=True)
    store.save_weights(path, model, images, half=True, file=_file(images))


def list_snapshots(path: Path) -> list[int]:
    """The numbers of images of the snapshots, ascending, the finished run last; none if only the
    run itself is kept. Other files are ignored."""
    names = [file.stem for file in (path / FOLDER).glob("*.safetensors")]
    kept = {int(name) for name in names if name.isascii() and name.isdigit()}
    return sorted(kept | _finished(path)) if kept else []


def _finished(path: Path) -> set[int]:
    """The length of a finished training; empty for another."""
    images = store.weights_images(path)
    return {images} if images is not None and images == store.read_config(path).images else set()


def at_snapshot(run: Run, images: int) -> Run:
    """The run after `images` images: its snapshot, its history until then, no scores. Raises
    `InputError` if there is no such snapshot or its file is damaged."""
    if images not in (kept := list_snapshots(run.path)):
        there = ", ".join(map(str, kept)) or "none"
        raise InputError(
            f"{run.name} has no snapshot after {images} images; it has: {there}.",
            Refusal.MISSING,
            run=run.name,
            images=images,
            choices=kept,
        )
    model = build_vae(run.config)
    file = _file(images) if (run.path / _file(images)).exists() else store.WEIGHTS
    weights_hash = store.load_weights(run.path, model, file)
    model.eval().requires_grad_(False)
    until = [record for record in run.history if record["images"] <= images]
    return replace(
        run, loaded=model, history=until, scores=[], weights_hash=weights_hash, snapshot=images
    )


def _file(images: int) -> str:
    return f"{FOLDER}/{images:012d}.safetensors"
