"""What a site shows of a folder of runs: those of the same images together."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...datasets import dataset_title
from ...models import VAE
from ...store import Run, unsteered
from ...tables.lengths import length_of
from ...tables.parts import architecture_title, length_title
from ...traversal.pictures import MOST_RUNS


@dataclass(frozen=True)
class Family:
    """Trained runs of one architecture and one training length, which a chart may join."""

    title: str
    runs: list[Run]  # by β and seed


@dataclass(frozen=True)
class SameImages:
    """The runs of the same images."""

    key: str  # for the names of files
    title: str
    runs: list[Run]

    @property
    def live(self) -> list[Run]:
        """Those that can have a page with sliders: trained VAEs with their weights."""
        return [run for run in self.runs if cannot_be_live(run) == ""]

    @property
    def families(self) -> list[Family]:
        """Of the runs of one β each, those with the most values of β first."""
        found: dict[tuple[object, ...], list[Run]] = {}
        for run in unsteered(self.runs):
            config = run.config
            if config.beta is not None and not config.baseline and not config.origin:
                kind = config.model, config.latents, config.likelihood, length_of(run)
                found.setdefault(kind, []).append(run)
        families = [
            Family(
                f"{architecture_title(each[0])}, {length_title(each[0])}",
                sorted(each, key=lambda run: (run.config.beta or 0.0, run.config.seed)),
            )
            for each in found.values()
        ]
        return sorted(families, key=lambda each: -len({run.config.beta for run in each.runs}))

    @property
    def comparisons(self) -> list[Family]:
        """One live run for each β of a family, if there are several."""
        live, found = {run.name for run in self.live}, []
        for family in self.families:
            by_beta = {r.config.beta: r for r in reversed(family.runs) if r.name in live}
            if len(by_beta) > 1:
                runs = sorted(by_beta.values(), key=lambda run: run.config.beta or 0.0)
                found.append(Family(family.title, runs[:MOST_RUNS]))
        return found


def cannot_be_live(run: Run) -> str:
    """Why a run has no page with sliders, in words for a table; "" if it has one."""
    if run.config.baseline:
        return "a baseline"
    if not run.has_weights:
        return "kept without its weights"
    return "" if run.config.multirate or isinstance(run.model, VAE) else "not a VAE"


def groups_of(runs: Sequence[Run]) -> list[SameImages]:
    """The runs by their images: dataset, source and shape; in the order of the runs."""
    found: dict[tuple[object, ...], list[Run]] = {}
    for run in runs:
        config = run.config
        found.setdefault((config.dataset, config.source, config.shape), []).append(run)
    names = [each[0].config.dataset for each in found.values()]
    groups = []
    for name, each in zip(names, found.values(), strict=True):
        config = each[0].config
        alone = names.count(name) == 1
        more = "" if alone else f"-{config.source}-{config.image_size}"
        title = dataset_title(name) + ("" if alone else f" ({config.source})")
        groups.append(SameImages(name + more, title, each))
    return groups
