"""The model of a dataset for every β, which pages show beside those of one β each."""

from betavae_core.store import Run
from betavae_core.tables.every_beta import model_for_every_beta
from pages._ui.runs import all_runs


def every_beta(dataset: str, shape: tuple[int, int, int]) -> Run | None:
    """`model_for_every_beta` of the runs on disk."""
    return model_for_every_beta(all_runs(multirate=True)[0], dataset, shape)
