"""What every view of a step needs to draw itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from betavae_core.datasets import Dataset
from betavae_core.lessons import Facts, Lesson, View
from betavae_core.lessons.selection import narrowed
from betavae_core.store import Run
from pages._ui.runs import dataset_of


@dataclass(frozen=True)
class Shown:
    """A view on the page, with the facts of its lesson.

    place: distinguishes the keys of its widgets and charts; everything: all runs, baselines
    included; large: for a projector; asking: with the question below it; still: for paper.
    """

    view: View
    lesson: Lesson
    facts: Facts
    everything: Sequence[Run]
    place: str
    large: bool = False
    asking: bool = False
    still: bool = False

    @property
    def every(self) -> list[Run]:
        """All runs of the view's selection."""
        return list(self.facts.runs.get(self.view.of, []))

    @property
    def runs(self) -> list[Run]:
        """Those of the β and seeds that the view names."""
        settings = self.view.settings
        return narrowed(self.every, settings.get("beta", ()), settings.get("seed", ()))

    @property
    def with_weights(self) -> list[Run]:
        return [run for run in self.runs if run.has_weights]

    @property
    def dataset(self) -> Dataset | None:
        """The dataset of the runs, if its images are on this machine."""
        runs = self.with_weights or self.runs
        return dataset_of(runs[0]) if runs else None
