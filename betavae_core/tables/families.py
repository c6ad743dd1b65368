"""The runs that differ only in β and seed, which one line may join."""

from collections.abc import Sequence
from dataclasses import fields

from ..config import RunConfig
from ..store import Run, unsteered

# What no two trainings are told apart by: the seed; what depends on the machine and its engine; how
# the shape of images, the origin and the file are written
LEFT_OUT = {"seed", "precision", "order_seed", "channels", "image_size", "origin", "format"}


def recipe(config: RunConfig, *differ: str) -> tuple[object, ...]:
    """What trainings share that differ only in the settings named, in the seed, and in precision
    and order of images, which depend on the machine. An import has a training of its own kind."""
    names = [each.name for each in fields(config) if each.name not in LEFT_OUT.union(differ)]
    return (bool(config.origin), config.shape, *(getattr(config, name) for name in names))


def family(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The largest group of trained runs that differ only in β and seed, and the other runs: a line
    over β must not join different models, latents, budgets, warm-ups or likelihoods, nor runs that
    were steered while they trained."""
    trained = [run for run in runs if not run.config.baseline]
    usable = [run for run in unsteered(trained) if run.config.beta is not None]
    if not usable:
        return [], trained
    recipes = [recipe(run.config, "beta") for run in usable]
    largest = max(recipes, key=recipes.count)
    inside = [run for run, each in zip(usable, recipes, strict=True) if each == largest]
    return inside, [run for run in trained if not any(run is each for each in inside)]
