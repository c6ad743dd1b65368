"""Runs named by what they are, so that a lesson survives new runs and other machines."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..config import BASELINE_KINDS, BASELINES
from ..datasets import DATASETS, own_datasets
from ..models import MODELS
from ..store import Run, unsteered
from ..tables.families import family
from ..tables.lengths import length_of, lengths
from ..tables.scores import variant
from .header import Header, refusal

LENGTHS = ("usual", "longest", "most runs")


@dataclass(frozen=True)
class Selection:
    """Finished runs on one dataset: of one model, or of one kind of baseline.

    length chooses among trainings of these β and seeds (all if empty) but different length: "usual"
    takes the one with the most values of β, the longest of these, as the pages do; "longest" and
    "most runs" what they say. fit is that of a baseline, as in its settings.
    """

    dataset: str
    model: str = ""
    baseline: str = ""
    fit: str = ""
    length: str = "usual"
    betas: tuple[float, ...] = ()
    seeds: tuple[float, ...] = ()


def read_selection(header: Header) -> Selection:
    """Read `{dataset = "2dshapes", model = "conv", beta = 4, seed = 123, length = "longest"}`, or
    `{dataset = "2dshapes", baseline = "pca"}`."""
    dataset = header.one_of("dataset", [*DATASETS, *own_datasets()])
    if ("model" in header) == ("baseline" in header):
        raise refusal(header.where, 'give either "model" or "baseline"')
    betas, seeds = header.numbers("beta"), header.numbers("seed")
    if "baseline" in header:
        kind, fit = header.one_of("baseline", BASELINE_KINDS), header.text("fit", "")
        chosen = Selection(dataset, baseline=kind, fit=fit, seeds=seeds)
    else:
        trained = [name for name in MODELS if name not in BASELINES]
        model, length = header.one_of("model", trained), header.one_of("length", LENGTHS, "usual")
        chosen = Selection(dataset, model, length=length, betas=betas, seeds=seeds)
    header.end()
    return chosen


def narrowed(
    runs: Sequence[Run], betas: Sequence[float] = (), seeds: Sequence[float] = ()
) -> list[Run]:
    """Of the runs those with these β and seeds; all if none are given."""
    return [
        run
        for run in runs
        if (not betas or run.config.beta in betas) and (not seeds or run.config.seed in seeds)
    ]


def selected(selection: Selection, runs: Sequence[Run]) -> list[Run]:
    """The runs of a selection, by β and seed. Trained runs differ only in β and seed: a chart may
    join them."""
    here = [run for run in runs if run.config.dataset == selection.dataset]
    here = narrowed(here, selection.betas, selection.seeds)
    if selection.baseline:
        found = [
            run
            for run in here
            if run.config.baseline == selection.baseline and variant(run.config) == selection.fit
        ]
    else:
        found = [
            run
            for run in unsteered(here)
            if run.config.model == selection.model
            and not run.config.baseline
            and not run.config.origin
            and run.status == "finished"
        ]
        found = _of_one_length(found, selection.length)
        if not any(run.config.multirate for run in found):
            found = family(found)[0]
    return sorted(found, key=lambda run: (run.config.beta or 0.0, run.config.seed))


def _of_one_length(runs: list[Run], length: str) -> list[Run]:
    there = lengths(runs)
    if not there:
        return runs
    counts = {each: sum(length_of(run) == each for run in runs) for each in there}
    chosen = {
        "usual": there[0],
        "longest": max(there),
        "most runs": max(there, key=lambda each: (counts[each], each)),
    }[length]
    return [run for run in runs if length_of(run) == chosen]
