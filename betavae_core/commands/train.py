"""train: one β-VAE into a run folder."""

import argparse
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..config import NOT_SET_BY_OPTIONS, RunConfig
from ..datasets import config_dataset
from ..errors import InputError, Refusal
from ..paths import runs_root
from ..scoring.distances import distance_observer
from ..scoring.elbo import active_latents, measured_elbo, score_elbo
from ..scoring.rate_distortion import measured_rate_distortion, score_rate_distortion
from ..store import find_run, load_run, read_config, run_name
from ..training.fork import fork, fork_config
from ..training.loop import Record, train
from ..training.steering import read_wishes
from ..training.under_way import RunUnderWay, publishing
from .progress import Bar, Show, shown_progress
from .results import show_result, summary
from .settings import check_distances, config_of
from .stopping import asked_to_stop, stoppable


def run(options: argparse.Namespace) -> int:
    root, show = runs_root(options.runs_folder), shown_progress(options)
    name = options.name
    overrides = {
        field.name: getattr(options, field.name)
        for field in fields(RunConfig)
        if field.name not in NOT_SET_BY_OPTIONS and getattr(options, field.name) is not None
    }
    if options.resume:
        if options.preset:
            raise InputError(
                "--resume RUN continues with the run's own settings; leave out --preset.",
                Refusal.CONFLICT,
            )
        path = find_run(options.resume, root)
        root, name, config = path.parent, path.name, replace(read_config(path), **overrides)
        if read_wishes(path).state == "pause":
            show.say(f"{name} is paused; it goes on after: steer {path} --go-on")
    elif options.parent or options.after is not None:
        config, path = _forked(options, overrides, root)
        root, name = path.parent, path.name
    else:
        config = config_of(options, overrides, show)
        path = root / (name or config.run_id)
    watched = _Watched(Bar(step=5) if options.progress == "bar" else show, config)
    with asked_to_stop() as asked, publishing(root, "train") as publish:
        publish([RunUnderWay(path.name, "waiting", 0, config.images)], None)
        observe = None
        if options.distances:
            check_distances(options.distances, show)
            observe = distance_observer(
                config_dataset(config, options.root, stoppable(show, asked)),
                options.distances,
                device=options.device,
                progress=stoppable(show, asked),
            )
        for record in train(
            config,
            root,
            name=name,
            resume=options.resume is not None or options.parent is not None,
            device=options.device,
            data_root=options.root,
            half=options.half,
            graph=options.graph,
            checkpoint_seconds=options.checkpoint_seconds,
            progress=stoppable(show, asked),
            stop=lambda: bool(asked),
            observe=observe,
            watched=True,
            snapshots=options.snapshots,
        ):
            if watched.first is None:  # only now is it certain that everything requested exists
                normalised = config.beta_normalised
                what = "" if normalised is None else f" (normalised {normalised:.3g})"
                show.say(
                    f"{path.name}: {config.beta_words}{what}, {config.images:,} images "
                    f"of {config.dataset} ({config.source}) → {path}"
                )
            watched.tell(path.name, record)
            rate = watched.rate(record.images, record.seconds)
            left = (config.images - record.images) / rate if rate else None
            now = RunUnderWay(path.name, "running", record.images, config.images, rate, left)
            publish([now], left)
    trained = load_run(path)
    if trained.status == "unfinished":
        more = (f" --root {options.root}" if options.root else "") + " --half" * options.half
        more += f" --distances {options.distances}" if options.distances else ""
        more += f" --snapshots {options.snapshots}" if options.snapshots else ""
        show.say(f"Stopped and saved; continue with: train --resume {path}{more}")
    elif config.multirate:
        curve = measured_rate_distortion(trained) or score_rate_distortion(
            trained, config_dataset(config, options.root), progress=show
        )
        low, high = (f"{curve['nll'][end]:.2f} and {sum(curve['kl'][end]):.2f}" for end in (0, -1))
        show.say(
            f"Done: reconstruction and KL {low} nats per image at β = {config.beta_low:g}, {high} "
            f"at β = {config.beta_high:g} ({curve['settings']['images']:,} images)."
        )
        trained = load_run(path)
    else:
        score = measured_elbo(trained) or score_elbo(trained, config_dataset(config, options.root))
        show.say(
            f"Done: reconstruction {score['nll']:.2f} and KL {sum(score['kl']):.2f} nats per "
            f"image, {sum(active_latents(score))} of {config.latents} latents active "
            f"({score['settings']['images']:,} images)."
        )
        trained = load_run(path)
    show_result(options, {"run": str(path), **summary(trained)}, str(path))
    return 0


def _forked(
    options: argparse.Namespace, overrides: dict[str, Any], root: Path
) -> tuple[RunConfig, Path]:
    """The settings and the folder of the fork that the options ask for, made now."""
    if not options.parent or options.preset:
        raise InputError(
            "--from RUN --after N begins with the run's settings and one of its snapshots: give "
            "both, and no --preset.",
            Refusal.CONFLICT,
        )
    parent = load_run(find_run(options.parent, root))
    after = (parent.images_seen or 0) if options.after is None else options.after
    config = fork_config(parent, after, **overrides)
    path = root / run_name(options.name or config.run_id)
    fork(parent, after, config, path, options.root)
    return config, path


class _Watched:
    """The training's line: terms, rate and remaining time."""

    def __init__(self, show: Show, config: RunConfig) -> None:
        self.show, self.total = show, config.images
        self.first: tuple[int, float] | None = None

    def rate(self, images: int, seconds: float) -> float:
        """Images/s since the first record of this session; 0 before the second one."""
        first_images, first_seconds = self.first or (images, seconds)
        took = seconds - first_seconds
        return (images - first_images) / took if took > 0 else 0.0

    def tell(self, name: str, record: Record) -> None:
        self.first = self.first or (record.images, record.seconds)
        left = "–"
        rate, kl = self.rate(record.images, record.seconds), sum(record.kl)
        if rate:
            minutes = math.ceil((self.total - record.images) / rate / 60)
            left = f"{rate:,.0f} images/s, {minutes} min left"
        self.show(
            name,
            record.images,
            self.total,
            text=f"nll {record.nll:.2f}  KL {kl:.2f}  {left}",
            nll=record.nll,
            kl=list(record.kl),
            images_per_second=rate,
        )
