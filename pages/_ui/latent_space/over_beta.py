"""The map of one model for every β: positions at many values of β, between which the browser
interpolates while β is dragged, on axes that stay fixed."""

from betavae_core.datasets import Dataset
from betavae_core.embedding.panels import Morph
from betavae_core.embedding.projections import Projection, fit_pca
from betavae_core.scoring.over_beta import VALUES, betas_over, codes_over_beta
from betavae_core.store import Run
from betavae_core.store.frozen import at_beta
from pages._ui.encodings import AGGREGATE
from pages._ui.kept import kept_few
from pages._ui.latent_space.panels import Choice, projection

USUAL = 1.0  # β at first, if it is in the range


def morph_of(
    run: Run, dataset: Dataset, rows: tuple[int, ...], choice: Choice, marks: list[float]
) -> tuple[Morph, Projection]:
    """The positions over β, and the map from codes to points that is the same for every β: PCA of
    these codes is fitted on those at all 25 values of β; PCA of the aggregate posterior on the
    codes of random images at the middle one."""
    betas, means = betas_over(run), kept_few(codes_over_beta, run, dataset, rows)
    if choice.method == "pca":
        mapped = fit_pca(means.reshape(-1, means.shape[-1]), 2)
    else:
        middle = kept_few(at_beta, run, betas[VALUES // 2])
        mapped = projection(middle, dataset, choice, means[VALUES // 2], 2)
    points = means @ mapped.axes.T
    value = min(max(USUAL, betas[0]), betas[-1])
    return Morph(betas, points, marks, value), mapped


def how_it_is_mapped(choice: Choice) -> str:
    """The axes of the map, as part of a caption."""
    if choice.method == "pca":
        return f"PCA of the codes at {VALUES} values of β together"
    if choice.method == "aggregate":
        return f"PCA of the aggregate posterior ({AGGREGATE:,} images) at the middle β"
    return "two latents"
