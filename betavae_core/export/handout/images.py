"""The images of a handout, or the reason why it has none."""

from pathlib import Path

from ...config import RunConfig
from ...datasets import DATASETS, Dataset, config_dataset, dataset_title, load_dataset
from ...disk_cache import Progress
from ...errors import InputError, Refusal

NOT_HERE = (Refusal.MISSING, Refusal.UNKNOWN_NAME)


def images_of(
    config: RunConfig, root: str | Path | None = None, progress: Progress | None = None
) -> tuple[Dataset | None, str]:
    """The dataset of a run, rendered if the official file is not here; or None and a sentence for
    the page. Raises `InputError` for a file that is here and cannot be read."""
    found: Dataset | None = None
    try:
        found = config_dataset(config, root, progress)
    except InputError as error:
        if error.kind not in NOT_HERE:
            raise
        entry = DATASETS.get(config.dataset)
        if entry is not None and entry.rendered is not None:
            found = load_dataset(config.dataset, "rendered", progress=progress)
    if found is not None and found.shape == config.shape:
        return found, ""
    return None, lacking(config.dataset)


def lacking(name: str) -> str:
    """The sentence for the page."""
    return (
        f"The images of {dataset_title(name)} were not on the machine that made this page: the "
        "sliders start from the prior, and there are no histograms and no map of latent space."
    )
