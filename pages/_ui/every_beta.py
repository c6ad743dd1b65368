"""The model of a dataset for every β, which pages show beside those of one β each."""

from collections.abc import Sequence

from betavae_core.presets import ONE_PASS
from betavae_core.store import Run
from betavae_core.store.labels import pass_words
from betavae_core.tables.every_beta import model_for_every_beta
from pages._ui.runs import all_runs

LABEL = "one model for every β"


def every_beta(dataset: str, shape: tuple[int, int, int]) -> Run | None:
    """`model_for_every_beta` of the runs on disk."""
    return model_for_every_beta(all_runs(multirate=True)[0], dataset, shape)


def curve_name(of_all: Run, runs: Sequence[Run]) -> str:
    """The name of its line in a chart of these runs, with its training length if none of them has
    the same."""
    images, dataset = of_all.config.images, of_all.config.dataset
    alike = any(run.config.images == images for run in runs)
    return LABEL + ("" if alike else f", {pass_words(images, ONE_PASS.get(dataset))}")
