"""Options of train."""

import argparse
from dataclasses import fields
from typing import Any

from ...config import NOT_SET_BY_OPTIONS, RunConfig
from ...presets import PRESET_SETTINGS
from .common import add_data_root, add_device, add_runs_folder, add_verb, add_watching


def add_parser(verbs: Any) -> None:
    parser = add_verb(verbs, "train", "train:run", "Train one β-VAE into a run folder.")
    parser.add_argument(
        "--name", help="name of the run's folder (default: derived from the settings)"
    )
    parser.add_argument(
        "--resume",
        nargs="?",
        const="",
        metavar="RUN",
        help="continue a run: the named one with its own settings, or without a name the one with "
        "these settings",
    )
    add_fork(parser)
    add_runs_folder(parser, "--out")
    add_device(parser, "auto")
    add_data_root(parser)
    add_watching(parser)
    parser.add_argument("--graph", action="store_true", help="capture the step as a CUDA graph")
    add_settings(parser)


def add_fork(parser: argparse.ArgumentParser) -> None:
    """Options of a run that continues from a state of another one."""
    parser.add_argument(
        "--from",
        dest="parent",
        metavar="RUN",
        help="begin with the weights of this run and its settings (a fork); with --after",
    )
    parser.add_argument(
        "--after",
        type=int,
        metavar="N",
        help="with --from: its snapshot after N images (default: its last weights)",
    )


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The preset, and an option for each setting of a run."""
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="settings to start from (default: DATASET-MODEL-laptop); one of "
        + ", ".join(PRESET_SETTINGS),
    )
    parser.add_argument(
        "--image-size",
        type=int,
        metavar="PIXELS",
        help="side length of your own images, 32 or 64 (default: the nearer)",
    )
    settings = parser.add_argument_group("settings of the run (default: the preset's)")
    for field in fields(RunConfig):
        if field.name not in NOT_SET_BY_OPTIONS:
            optional: dict[Any, type] = {float | None: float, int | None: int}
            kind: Any = optional.get(field.type, field.type)
            settings.add_argument(
                "--" + field.name.replace("_", "-"),
                type=kind,
                metavar={int: "N", float: "X", str: "NAME"}[kind],
                help=field.metadata["about"].replace("%", "%%"),
            )
