"""The same latent elsewhere: in other runs, and in earlier states of the same run."""

import streamlit as st
import torch

from betavae_core import traversals
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.matching import match_latents
from betavae_core.store import Run
from pages._ui.choose import Start, choose_latent
from pages._ui.encoded import AGGREGATE, aggregate_codes
from pages._ui.live_blob import SliderRow
from pages._ui.runs import dataset_of, state_of
from pages._ui.side_by_side import run_labels, state_labels
from pages._ui.still_picture import facts, show
from pages._ui.style import plain
from pages._ui.traversal_modes import Values, choose_values

MOST_RUNS = 8


def other_runs(run: Run, alike: list[Run], start: Start, rows: list[SliderRow]) -> None:
    """The same image and latent in several runs, each latent matched to the first run's."""
    assert start.image is not None, "offered only for images"
    dataset = dataset_of(run)
    assert dataset is not None, "an image was encoded from it"
    latent_at, runs_at = st.columns([1, 4])
    with latent_at:
        latent = choose_latent(rows, "Latent")
    close = [
        r
        for r in alike
        if (r.config.model, r.config.seed) == (run.config.model, run.config.seed)
        or (r.config.model, r.config.beta) == (run.config.model, run.config.beta)
    ]
    chosen = runs_at.multiselect(
        "with",
        [r.name for r in alike],
        [r.name for r in (close or alike)[: MOST_RUNS - 2]],
        max_selections=MOST_RUNS - 1,
        key=f"with-{run.name}",
        bind="query-params",
        help="Which latent stands for what is arbitrary: in each run the one is shown whose codes "
        "of the same images correlate most with those of the first run, one-to-one.",
    )
    values_of, span = choose_values(run, dataset, start)
    compared = [run] + [r for r in alike if r.name in chosen]
    lines, labels = matched_lines(
        run, latent, compared, run_labels(compared), start, dataset, values_of
    )
    left_out = len(compared) - len(lines)
    caption = (
        f"z{latent} of {plain(run.label)} and, below, the latents of the other runs that match it "
        f"best, each through the {span}; |r|: the correlation of their codes over the same "
        f"{AGGREGATE:,} images, 1 where they are the same latent. "
        + (f"{left_out} runs have too few latents for a match. " if left_out else "")
        + f"Start: {start.label}."
    )
    about = facts(run, start) | {"latent": latent, "columns": span}
    about["compared"] = {r.name: r.weights_hash for r in compared}
    show(torch.stack(lines), labels, caption, f"compare-z{latent}-{run.name}", about)


def through_training(run: Run, kept: list[int], start: Start, rows: list[SliderRow]) -> None:
    """One latent in every state of the training that was kept, matched to the run's."""
    assert start.image is not None, "offered only for images"
    dataset = dataset_of(run)
    assert dataset is not None, "an image was encoded from it"
    latent = choose_latent(rows, "Latent")
    values_of, span = choose_values(run, dataset, start)
    states = [state_of(run, images) for images in kept]
    lines, labels = matched_lines(
        run, latent, states, state_labels(states), start, dataset, values_of
    )
    caption = (
        f"From the untrained weights down: the latent that becomes z{latent} of "
        f"{plain(run.label)}, each through the {span}; |r|: the correlation of its codes with "
        f"those of that z{latent} over the same {AGGREGATE:,} images. Start: {start.label}."
    )
    about = facts(run, start) | {"latent": latent, "columns": span}
    about["states"] = {str(state.images_seen): state.weights_hash for state in states}
    images = torch.stack(lines)
    name = f"training-z{latent}-{run.name}"
    show(images, labels, caption, name, about, moving=images[:, None])


def matched_lines(
    run: Run,
    latent: int,
    others: list[Run],
    names: list[str],
    start: Start,
    dataset: Dataset,
    values_of: Values,
) -> tuple[list[torch.Tensor], list[str]]:
    """The start's image through the latent of each of `others` whose codes correlate most with
    the run's `latent`, (S, C, H, W) each, and what each is; without those that have none left."""
    assert start.image is not None, "offered only for images"
    first = aggregate_codes(run, dataset)
    lines, labels = [], []
    for each, label in zip(others, names, strict=True):
        match = match_latents(first, aggregate_codes(each, dataset))
        own, sign = int(match.latents[latent]), int(match.signs[latent])
        if own < 0:
            continue  # it has fewer latents than the first run
        with torch.no_grad():
            z, log_var = each.vae.encode(to_float(start.image[None]))
        moved = values_of(each, z[0], log_var[0])[own]
        if sign < 0:  # from the other end
            moved = moved.flip(0)
        codes = traversals.traversal_codes(z[0], [own], moved)
        lines.append(traversals.decode_grid(each.vae.decode, codes)[0])
        fit = "" if each is run else f", |r| {match.strength[latent]:.2f}"
        labels.append(f"{label}: z{own}{fit}{', mirrored' if sign < 0 else ''}")
    return lines, labels
