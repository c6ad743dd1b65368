"""The views of a step that a visitor moves: sliders of latents and of β, the map, the metric."""

from functools import partial

import streamlit as st
import torch

from betavae_core.browser.component import BETA_EXPLORER, EMBEDDING_MAP
from betavae_core.browser.model import UnsupportedLayer, packed
from betavae_core.datasets import Dataset, dataset_title
from betavae_core.datasets.telling import telling_images, telling_rule
from betavae_core.embedding.labels import HEIGHT
from betavae_core.embedding.live import Sprite, map_data, sprite_of
from betavae_core.embedding.panels import Panel, projected, shares
from betavae_core.embedding.projections import fit_pca
from betavae_core.embedding.shown import ShownImages, random_images, star_images
from betavae_core.lessons.latents import latents_of
from betavae_core.lessons.stills import image_index
from betavae_core.store import Run
from betavae_core.store.labels import run_labels, run_words
from betavae_core.tables.beta_explorer import TERMS, explorer_caption, explorer_settings
from betavae_core.traversal.latent_rows import latent_rows
from betavae_core.traversal.pictures import Start, aggregate_rows, image_start
from betavae_core.traversal.starts import sprite_of as sprite_settings
from pages._ui.browser_models import ready_model
from pages._ui.classifiers import CLASSIFIER_TITLES
from pages._ui.component import shown as component
from pages._ui.encodings import aggregate_densities, codes
from pages._ui.higgins_now import Codes, codes_of, codes_without, score_now
from pages._ui.kept import kept, kept_few
from pages._ui.lessons.charts import not_computed, on
from pages._ui.lessons.presenting import BESIDE, LARGE_PANEL, LEAST, PANEL
from pages._ui.lessons.projector import GAP, for_projector
from pages._ui.lessons.showing import Shown
from pages._ui.linked import one_of
from pages._ui.live_decoder import live_sliders
from pages._ui.runs import prepare
from pages._ui.style import plain

EXPLORED = 8  # images of the slider of β
POINTS = 1_000  # training points of the metric
BELOW_SCORE = 330  # pixels of a projector's screen, for the chart below the controls and the score
PAIRS = [1, 4, 16, 64, 256]


def sliders(shown: Shown) -> None:
    """One model's latents, those that the view names."""
    if not shown.with_weights:
        without_weights(shown)
        return
    run, dataset = shown.with_weights[0], shown.dataset
    latents = latents_of(run, shown.view.settings["latents"])
    if not latents:
        not_computed(shown)
        return
    hills = None
    if dataset is None:
        start = Start(torch.zeros(run.config.latents), None, "the prior's mean")
    else:
        index = image_index(shown.view, dataset)
        prepare(dataset, [index])
        start = kept(image_start, run, dataset, index)
        if dataset.is_ready(aggregate_rows(dataset)):
            hills = kept(aggregate_densities, run, dataset)
    changing = shown.view.settings["input"]
    rows = [row for row in latent_rows(run, None, hills) if row["latent"] in latents]
    live_sliders(
        run.vae,
        rows=rows,
        start=start.z.numpy(),
        start_id=f"{run.weights_hash}/{start.label}/{shown.place}",
        image_shape=run.config.shape,
        input_image=start.image if changing else None,
        sprite=sprite_settings(run.config.dataset, start.index) if changing else None,
        key=f"sliders-{shown.place}",
    )
    st.caption(
        f"{plain(run_words(run))}, trained on {on([run])}; start: {plain(start.label)}. "
        "Double-click a slider to put it back."
        + " Blue: where the images of the dataset are encoded."
        * (hills is not None)
    )


def beta_slider(shown: Shown) -> None:
    """One model for every β."""
    run = next((r for r in shown.with_weights if r.config.multirate), None)
    dataset = shown.dataset
    if run is None or dataset is None:
        without_weights(shown)
        return
    rows = telling_images(dataset, EXPLORED)
    prepare(dataset, rows)
    trained = [r for r in shown.everything if not r.config.baseline]
    try:
        settings, separate = explorer_settings(run, trained)
        data = packed(ready_model(run.multirate), settings, images=dataset.images(rows))
    except UnsupportedLayer as problem:
        st.info(str(problem))
        return
    component(BETA_EXPLORER)(key=f"beta-{shown.place}", data=data)
    st.caption(
        f"{TERMS} {explorer_caption(run, separate)} The images are of {dataset.title} "
        f"({dataset.source_and_part}), {telling_rule(dataset)}."
    )


