"""Still pictures of traversals: every latent, a pair of them, from image to image, a factor's
sweep, the same latent in several runs. Each downloads as PNG and as a moving GIF."""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
import torch

from betavae_core import traversals
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.evaluation import versions
from betavae_core.figures import gif, grid, labelled_grid, png
from betavae_core.matching import match_latents
from betavae_core.store import Run
from pages._ui.choose import Start
from pages._ui.encoded import AGGREGATE, aggregate_codes
from pages._ui.live_blob import SliderRow
from pages._ui.runs import dataset_of, same_images, title
from pages._ui.side_by_side import run_labels, spelled
from pages._ui.style import plain

VIEWS = {
    "every": "every latent",
    "pair": "two latents",
    "between": "from image to image",
    "sweep": "a factor's sweep",
    "compare": "the same latent in other runs",
}
MODES = {
    "prior": "prior quantiles",
    "aggregate": "aggregate-posterior quantiles",
    "around": "around the posterior mean",
    "posterior": "posterior quantiles",
}
# a run and the posterior mean and log-variance (D,) of its start → values (D, S)
Values = Callable[[Run, torch.Tensor, torch.Tensor | None], torch.Tensor]
MOST_ROWS = 24  # of a grid
MOST_RUNS = 8


def traversal_views(
    run: Run, others: list[Run], start: Start, z: torch.Tensor, rows: list[SliderRow]
) -> None:
    """Choose a view and draw it; others: further runs, from which those of the same dataset can be
    compared; z: where the live sliders stand; rows: the latents, the most informative first."""
    st.subheader("Still pictures")
    dataset = dataset_of(run)
    possible = ["every"] + ["pair"] * (len(rows) > 1)
    possible += ["between"] * (dataset is not None and start.image is not None)
    possible += ["sweep"] * (dataset is not None and dataset.space is not None)
    of_it = [r for r in others if r.config.dataset == run.config.dataset and r.name != run.name]
    alike = same_images([run, *of_it])[0][1:]
    possible += ["compare"] * (start.image is not None and len(alike) > 0)
    view = st.segmented_control(
        "Show",
        possible,
        default="every",
        required=True,
        format_func=VIEWS.__getitem__,
        key="view",
        bind="query-params",
    )
    if view == "every":
        every_latent(run, dataset, start, z, rows)
    elif view == "pair":
        two_latents(run, dataset, start, z, rows)
    elif view == "compare":
        other_runs(run, alike, start, rows)
    elif dataset is not None:
        (from_image_to_image if view == "between" else factor_sweep)(run, dataset, start)


def choose_values(run: Run, dataset: Dataset | None, start: Start) -> tuple[Values, str]:
    """The values that latents go through, as a function of a run and its own posterior, and what
    they are in words."""
    mode_at, range_at, steps_at = st.columns([3, 2, 2])
    modes = [
        key
        for key in MODES
        if (key == "prior")
        or (key == "aggregate" and dataset is not None)
        or (key in ("around", "posterior") and start.log_var is not None)
    ]
    mode = mode_at.selectbox(
        "Columns",
        modes,
        format_func=MODES.__getitem__,
        key="mode",
        bind="query-params",
        help="Prior quantiles: the same values for every image. Aggregate posterior: where the "
        "dataset's codes lie. Around the posterior mean: from where this image lies. Posterior "
        "quantiles: only as far as the encoder is unsure.",
    )
    steps = steps_at.slider("Steps", 3, 15, 9, 2, key="steps", bind="query-params")
    if mode == "around":
        reach = range_at.slider(
            "± prior standard deviations", 0.5, 4.0, 2.0, 0.5, key="reach", bind="query-params"
        )
        return (
            lambda each, mean, log_var: traversals.around_mean(mean, steps, reach),
            f"posterior mean ± {reach:g}",
        )
    mass = range_at.slider(
        "Central probability", 0.5, 0.99, 0.95, 0.01, key="mass", bind="query-params"
    )
    if mode == "posterior":

        def own(each: Run, mean: torch.Tensor, log_var: torch.Tensor | None) -> torch.Tensor:
            assert log_var is not None, "offered only for what was encoded"
            return traversals.posterior_quantiles(mean, log_var, steps, mass)

        return own, f"central {mass:.0%} of its posterior"
    if mode == "aggregate" and dataset is not None:
        return (
            lambda each, mean, log_var: traversals.aggregate_quantiles(
                torch.from_numpy(aggregate_codes(each, dataset)).float(), steps, mass
            ),
            f"central {mass:.0%} of the codes of {AGGREGATE:,} images",
        )
    one = traversals.prior_quantiles(steps, mass)
    span = f"central {mass:.0%} of the prior, {one[0]:.2f} … {one[-1]:.2f}"
    return lambda each, mean, log_var: one.expand(len(mean), -1), span


