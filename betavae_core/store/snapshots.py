"""Weights as they were while a run was trained: RUN/snapshots/<images>.safetensors, float16.

What a latent means settles early, so that the states are kept at doubling numbers of images.
"""

from dataclasses import replace
from pathlib import Path

from .. import store
from ..errors import InputError
from ..models import VAE, build_vae
from .runs import Run

FOLDER = "snapshots"


def snapshot_times(budget: int, count: int) -> list[int]:
    """When `count` states are kept: at 0 images (untrained), then at budget / 2^(count − 2), …,
    budget / 2, budget; fewer where the budget is too small to tell them apart. Raises `InputError`
    for less than two."""
    if count < 2:
        raise InputError(f"Two or more snapshots show how a run was trained, got {count}.")
    return sorted({0} | {max(budget >> halvings, 1) for halvings in range(count - 1)})


def save_snapshot(path: Path, model: VAE, images: int) -> None:
    """Keep the weights after `images` images, whole or not at all."""
    (path / FOLDER).mkdir(exist_ok=True)
    store.save_weights(path, model, images, half=True, file=_file(images))


def list_snapshots(path: Path) -> list[int]:
    """After how many images states were kept, ascending; files of other names are left alone."""
    names = [file.stem for file in (path / FOLDER).glob("*.safetensors")]
    return sorted(int(name) for name in names if name.isascii() and name.isdigit())


def at_snapshot(run: Run, images: int) -> Run:
    """The run as it was after `images` images: its weights, its history until then, no scores.
    Raises `InputError` where that state was not kept or its file is damaged."""
    if images not in (kept := list_snapshots(run.path)):
        there = ", ".join(map(str, kept)) or "none"
        raise InputError(f"{run.name} has no snapshot after {images} images; it has: {there}.")
    model = build_vae(run.config)
    weights_hash = store.load_weights(run.path, model, _file(images))
    model.eval().requires_grad_(False)
    until = [record for record in run.history if record["images"] <= images]
    return replace(
        run, loaded=model, history=until, scores=[], weights_hash=weights_hash, snapshot=images
    )


def _file(images: int) -> str:
    return f"{FOLDER}/{images:012d}.safetensors"
