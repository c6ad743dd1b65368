"""The view of trainings under way, which follows their files without a rerun of the page."""

import base64
import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from betavae_core.config import RunConfig
from betavae_core.datasets import dataset_title
from betavae_core.errors import InputError, Refusal
from betavae_core.plots import progress as charts
from betavae_core.sentences import progress as sentences
from betavae_core.store import read_config, read_history
from betavae_core.store.labels import state_title, training_words
from betavae_core.store.schema import history_fault
from betavae_core.training.steering import followed, read_wishes
from betavae_core.training.under_way import RunUnderWay
from betavae_core.training.watching import read_watch
from pages._ui.background import duration
from pages._ui.charts import said
from pages._ui.style import EXPECTED, plain, tell
from pages._ui.text_size import letters
from pages._ui.training.listing import under_way

EVERY = 1.5  # seconds between two looks
STATES = "display: grid; grid-template-columns: auto 1fr; gap: 4px 12px; align-items: center"
ROWS = "display: grid; grid-auto-rows: 1fr; align-items: center; white-space: nowrap"
CONFIG = {"displaylogo": False, "displayModeBar": False}


@dataclass(frozen=True)
class Seen:
    """What one training shows now."""

    name: str
    label: str
    config: RunConfig
    history: list[dict[str, Any]]
    shown: dict[str, Any] | None
    now: RunUnderWay | None
    state: str  # go | pause | stop
    finished: bool = False


@dataclass(frozen=True)
class Axes:
    """The upper ends of the axes that trainings side by side share."""

    kl: float  # nats
    star: float  # standard deviations of the prior
    images: int


@st.fragment(run_every=EVERY)
def watch(root: Path, names: list[str]) -> None:
    """One training, or several side by side on the same axes."""
    if not names:
        st.info("Choose a training to watch.")
        return
    try:
        seen = _look(root, names)
    except EXPECTED as error:
        tell(error)
        return
    view(seen)


def view(seen: list[Seen]) -> None:
    """What the trainings show: pictures, latents, star, loss and scores."""
    for each in seen:
        st.markdown(_progress(each))
    histories = {each.label: each.history for each in seen}
    stars = [each.shown["star"] for each in seen if each.shown and each.shown["star"]]
    axes = Axes(
        charts.highest_kl(histories), charts.star_reach(stars), charts.last_image(histories)
    )
    for place, each in zip(st.columns(len(seen), gap="large"), seen, strict=True):
        with place:
            if len(seen) > 1:
                st.markdown(f"### {plain(each.label)}")
            _one(each, axes, alone=len(seen) == 1)
    _both(seen, histories)
    for place, each in zip(st.columns(len(seen), gap="large"), seen, strict=True):
        if each.shown is not None:
            with place:
                _traversals(each.shown, each.history)


def _look(root: Path, names: list[str]) -> list[Seen]:
    running, found = under_way(root), []
    for name in names:
        path = root / name
        config, history = read_config(path), _history(path)
        label = followed(config, history).beta_words
        found.append(
            Seen(
                name,
                label,
                config,
                history,
                read_watch(path),
                running.get(name),
                read_wishes(path).state,
            )
        )
    for longer in (_words, lambda each: each.name):
        labels = [each.label for each in found]
        if len(set(labels)) < len(labels):  # two runs at one β: by their seeds and lengths, or name
            found = [replace(each, label=longer(each)) for each in found]
    return found


def _words(each: Seen) -> str:
    return training_words(followed(each.config, each.history))


def _history(path: Path) -> list[dict[str, Any]]:
    """The records of a run; raises `InputError` for one that cannot be drawn."""
    records, latents = read_history(path)[0], read_config(path).latents
    for record in records:
        if wrong := history_fault(record, latents):
            raise InputError(
                f"{path.name}: its history has a record whose {wrong}.", Refusal.CONTENT
            )
    return records


def _progress(each: Seen) -> str:
    told = f"**{plain(_words(each))}** on {plain(dataset_title(each.config.dataset))} "
    if each.config.by_hand:
        why = each.config.steered or f"continues {each.config.forked} images"
        told += f":orange-badge[steered: {plain(why)}] "
    now = each.now
    if now is None:
        last = charts.last_image({"": each.history})
        if each.finished or last >= each.config.images:
            return f"{told}:gray[finished after {last:,} images]"
        return f"{told}:gray[not under way, after {last:,} of {each.config.images:,} images]"
    images = max(now.images, charts.last_image({"": each.history}))
    if each.state == "pause":
        return told + f":orange-badge[paused] :gray[at {images:,} of {now.budget:,} images]"
    left = "" if now.seconds_left is None else f", {duration(now.seconds_left)} left"
    rate = f", {now.rate:,.0f} images/s{left}" if now.rate else ""
    return told + f":green-badge[{now.status}] {images:,} of {now.budget:,} images{rate}"


