"""Still pictures of traversals: every latent, a pair of them, from image to image, a factor's
sweep, the same latent in several runs. Each downloads as PNG and as a moving GIF."""

import numpy as np
import streamlit as st
import torch

from betavae_core import traversals
from betavae_core.datasets import Dataset
from betavae_core.datasets.base import to_float
from betavae_core.snapshots import list_snapshots
from betavae_core.store import Run
from pages._ui.choose import Start, choose_latent
from pages._ui.live_blob import SliderRow
from pages._ui.matched_views import other_runs, through_training
from pages._ui.runs import dataset_of, same_images, title
from pages._ui.still_picture import facts, show
from pages._ui.style import plain
from pages._ui.traversal_modes import choose_values

VIEWS = {
    "every": "every latent",
    "pair": "two latents",
    "between": "from image to image",
    "sweep": "a factor's sweep",
    "compare": "the same latent in other runs",
    "training": "a latent as it was learned",
}
MOST_ROWS = 24  # of a grid


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
    kept = list_snapshots(run.path) if start.image is not None else []
    possible += ["training"] * (len(kept) > 1)
    view = st.segmented_control(
        "Show",
        possible,
        default="every",
        required=True,
        format_func=VIEWS.__getitem__,
        key="view",
        bind="query-params",
        help="Of a run trained with `--snapshots 9` also how a latent came to be.",
    )
    if view == "every":
        every_latent(run, dataset, start, z, rows)
    elif view == "pair":
        two_latents(run, dataset, start, z, rows)
    elif view == "compare":
        other_runs(run, alike, start, rows)
    elif view == "training":
        through_training(run, kept, start, rows)
    elif dataset is not None:
        (from_image_to_image if view == "between" else factor_sweep)(run, dataset, start)


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
        f"{plain(run.label)}: each row moves one latent through the {span}; the rest stay where "
        f"the sliders are. Left: the latent and its KL in nats. "
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
    with across_at:
        across = choose_latent(rows, "Across")
    with down_at:
        down = choose_latent([row for row in rows if row["latent"] != across], "Down")
    values_of, span = choose_values(run, dataset, start)
    values = values_of(run, start.z, start.log_var)
    codes = traversals.pair_codes(z, across, down, values[across], values[down])
    images = traversals.decode_grid(run.vae.decode, codes)
    labels = [f"z{down} = {value:+.2f}" for value in values[down].tolist()]
    caption = (
        f"{plain(run.label)}: z{across} from left to right, z{down} from top to bottom, both "
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
            "to image",
            0,
            len(dataset) - 1,
            len(dataset) // 3,
            key=f"to-{dataset.name}",
            bind="query-params",
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
        f"{plain(run.label)}: from {start.label} to image {other:,} of {title(dataset.name)} "
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
    name = st.selectbox(
        "Factor", space.names, key=f"factor-{dataset.name}", bind="query-params", width=240
    )
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
        f"{plain(run.label)}: {name} through its values, the other factors as in "
        f"{start.label if start.index is not None else 'the median of every factor'}; below, the "
        "reconstructions. The latents that move most: "
        + ", ".join(f"z{d} by {moved[d]:.2f}" for d in most)
        + "."
    )
    about = facts(run, start) | {"factor": name, "images": swept.tolist()}
    show(
        images, ["images", "redrawn"], caption, f"sweep-{name.replace(' ', '-')}-{run.name}", about
    )
