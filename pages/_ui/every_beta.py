"""The model of a dataset for every β, which pages show beside those of one β each."""

from betavae_core.scoring.rate_distortion import measured_rate_distortion
from betavae_core.store import Run
from pages._ui.runs import all_runs


def run_for_every_beta(dataset: str, shape: tuple[int, int, int]) -> Run | None:
    """The run for a range of β of this dataset, at this shape, with the most images, if there is
    one with weights whose rate and distortion were measured."""
    found = [
        run
        for run in all_runs(multirate=True)[0]
        if run.config.multirate
        and run.config.dataset == dataset
        and run.has_weights
        and run.config.shape == shape
        and measured_rate_distortion(run)
    ]
    return max(found, key=lambda run: run.config.images, default=None)
