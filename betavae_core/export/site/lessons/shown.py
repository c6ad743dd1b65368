"""A view of a lesson on a page: what it needs, and what it becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from ....datasets import Dataset
from ....lessons import Facts, Lesson, View
from ....lessons.view_runs import ViewRuns
from ....store import Run


@dataclass(frozen=True)
class Shared:
    """What the pages of lessons share with the other pages of the site, by addresses from their
    folder.

    dataset: of a run, if its images are here; file: of a run's model, "" if it is not live; page:
    of a run; sprite: the picture with the images of a run's map; images: keeps the images of a
    slider of β and returns the address of their file; measured: the charts of a run's dataset.
    """

    everything: Sequence[Run]
    dataset: Callable[[Run], Dataset | None]
    file: Callable[[Run], str]
    page: Callable[[Run], str]
    sprite: Callable[[Run], str]
    images: Callable[[Run], str]
    measured: Callable[[Run], str]


@dataclass(frozen=True)
class Shown(ViewRuns):
    """A view with the facts of its lesson."""

    view: View
    lesson: Lesson
    facts: Facts
    shared: Shared

    @property
    def everything(self) -> Sequence[Run]:
        return self.shared.everything

    @property
    def dataset(self) -> Dataset | None:
        runs = self.with_weights or self.runs
        return self.shared.dataset(runs[0]) if runs else None


@dataclass(frozen=True)
class Still:
    """What stands on the page; live: what the script puts into its place, with the address of its
    files by their names."""

    html: Markup
    caption: str = ""
    live: dict[str, Any] | None = None
    files: dict[str, str] = field(default_factory=dict)


def missing(shown: Shown) -> Still:
    """The view of what is not here."""
    return Still(
        Markup('<p class="note">{}</p>').format(
            f"What this step shows ({shown.view.name}) is not computed for the models here."
        )
    )
