"""The maps of latent space in a handout: a panel for each run of one β, and a map whose points move
for each model for every β."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...browser.live import SpriteSettings
from ...datasets import Dataset
from ...embedding.live import map_data, sprite_of
from ...embedding.numbers import in_short, path_numbers
from ...embedding.panels import Morph, Panel, projected, shares, where_the_prior_is
from ...embedding.projections import fit_pca
from ...embedding.shown import ShownImages, class_images, random_images, star_images, thinned
from ...scoring.encoding import encode_rows
from ...scoring.over_beta import VALUES, betas_over, codes_over_beta
from ...store import Run
from ...tables.every_beta import separate_betas
from ...traversal.starts import sprite_of as shape_of
from .live import FIRST_BETA

LARGEST = 300_000  # characters of the picture with all images
MOST_BYTES = 200_000  # of images without factors, whose pictures hardly get smaller
CLASSES = 10


@dataclass(frozen=True)
class MapPart:
    """A map: what the component takes, and its caption."""

    data: dict[str, Any]
    caption: str
    sprites: list[SpriteSettings | None]  # of the images that are one shape
    things: str  # that have a colour each: factors, classes, or images without either


def shown_images(dataset: Dataset) -> ShownImages:
    """The images of the map: the star of traversals as in the paper, or images of some classes."""
    if dataset.space is not None:
        return star_images(dataset.space)
    most = max(MOST_BYTES // int(np.prod(dataset.shape)), CLASSES)
    if dataset.labels is None:
        return random_images(len(dataset), most)
    classes = list(dataset.classes)
    return class_images(dataset.labels, classes, classes[:CLASSES], most // CLASSES)


def maps_of(
    runs: Sequence[Run],
    titles: Sequence[str],
    dataset: Dataset,
    others: Sequence[Run],
    *,
    shared: bool = False,
) -> list[MapPart]:
    """Under PCA of each panel's own codes; others: runs whose β are marked at a slider of β;
    shared: one scale for all panels."""
    visited = shown_images(dataset)
    sprite, groups = sprite_of(dataset.images(visited.rows)), visited.groups
    if len(sprite.url) > LARGEST:
        most = int(len(visited.rows) * LARGEST / len(sprite.url))
        visited, _ = thinned(visited, most)
        sprite = sprite_of(dataset.images(visited.rows))

    things = "factors" if visited.joined else "classes" if len(groups) > 1 else "images"

    def part(panels: list[Panel], caption: str, morph: Morph | None = None) -> MapPart:
        data = map_data(
            panels, groups, visited.drawn, sprite, visited.labels, shared=shared, morph=morph
        )
        sprites = [shape_of(dataset.name, row) for row in visited.rows]
        caption += where_the_prior_is(panels, shared=shared)
        return MapPart(data, caption, sprites, things)

    of = (
        f"{visited.about} of {dataset.title} ({dataset.source_and_part}), posterior means of "
        f"{len(visited.rows):,} images"
    )
    named = list(zip(runs, titles, strict=True))
    single = [
        _panel(run, title, dataset, visited) for run, title in named if not run.config.multirate
    ]
    parts = [part(single, f"{of}; PCA of these codes in each panel.")] if single else []
    for run, title in named:
        if run.config.multirate:
            panel, morph = _moving(run, title, dataset, visited, others)
            caption = f"{of}; PCA of the codes at {VALUES} values of β together."
            parts.append(part([panel], caption, morph))
    return parts


def _panel(run: Run, title: str, dataset: Dataset, visited: ShownImages) -> Panel:
    mean, log_var = encode_rows(run.vae, dataset, np.array(visited.rows))
    order = np.concatenate([line.points for line in visited.lines])
    found = path_numbers(visited.paths, mean[order], log_var[order], visited.names)
    mapped = fit_pca(mean)
    return Panel(title, shares(mapped), projected(mapped, mean), numbers=in_short(found))


def _moving(
    run: Run, title: str, dataset: Dataset, visited: ShownImages, others: Sequence[Run]
) -> tuple[Panel, Morph]:
    """The panel at the first β, and the positions at all of them, on the same axes."""
    betas, means = betas_over(run), codes_over_beta(run, dataset, visited.rows)
    mapped = fit_pca(means.reshape(-1, means.shape[-1]))
    points = np.stack([projected(mapped, mean) for mean in means])
    first = min(max(FIRST_BETA, betas[0]), betas[-1])
    near = int(np.abs(np.log(betas) - np.log(first)).argmin())
    marks = separate_betas(run, others)
    return Panel(title, "", points[near]), Morph(betas, points, marks, first)
