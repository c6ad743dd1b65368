"""The possible datasets of a checkpoint's images: the available ones, and those that are ready."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from ..config import RunConfig
from ..datasets import DATASETS, Dataset, dataset_title, load_dataset
from ..disk_cache import Progress
from ..errors import InputError, Refusal, other_images
from ..presets import IMAGE_SHAPES, RENDERED, SMALL_WORLDS

UNKNOWN = "unknown"  # the dataset if a checkpoint states none
PREPARING = 35.0  # seconds that a checkup may spend on a dataset's one-time work


class NotPrepared(BaseException):
    """A dataset's one-time work was not finished. Like an interrupt, and unlike an error, it keeps
    the prepared part on disk, so that the next time can continue."""


@dataclass
class Available:
    """The datasets of one image shape, by their availability."""

    open: list[Dataset] = field(default_factory=list)
    unprepared: list[str] = field(default_factory=list)  # names: their one-time work is not done
    missing: list[str] = field(default_factory=list)  # titles: their files are missing


def opened_dataset(
    name: str,
    config: RunConfig,
    root: str | Path | None = None,
    *,
    seconds: float = 0.0,
    progress: Progress | None = None,
) -> Dataset:
    """A dataset whose one-time work is done, or takes at most this many further seconds of
    processor time (of waiting, if another process does it). Raises `NotPrepared`, or `InputError`
    if it is missing or its images have another shape."""
    began, waited = time.thread_time(), time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        late = time.thread_time() - began >= seconds or time.monotonic() - waited > 2 * seconds
        if late and done < total:
            raise NotPrepared
        if progress is not None:
            progress(what, done, total)

    found = _claimed(name, config, root, tell)
    if found is None:
        found = _any_source(name, config, root, tell)
    if found.shape != config.shape:
        raise other_images(
            found.title,
            found.shape,
            "the checkpoint takes",
            config.shape,
            ": choose a dataset of that shape",
        )
    return found


def _claimed(
    name: str, config: RunConfig, root: str | Path | None, progress: Progress
) -> Dataset | None:
    """The dataset from the source that the checkpoint claims, if there are two and it is available:
    a run on rendered images must not be judged on an official file."""
    if name != config.dataset or name not in RENDERED:
        return None
    try:
        return load_dataset(name, config.source, root, size=config.image_size, progress=progress)
    except InputError:
        return None


def _any_source(
    name: str, config: RunConfig, root: str | Path | None, progress: Progress
) -> Dataset:
    """The official images or the rendered ones; if there are neither, the excerpt."""
    try:
        return load_dataset(name, None, root, size=config.image_size, progress=progress)
    except InputError as error:
        entry = DATASETS.get(name)
        if error.kind is not Refusal.MISSING or entry is None or entry.excerpt is None:
            raise
        return entry.excerpt()


def contradiction(config: RunConfig) -> str:
    """The contradiction in a config, as a clause, if the images of the claimed dataset have another
    shape than the model's input; otherwise ""."""
    if config.dataset not in IMAGE_SHAPES:
        return ""
    channels, side = IMAGE_SHAPES[config.dataset]
    if config.shape == (channels, side, side):
        return ""
    size = "×".join(map(str, config.shape))
    return (
        f"the config contradicts itself: {dataset_title(config.dataset)} has images of "
        f"{channels}×{side}×{side}, the model takes {size}"
    )


def fitting(config: RunConfig) -> list[str]:
    """Names of the datasets of the checkpoint's image shape, the claimed one first. The small
    worlds, on which only this lab trains, are no guesses."""
    names = [n for n, (channels, side) in IMAGE_SHAPES.items()
             if (channels, side, side) == config.shape
             and (n not in SMALL_WORLDS or n == config.dataset)]  # fmt: skip
    claimed = [config.dataset] * (config.dataset not in (*DATASETS, UNKNOWN))
    return claimed + sorted(names, key=lambda name: name != config.dataset)


def ready_datasets(config: RunConfig, root: str | Path | None = None) -> Available:
    """Every dataset of the checkpoint's image shape; only those that are ready are opened."""
    here = Available()
    for name in fitting(config):
        try:
            here.open.append(opened_dataset(name, config, root))
        except NotPrepared:
            here.unprepared.append(name)
        except InputError:  # missing: stated in the finding
            here.missing.append(dataset_title(name))
    return here


def needed(here: Available, config: RunConfig) -> list[str]:
    """The datasets to prepare before images can be shown: the claimed one, or any one if the
    checkpoint claims none and none is ready."""
    if config.dataset != UNKNOWN:
        return [name for name in here.unprepared if name == config.dataset]
    return [] if here.open else here.unprepared[:1]


def only_claimed(here: Available, config: RunConfig) -> Available:
    """The datasets on which to judge a checkpoint: all of its shape if it claims none; none if the
    claimed one is not ready, since it may never have seen the others."""
    if config.dataset == UNKNOWN or any(each.name == config.dataset for each in here.open):
        return here
    waits = here.unprepared if config.dataset in here.unprepared else []
    return Available([], waits, here.missing)


def make_ready(
    here: Available, config: RunConfig, root: str | Path | None, progress: Progress | None
) -> float:
    """Prepare the `needed` datasets, except those that take longer than `PREPARING`. Returns the
    seconds taken."""
    began = time.thread_time()
    for name in needed(here, config):
        try:
            found = opened_dataset(name, config, root, seconds=PREPARING, progress=progress)
        except NotPrepared:
            continue
        except InputError:  # the cache cannot be written, the file is damaged
            here.missing.append(dataset_title(name))
        else:
            here.open.insert(0, found)
        here.unprepared.remove(name)
    return time.thread_time() - began
