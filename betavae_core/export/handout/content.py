"""What a handout contains: one or several runs of the same images."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...datasets import Dataset, dataset_title
from ...disk_cache import Progress
from ...errors import InputError, Refusal, wrong_value
from ...scoring.rate_distortion import measured_rate_distortion
from ...store import Run
from ...store.labels import run_labels
from ...tables.beta_explorer import TERMS, explorer_caption, explorer_settings
from ...tables.summary import Quantity, quantities
from ...traversal.pictures import MOST_RUNS, Codes, dataset_codes
from .live import LiveRun, Starts, live_run, starts_of
from .maps import MapPart, maps_of


@dataclass(frozen=True)
class Explorer:
    """The reconstructions, KL and trade-off of a model for every β."""

    run: int  # its number on the page
    settings: dict[str, Any]
    caption: str


@dataclass(frozen=True)
class Handout:
    """The contents of one page."""

    title: str
    source: str  # the dataset and its source, for people
    runs: list[LiveRun]
    starts: Starts | None  # None: the dataset is not here
    maps: list[MapPart]
    explorers: list[Explorer]
    quantities: list[Quantity]
    missing: str  # what is not here, and why, in a sentence

    @property
    def is_live(self) -> bool:
        """Whether a run has sliders."""
        return any(each.model is not None for each in self.runs)

    @property
    def encodes(self) -> bool:
        """Whether a run can encode an image in the browser."""
        return any(each.model is not None and bool(each.model.encoder) for each in self.runs)

    @property
    def measured(self) -> list[str]:
        """The titles of the runs whose quantities are known: a model for every β has none at one
        β."""
        return [each.title for each in self.runs if not each.run.config.multirate]


def handout(
    runs: Sequence[Run],
    dataset: Dataset | None,
    *,
    missing: str = "",
    codes: Codes | None = None,
    others: Sequence[Run] = (),
    progress: Progress | None = None,
) -> Handout:
    """The contents for runs of the same images.

    Args:
        dataset: their images, None if they are not here; `missing` then says why, in a sentence.
        codes: of the images that represent the dataset, by default computed.
        others: further runs; those of one β are marked beside a model for every β.
        progress: receives each run.

    Raises `InputError` for a baseline, a run without weights, runs of different images, and too
    many of them.
    """
    if not 1 <= len(runs) <= MOST_RUNS:
        raise wrong_value("A handout", f"1 to {MOST_RUNS} runs", len(runs), "takes")
    first = runs[0].config
    for run in runs:
        if (run.config.dataset, run.config.shape) != (first.dataset, first.shape):
            raise InputError(
                f"{run.name} was trained on other images than {runs[0].name}: the runs of a "
                "handout need the same images.",
                Refusal.CONFLICT,
                runs=[runs[0].name, run.name],
            )
    titles = _titles(runs)
    starts = starts_of(dataset)
    codes = codes or (dataset_codes(dataset) if dataset is not None else _none)
    tell = progress or (lambda what, done, total: None)
    live = []
    for number, (run, title) in enumerate(zip(runs, titles, strict=True)):
        tell("Page to take home", number, len(runs) + 1)
        live.append(live_run(run, title, dataset, starts, codes, others))
    tell("Page to take home", len(runs), len(runs) + 1)
    name = dataset_title(first.dataset)
    return Handout(
        title=f"{name}: {', '.join(titles)}",
        source=f"{name} ({first.source if dataset is None else dataset.source_and_part})",
        runs=live,
        starts=starts,
        maps=[] if dataset is None else maps_of(runs, titles, dataset, others),
        explorers=[] if starts is None else _explorers(live, others),
        quantities=quantities([run for run in runs if not run.config.multirate]),
        missing=missing,
    )


def _titles(runs: Sequence[Run]) -> list[str]:
    """The short names of the runs, the range of β for a model for every β."""
    labels = run_labels(runs)
    return [
        run.config.beta_words if run.config.multirate else label
        for run, label in zip(runs, labels, strict=True)
    ]


def _none(run: Run) -> Any:
    raise AssertionError(f"{run.name}: without a dataset there are no codes")


def _explorers(live: Sequence[LiveRun], others: Sequence[Run]) -> list[Explorer]:
    found = []
    for number, each in enumerate(live):
        run = each.run
        encodes = each.model is not None and bool(each.model.encoder)
        if run.config.multirate and encodes and measured_rate_distortion(run):
            settings, separate = explorer_settings(run, others)
            caption = f"{TERMS} {explorer_caption(run, separate)}"
            found.append(Explorer(number, settings, caption))
    return found
