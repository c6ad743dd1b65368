"""A run of a handout: its model for the browser and the settings of its sliders, or the reason why
it has only a still picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from ...browser.live import BetaSettings, LiveSettings, SpriteSettings
from ...browser.model import BrowserModel, UnsupportedLayer, browser_model
from ...datasets import Dataset
from ...datasets.base import to_float
from ...scoring.rate_distortion import measured_rate_distortion
from ...store import Run
from ...store.frozen import at_beta
from ...store.labels import run_words
from ...tables.every_beta import separate_betas
from ...traversal.codes import Values
from ...traversal.latent_rows import densities, latent_rows
from ...traversal.pictures import Codes, Picture, Start, aggregate_of, every_latent, image_start
from ...traversal.starts import sprite_of, varied_images

LARGEST = 2 * 2**20  # bytes of a model that a handout contains, in float16
STARTS = 8
STILL, STILL_ROWS = Values("prior", 7), 10
FIRST_BETA = 1.0  # of a model for every β, if it is in the range


@dataclass(frozen=True)
class Starts:
    """The images from which the sliders can start."""

    rows: list[int]  # their numbers in the dataset
    images: torch.Tensor  # (N, C, H, W) uint8
    labels: list[str]
    sprites: list[SpriteSettings | None]  # of those that are one shape


@dataclass(frozen=True)
class LiveRun:
    """A run at its first view."""

    run: Run
    title: str
    model: BrowserModel | None  # None: there is only the still picture
    why_still: str  # in a sentence
    rounded: bool  # whether the model's weights are less exact than the run's
    settings: LiveSettings
    codes: list[list[float]]  # of the start images; none for a model for every β
    still: Picture

    @property
    def details(self) -> str:
        """What the title leaves out: "seed 123, 10 passes"."""
        words = run_words(self.run).split(", ")
        return ", ".join(word for word in words if word not in self.title.split(", "))


def starts_of(dataset: Dataset | None) -> Starts | None:
    """A few images of the dataset that differ."""
    if dataset is None:
        return None
    chosen = varied_images(dataset, STARTS)
    rows = [row for row, _ in chosen]
    sprites = [sprite_of(dataset.name, row) for row in rows]
    return Starts(rows, dataset.images(rows), [label for _, label in chosen], sprites)


def live_run(
    run: Run,
    title: str,
    dataset: Dataset | None,
    starts: Starts | None,
    codes: Codes,
    others: Sequence[Run],
) -> LiveRun:
    """codes: of images that represent the dataset; others: runs whose β are marked at the slider of
    a model for every β. Raises `InputError` for a baseline, and for a run without weights."""
    one, beta = run, None
    if run.config.multirate:
        model: torch.nn.Module = run.multirate
        beta = _first_beta(run, others)
        one = at_beta(run, beta["value"])
    else:
        model = run.vae
    start = Start(torch.zeros(run.config.latents), None, "zero code (the prior's mean)")
    if dataset is not None and starts is not None:
        start = image_start(one, dataset, starts.rows[0], starts.labels[0])
    hills = None if dataset is None else densities(aggregate_of(one, codes))
    ready, why, rounded = _for_a_file(model)
    z = start.z.tolist()
    settings: LiveSettings = {
        "rows": latent_rows(one, beta and beta["measured"], hills),
        "start": z,
        "start_id": "0",
        "initial": z,
        "image_shape": list(run.config.shape),
        "key": run.label,
        "visit": 0,
        "mode": "browser",
        "note": "",
        "input": starts is not None,
        "sprite": None if starts is None else starts.sprites[0],
        "beta": beta,
    }
    found: list[list[float]] = []
    if starts is not None and beta is None:
        with torch.no_grad():
            found = one.vae.encode(to_float(starts.images))[0].tolist()
    still = every_latent(one, start, STILL, None)
    return LiveRun(run, title, ready, why, rounded, settings, found, still)


def _first_beta(run: Run, others: Sequence[Run]) -> BetaSettings:
    """The slider of β of a model for every β."""
    model, record = run.multirate, measured_rate_distortion(run)
    return {
        "value": min(max(FIRST_BETA, model.low), model.high),
        "marks": separate_betas(run, others),
        "measured": record and {key: record[key] for key in ("beta", "nll", "kl")},
    }


def _for_a_file(model: torch.nn.Module) -> tuple[BrowserModel | None, str, bool]:
    """The model with float16 weights, without the encoder if it is too large with it; or None and a
    sentence with the reason. Last, whether rounding changed a weight."""
    try:
        exact = browser_model(model)
    except UnsupportedLayer as problem:
        return None, str(problem), False
    ready = exact.halved()
    if ready.bytes > LARGEST:
        ready = ready.decoder_only()
    if ready.bytes > LARGEST:
        size = f"{ready.bytes / 1e6:.0f} MB, at most {LARGEST / 1e6:.0f} MB fit"
        return None, f"This decoder is too large for a page to take home ({size}).", False
    return ready, "", ready.is_half and not exact.is_half
