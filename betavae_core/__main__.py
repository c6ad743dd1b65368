"""The command line: python -m betavae_core <verb>. Progress goes to stderr, results to stdout."""

import argparse
import json
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from typing import Any

from .commands import data, evaluate
from .commands.data import Bar
from .config import IMAGE_SHAPES, PRESETS, RunConfig, preset
from .datasets import DATASETS, config_dataset, load_dataset
from .errors import InputError
from .evaluation import active_latents, score_elbo
from .importers import IMPORTERS, import_checkpoint
from .models import MODELS
from .paths import runs_root
from .store import BrokenRun, Run, find_run, list_runs, load_run, read_config
from .sweep import Sweep, sweep
from .training import Diverged, train

# fields of the config that the command line does not set: they follow from others
DERIVED = ("channels", "image_size", "origin", "format")
SMALL, SMALL_PASSES = 100_000, 20  # own datasets below that size are seen that many times


def main(arguments: list[str] | None = None) -> int:
    """Run one verb; returns the exit status: 0 done, 1 training diverged, 2 bad input."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except Diverged as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        print(
            f"Reading or writing failed: {error.strerror or error}{where}; what was saved before "
            "is kept, `--resume` goes on from there.",
            file=sys.stderr,
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m betavae_core", description="Train, import and list β-VAEs and their data."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, run: Callable[[argparse.Namespace], int], about: str):  # type: ignore[no-untyped-def]
        added = verbs.add_parser(name, help=about, description=about)
        added.add_argument("--json", action="store_true", help="print the result as JSON on stdout")
        added.add_argument(
            "--out", metavar="DIR", help="folder of runs (default $BETAVAE_RUNS or trained_models)"
        )
        added.set_defaults(run=run)
        return added

    training = verb("train", _train, "Train one β-VAE into a run folder.")
    training.add_argument(
        "--preset",
        metavar="NAME",
        help=f"settings to start from (default DATASET-MODEL-laptop): {', '.join(PRESETS)}",
    )
    training.add_argument("--name", help="the run's folder name (default: made from the settings)")
    training.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="RUN",
        help="continue: the named run with its own settings, or the one these settings name",
    )
    training.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    training.add_argument(
        "--root", metavar="PATH", help="official file or its folder; own images (--dataset folder)"
    )
    training.add_argument(
        "--image-size", type=int, metavar="PIXELS", help="of own images: 32 or 64 (default: nearer)"
    )
    training.add_argument("--half", action="store_true", help="store final weights as float16")
    training.add_argument("--graph", action="store_true", help="capture the step as a CUDA graph")
    training.add_argument(
        "--checkpoint-seconds", type=float, default=30.0, metavar="S", help="default %(default)g"
    )
    settings = training.add_argument_group("settings (default: the preset's)")
    for field in fields(RunConfig):
        if field.name not in DERIVED:
            kind: Any = float if field.type == float | None else field.type
            flag = "--" + field.name.replace("_", "-")
            settings.add_argument(flag, type=kind, metavar=kind.__name__.upper())

    sweeping = verb("sweep", _sweep, "Train every combination of β and seed, several at a time.")
    sweeping.add_argument(
        "--preset", metavar="NAME", help="settings to start from (default: DATASET-MODEL-laptop)"
    )
    sweeping.add_argument("--dataset", default="2dshapes", choices=DATASETS, help="%(choices)s")
    sweeping.add_argument("--model", default="conv", choices=MODELS, help="%(choices)s")
    sweeping.add_argument("--beta", default="0.1,1,4,10", metavar="B,B,…", help="%(default)s")
    sweeping.add_argument("--seed", default="123", metavar="S,S,…", help="default %(default)s")
    sweeping.add_argument("--images", type=int, help="images per run (default: the preset's)")
    sweeping.add_argument("--workers", type=int, help="runs at a time (default: one per core)")
    sweeping.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    sweeping.add_argument("--root", metavar="PATH", help="official dataset file or its folder")
    sweeping.add_argument("--half", action="store_true", help="store final weights as float16")

    importing = verb("import", _import, "Turn another project's checkpoint into a run.")
    known = "; ".join(f"{name} ({entry.layout})" for name, entry in IMPORTERS.items())
    importing.add_argument("path", help=f"the checkpoint's folder; known projects: {known}")
    importing.add_argument("--name", help="the run's folder name (default: the checkpoint's)")

    data.add_parser(verbs)
    evaluate.add_parser(verbs)
    verb("runs", _runs, "List the runs that are here, the broken ones with the reason.")
    verb("presets", _presets, "List the presets of the paper and their settings.")
    return parser


def _train(options: argparse.Namespace) -> int:
    root = runs_root(options.out)
    name = options.name
    overrides = {
        field.name: getattr(options, field.name)
        for field in fields(RunConfig)
        if field.name not in DERIVED and getattr(options, field.name) is not None
    }
    if options.resume:
        if options.preset:
            raise InputError("--resume RUN continues with the run's own settings: no --preset.")
        path = find_run(options.resume, root)
        root, name, config = path.parent, path.name, replace(read_config(path), **overrides)
    else:
        config = _config(options, overrides)
        path = root / (name or config.run_id)
    say = _Progress(config)
    with _asked_to_stop() as asked:
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
            progress=Bar(),
            stop=lambda: bool(asked),
        ):
            if say.first is None:  # only now is it known that everything asked for is there
                say.line(
                    f"{path.name}: beta {config.beta:g} (normalised {config.beta_normalised:.3g}), "
                    f"{config.images:,} images of {config.dataset} ({config.source}) → {path}"
                )
            say.bar(record.images, record.seconds, f"nll {record.nll:.2f}  KL {sum(record.kl):.2f}")
    run = load_run(path)
    if asked:
        say.line(f"Stopped and saved; continue with: train --resume {path}")
    else:
        score = run.score("elbo") or score_elbo(run, config_dataset(config, options.root))
        say.line(
            f"Done: reconstruction {score['nll']:.2f} and KL {sum(score['kl']):.2f} nats per "
            f"image, {sum(active_latents(score))} of {config.latents} latents active "
            f"({score['settings']['images']:,} images)."
        )
        run = load_run(path)
    _result(options, {"run": str(path), **_summary(run)}, str(path))
    return 0


def _sweep(options: argparse.Namespace) -> int:
    name = options.preset or f"{options.dataset}-{options.model}-laptop"
    base = preset(name)
    if options.images is not None:
        base = replace(base, images=options.images)
    configs = [
        replace(base, beta=beta, seed=seed)
        for seed in _numbers(options.seed, int, "--seed")
        for beta in _numbers(options.beta, float, "--beta")
    ]
    config_dataset(base, options.root, Bar())  # one-time work is done once, before the workers
    say = _SweepProgress()
    state = None
    with _asked_to_stop() as asked:
        for state in sweep(
            configs,
            runs_root(options.out),
            workers=options.workers,
            device=options.device,
            half=options.half,
            data_root=options.root,
            stop=lambda: bool(asked),
        ):
            say.show(state)
    assert state is not None, "a sweep yields at least once"
    for job in state.jobs:
        if job.status == "failed":
            print(f"{job.name} failed: {job.reason}", file=sys.stderr)
    if asked:
        print("Stopped and saved; the same command goes on.", file=sys.stderr)
    done = [{"run": job.name, "status": job.status, "reason": job.reason} for job in state.jobs]
    if options.json:
        print(json.dumps(done))
    else:
        print("\n".join(f"{job.name}  {job.status}" for job in state.jobs))
    return 1 if state.count("failed") else 0


def _numbers(text: str, kind: type, flag: str) -> list[Any]:
    try:
        return [kind(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f'{flag} takes numbers with commas between, got "{text}".') from error


class _SweepProgress:
    """All runs of a sweep in one line, on stderr."""

    def __init__(self) -> None:
        self.said = ""
        self.when = 0.0

    def show(self, state: Sweep) -> None:
        running = ", ".join(
            f"{job.name} {100 * job.images // job.config.images} %"
            for job in state.jobs
            if job.status == "running"
        )
        left = state.seconds_left
        text = (
            f"{state.count('finished')} of {len(state.jobs)} finished, "
            + (f"{state.count('failed')} failed, " if state.count("failed") else "")
            + f"{'–' if left is None else math.ceil(left / 60)} min left"
            + (f"; {running}" if running else "")
        )
        tty = sys.stderr.isatty()
        if text != self.said and (tty or time.monotonic() - self.when > 30):
            print(
                text.ljust(len(self.said)), end="\r" if tty else "\n", file=sys.stderr, flush=True
            )
            self.said, self.when = text, time.monotonic()


def _config(options: argparse.Namespace, overrides: dict[str, Any]) -> RunConfig:
    """The settings asked for: the preset's, else those usual for the dataset and model, with what
    the command line overrides; a dataset of your own brings its name and image shape."""
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
def _asked_to_stop() -> Iterator[list[int]]:
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


class _Progress:
    """A line on stderr that is redrawn on a terminal and printed anew elsewhere."""

    def __init__(self, config: RunConfig) -> None:
        self.total = config.images
        self.first: tuple[int, float] | None = None
        self.percent = -5

    def line(self, text: str) -> None:
        print(text, file=sys.stderr)

    def bar(self, images: int, seconds: float, text: str) -> None:
        self.first = self.first or (images, seconds)
        done, took = images - self.first[0], seconds - self.first[1]
        left = "–"
        if done and took > 0:
            rate = done / took
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


def _import(options: argparse.Namespace) -> int:
    path = import_checkpoint(options.path, runs_root(options.out), options.name)
    run = load_run(path)
    if run.config.dataset in DATASETS:
        score_elbo(run, load_dataset(run.config.dataset, progress=Bar()))
    _result(options, {"run": str(path)}, f"{path}  ({run.config.origin})")
    return 0


def _runs(options: argparse.Namespace) -> int:
    found = list_runs(runs_root(options.out))
    if options.json:
        print(json.dumps([_summary(run) for run in found], indent=1))
        return 0
    if not found:
        print("No runs yet; train one with: python -m betavae_core train")
    for run in found:
        if isinstance(run, BrokenRun):
            print(f"{run.name}  BROKEN: {run.reason}")
        else:
            about = _summary(run)
            nll = "not computed" if about["nll"] is None else f"{about['nll']:.2f}"
            kl = "not computed" if about["kl"] is None else f"{about['kl']:.2f}"
            print(f"{run.name}  {run.status}  nll {nll}  KL {kl}")
    return 0


def _summary(run: Run | BrokenRun) -> dict[str, Any]:
    if isinstance(run, BrokenRun):
        return {"name": run.name, "status": "broken", "reason": run.reason}
    score = run.score("elbo")
    return {
        "name": run.name,
        "status": run.status,
        "images": run.images_seen,
        "nll": score["nll"] if score else None,
        "kl": sum(score["kl"]) if score else None,
        "active_latents": sum(active_latents(score)) if score else None,
        "config": asdict(run.config),
    }


def _presets(options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps({name: asdict(config) for name, config in PRESETS.items()}, indent=1))
        return 0
    for name, config in PRESETS.items():
        print(
            f"{name:24} {MODELS[config.model].title}, {config.optimizer} {config.learning_rate:g}, "
            f"batch {config.batch_size}, {config.latents} latents, {config.images:,} images"
        )
    return 0


def _result(options: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data) if options.json else text)


if __name__ == "__main__":
    sys.exit(main())
