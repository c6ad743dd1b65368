"""Help is there at once, lists what there is, and explains every option."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from betavae_core import config, config_checks
from betavae_core.commands.options import add_verbs, names
from betavae_core.commands.pages import PAGES
from betavae_core.datasets import DATASETS
from betavae_core.datasets.downloads import DOWNLOADS
from betavae_core.export import EXPORTS
from betavae_core.fid import FEATURES
from betavae_core.fid.reference import IMAGES as REFERENCE_IMAGES
from betavae_core.metrics import METRICS, STATISTICS
from betavae_core.metrics.classifiers import CLASSIFIERS
from betavae_core.models import MODELS
from betavae_core.objective import LIKELIHOODS
from betavae_core.scoring.distances import IMAGE_KINDS, IMAGES
from betavae_core.training.jobs import CHECKPOINT_SECONDS
from betavae_core.training.loop import OBSERVATIONS
from betavae_core.training.step import OPTIMIZERS
from betavae_core.traversal.codes import MODES, STEPS

ROOT = Path(__file__).resolve().parents[2]


def parsers() -> dict[str, argparse.ArgumentParser]:
    """Verb, and action of data and of queue, → its parser."""
    top = argparse.ArgumentParser()
    verbs = top.add_subparsers(dest="verb")
    add_verbs(verbs)
    found: dict[str, argparse.ArgumentParser] = dict(verbs.choices)
    for verb in ("data", "queue"):
        actions = found.pop(verb)._subparsers
        assert actions is not None
        for group in actions._group_actions:
            found |= {f"{verb} {name}": parser for name, parser in group.choices.items()}  # type: ignore[union-attr]
    return found


PARSERS = parsers()


def options() -> Iterator[tuple[str, argparse.Action]]:
    for verb, parser in PARSERS.items():
        for action in parser._actions:
            if action.help is not argparse.SUPPRESS:
                yield verb, action


def test_lists_are_those_of_the_tables() -> None:
    assert (*DATASETS, "folder") == names.DATASETS
    assert tuple(MODELS) == config.MODELS
    assert tuple(LIKELIHOODS) == config_checks.LIKELIHOODS
    assert tuple(OPTIMIZERS) == config_checks.OPTIMIZERS
    assert tuple(METRICS | STATISTICS) == names.METRICS
    assert tuple(CLASSIFIERS) == names.CLASSIFIERS
    assert tuple(FEATURES) == names.FEATURES
    assert tuple(IMAGE_KINDS) == names.DISTANCE_KINDS
    assert tuple(EXPORTS) == names.EXPORTS
    assert tuple(name for name, entry in EXPORTS.items() if entry.usual) == names.USUAL_EXPORTS
    assert tuple(PAGES) == names.PAGES
    assert tuple(MODES) == names.TRAVERSAL_MODES


def test_defaults_are_those_of_the_rooms() -> None:
    fid = PARSERS["fid"].parse_args([])
    assert (fid.images, fid.reference_images) == (IMAGES, REFERENCE_IMAGES)
    assert PARSERS["train"].parse_args([]).checkpoint_seconds == CHECKPOINT_SECONDS
    assert STEPS == (3, 15)
    assert OBSERVATIONS == 5
    assert set(DOWNLOADS) <= set(names.DATASETS)


@pytest.mark.parametrize(("verb", "action"), list(options()), ids=lambda value: str(value)[:40])
def test_every_option_is_explained(verb: str, action: argparse.Action) -> None:
    assert action.help, f"{verb} {action.dest}"
    assert action.help % {"default": 1, "choices": 1}  # percent signs are escaped


@pytest.mark.parametrize("verb", sorted(set(PARSERS) - {"presets"} - {f"data {n}" for n in (
    "list", "fetch", "check", "verify", "cache")}))  # fmt: skip
def test_the_folder_of_runs_has_one_name(verb: str) -> None:
    needed = [action for action in PARSERS[verb]._actions if "--runs" in action.option_strings]
    assert [action.dest for action in needed] == ["runs_folder"]


@pytest.mark.parametrize(
    ("former", "now"),
    [
        (["train", "--out", "there"], ("runs_folder", "there")),
        (["export", "all", "a", "--runs-from", "there"], ("runs_folder", "there")),
        (["evaluate", "a", "--most", "7"], ("limit", 7)),
        (["evaluate", "a", "--seeds", "3"], ("draws", 3)),
    ],
)
def test_former_names_go_on_working(former: list[str], now: tuple[str, object]) -> None:
    found = PARSERS[former[0]].parse_args(former[1:])
    assert getattr(found, now[0]) == now[1]


@pytest.mark.parametrize(
    "arguments", [["--help"], *([verb, "--help"] for verb in ("train", "check"))]
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """torch alone takes seconds."""
    code = (
        "import sys, atexit\n"
        "from betavae_core.__main__ import main\n"
        "heavy = {'torch', 'numpy', 'sklearn', 'pandas', 'streamlit'}\n"
        "atexit.register(lambda: print('heavy:', sorted(heavy & set(sys.modules))))\n"
        f"main({arguments!r})"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert found.stdout.splitlines()[-1] == "heavy: []"
