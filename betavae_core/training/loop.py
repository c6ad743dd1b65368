"""train(): one loop, readable from top to bottom, that yields records and can be killed at any
time."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from .. import store
from ..config import RunConfig
from ..datasets import Dataset, config_dataset
from ..datasets.base import to_float
from ..datasets.resident import on_device
from ..device import choose_device, fastest_precision, keep_freed_memory
from ..disk_cache import Progress
from ..errors import Diverged, InputError, Refusal, other_images, wrong_value
from ..models import VAE, build_vae
from ..objective import chance_nll
from ..rng import generator
from ..store.snapshots import save_snapshot, snapshot_times
from .resume import CHECKPOINT, restore_checkpoint, save_checkpoint
from .steering import Steering, check_unsteered
from .step import GraphedStep, can_be_graphed, make_optimizer, make_step, set_learning_rate
from .terms import make_terms, noise_width, penalty_of, terms_width
from .watching import Watch

OBSERVATIONS = 5  # points of a training at which `observe` is called


@dataclass(frozen=True)
class Record:
    """One line of history.jsonl: means over the images since the previous line, in nats per
    image."""

    images: int  # seen so far
    seconds: float  # of training so far, over all sessions of a resumed run
    # nll + beta · Σ kl, with the final beta (of each image) also in a KL warm-up; with another
    # objective nll + its penalty at its final weight
    loss: float
    nll: float  # of a posterior sample
    kl: list[float]  # per latent
    learning_rate: float


def train(
    config: RunConfig,
    root: str | Path,
    *,
    name: str | None = None,
    resume: bool = False,
    device: str = "auto",
    data_root: str | Path | None = None,
    half: bool = False,
    checkpoint_seconds: float = 30.0,
    graph: bool = False,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
    observe: Callable[[VAE], dict[str, Any]] | None = None,
    observations: int = OBSERVATIONS,
    snapshots: int = 0,
    watched: bool = False,
) -> Iterator[Record]:
    """Train one run into root/name (default: the config's run_id), yielding history records.

    Killed at any moment it loses at most `checkpoint_seconds` of work; with `resume` it continues
    and, on a CPU with the same number of threads, ends with the same bits as an uninterrupted run.
    `stop` is called after every step; if it returns true, the state is saved and the generator
    ends. `progress` receives a dataset's one-time work before training starts.
    `observe` is called with the model `observations` times, evenly spaced, the last time at the
    end; its result becomes part of a separate history record, and its time does not count.
    `snapshots`: the number of snapshots to keep (`snapshot_times`; 0: only the final weights).
    Through `steering.steer` a running training is paused, stopped or given another β or learning
    rate; a pause does not count as time.
    `watched`: also write what a page shows of a training under way (`watching`).
    `half` stores the weights as float16 at the end. `graph` captures the step as a CUDA graph.
    Raises `InputError` for an unusable config, dataset or folder, `Diverged` when the loss is no
    longer finite.
    """
    if config.baseline == "untrained":
        raise wrong_value("images", "1 or more (the verb baseline makes untrained models)", 0)
    if config.baseline:
        raise InputError(
            f'"{config.baseline}" is a baseline: make it with the verb baseline.',
            Refusal.CONFLICT,
            model=config.model,
        )
    if observe and config.multirate:
        raise InputError(
            "A model for a range of β cannot be observed during training (as for distances): that "
            "needs one β.",
            Refusal.CONFLICT,
            model=config.model,
        )
    if observations < 1:
        raise wrong_value("observations", "at least 1", observations)
    if not config.trainable:
        raise InputError(
            "Training needs a beta; this config does not state one.", Refusal.MISSING, name="beta"
        )
    kept = snapshot_times(config.images, snapshots) if snapshots else []
    place = choose_device(device)
    path = Path(root) / store.run_name(name or config.run_id)
    stored = store.read_config(path) if resume and (path / store.CONFIG).exists() else None
    config = settled(config, stored, place)
    if stored:
        check_same(config, stored)
    dataset = config_dataset(config, data_root, progress)
    if dataset.shape != config.shape:
        raise other_images(dataset.title, dataset.shape, "the config", config.shape)
    model = build_vae(config).to(place).to(memory_format=torch.channels_last)
    optimizer, penalty = make_optimizer(model, config), penalty_of(config, place)
    step = make_step(model, optimizer, config, penalty)
    if graph and not can_be_graphed(config):
        raise InputError(
            "A graphed step needs the optimizer adam, and an objective without a critic.",
            Refusal.CONFLICT,
            optimizer=config.optimizer,
            objective=config.objective,
        )
    noise_source = generator(config.seed, "noise", "cpu" if place.type == "mps" else place)
    mark, dataset = dataset.mark(), on_device(dataset, place)
    keep_freed_memory()

    if math.isnan(checkpoint_seconds):
        raise wrong_value("checkpoint_seconds", "a number of seconds", checkpoint_seconds)
    terms_of = make_terms(config, penalty)
    totals = torch.zeros(terms_width(config), device=place)  # Σ over images
    images, counted, earlier = 0, 0, 0.0
    if not stored and config.forked:
        raise InputError(
            f"{path.name} continues {config.forked} images: make its folder with "
            "`train --from RUN --after N` first.",
            Refusal.MISSING,
            run=path.name,
        )
    if not stored:
        store.create_run(path, config)

    with store.sole_writer(path):
        if resume and (path / CHECKPOINT).exists():
            images, counted, earlier = restore_checkpoint(
                *(path, model, optimizer, noise_source, totals, mark, penalty)
            )
            history = [r for r in store.read_history(path)[0] if r["images"] <= images]
            store.rewrite_history(path, [r for r in history if r.get("event") != "diverged"])
        elif resume and nothing_left(path, config):
            return
        else:
            store.rewrite_history(path, [])

        def save() -> None:
            save_checkpoint(
                *(path, model, optimizer, noise_source, totals),
                *(images, counted, seconds(), mark, penalty),
            )
            store.save_weights(path, model, images)

        def seconds() -> float:
            return earlier + time.monotonic() - started

        def check(pixels: torch.Tensor, noise: torch.Tensor) -> None:
            """Replace the weights on disk, but only by weights with a sane loss."""
            x = to_float(pixels)
            with torch.no_grad():
                sums = terms_of(model, x, noise, kl_weight(steering.config, config.images))[1]
            check_finite(summarise(steering.config, sums, 1, images, seconds()), config, path)

        def rest() -> None:
            """Save and show the state in which the training pauses or ends."""
            save()
            if watch:
                watch.at_rest(model, images, seconds())

        steering = Steering(path, config)
        watch = Watch(path, config, dataset) if watched else None
        started = saved = time.monotonic()
        save()  # so that the run can be opened at once
        if kept and images == 0:
            save_snapshot(path, model, 0)
        if watch:
            watch(model, images, seconds())
        whole = GraphedStep(step, model, optimizer, config) if graph else step
        interval = record_interval(config)
        epoch, order = -1, torch.empty(0)

        while images < config.images:
            started += steering.follow(images, save, rest, stop)
            now = steering.config
            if images // len(dataset) != epoch:
                epoch = images // len(dataset)
                order = images_order(config, epoch, dataset)
            first = images % len(dataset)
            batch = order[first : first + min(config.batch_size, config.images - images)]
            set_learning_rate(optimizer, learning_rate(now, images))
            noise = torch.randn(
                *(len(batch), noise_width(config)),
                generator=noise_source,
                device=noise_source.device,
            )
            full = len(batch) == config.batch_size
            pixels, noise = dataset.gather(batch), noise.to(place)
            terms = (whole if full else step)(pixels, noise, kl_weight(now, images))
            totals += terms * len(batch)
            before, images, counted = images, images + len(batch), counted + len(batch)

            if images // interval > before // interval or images == config.images:
                record = summarise(now, totals, counted, images, seconds())
                check_finite(record, config, path)
                store.append_history(path, asdict(record))
                totals.zero_()
                counted = 0
                yield record
            if images < config.images and any(before < time <= images for time in kept):
                save_snapshot(path, model, images)
            if observe and _crossed(before, images, config.images, observations):
                paused = time.monotonic()
                seen = {"images": images, "seconds": round(seconds(), 3), **observe(model)}
                store.append_history(path, seen)
                started += time.monotonic() - paused
            if watch:
                watch(model, images, seconds())
            last = images == config.images
            stopping = (stop() or steering.stopped) and not last
            if stopping or last or time.monotonic() - saved > checkpoint_seconds:
                check(pixels, noise)
                if stopping:
                    rest()
                    return
                save()
                saved = time.monotonic()

        store.save_weights(path, model, images, half)
        (path / CHECKPOINT).unlink()


def learning_rate(config: RunConfig, images: int) -> float:
    """The config's rate, divided by 5 for the last quarter of the budget (paper, appendix A)."""
    return config.learning_rate / (5 if images >= 0.75 * config.images else 1)


def images_order(config: RunConfig, epoch: int, dataset: Dataset) -> torch.Tensor:
    """The dataset's indices in the order of one pass, int64, on the dataset's device."""
    random = generator(config.images_order, f"order/{epoch}")
    return torch.randperm(len(dataset), generator=random).to(dataset.device)


def kl_weight(config: RunConfig, images: int) -> float:
    """β after `images` images: it rises linearly from 0 over the config's `kl_warmup` images, like
    the annealing of Bowman et al. (2016) and of the disentangling-vae project (10,000 steps). For
    conv-multirate, where each image has its own β, the factor of all of them, from 0 to 1; for
    another objective likewise the factor of its penalty."""
    beta = 1.0 if config.beta is None else config.beta
    return beta * min(images / config.kl_warmup, 1.0) if config.kl_warmup else beta


def record_interval(config: RunConfig) -> int:
    """Images between two history records: 200 records per run, more for very long ones."""
    return max(min(config.images // 200, 20_480), config.batch_size)


def _crossed(before: int, images: int, budget: int, times: int) -> bool:
    """Whether this step reached one of `times` evenly spaced points of the budget."""
    return images * times // budget > before * times // budget


def summarise(
    config: RunConfig, totals: torch.Tensor, counted: int, images: int, seconds: float
) -> Record:
    found = (totals / max(counted, 1)).tolist()  # the only line that waits for the device
    nll, *rest = (float(f"{value:.9g}") for value in found)  # the range of a float32
    kl = rest[: config.latents]
    paid = rest[-1] if config.beta is None else config.beta * sum(kl)
    rate = learning_rate(config, images - 1)
    return Record(images, round(seconds, 3), nll + paid, nll, kl, rate)


def check_finite(record: Record, config: RunConfig, path: Path) -> None:
    chance = chance_nll(config.pixels, config.likelihood, config.sigma)
    if record.loss < 100 * max(chance, config.pixels):  # also false for NaN
        return
    message = (
        f"The loss became {record.loss:.4g} nats per image at {record.images:,} images "
        f"(an uninformed decoder has {chance:.0f}); training stopped, "
        f"the last good weights are in {path / store.WEIGHTS}; try a smaller learning rate than "
        f"{record.learning_rate:g}."
    )
    event = {"images": record.images, "event": "diverged", "message": message}
    store.append_history(path, event)
    raise Diverged(message)


def nothing_left(path: Path, config: RunConfig) -> bool:
    """Whether a run without a checkpoint is finished; raises if starting again would overwrite
    trained weights."""
    trained = store.weights_images(path)
    if config.origin:
        raise InputError(
            f"{path.name} was imported ({config.origin}); it cannot be continued.",
            Refusal.UNSUITABLE,
            run=path.name,
        )
    if trained and trained < config.images:
        raise InputError(
            f"{path} has weights of {trained:,} images but no {CHECKPOINT} to continue from; "
            "delete the folder to train it again.",
            Refusal.MISSING,
            path=str(path / CHECKPOINT),
            remedy="delete the folder",
        )
    return bool(trained)


def settled(config: RunConfig, stored: RunConfig | None, device: torch.device) -> RunConfig:
    """The config with its open settings filled in: a resumed run keeps its precision and its order
    of images, a new one takes the fastest precision on this machine."""
    if stored and config.order_seed is None:
        config = replace(config, order_seed=stored.order_seed)
    if config.precision != "auto":
        return config
    return replace(config, precision=stored.precision if stored else fastest_precision(device))


def check_same(config: RunConfig, stored: RunConfig) -> None:
    """Raise `InputError` if a run was begun with other settings than these, or was steered away
    from them; what was changed while it trained is one of its settings."""
    check_unsteered(stored, config.steered)
    differing = [
        f"{f.name} is {getattr(stored, f.name)} there and {getattr(config, f.name)} here"
        for f in fields(config)
        if getattr(stored, f.name) != getattr(config, f.name)
    ]
    if differing:
        raise InputError(
            f"This run was started with other settings: {'; '.join(differing)}.",
            Refusal.CONFLICT,
            differing=differing,
        )
