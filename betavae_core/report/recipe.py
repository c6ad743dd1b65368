"""The recipe of a run: all that runs must share, besides β and seed, to be compared."""

from dataclasses import dataclass

from ..presets import ONE_PASS
from ..store import Run
from ..tables.families import recipe
from ..tables.lengths import length_of
from ..tables.parts import architecture_title


@dataclass(frozen=True, order=True)
class Recipe:
    """Runs of one recipe differ in β and seed alone. The precision may differ, since it depends on
    the machine."""

    dataset: str
    source: str
    shape: tuple[int, ...]
    model: str
    architecture: str  # the model's name for people
    length: str  # for people: "10 passes, KL warm-up"
    images: int  # seen in training
    batch_size: int  # 0 for baselines
    settings: tuple[str, ...]  # with all others, as texts

    @property
    def passes(self) -> float | None:
        """The length in passes over the dataset; None for a dataset of unknown size."""
        size = ONE_PASS.get(self.dataset)
        return self.images / size if size else None

    @property
    def title(self) -> str:
        """ "Conv VAE, 1 pass, batches of 64, rendered images"."""
        batches = f"batches of {self.batch_size}" if self.batch_size else ""
        parts = (self.architecture, self.length, batches, f"{self.source} images")
        return ", ".join(part for part in parts if part)


def recipe_of(run: Run) -> Recipe | None:
    """The recipe of a trained run with one β; None for baselines, imports, models for every β and
    runs that were steered while they trained, which have no training that others repeat with
    another β."""
    config, length = run.config, length_of(run)
    if length is None or config.beta is None or config.by_hand:
        return None
    return Recipe(
        config.dataset,
        config.source,
        config.shape,
        config.model,
        architecture_title(run),
        length.title(ONE_PASS.get(config.dataset)),
        config.images,
        config.batch_size,
        tuple(str(value) for value in recipe(config, "beta")),
    )


def baselines_on(dataset: str, source: str) -> Recipe:
    """What baselines share: the images alone, without a training."""
    return Recipe(dataset, source, (), "", "baselines", "", 0, 0, ())
