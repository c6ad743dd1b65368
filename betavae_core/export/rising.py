"""A traversal grid while β rises, for a run that was trained for a range of β."""

from pathlib import Path

import numpy as np
import torch

from ..addresses import image_choices, link
from ..beta import beta_number
from ..datasets import Dataset
from ..errors import wrong_value
from ..pictures.grids import labelled_grid
from ..provenance import facts
from ..scoring.rate_distortion import measured_rate_distortion
from ..store import Run
from ..store.frozen import at_beta
from ..store.labels import run_words
from ..traversal.codes import Values
from ..traversal.pictures import dataset_codes, every_latent, image_start
from .folder import _folder, _image, _moving

KIND = "rising-beta"
FRAMES = 25  # values of β, evenly spaced in log β
USUAL = Values()
STILL = (0, FRAMES // 2, FRAMES - 1)  # those of the still picture


def export_rising(
    run: Run,
    dataset: Dataset,
    out: Path,
    *,
    betas: tuple[float, float] | None = None,
    image: int | None = None,
    values: Values = USUAL,
) -> Path:
    """Every latent through `values` from one image, encoded and decoded at 25 values of β, evenly
    spaced in log β from the first of `betas` to the second (by default the run's whole range): GIF
    and, if ffmpeg is installed, MP4; as PNG the grids at the lowest, the middle and the highest β.
    The latents are in the order of their KL at the lowest β at which it was measured. Returns the
    folder. Raises `InputError` for a run without a range, and for β outside of it."""
    low, high = betas or (run.multirate.low, run.multirate.high)
    if low >= high:
        raise wrong_value(
            "--beta", "two numbers, the lower one first", f"{low:g},{high:g}", "takes"
        )
    low, high = run.multirate.checked(low), run.multirate.checked(high)
    steps = np.geomspace(low, high, FRAMES).tolist()
    index = _image(dataset, image)
    record = measured_rate_distortion(run)
    order = list(range(run.config.latents))
    if record is not None:
        order.sort(key=lambda latent: -record["kl"][0][latent])
    frames, picture = [], None
    for beta in steps:
        one = at_beta(run, beta)
        start = image_start(one, dataset, index)
        picture = every_latent(one, start, values, dataset_codes(dataset))
        shown = [latent for latent in order if latent in picture.about["latents"]]
        rows = [picture.about["latents"].index(latent) for latent in shown]
        frames.append(_frame(picture.images[rows], shown, beta))
    assert picture is not None
    caption = (
        f"{run_words(run)}, while β rises from {beta_number(low)} to {beta_number(high)}: each row "
        f"moves one latent through the {values.span}; the other latents stay fixed. Start: the "
        f"posterior mean of image {index:,} ({dataset.source_and_part}) at each β."
    )
    choices = {"run": run.name, "beta": f"{low:g}", **image_choices(dataset, index)}
    about = {
        "kind": KIND,
        **facts(run, dataset),
        "image": index,
        "betas": [float(f"{beta:.4g}") for beta in steps],
        "latents": shown,
        "span": values.span,
        "caption": caption,
        "link": link("traversals", {**choices, **values.choices}),
    }
    frames = _same_width(frames)
    still = np.concatenate([frames[n] for n in STILL])
    reach = "" if betas is None else f"-beta{low:g}to{high:g}"
    opaque = [_on_white(frame) for frame in frames]
    return _moving(_folder(out, run, KIND, reach), KIND, still, opaque, about)


def _frame(images: torch.Tensor, latents: list[int], beta: float) -> np.ndarray:
    """One grid (R, S, C, H, W) with β beside its first row."""
    names = [f"z{latent}" for latent in latents]
    names[0] = f"β {beta:.3g}  {names[0]}"
    return labelled_grid(images, names, 3 if images.shape[-1] <= 32 else 2, 20)


def _same_width(frames: list[np.ndarray]) -> list[np.ndarray]:
    """Widened to the left, where their labels are not equally long."""
    width = max(frame.shape[1] for frame in frames)
    return [np.pad(frame, ((0, 0), (width - frame.shape[1], 0), (0, 0))) for frame in frames]


def _on_white(picture: np.ndarray) -> np.ndarray:
    """RGBA on white, as videos have no transparency."""
    share = picture[..., 3:].astype(np.float32) / 255
    return np.rint(picture[..., :3] * share + 255 * (1 - share)).astype(np.uint8)
