"""What the verbs share: their common options, settings from options, stopping, results."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from ..config import PRESETS, RunConfig, preset
from ..datasets import load_dataset
from ..disk_cache import Progress
from ..errors import InputError
from ..presets import IMAGE_SHAPES
from ..scoring.distances import few_images
from ..scoring.elbo import active_latents, measured_elbo
from ..store import BrokenRun, Run
from .progress import Bar

SMALL, SMALL_PASSES = 100_000, 20  # own datasets below that size are seen that many times


def config_of(options: argparse.Namespace, overrides: dict[str, Any]) -> RunConfig:
    """The settings asked for: the preset's, else those usual for the dataset and model, with what
    the command line overrides; a dataset of your own brings its name and image shape. The precision
    is the machine's choice unless it is asked for."""
    overrides = {"precision": "auto"} | overrides
    name, model = overrides.get("dataset", "2dshapes"), overrides.get("model", "conv")
    usual = next(
        (n for n in (f"{name}-{model}-laptop", f"{name}-conv-laptop") if n in PRESETS),
        "2dshapes-conv-laptop",
    )
    if name in IMAGE_SHAPES:
        shape = {"channels": None, "image_size": None} if "dataset" in overrides else {}
        return preset(options.preset or usual, **(overrides | shape))
    own = load_dataset(name, None, options.root, size=options.image_size, progress=Bar())
    passes = SMALL_PASSES if len(own) < SMALL else 1
    about = {
        "dataset": own.name,
        "source": own.source,
        "channels": own.shape[0],
        "image_size": own.shape[1],
    }
    return preset(options.preset or usual, **({"images": passes * len(own)} | overrides | about))


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM fill the list, so that training ends after the step with the state saved;
    a second one ends it at once."""
    asked: list[int] = []

    def handler(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(number, signal.default_int_handler)

    before = {n: signal.signal(n, handler) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def check_distances(count: int) -> None:
    """Raise `InputError` for a number of images that has no distance."""
    if count < 2:
        raise InputError(f"--distances takes two or more images, got {count}.")
    if warning := few_images(count):
        print(warning, file=sys.stderr)


def stoppable(bar: Bar, asked: list[int]) -> Progress:
    """Work that tells its progress ends when asked; it goes on from there the next time."""

    def show(what: str, done: int, total: int) -> None:
        if asked:
            raise KeyboardInterrupt
        bar(what, done, total)

    return show


def numbers(text: str, kind: type, flag: str) -> list[Any]:
    """Of "1,4,10"; raises `InputError` naming the flag."""
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f'{flag} takes numbers with commas between, got "{text}".') from error


def summary(run: Run | BrokenRun) -> dict[str, Any]:
    if isinstance(run, BrokenRun):
        return {"name": run.name, "status": "broken", "reason": run.reason}
    score = measured_elbo(run)
    return {
        "name": run.name,
        "status": run.status,
        "weights": run.has_weights,
        "images": run.images_seen,
        "nll": score["nll"] if score else None,
        "kl": sum(score["kl"]) if score else None,
        "active_latents": sum(active_latents(score)) if score else None,
        "config": asdict(run.config),
    }


def show_result(options: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data) if options.json else text)
