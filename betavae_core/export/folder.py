"""The folder of an export: its name, its caption, and pictures of traversals in it."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..addresses import Choices, image_choices, link, run_choices, state_choices
from ..datasets import Dataset
from ..errors import InputError, cannot_write, no_such, wrong_value
from ..pictures.files import gif, mp4, png
from ..pictures.grids import grid
from ..provenance import facts
from ..scoring.elbo import latents_by_kl, latest_elbo
from ..store import Run, write_atomically
from ..traversal.pictures import Picture


def _image(dataset: Dataset, image: int | None) -> int:
    if image is None:
        space = dataset.space
        return 0 if space is None else int(space.index(space.median()[None])[0])
    if not 0 <= image < len(dataset):
        raise no_such("image", image, dataset.title, len(dataset) - 1)
    return image


def _latents(run: Run, latents: Sequence[int], count: int) -> list[int]:
    """The needed number of latents, by default those with the largest KL."""
    chosen = list(latents) or latents_by_kl(latest_elbo(run), run.config.latents)[:count]
    if len(chosen) != count:
        raise wrong_value("This", f"{count} of the run's latents", len(chosen), "needs")
    return chosen


def _images_of(run: Run) -> tuple[Any, ...]:
    return run.config.dataset, run.config.source, run.config.shape


def _alone(run: Run) -> dict[str, str | Sequence[str]]:
    """Choices that show only this run on a page for several runs."""
    return {**run_choices(run), "runs": [run.name]}


def _at_beta(run: Run) -> Choices:
    """Choices that show a model for every β at the exported β, on the page Traversals."""
    return {"run": run.name, **state_choices(run)}


def _grid(
    picture: Picture, kind: str, run: Run, dataset: Dataset, out: Path, image: int | None
) -> Path:
    """A picture of traversals as PNG, GIF and MP4."""
    assert image is not None, "begins at an image"
    choices: Choices = {
        "run": run.name,
        **state_choices(run),
        **image_choices(dataset, image),
        **picture.choices,
    }
    about = {
        "kind": kind,
        **facts(run, dataset),
        "image": image,
        **picture.about,
        "rows": picture.labels,
        "caption": picture.caption,
        "link": link("traversals", choices),
    }
    frames = [grid(step[None], scale=2) for step in picture.frames]
    return _moving(_folder(out, run, kind), kind, picture.drawn(), frames, about)


def _moving(
    folder: Path, kind: str, still: np.ndarray, frames: list[np.ndarray], about: dict[str, Any]
) -> Path:
    """A still picture as PNG, and frames as GIF and, if ffmpeg is installed, MP4."""
    write_atomically(folder / f"{kind}.png", png(still, about))
    write_atomically(folder / f"{kind}.gif", gif(frames, about))
    try:
        video = mp4(frames, about)
    except InputError as error:  # the other files are complete
        about["no video"], video = str(error), None
    if video:
        write_atomically(folder / f"{kind}.mp4", video)
    return _caption(folder, about)


def _folder(out: Path, run: Run, kind: str, more: str = "") -> Path:
    """The folder of an export; more: further choices in its name."""
    folder = out / f"{kind}-{file_name(run)}{more}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


def file_name(run: Run) -> str:
    """The run's name, with the state of its weights if it is not the last."""
    state = "" if run.snapshot is None else f"-after-{run.snapshot}"
    return run.name + state + ("" if run.at is None else f"-beta{run.at:.6g}")


def _finite(value: Any) -> Any:
    """A value for JSON: null for a number that is not finite."""
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _caption(folder: Path, about: dict[str, Any]) -> Path:
    text = json.dumps(_finite(about), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomically(folder / "caption.json", text.encode())
    return folder
