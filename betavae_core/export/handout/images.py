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
    """`dataset_to_look_at` of a run; or None and a sentence for the page. Raises `InputError` for a
    file that is here and cannot be read."""
    try:
        found = dataset_to_look_at(config, root, progress)
        if found.shape == config.shape:
            return found, ""
    except InputError as error:
        if error.kind not in NOT_HERE:
            raise
    return None, (
        f"The images of {dataset_title(config.dataset)} were not on the machine that made this "
        "page: the sliders start from the prior, and there are no histograms and no map of latent "
        "space."
    )