def show(
    images: torch.Tensor,
    labels: list[str],
    caption: str,
    name: str,
    about: dict[str, Any],
    moving: torch.Tensor | None = None,
) -> None:
    """Images (R, S, C, H, W) with a label per row, the caption, and the downloads; moving: what
    the animation steps through, (S, …) of rows side by side, by default the columns."""
    scale = 3 if images.shape[-1] <= 32 else 2
    picture = labelled_grid(images, spelled(labels), scale=scale, size=20)
    with st.container(key="labelled-traversal"):
        st.image(png(picture), output_format="PNG", width="content")
    st.caption(caption)
    about = about | {"rows": labels, "caption": caption, "versions": versions()}
    steps = images.transpose(0, 1) if moving is None else moving  # (S, R, C, H, W)
    still, animated = st.columns([1, 4])
    still.download_button(
        "PNG",
        png(picture, about),
        f"{name}.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
    animated.download_button(
        "Moving GIF",
        lambda: gif([grid(step[None], scale=2) for step in steps], about),
        f"{name}.gif",
        "image/gif",
        icon=":material/animation:",
        on_click="ignore",
        help="All rows side by side, stepping through the columns and back.",
    )


def facts(run: Run, start: Start) -> dict[str, Any]:
    """What every download says of itself."""
    return {"run": run.name, "weights": run.weights_hash, "start": start.label}


def every_latent(
    run: Run, dataset: Dataset | None, start: Start, z: torch.Tensor, rows: list[SliderRow]
) -> None:
    """Every active latent a row, its values the columns."""
    values_of, span = choose_values(run, dataset, start)
    values = values_of(run, start.z, start.log_var)
    active = [row for row in rows if row["active"]] or rows
    shown = active[:MOST_ROWS]
    latents = [row["latent"] for row in shown]
    images = traversals.decode_grid(run.vae.decode, traversals.traversal_codes(z, latents, values))
    labels = [
        f"z{row['latent']}" + ("" if row["kl"] is None else f"  {row['kl']:.2f}") for row in shown
    ]
    hidden, more = len(rows) - len(active), len(active) - len(shown)
    caption = (
        f"{plain(run.name)}: each row moves one latent through the {span}; the rest stay where the "
        f"sliders are. Left: the latent and its KL in nats. "
        + (f"{hidden} collapsed latents are left out. " if hidden else "")
        + (f"{more} latents of less KL are left out. " if more else "")
        + f"Start: {start.label}."
    )
    about = facts(run, start) | {
        "columns": span,
        "latents": latents,
        "z": [round(v, 4) for v in z.tolist()],
    }
    show(images, labels, caption, f"traversal-{run.name}", about)


def two_latents(
    run: Run, dataset: Dataset | None, start: Start, z: torch.Tensor, rows: list[SliderRow]
) -> None:
    """One latent by column, another by row."""
    across_at, down_at, _ = st.columns([1, 1, 3])
    names = [row["latent"] for row in rows]
    across = across_at.selectbox(
        "Across", names, format_func="z{}".format, key=f"across-{len(names)}"
    )
    rest = [name for name in names if name != across]
    down = down_at.selectbox("Down", rest, format_func="z{}".format, key=f"down-{len(names)}")
    values_of, span = choose_values(run, dataset, start)
    values = values_of(run, start.z, start.log_var)
    codes = traversals.pair_codes(z, across, down, values[across], values[down])
    images = traversals.decode_grid(run.vae.decode, codes)
    labels = [f"z{down} = {value:+.2f}" for value in values[down].tolist()]
    caption = (
        f"{plain(run.name)}: z{across} from left to right, z{down} from top to bottom, both "
        f"through the {span}; the rest stay where the sliders are. Start: {start.label}."
    )
    about = facts(run, start) | {"across": across, "down": down, "columns": span}
    show(images, labels, caption, f"pair-z{across}-z{down}-{run.name}", about, moving=images)


def from_image_to_image(run: Run, dataset: Dataset, start: Start) -> None:
    """The codes between two images, along a straight line and along a sphere."""
    assert start.image is not None, "offered only for images"
    other_at, steps_at, _ = st.columns([2, 2, 3])
    other = int(
        other_at.number_input(
            "to image", 0, len(dataset) - 1, len(dataset) // 3, key=f"to-{dataset.name}"
        )
    )
    steps = steps_at.slider("Steps", 3, 15, 9, 2, key="steps", bind="query-params")
    image = dataset.images([other])
    with torch.no_grad():
        z = run.vae.encode(to_float(image))[0][0]
    paths = torch.stack([
        traversals.linear_path(start.z, z, steps), traversals.spherical_path(start.z, z, steps)
    ])  # fmt: skip
    images = traversals.decode_grid(run.vae.decode, paths)
    ends = to_float(torch.stack([start.image, image[0]]))
    blank = torch.full_like(ends[:1], 0.5).expand(steps - 2, *ends.shape[1:])
    originals = torch.cat([ends[:1], blank, ends[1:]])[None]
    caption = (
        f"{plain(run.name)}: from {start.label} to image {other:,} of {title(dataset.name)} "
        f"({dataset.source}). Above: the two images; then the codes between their posterior means "
        "along a straight line, and at constant angular speed around the prior's mean."
    )
    about = facts(run, start) | {"to": other, "steps": steps}
    show(
        torch.cat([originals, images]),
        ["images", "linear", "spherical"],
        caption,
        f"between-{run.name}",
        about,
        moving=images.transpose(0, 1),
    )


def factor_sweep(run: Run, dataset: Dataset, start: Start) -> None:
    """One true factor through all its values, the reconstructions below."""
    space = dataset.space
    assert space is not None, "offered only for datasets with factors"
    name = st.selectbox("Factor", space.names, key=f"factor-{dataset.name}", width=240)
    factor = space.names.index(name)
    base = space.median()
    if start.index is not None:
        base = space.factors(np.array([start.index]))[0]
    swept = space.sweep(base, factor)
    if len(swept) > 20:
        swept = swept[np.linspace(0, len(swept) - 1, 20).round().astype(int)]
    x = to_float(dataset.images(swept))
    with torch.no_grad():
        mean, _ = run.vae.encode(x)
        images = torch.stack([x, run.vae.decode(mean)])
    moved = (mean.max(0).values - mean.min(0).values).tolist()
    most = sorted(range(len(moved)), key=lambda d: -moved[d])[:3]
    caption = (
        f"{plain(run.name)}: {name} through its values, the other factors as in "
        f"{start.label if start.index is not None else 'the median of every factor'}; below, the "
        "reconstructions. The latents that move most: "
        + ", ".join(f"z{d} by {moved[d]:.2f}" for d in most)
        + "."
    )
    about = facts(run, start) | {"factor": name, "images": swept.tolist()}
    show(
        images, ["images", "redrawn"], caption, f"sweep-{name.replace(' ', '-')}-{run.name}", about
    )


def other_runs(run: Run, alike: list[Run], start: Start, rows: list[SliderRow]) -> None:
    """The same image and latent in several runs, each latent matched to the first run's."""
    assert start.image is not None, "offered only for images"
    dataset = dataset_of(run)
    assert dataset is not None, "an image was encoded from it"
    latent_at, runs_at = st.columns([1, 4])
    names = [row["latent"] for row in rows]
    latent = latent_at.selectbox(
        "Latent", names, format_func="z{}".format, key=f"compared-{len(names)}"
    )
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
        help="Which latent stands for what is arbitrary: in each run the one is shown whose codes "
        "of the same images correlate most with those of the first run, one-to-one.",
    )
    values_of, span = choose_values(run, dataset, start)
    compared = [run] + [r for r in alike if r.name in chosen]
    first = aggregate_codes(run, dataset)
    lines, labels = [], []
    for each, label in zip(compared, run_labels(compared), strict=True):
        match = match_latents(first, aggregate_codes(each, dataset))
        own, sign = int(match.latents[latent]), int(match.signs[latent])
        with torch.no_grad():
            z, log_var = each.vae.encode(to_float(start.image[None]))
        if own < 0:
            continue  # it has fewer latents than the first run
        moved = values_of(each, z[0], log_var[0])[own]
        if sign < 0:  # from the other end
            moved = moved.flip(0)
        codes = traversals.traversal_codes(z[0], [own], moved)
        lines.append(traversals.decode_grid(each.vae.decode, codes)[0])
        fit = "" if each is run else f", |r| {match.strength[latent]:.2f}"
        labels.append(f"{label}: z{own}{fit}{', mirrored' if sign < 0 else ''}")
    left_out = len(compared) - len(lines)
    caption = (
        f"z{latent} of {plain(run.name)} and, below, the latents of the other runs that match it "
        f"best, each through the {span}; |r|: the correlation of their codes over the same "
        f"{len(first):,} images, 1 where they are the same latent. "
        + (f"{left_out} runs have too few latents for a match. " if left_out else "")
        + f"Start: {start.label}."
    )
    about = facts(run, start) | {"latent": latent, "columns": span}
    about["compared"] = {r.name: r.weights_hash for r in compared}
    show(torch.stack(lines), labels, caption, f"compare-z{latent}-{run.name}", about)
