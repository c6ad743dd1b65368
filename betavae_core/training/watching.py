"""Watching: what a page shows of a training under way, written by the training itself.

The terms of the loss are in the run's history. This adds quick scores, as records of the history,
and one hidden file in the run's folder that is replaced atomically, .watch.json: pictures of fixed
images and the paths of the ground-truth traversals in latent space. Each kind of work keeps to its
share of the training's time, so that being watched costs at most 5 % of the speed; the random
numbers of the training are not touched.
"""

import base64
import json
import math
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import store
from ..config import RunConfig
from ..datasets import Dataset
from ..models import VAE, MultiRateVAE
from ..scoring.quick_scores import (
    PAIRS,
    POINTS,
    POOLS,
    TEST_POINTS,
    codes_and_factors,
    quick_scores,
    scored_factors,
)
from .state_pictures import StatePictures

WATCH = ".watch.json"
INTERVAL = 1.0  # seconds between two states, at least
PICTURES, SCORES = 0.02, 0.015  # shares of the training's time
EARLY_SCORES = 0.1  # share of the time so far, while that of the whole allows it
FIRST_SCORES = 1_024  # images seen at the first scores; then at doubling numbers
POOL = 400  # images of each pool of the scores


@dataclass
class Share:
    """Work that may take a share of the training's time."""

    share: float
    spent: float = 0.0  # seconds
    cost: float = 0.0  # of the last time

    def allows(self, seconds: float) -> bool:
        """Whether the work, at its last cost, is within its share after `seconds` of training."""
        return self.spent + self.cost <= self.share * seconds

    def paid(self, cost: float) -> None:
        self.spent, self.cost = self.spent + cost, cost


class Watch:
    """Called after each step with the model, the images seen and the seconds of training; it shows
    the first and the last state, and those in between that the shares allow."""

    def __init__(self, path: Path, config: RunConfig, dataset: Dataset, members: int = 1) -> None:
        """members: the runs that train at once, which divide the shares between them."""
        self.path, self.dataset, self.budget = path, dataset, config.images
        self.beta = None if config.beta_low is None else max(config.beta_low, 1.0)
        self.states = StatePictures(dataset)
        if scored_factors(dataset):  # takes a second: before the first step, not between two
            import_module("sklearn.linear_model")
        self.pictures, self.scores = Share(PICTURES / members), Share(SCORES / members)
        self.next_time, self.next_images = 0.0, FIRST_SCORES
        self.early = EARLY_SCORES / members
        self.began: tuple[float, int] | None = None  # seconds and images at the first call

    def __call__(self, model: VAE, images: int, seconds: float) -> None:
        self.began = self.began or (seconds, images)
        elapsed, last = seconds - self.began[0], images >= self.budget
        first = self.next_time == 0
        if first or last or (elapsed >= self.next_time and self.pictures.allows(elapsed)):
            self.next_time = elapsed + INTERVAL
            self._timed(self.pictures, self._show, model, images, seconds)
            if first:  # before any step, and slower than all later ones: not the training's time
                self.pictures = Share(self.pictures.share)
        due = images >= (FIRST_SCORES if last else self.next_images)
        if due and scored_factors(self.dataset):
            usual = self.scores.cost or self.pictures.cost  # before the first scores
            known = usual > 0
            done = max(images - self.began[1], 1) / max(self.budget - self.began[1], 1)
            share = min(self.scores.share / done, self.early)  # of the time so far
            if last or (known and self.scores.spent + usual <= share * elapsed):
                self.next_images = 2 * images
                self._timed(self.scores, self._score, model, images, seconds)

    @torch.no_grad()
    def at_rest(self, model: VAE, images: int, seconds: float) -> None:
        """Show a training that pauses or ends, where it stands: that takes none of its time."""
        self._show(self._of_one_beta(model), images, round(seconds, 3))

    @torch.no_grad()
    def _timed(self, share: Share, work: Any, model: VAE, images: int, seconds: float) -> None:
        began = time.monotonic()
        work(self._of_one_beta(model), images, round(seconds, 3))
        share.paid(time.monotonic() - began)

    def _of_one_beta(self, model: VAE) -> VAE:
        if isinstance(model, MultiRateVAE) and self.beta is not None:
            return model.at_beta(min(self.beta, model.high))
        return model

    def _show(self, model: VAE, images: int, seconds: float) -> None:
        about = {"images": images, "seconds": seconds, "beta": self.beta}
        told = json.dumps(about | self.states.of(model)).encode()
        store.write_atomically(self.path / WATCH, told, durable=False)

    def _score(self, model: VAE, images: int, seconds: float) -> None:
        codes, factors = codes_and_factors(lambda x: model.encode(x)[0], self.dataset, POOL, 0)
        if not np.isfinite(codes).all():
            return
        by_pairs, gaps = quick_scores(codes, factors, 0)
        scores = {
            "higgins": {"value": by_pairs.record.score, "half_interval": by_pairs.half},
            "mig": {"value": gaps.record.score, "half_interval": gaps.half},
            "chance": 1 / factors.shape[1],
            "images": POOLS * POOL,
            "L": PAIRS,
            "points": POINTS,
            "test_points": TEST_POINTS,
        }
        told = {"images": images, "seconds": seconds, "quick_scores": scores}
        store.append_history(self.path, told)


def read_watch(path: Path) -> dict[str, Any] | None:
    """The last state that the run's training showed; None if it showed none, or the file is not
    one of ours."""
    try:
        found = json.loads((path / WATCH).read_text())
    except (OSError, ValueError, RecursionError):
        return None
    return found if _is_state(found) else None


def _is_state(found: Any) -> bool:
    """Whether a file's content has the fields that a page draws, each of its type."""
    try:
        data, star = found["dataset"], found["star"]
        texts = (data["name"], data["source"])
        for picture in (found["reconstructions"], found["traversals"]):
            base64.b64decode(picture, validate=True)
        numbers = (found["images"], *found["latents"])
        if star is not None:
            texts += tuple(star["factors"])
            paths = [np.array(path, dtype=float) for path in star["points"]]
            finite = all(np.isfinite(each).all() and each.shape[1:] == (2,) for each in paths)
            alike = len(star["factors"]) == len(paths)
            if not (finite and alike and math.isfinite(star["explained"])):
                return False
    except (TypeError, KeyError, ValueError):
        return False
    whole = all(isinstance(number, int) for number in numbers)
    return whole and all(isinstance(text, str) for text in texts)
