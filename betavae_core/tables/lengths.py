"""The training lengths of runs, which no median, line or chart over β may mix.

A recipe here is the length in images and the KL warm-up; `passes` is the length in units of the
dataset.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..penalties import BETA_VAE
from ..store import Run
from ..store.labels import pass_words


@dataclass(frozen=True, order=True)
class Length:
    """The length of a training: images seen, and the images of the KL warm-up."""

    images: int
    kl_warmup: int = 0

    def title(self, size: int | None) -> str:
        """ "10 passes", "1 pass", or the images if the dataset's size is unknown; names a
        warm-up."""
        return pass_words(self.images, size) + ", KL warm-up" * bool(self.kl_warmup)


def length_of(run: Run) -> Length | None:
    """The length of a run trained by this lab; None for baselines, which have none, and for
    imports, whose length in images is unknown."""
    config = run.config
    if config.baseline or config.origin:
        return None
    return Length(config.images, config.kl_warmup)


def lengths(runs: Sequence[Run]) -> list[Length]:
    """The lengths among the runs: first the default (with the most values of β of which the weights
    are there, then with the most values of β, the longest of these), then the others, the longest
    first. Other objectives, which may use the warm-up for something else, count only where there
    is no β-VAE."""
    betas: dict[Length, tuple[set[float | None], set[float | None]]] = {}
    usual = [run for run in runs if run.config.objective == BETA_VAE]
    for run in usual if any(map(length_of, usual)) else runs:
        if length := length_of(run):
            whole, every = betas.setdefault(length, (set(), set()))
            every.add(run.config.beta)
            if run.has_weights:
                whole.add(run.config.beta)
    if not betas:
        return []

    def shown(length: Length) -> tuple[int, int, Length]:
        whole, every = betas[length]
        return len(whole), len(every), length

    first = max(betas, key=shown)
    return [first, *sorted(betas.keys() - {first}, reverse=True)]


def of_length(runs: Sequence[Run], chosen: Length | None) -> tuple[list[Run], list[Run]]:
    """The runs of one length (None: the default one), and those of others; of another objective,
    those that saw as many images. Baselines and imports, which have no length, are always
    included."""
    if chosen is None:
        chosen = next(iter(lengths(runs)), None)

    def is_inside(run: Run) -> bool:
        length = length_of(run)
        if length and chosen and run.config.objective != BETA_VAE:
            return length.images == chosen.images
        return length in (None, chosen)

    return [r for r in runs if is_inside(r)], [r for r in runs if not is_inside(r)]
