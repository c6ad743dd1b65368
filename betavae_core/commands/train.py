"""train: one β-VAE into a run folder."""

import argparse
import math
import sys
from dataclasses import fields, replace

from ..config import NOT_SET_BY_OPTIONS, RunConfig
from ..datasets import config_dataset
from ..errors import InputError
from ..paths import runs_root
from ..scoring.distances import distance_observer
from ..scoring.elbo import active_latents, measured_elbo, score_elbo
from ..store import find_run, load_run, read_config
from ..training.loop import train
from ..training.under_way import RunUnderWay, publishing
from .base import asked_to_stop, check_distances, config_of, show_result, stoppable, summary
from .progress import Bar


def run(options: argparse.Namespace) -> int:
    root = runs_root(options.runs_folder)
    name = options.name
    overrides = {
        field.name: getattr(options, field.name)
        for field in fields(RunConfig)
        if field.name not in NOT_SET_BY_OPTIONS and getattr(options, field.name) is not None
    }
    if options.resume:
        if options.preset:
            raise InputError("--resume RUN continues with the run's own settings: no --preset.")
        path = find_run(options.resume, root)
        root, name, config = path.parent, path.name, replace(read_config(path), **overrides)
    else:
        config = config_of(options, overrides)
        path = root / (name or config.run_id)
    say = _Progress(config)
    with asked_to_stop() as asked, publishing(root, "train") as publish:
        publish([RunUnderWay(path.name, "waiting", 0, config.images)], None)
        observe = None
        if options.distances:
            check_distances(options.distances)
            observe = distance_observer(
                config_dataset(config, options.root, stoppable(Bar(), asked)),
                options.distances,
                device=options.device,
                progress=stoppable(Bar(), asked),
            )
        for record in train(
            config,
            root,
            name=name,
            resume=options.resume is not None,
            device=options.device,
            data_root=options.root,
            half=options.half,
            graph=options.graph,
            checkpoint_seconds=options.checkpoint_seconds,
            progress=stoppable(Bar(), asked),
            stop=lambda: bool(asked),
            observe=observe,
            snapshots=options.snapshots,
        ):
            if say.first is None:  # only now is it known that everything asked for is there
                say.line(
                    f"{path.name}: beta {config.beta:g} (normalised {config.beta_normalised:.3g}), "
                    f"{config.images:,} images of {config.dataset} ({config.source}) → {path}"
                )
            say.bar(record.images, record.seconds, f"nll {record.nll:.2f}  KL {sum(record.kl):.2f}")
            rate = say.rate(record.images, record.seconds)
            left = (config.images - record.images) / rate if rate else None
            now = RunUnderWay(path.name, "running", record.images, config.images, rate, left)
            publish([now], left)
    trained = load_run(path)
    if trained.status == "unfinished":
        more = (f" --root {options.root}" if options.root else "") + " --half" * options.half
        more += f" --distances {options.distances}" if options.distances else ""
        more += f" --snapshots {options.snapshots}" if options.snapshots else ""
        say.line(f"Stopped and saved; continue with: train --resume {path}{more}")
    else:
        score = measured_elbo(trained) or score_elbo(trained, config_dataset(config, options.root))
        say.line(
            f"Done: reconstruction {score['nll']:.2f} and KL {sum(score['kl']):.2f} nats per "
            f"image, {sum(active_latents(score))} of {config.latents} latents active "
            f"({score['settings']['images']:,} images)."
        )
        trained = load_run(path)
    show_result(options, {"run": str(path), **summary(trained)}, str(path))
    return 0


class _Progress:
    """A line on stderr that is redrawn on a terminal and printed anew elsewhere."""

    def __init__(self, config: RunConfig) -> None:
        self.total = config.images
        self.first: tuple[int, float] | None = None
        self.percent = -5

    def line(self, text: str) -> None:
        print(text, file=sys.stderr)

    def rate(self, images: int, seconds: float) -> float:
        """Images/s since the first record of this session; 0 before there is a second one."""
        first_images, first_seconds = self.first or (images, seconds)
        took = seconds - first_seconds
        return (images - first_images) / took if took > 0 else 0.0

    def bar(self, images: int, seconds: float, text: str) -> None:
        self.first = self.first or (images, seconds)
        left = "–"
        if rate := self.rate(images, seconds):
            left = f"{rate:,.0f} images/s, {math.ceil((self.total - images) / rate / 60)} min left"
        percent = 100 * images // self.total
        if not sys.stderr.isatty() and percent // 5 == self.percent // 5:
            return  # a log file gets a line every 5 %
        self.percent = percent
        filled = round(24 * images / self.total)
        bar = "█" * filled + "·" * (24 - filled)
        end = "\r" if sys.stderr.isatty() and images < self.total else "\n"
        message = f"{bar} {percent:3d} %  {text}  {left}"
        print(message.ljust(96), end=end, file=sys.stderr, flush=True)