def _one(each: Seen, axes: Axes, alone: bool) -> None:
    """The reconstructions, latents and star of one training."""
    first, second = st.columns(2, gap="large") if alone else (st.container(), st.container())
    shown = each.shown
    with first:
        if shown is None:
            st.caption(_why_no_pictures(each))
        else:
            _strip(shown)
        figure = charts.kl_stack(each.history, axes.images, axes.kl)
        _chart(figure, [each], f"kl-{each.name}", sentences.woken(each.history), _HOW["kl"])
    if shown is None or not shown["star"]:
        return
    with second:
        says = sentences.star(shown["star"])
        figure = charts.star_panel(shown["star"], axes.star, height=460 if alone else 340)
        _chart(figure, [each], f"star-{each.name}", says, _HOW["star"])


def _why_no_pictures(each: Seen) -> str:
    if each.finished:
        return "This model is kept without its weights, or its images are not here: no pictures."
    if each.now is not None and not any("nll" in record for record in each.history):
        return "Its first pictures come when it has begun."
    return "This training has shown no pictures so far."


def _both(seen: list[Seen], histories: dict[str, list[dict[str, Any]]]) -> None:
    """Loss and scores of all trainings, in one chart each."""
    scored = any("quick_scores" in record for each in seen for record in each.history)
    if all(each.finished for each in seen) and not scored:  # there will be no scores
        left, right = st.container(), None
    else:
        left, right = st.columns(2, gap="large")
    with left:
        says = " ".join(
            (f"{each.label}: " if len(seen) > 1 else "")
            + sentences.so_far(each.history, each.config.images)
            for each in seen
        )
        losses = sentences.losses([each.config.objective for each in seen])
        how = f"{_HOW['terms']} {losses} Dotted: β or the learning rate was changed."
        _chart(charts.over_images(histories), seen, "terms", says, how)
    if right is None:
        return
    with right:
        says = " ".join(
            (f"{each.label}: " if len(seen) > 1 else "") + sentences.quick(each.history)
            for each in seen
        )
        _chart(charts.quick_scores(histories), seen, "scores", says, _HOW["scores"])


def _measured_on(shown: Mapping[str, Any]) -> str:
    data = shown["dataset"]
    on = f"{dataset_title(data['name'])} ({data['source']})"
    return on if "states" in shown else f"{on}, after {shown['images']:,} images"


def _strip(shown: Mapping[str, Any]) -> None:
    """The fixed images: above the last reconstructions, or above those of every kept state."""
    if "states" not in shown:
        says = f"Fixed images of {_measured_on(shown)}: originals above, reconstructions below."
        _picture(shown["reconstructions"], "100%", says)
        st.caption(says)
        return
    cells = []
    for images, picture in shown["states"]:
        label = "original" if images is None else state_title(images)
        cells.append(f"<span>{label}</span>{_image(picture, '100%', label)}")
    st.html(f'<div style="{STATES}">{"".join(cells)}</div>')
    st.caption(
        f"Fixed images of {_measured_on(shown)}, and what the model made of them after so many "
        "images of its training."
    )


def _traversals(shown: Mapping[str, Any], history: list[dict[str, Any]]) -> None:
    kl = next((record["kl"] for record in reversed(history) if "kl" in record), None)
    told = {d: "" if kl is None else f" {kl[d]:.2f}" for d in shown["latents"]}
    says = (
        "Each row moves one latent from −2 to 2 standard deviations of the prior, from the first "
        f"of the fixed images of {_measured_on(shown)}. Left: the latent"
        + ("." if kl is None else " and its KL in nats, the last one of the chart above.")
    )
    rows = "".join(f"<span><b>z{latent}</b>{text}</span>" for latent, text in told.items())
    st.html(
        f'<div style="{STATES}; align-items: stretch; max-width: {letters(640)}px">'
        f'<div style="{ROWS}">{rows}</div>{_image(shown["traversals"], "100%", says)}</div>'
    )
    st.caption(says)


def _picture(text: str, width: str, says: str) -> None:
    """A PNG in base64, inside the page: a file of the server would be gone before the browser has
    asked for it, since the next one follows at once."""
    st.html(_image(text, width, says))


def _image(text: str, width: str, says: str) -> str:
    data = base64.b64encode(base64.b64decode(text)).decode()
    return (
        f'<img src="data:image/png;base64,{data}" alt="{html.escape(says)}" '
        f'style="width: {width}; image-rendering: pixelated; display: block">'
    )


def _chart(figure: Any, seen: list[Seen], name: str, says: str, how: str) -> None:
    on = ", ".join(
        f"{each.label}: {dataset_title(each.config.dataset)} ({each.config.source})"
        for each in seen
    )
    said(says, f"{how} {on}.", name)
    st.plotly_chart(figure, key=f"chart-{name}", alt=says, config=CONFIG)


_HOW = {
    "terms": "Means over the images since the record before, in nats per image, from the run's "
    "history.",
    "scores": "Higgins' metric (L = 64, logistic regression) and MIG, on 2,000 random images of "
    "the grid, at numbers of images that double at least, since they may take 1.5 % of the "
    "training's time; bars: 95 % intervals over five pools of them.",
    "kl": "KL of each latent's posterior from the prior, mean over the images since the record "
    "before, stacked; a latent counts as used above 0.1 nats.",
    "star": "Posterior means of the images along every factor, the others at their median, on "
    "their two principal axes.",
}
