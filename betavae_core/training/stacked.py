"""train_stacked(): several runs at once on one device, with the same images in the same order.

Each member is an ordinary run: up to rounding, its folder, history, checkpoint and weights are
those of training it alone with the same order of images, and it can be continued alone.
"""

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import torch

from .. import store
from ..config import RunConfig
from ..datasets import Dataset, config_dataset
from ..datasets.resident import on_device
from ..device import choose_device, keep_freed_memory
from ..disk_cache import Progress
from ..errors import Diverged, InputError, Refusal, other_images, wrong_value
from ..models import build_vae
from ..penalties import BETA_VAE
from ..store.snapshots import save_snapshot
from .loop import (
    Record,
    check_finite,
    images_order,
    kl_weight,
    learning_rate,
    record_interval,
    settled,
    summarise,
)
from .resume import CHECKPOINT
from .stacked_member import Member, open_member
from .stacked_model import is_stackable
from .stacked_step import STATE, Stack, StackStep, graphed
from .steering import check_unsteered, wait_for_all
from .watching import Watch

MOST = 32  # runs in one stack

# settings in which members may differ, with a placeholder for comparing the others
OWN = {"beta": 1.0, "seed": 0, "learning_rate": 1.0, "kl_warmup": 0, "sigma": 1.0}


def stack_size(device: torch.device) -> int:
    """The fastest number of runs to train at once in one process: `MOST` on CUDA, where a single
    small model leaves most of the processor idle, otherwise 1: on a CPU a stack processes 0.6
    times as many images as the same runs one after another (benchmarks/RESULTS.md)."""
    return MOST if device.type == "cuda" else 1


def shared(config: RunConfig) -> RunConfig:
    """The common settings of all members of a stack, as a config for comparison."""
    return replace(config, **OWN, order_seed=None)  # type: ignore[arg-type]


def group_stacks(
    configs: Sequence[RunConfig], root: Path, device: torch.device, most: int | None = None
) -> list[list[int]]:
    """Groups of config numbers that train at once, `most` at a time (None: `stack_size`), in the
    order of their first members. Runs that were begun with another order of images keep it, in a
    group of their own."""
    most = stack_size(device) if most is None else most
    groups: dict[tuple[object, ...], list[list[int]]] = {}
    for number, config in enumerate(configs):
        key = _kind(config, root, device) if most > 1 else None
        parts = groups.setdefault((number,) if key is None else key, [[]])
        if len(parts[-1]) == most:
            parts.append([])
        parts[-1].append(number)
    return sorted((part for parts in groups.values() for part in parts), key=lambda part: part[0])


def _kind(config: RunConfig, root: Path, device: torch.device) -> tuple[object, ...] | None:
    """The settings that runs must share to train at once; None for a run to be trained alone: its
    model cannot be stacked, or its folder is damaged, which its training will report."""
    try:
        stored = _stored(config, root)
        steered = stored is not None and stored.steered
        alone = steered or config.objective != BETA_VAE or config.optimizer not in STATE
        if alone or not is_stackable(build_vae(config)):
            return None
    except InputError:
        return None
    settings = settled(config, stored, device)
    given = stored is not None or settings.order_seed is not None
    return shared(settings), settings.images_order if given else None


def _stored(config: RunConfig, root: Path) -> RunConfig | None:
    """The config with which the run was begun, if any."""
    path = root / config.run_id
    return store.read_config(path) if (path / store.CONFIG).exists() else None


News = tuple[int, Record | InputError | Diverged]