def latent_map(shown: Shown) -> None:
    """The codes along ground-truth traversals, a panel for each run, all on one scale."""
    runs, dataset = shown.with_weights, shown.dataset
    if not runs or dataset is None:
        without_weights(shown)
        return
    images = random_images(len(dataset)) if dataset.space is None else star_images(dataset.space)
    prepare(dataset, images.rows)
    panels = [
        _panel(run, label, dataset, images)
        for run, label in zip(runs, run_labels(runs), strict=True)
    ]
    sprite = kept_few(_sprite, dataset, images.rows)
    beside = shown.large and len(panels) <= BESIDE
    letter = LEAST / (LARGE_PANEL if beside else PANEL) if shown.large else HEIGHT
    data = map_data(
        panels, images.groups, images.drawn, sprite, images.labels, shared=True, letter=letter
    )
    data |= {"chosen": None, "beside": beside}
    component(EMBEDDING_MAP)(key=f"map-{shown.place}", data=data)
    st.caption(
        f"{images.about} of {on(runs)}: posterior means of {len(images.rows):,} images, PCA of "
        "these codes for each model, all panels on one scale in standard deviations of the prior. "
        "Point at a dot to see its image."
    )


def _sprite(dataset: Dataset, rows: tuple[int, ...]) -> Sprite:
    return sprite_of(dataset.images(rows))


def _panel(run: Run, label: str, dataset: Dataset, images: ShownImages) -> Panel:
    mean, _ = codes(run.weights_hash, dataset.key, images.rows, run, dataset)
    mapped = fit_pca(mean, 2)
    return Panel(label, shares(mapped), projected(mapped, mean))


def metric(shown: Shown) -> None:
    """Higgins' metric, computed now, with the controls that the view names."""
    settings, run = shown.view.settings, next(iter(shown.runs), None)
    dataset = shown.dataset
    if run is None or dataset is None or dataset.space is None:
        not_computed(shown)
        return
    space = dataset.space
    varying = [n for n, size in zip(space.names, space.sizes, strict=True) if size > 1]
    missing, L, classifier = (settings[name] for name in ("missing", "L", "classifier"))
    row = st.container(horizontal=True, vertical_alignment="bottom")
    key = f"set-{shown.place}"
    if "missing" in settings["controls"] and missing:
        missing = one_of(
            row.segmented_control, "Missing factor", varying, default=missing, required=True,
            wrap=True, key=f"{key}-missing",
        )  # fmt: skip
    if "L" in settings["controls"]:
        choices = sorted({*PAIRS, L})
        L = one_of(row.select_slider, "L, pairs per point", choices, default=L, key=f"{key}-L")
    if "classifier" in settings["controls"]:
        classifier = one_of(
            row.segmented_control, "Classifier", list(CLASSIFIER_TITLES), default=classifier,
            required=True, wrap=True, format_func=CLASSIFIER_TITLES.__getitem__, spell=str,
            key=f"{key}-classifier",
        )  # fmt: skip
    below = BELOW_SCORE - GAP * shown.answering
    found = _codes(run, dataset, missing)
    if found is None:
        return
    score_now(
        found,
        dataset,
        L=L,
        points=POINTS,
        classifier=classifier,
        factors=varying,
        name=f"lesson-{shown.place}",
        projected=partial(for_projector, least=LEAST, height=below) if shown.large else None,
    )


def _codes(run: Run, dataset: Dataset, missing: str) -> Codes | None:
    if missing:
        assert dataset.space is not None, "asked of datasets with factors"
        return codes_without(missing, dataset, dataset.space)
    prepare(dataset)
    return codes_of(run, dataset)


def without_weights(shown: Shown) -> None:
    """The view of models that are not here with their weights, or whose images are not."""
    title = dataset_title(shown.lesson.selections[shown.view.of].dataset)
    st.info(
        f"This view needs a model on {title} with its weights and images, which are not here.",
        icon=":material/image_not_supported:",
    )
