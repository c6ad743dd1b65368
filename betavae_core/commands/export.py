"""export KIND RUN…: pictures and tables as files, with descriptions, and pages."""

import argparse
import json
from inspect import signature
from pathlib import Path
from typing import Any

from ..datasets import Dataset, dataset_to_look_at
from ..errors import InputError, Refusal, unknown_name, wrong_value
from ..export import EXPORTS, Export
from ..paths import runs_root
from ..store import Run, find_run, load_run
from ..store.frozen import at_beta
from ..traversal.codes import MODES, STEPS, Values
from .pages import PAGES
from .progress import shown_progress
from .states import after, betas, no_option

OPTIONS = ("image", "to", "seed", "mode", "steps", "latents", "factor")  # of some kinds


def run(options: argparse.Namespace) -> int:
    if options.kind not in (*EXPORTS, *PAGES, "all"):
        raise unknown_name("export", options.kind, [*EXPORTS, *PAGES, "all"])
    given = _given(options)
    if not options.names and options.kind != "site":
        raise InputError(
            f"The export {options.kind} needs a run: give its name or its folder.",
            Refusal.MISSING,
            name="RUN",
        )
    if options.kind in PAGES:
        for name in given:
            raise no_option(options.kind, name)
        return PAGES[options.kind](options)
    kinds = [options.kind]
    if options.kind == "all":
        kinds = [kind for kind, entry in EXPORTS.items() if entry.usual]
    for name in given:
        if not any(_takes(EXPORTS[kind], name) for kind in kinds):
            raise no_option(options.kind, name)
    root, out = runs_root(options.runs_folder), Path(options.out)
    show = shown_progress(options)
    opened = [load_run(find_run(name, root)) for name in options.names]
    if options.after is not None:
        if not all(EXPORTS[kind].states for kind in kinds):
            raise no_option(options.kind, "after")
        opened = [after(each, options.after) for each in opened]
    opened, kinds = _atbetas(opened, kinds, options, given)
    written = []

    def write(kind: str, runs: Any, first: str, dataset: Dataset) -> None:
        chosen = _chosen(EXPORTS[kind], given)
        folder = EXPORTS[kind].write(runs, dataset, out, **chosen)
        written.append({"run": first, "kind": kind, "folder": str(folder)})
        if not options.json:
            print(folder)

    if EXPORTS[kinds[0]].together:
        first = opened[0]
        write(kinds[0], opened, first.name, dataset_to_look_at(first.config, options.root, show))
    else:
        for each in opened:
            dataset = dataset_to_look_at(each.config, options.root, show)
            for kind in kinds:
                if options.kind == kind or not EXPORTS[kind].factors or dataset.space is not None:
                    write(kind, each, each.name, dataset)
    if options.json:
        print(json.dumps(written))
    return 0


def _atbetas(
    opened: list[Run], kinds: list[str], options: argparse.Namespace, given: dict[str, Any]
) -> tuple[list[Run], list[str]]:
    """The models for every β at the β of --beta, and the kinds that take them; for a kind that
    takes their whole range, --beta becomes its option."""
    ranged = [run for run in opened if run.config.multirate]
    if EXPORTS[kinds[0]].multirate:
        if options.beta is not None:
            given["betas"] = betas(options.beta, "two numbers, such as 0.1,10", 2)
        return opened, kinds
    if options.beta is None and (not ranged or not any(EXPORTS[kind].one_beta for kind in kinds)):
        return opened, kinds
    if options.beta is None:
        raise InputError(
            f"{ranged[0].name} is a model for every β from {ranged[0].multirate.low:g} to "
            f"{ranged[0].multirate.high:g}: choose one of them with --beta.",
            Refusal.MANY_BETAS,
            run=ranged[0].name,
            option="beta",
        )
    possible = [kind for kind in kinds if EXPORTS[kind].one_beta]
    if not possible:
        raise InputError(
            f"The export {options.kind} writes what was measured on a run; nothing is stored for a "
            "model for every β at one β. Make a run of it with the verb freeze and evaluate that.",
            Refusal.CONFLICT,
            export=options.kind,
            option="beta",
        )
    (beta,) = betas(options.beta, "one number, such as 4", 1)
    return [at_beta(run, beta) for run in opened], possible


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The given options of some kinds, checked."""
    given = {name: value for name in OPTIONS if (value := getattr(options, name)) is not None}
    if given.get("mode", "prior") not in MODES:
        raise unknown_name("mode", given["mode"], MODES)
    low, high = STEPS
    if not low <= given.get("steps", low) <= high:
        raise wrong_value("--steps", f"{low} to {high}", given["steps"])
    if "latents" in given:
        numbers = [text.strip().removeprefix("z") for text in given["latents"].split(",")]
        if not all(number.isdecimal() and len(number) < 9 for number in numbers):
            raise wrong_value("--latents", "numbers such as 3,0", given["latents"], "takes")
        given["latents"] = [int(number) for number in numbers]
    return given


def _takes(entry: Export, name: str) -> bool:
    known = signature(entry.write).parameters
    return name in known or (name in ("mode", "steps") and "values" in known)


def _chosen(entry: Export, given: dict[str, Any]) -> dict[str, Any]:
    """The given options as the arguments of a kind's function."""
    known = signature(entry.write).parameters
    chosen = {name: value for name, value in given.items() if name in known}
    if "values" in known:
        chosen["values"] = Values(given.get("mode", "prior"), given.get("steps", Values().steps))
    return chosen