def train_stacked(
    configs: Sequence[RunConfig],
    root: str | Path,
    *,
    resume: bool = False,
    device: str = "auto",
    data_root: str | Path | None = None,
    dataset: Dataset | None = None,
    half: bool = False,
    checkpoint_seconds: float = 60.0,
    graph: bool | None = None,
    fused: bool = False,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
    snapshots: Sequence[int] = (),
    watched: bool = False,
) -> Iterator[News]:
    """Train runs that differ only in `OWN`, at once, each into root/run_id; yields (number of the
    config, record), and (number, error) if a member cannot continue; the others do.

    "seed" means initialisation and noise here: the order of images is the same for all, that of
    members begun before, otherwise that of the smallest seed; a member's config records it as
    `order_seed`, and its history records the number of runs trained at once as "stacked". `seconds`
    in the history are those of the whole stack. dataset: the runs' dataset, if the caller has
    opened it. graph: capture the step as a CUDA graph (None: if there is CUDA). fused: compile it
    first (`Stack.fuse`), which pays after a few minutes of training. snapshots: as in `train`, one
    number per config (none: 0). Everything else is as in `train`, except that β and the learning
    rate cannot be changed: a pause that is asked for one member holds all, and a member that is to
    stop leaves the others. Members that a kill or a stop left at different points are continued
    until they meet. Raises `InputError` for configs that differ in more, or models that cannot be
    stacked.
    """
    if not configs:
        raise InputError(
            "A stack needs one or more runs.", Refusal.VALUE, name="configs", expected="one or more"
        )
    if math.isnan(checkpoint_seconds):
        raise wrong_value("checkpoint_seconds", "a number of seconds", checkpoint_seconds)
    place = choose_device(device)
    kept = list(snapshots) or [0] * len(configs)
    configs = _in_one_order(configs, Path(root) if resume else None, place)
    dataset = dataset or config_dataset(configs[0], data_root, progress)
    if dataset.shape != configs[0].shape:
        raise other_images(dataset.title, dataset.shape, "not", configs[0].shape)
    mark, dataset = dataset.mark(), on_device(dataset, place)
    keep_freed_memory()
    graph = place.type == "cuda" if graph is None else graph
    with ExitStack() as held:
        members: list[Member] = []
        for number, config in enumerate(configs):
            try:
                if member := open_member(
                    number, config, Path(root), resume, place, kept[number], mark, held
                ):
                    members.append(member)
                    if watched:
                        member.watch = Watch(member.path, config, dataset, len(configs))
            except (InputError, Diverged) as error:
                yield number, error
        while any(member.images < configs[0].images for member in members):
            lowest = min(member.images for member in members)
            behind = [member for member in members if member.images == lowest]
            until = min([m.images for m in members if m.images > lowest] + [configs[0].images])
            alive = yield from _together(
                behind, until, dataset, graph, fused, checkpoint_seconds, stop
            )
            if alive is None:
                return  # stopped and saved
            members = [m for m in members if m not in behind or m in alive]
        for member in members:
            store.save_weights(member.path, member.model, member.images, half)
            (member.path / CHECKPOINT).unlink()


def _in_one_order(
    configs: Sequence[RunConfig], root: Path | None, device: torch.device
) -> list[RunConfig]:
    """The completed configs, with the stack's order of images in each; raises `InputError` if they
    cannot be a stack. root: the folder where members may have been begun."""
    stored = [_stored(config, root) if root else None for config in configs]
    ready = [settled(config, old, device) for config, old in zip(configs, stored, strict=True)]
    for config in ready:
        if config.beta is None or config.baseline:
            raise InputError(
                "Training needs a model to train and its beta.", Refusal.MISSING, name="beta"
            )
        if config.optimizer not in STATE or not is_stackable(build_vae(config)):
            raise InputError(
                "Runs of this model and optimizer cannot be stacked.", Refusal.UNSUITABLE
            )
        check_unsteered(config)
        if shared(config) != shared(ready[0]):
            raise InputError(
                f"A stack's runs may differ only in {', '.join(OWN)}; {config.run_id} differs from "
                f"{ready[0].run_id} in more.",
                Refusal.CONFLICT,
            )
    orders = {c.images_order for c, old in zip(ready, stored, strict=True) if old}
    orders |= {c.order_seed for c in ready if c.order_seed is not None}
    orders = orders or {min(config.seed for config in ready)}
    if len(orders) > 1:
        raise InputError(
            f"A stack's runs see the images in one order; these were begun with the orders of the "
            f"seeds {', '.join(map(str, sorted(orders)))}.",
            Refusal.CONFLICT,
        )
    (order,) = orders
    return [replace(config, order_seed=order) for config in ready]


