"""What every view of a step needs to draw itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from betavae_core.datasets import Dataset
from betavae_core.lessons import Facts, Lesson, View
from betavae_core.lessons.view_runs import ViewRuns
from betavae_core.store import Run
from pages._ui.runs import dataset_of


@dataclass(frozen=True)
class Shown(ViewRuns):
    """A view on the page, with the facts of its lesson.

    place: distinguishes the keys of its widgets and charts; everything: all runs, baselines
    included; large: for a projector; asking: with the question below it; answering: with the gap
    between guess and answer above it; still: for paper.
    """

    view: View
    lesson: Lesson
    facts: Facts
    everything: Sequence[Run]
    place: str
    large: bool = False
    asking: bool = False
    answering: bool = False
    still: bool = False

    @property
    def dataset(self) -> Dataset | None:
        """The dataset of the runs, if its images are on this machine."""
        runs = self.with_weights or self.runs
        return dataset_of(runs[0]) if runs else None
