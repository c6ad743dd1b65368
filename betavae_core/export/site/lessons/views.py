"""The views of a lesson: charts, still pictures, and live models in the place of still pictures."""

from collections.abc import Callable

from markupsafe import Markup

from ....beta import beta_text
from ....browser.files import as_text, png_url
from ....embedding.live import SIDE
from ....errors import InputError
from ....lessons import VIEWS
from ....lessons.latents import latents_of
from ....lessons.stills import image_index, still_of
from ....pictures.files import png
from ....store.labels import run_labels, run_words
from ....tables.beta_explorer import TERMS, explorer_caption, explorer_settings
from ....traversal.pictures import image_start
from ....traversal.starts import sprite_of
from ...handout.maps import maps_of
from .charts import distances, losses, matrix, numbers, on, pairs, scores
from .shown import Shown, Still, missing

LIVE = "The dashboard computes this view while one changes its settings ({}); this page cannot."


def draw(shown: Shown, *, named: bool = True) -> Still:
    """One view; named: whether the rows of a still picture have their names."""
    if shown.view.name in ("traversal", "reconstructions"):
        return still(shown, named=named)
    return DRAWN[shown.view.name](shown)


def still(shown: Shown, *, named: bool = True) -> Still:
    """A picture: rows of a traversal, or reconstructions."""
    try:
        made = still_of(shown.view, shown.with_weights, shown.dataset, named=named)
    except InputError as error:
        return Still(Markup('<p class="note">{}</p>').format(str(error)))
    picture = Markup('<img class="picture" alt="{}" src="{}">').format(
        made.caption, png_url(png(made.pixels))
    )
    return Still(picture, made.caption)


def sliders(shown: Shown) -> Still:
    """One model's latents, those that the view names."""
    first = still(shown)
    run = next(iter(shown.with_weights), None)
    if run is None or not shown.shared.file(run):
        return first
    latents = latents_of(run, shown.view.settings["latents"])
    if not latents:
        return first
    dataset, changing = shown.dataset, shown.view.settings["input"]
    live: dict[str, object] = {
        "kind": "sliders",
        "file": run.name,
        "latents": latents,
        "start": None,
        "image": None,
        "sprite": None,
    }
    said = "the prior's mean"
    if dataset is not None:
        start = image_start(run, dataset, image_index(shown.view, dataset))
        live["start"], said = start.z.tolist(), start.label
        if changing and start.image is not None:
            live["image"] = as_text(start.image.contiguous().numpy().tobytes())
            live["sprite"] = sprite_of(dataset.name, start.index)
    caption = (
        f"{run_words(run)}, trained on {on([run])}; start: {said}. A double click or the Delete "
        "key puts a slider back. Blue: where the images of the dataset are encoded."
    )
    return Still(first.html, caption, live, {run.name: shown.shared.file(run)})


def beta_slider(shown: Shown) -> Still:
    """One model for every β."""
    run = next((each for each in shown.with_weights if each.config.multirate), None)
    if run is None or not shown.shared.file(run) or shown.dataset is None:
        return missing(shown)
    trained = [each for each in shown.everything if not each.config.baseline]
    settings, separate = explorer_settings(run, trained)
    images = f"{run.name} images"
    live = {"kind": "beta", "file": run.name, "settings": settings, "images": images}
    files = {run.name: shown.shared.file(run), images: shown.shared.images(run)}
    note = Markup('<p class="note">{}</p>').format("This view needs a browser that runs scripts.")
    return Still(note, f"{TERMS} {explorer_caption(run, separate)}", live, files)


def latent_map(shown: Shown) -> Still:
    """The codes along ground-truth traversals, a panel for each run, all on one scale."""
    runs = [run for run in shown.with_weights if not run.config.multirate]
    if not runs or shown.dataset is None:
        return missing(shown)
    (part,) = maps_of(runs, run_labels(runs), shown.dataset, (), shared=True)
    panels = Markup("").join(
        Markup(
            "<figure><figcaption><b>{}</b> {}</figcaption>"
            '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg></figure>'
        ).format(
            panel["title"], panel["note"], SIDE, SIDE, panel["title"], Markup(panel["drawing"])
        )
        for panel in part.data["panels"]
    )
    data = part.data | {
        "panels": [panel | {"drawing": ""} for panel in part.data["panels"]],
        "sprite": shown.shared.sprite(runs[0]),
    }
    html = Markup('<div class="stills">{}</div>').format(panels)
    return Still(html, part.caption, {"kind": "map", "map": data})


def metric(shown: Shown) -> Still:
    """Higgins' metric computed now, which needs the images of the dataset."""
    lacking, betas = shown.view.settings["missing"], [run.config.beta for run in shown.runs]
    of = f"the true factors without {lacking}" if lacking else ", ".join(map(beta_text, betas))
    what = f"Higgins' metric, L = {shown.view.settings['L']}, {of}"
    return Still(Markup('<p class="note">{}</p>').format(LIVE.format(what)))


DRAWN: dict[str, Callable[[Shown], Still]] = {
    "sliders": sliders,
    "beta slider": beta_slider,
    "map": latent_map,
    "scores": scores,
    "pairs": pairs,
    "numbers": numbers,
    "metric": metric,
    "matrix": matrix,
    "distances": distances,
    "losses": losses,
    "traversal": still,
    "reconstructions": still,
}
assert set(DRAWN) == set(VIEWS), "every view that a file can name is drawn"