def _together(
    members: list[Member],
    until: int,
    dataset: Dataset,
    graph: bool,
    fused: bool,
    checkpoint_seconds: float,
    stop: Callable[[], bool],
) -> Generator[News, None, list[Member] | None]:
    """Train members that have seen the same images to `until` images; returns them, or the
    remaining ones as soon as one has diverged, or None on a request to stop. In every case the
    remaining members are saved on disk."""
    config, place = members[0].config, members[0].totals.device
    budget, size = config.images, config.batch_size
    models, optimizers = [m.model for m in members], [m.optimizer for m in members]
    stack = Stack(models, optimizers, [member.config for member in members])
    if fused:
        stack.fuse()
    totals = torch.stack([m.totals for m in members])
    images, interval = members[0].images, record_interval(config)
    noise = torch.empty(len(members), size, config.latents, device=place)
    whole: StackStep = stack.step
    if graph:
        pixels = torch.zeros(size, *config.shape, dtype=torch.uint8, device=place)
        whole = graphed(stack, pixels, noise)

    def write_back(counted: int) -> None:
        for member, row in zip(members, totals, strict=True):
            member.images, member.counted, member.totals = images, counted, row.clone()

    def judged(
        sums: torch.Tensor, counted: int, asked: list[Member]
    ) -> Iterator[tuple[Member, Record | Diverged]]:
        """The record of each requested member, from sums (K, 1 + D); or its divergence, which is
        then in its history."""
        for member, row in zip(members, sums.cpu(), strict=True):
            if member not in asked:
                continue
            record = summarise(member.config, row, counted, images, member.seconds)
            try:
                check_finite(record, member.config, member.path)
                yield member, record
            except Diverged as error:
                yield member, error

    def show(shown: Sequence[Member]) -> None:
        for member in shown:
            if member.watch:
                member.watch(member.model, images, member.seconds)

    counted = members[0].counted
    for member in members:
        member.save()  # so that the run can be opened at once
        if member.snapshots and images == 0:
            save_snapshot(member.path, member.model, 0)
    saved = time.monotonic()
    epoch, order = -1, torch.empty(0)
    values: tuple[list[float], list[float]] | None = None
    beta = rate = torch.empty(0)

    def rest_all() -> None:
        write_back(counted)
        for member in members:
            member.rest()

    show(members)
    while images < until:
        waited = wait_for_all([member.listener for member in members], rest_all, stop)
        for member in members:
            member.started += waited
        if images // len(dataset) != epoch:
            epoch = images // len(dataset)
            order = images_order(config, epoch, dataset)
        first = images % len(dataset)
        batch = order[first : first + min(size, budget - images)]
        now = (
            [kl_weight(member.config, images) for member in members],
            [learning_rate(member.config, images) for member in members],
        )
        if now != values:
            values = now
            beta, rate = (torch.tensor(each, device=place) for each in now)
        full = len(batch) == size
        drawn = noise if full else noise[:, : len(batch)]
        for row, member in enumerate(members):
            shape = (len(batch), config.latents)
            drawn[row] = torch.randn(shape, generator=member.noise, device=member.noise.device)
        pixels = dataset.gather(batch)
        totals += (whole if full else stack.step)(pixels, drawn, beta, rate) * len(batch)
        before, images, counted = images, images + len(batch), counted + len(batch)

        left = list(members)
        if images // interval > before // interval or images == budget:
            for member, record in judged(totals, counted, members):
                if isinstance(record, Record):
                    line = asdict(record) | {"stacked": len(members)}
                    store.append_history(member.path, line)
                else:
                    left.remove(member)
                yield member.number, record
            totals.zero_()
            counted = 0
        for member in left:
            if images < budget and any(before < moment <= images for moment in member.snapshots):
                save_snapshot(member.path, member.model, images)
        show(left)
        stopping = images < budget and stop()
        leaving = [m for m in left if m.listener.wishes.state == "stop" and images < budget]
        early = len(left) < len(members) or bool(leaving)
        if early or stopping or images >= until or time.monotonic() - saved > checkpoint_seconds:
            with torch.no_grad():
                terms = stack.terms(pixels, drawn, beta)
            sums = torch.cat([terms.nll[:, None], terms.kl], 1)
            write_back(counted)
            for member, record in judged(sums, 1, list(left)):
                if isinstance(record, Diverged):
                    left.remove(member)
                    yield member.number, record
                elif stopping or member in leaving:
                    member.rest()
                else:
                    member.save()
            if stopping:
                return None
            left = [member for member in left if member not in leaving]
            if len(left) < len(members):
                return left
            saved = time.monotonic()
    return members
