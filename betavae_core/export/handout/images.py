"""The images of a handout, or the reason why it has none."""

from pathlib import Path

from ...config import RunConfig
from ...datasets import Dataset, dataset_title, dataset_to_look_at
from ...disk_cache import Progress
from ...errors import InputError, Refusal

NOT_HERE = (Refusal.MISSING, Refusal.UNKNOWN_NAME)


def images_of(
    config: RunConfig, root: str | Path | None = None, progress: Progress | None = None
) -> tuple[Dataset | None, str]:
    """The dataset of a run, or what stands in for its missing files; or None and a sentence for the
    page. Raises `InputError` for a file that is here and cannot be read."""
    found: Dataset | None = None
    try:
        found = dataset_to_look_at(config, root, progress)
    except InputError as error:
        if error.kind not in NOT_HERE:
            raise
    if found is not None and found.shape == config.shape:
        return found, ""
    return None, lacking(config.dataset)


def lacking(name: str) -> str:
    """The sentence for the page."""
    return (
        f"The images of {dataset_title(name)} were not on the machine that made this page: the "
        "sliders start from the prior, and there are no histograms and no map of latent space."
    )
