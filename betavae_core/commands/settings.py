"""The settings of a training, read from the options of a verb."""

import argparse
from typing import Any

from ..config import PRESETS, RunConfig, preset
from ..datasets import load_dataset
from ..errors import wrong_value
from ..presets import IMAGE_SHAPES
from ..scoring.distances import few_images
from .progress import Show

SMALL, SMALL_PASSES = 100_000, 20  # own datasets below this size are seen this many times


def config_of(options: argparse.Namespace, overrides: dict[str, Any], show: Show) -> RunConfig:
    """The requested settings: the preset's, otherwise the usual ones for the dataset and model,
    with the command line's overrides; your own images provide their name and image shape. The
    precision depends on the machine unless it is given."""
    overrides = {"precision": "auto"} | overrides
    name, model = overrides.get("dataset", "2dshapes"), overrides.get("model", "conv")
    usual = next(
        (n for n in (f"{name}-{model}-laptop", f"{name}-conv-laptop", name) if n in PRESETS),
        "2dshapes-conv-laptop",
    )
    if name in IMAGE_SHAPES:
        shape = {"channels": None, "image_size": None} if "dataset" in overrides else {}
        return preset(options.preset or usual, **(overrides | shape))
    own = load_dataset(name, None, options.root, size=options.image_size, progress=show)
    passes = SMALL_PASSES if len(own) < SMALL else 1
    about = {
        "dataset": own.name,
        "source": own.source,
        "channels": own.shape[0],
        "image_size": own.shape[1],
    }
    return preset(options.preset or usual, **({"images": passes * len(own)} | overrides | about))


def numbers(text: str, kind: type, flag: str) -> list[Any]:
    """The numbers in "1,4,10"; raises `InputError` naming the flag."""
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError as error:
        raise wrong_value(flag, "numbers separated by commas", text, "takes") from error


def check_distances(count: int, show: Show) -> None:
    """Raise `InputError` for too few images to have a distance; warn about a small number."""
    if count < 2:
        raise wrong_value("--distances", "two or more images", count, "takes")
    if warning := few_images(count):
        show.say(warning)
