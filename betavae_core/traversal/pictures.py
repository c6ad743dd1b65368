"""Pictures of traversals: every latent, a pair of them, from image to image, a factor's sweep, the
same latent in several runs. The page Traversals shows them, the verb export writes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..addresses import VIEWS, Choices
from ..datasets import Dataset, dataset_title
from ..datasets.base import to_float
from ..errors import no_factors, no_such, unknown_name
from ..pictures.grids import labelled_grid
from ..provenance import facts
from ..rng import generator, random_rows
from ..scoring.elbo import active_latents, latents_by_kl, latest_elbo
from ..scoring.encoding import encode_rows
from ..store import Run
from ..store.labels import run_labels, run_words, state_labels
from . import codes as traversals
from .codes import AGGREGATE, Values
from .matching import match_latents

MOST_ROWS = 24  # of a grid
MOST_COLUMNS = 20  # of a sweep
MOST_RUNS = 8  # side by side

# run → posterior means and log-variances (N, D) of images that are the same for all runs
Codes = Callable[[Run], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Start:
    """The start of a traversal: a code, its posterior's log-variance if it has one, and its
    name."""

    z: torch.Tensor  # (D,)
    log_var: torch.Tensor | None  # (D,)
    label: str
    image: torch.Tensor | None = None  # (C, H, W) uint8, the encoded image
    index: int | None = None  # its number in the dataset


@dataclass(frozen=True)
class Picture:
    """A grid of images with a label per row, and its description."""

    name: str  # for files
    images: torch.Tensor  # (R, S, C, H, W)
    labels: list[str]  # R
    caption: str  # plain text
    about: dict[str, Any]  # the choices, for the file's metadata
    choices: Choices  # the same as in the page's address; without run and start
    moving: torch.Tensor | None = None  # the frames of an animation, by default the columns

    @property
    def frames(self) -> torch.Tensor:
        """(S, R', C, H, W): the pictures side by side at each step of an animation."""
        return self.images.transpose(0, 1) if self.moving is None else self.moving

    def drawn(self, letters: int = 20) -> np.ndarray:
        """Pixels uint8 RGBA; letters: the height of the labels' text, in pixels."""
        scale = 3 if self.images.shape[-1] <= 32 else 2
        return labelled_grid(self.images, self.labels, scale, letters)


def image_start(run: Run, dataset: Dataset, index: int, label: str = "") -> Start:
    """An image's code under a run; label: by default its number."""
    image = dataset.images([index])
    with torch.no_grad():
        mean, log_var = run.vae.encode(to_float(image))
    label = f"{label or f'image {index:,}'} ({dataset.source_and_part})"
    return Start(mean[0], log_var[0], label, image[0], index)


def aggregate_rows(dataset: Dataset) -> np.ndarray:
    """Indices (AGGREGATE,) of the random images that represent the dataset, the same for all
    runs."""
    return random_rows(len(dataset), AGGREGATE, generator(0, "aggregate")).numpy()


def dataset_codes(dataset: Dataset) -> Codes:
    """The codes of the images that represent the dataset."""
    return lambda run: encode_rows(run.vae, dataset, aggregate_rows(dataset))


def aggregate_of(run: Run, codes: Codes) -> torch.Tensor:
    """Samples (N, D) of a run's aggregate posterior."""
    mean, log_var = (torch.from_numpy(table) for table in codes(run))
    return traversals.aggregate_sample(mean, log_var).float()


def every_latent(
    run: Run, start: Start, values: Values, codes: Codes | None, z: torch.Tensor | None = None
) -> Picture:
    """A row for every active latent, a column for each of its values; z (D,): the values of the
    other latents, by default those of the start."""
    z = start.z if z is None else z
    elbo = latest_elbo(run)
    kl = elbo["kl"] if elbo else [None] * len(z)
    on = active_latents(elbo) if elbo else [True] * len(z)
    order = latents_by_kl(elbo, len(z))
    active = [d for d in order if on[d]] or order
    latents = active[:MOST_ROWS]
    table = _values(run, start, values, codes)
    images = traversals.decode_grid(run.vae.decode, traversals.traversal_codes(z, latents, table))
    labels = [f"z{d}" + ("" if kl[d] is None else f"  {kl[d]:.2f}") for d in latents]
    hidden, more = len(order) - len(active), len(active) - len(latents)
    caption = (
        f"{run_words(run)}: each row moves one latent through the {values.span}; the other latents "
        f"stay fixed. Left: the latent{'' if elbo is None else ' and its KL in nats'}. "
        + (f"Collapsed latents, not shown: {hidden}. " if hidden else "")
        + (f"Latents with less KL, not shown: {more}. " if more else "")
        + f"Start: {start.label}."
    )
    columns = table[0] if values.mode == "prior" else table[latents]
    about = {
        "span": values.span,
        "columns": _rounded(columns),
        "latents": latents,
        "z": _rounded(z),
    }
    choices = {"view": VIEWS["every"], **values.choices}
    return Picture(f"traversal-{run.name}", images, labels, caption, about, choices)


def two_latents(
    run: Run,
    start: Start,
    values: Values,
    codes: Codes | None,
    across: int,
    down: int,
    z: torch.Tensor | None = None,
) -> Picture:
    """One latent changes along the columns, another along the rows; z as for `every_latent`. Raises
    `InputError` for latents that the run does not have, or the same one twice."""
    z = start.z if z is None else z
    for latent in (across, down):
        check_latent(run, latent)
    table = _values(run, start, values, codes)
    grid = traversals.pair_codes(z, across, down, table[across], table[down])
    images = traversals.decode_grid(run.vae.decode, grid)
    labels = [f"z{down} = {value:+.2f}".replace("-", "−") for value in table[down].tolist()]
    caption = (
        f"{run_words(run)}: z{across} from left to right, z{down} from top to bottom, both through "
        f"the {values.span}; the other latents stay fixed. Start: {start.label}."
    )
    about = {
        "span": values.span,
        "across": across,
        "down": down,
        "columns": _rounded(table[across]),
        "z": _rounded(z),
    }
    choices = {"view": VIEWS["pair"], "column": f"z{across}", "row": f"z{down}", **values.choices}
    name = f"pair-z{across}-z{down}-{run.name}"
    return Picture(name, images, labels, caption, about, choices, moving=images)


def from_image_to_image(
    run: Run, dataset: Dataset, start: Start, other: int, steps: int
) -> Picture:
    """The images decoded between the codes of two images, along a straight line and a sphere."""
    assert start.image is not None, "begins at an image"
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
        f"{run_words(run)}: from {start.label} to image {other:,} of {dataset_title(dataset.name)} "
        f"({dataset.source_and_part}). Top row: the two images. Below: images decoded between "
        "their posterior means, first along a straight line, then at constant angular speed around "
        "the prior's mean."
    )
    return Picture(
        f"between-{run.name}",
        torch.cat([originals, images]),
        ["images", "linear", "spherical"],
        caption,
        {"to": other, "steps": steps},
        {"view": VIEWS["between"], f"to-{dataset.name}": str(other), "steps": str(steps)},
        moving=images.transpose(0, 1),
    )


def factor_sweep(run: Run, dataset: Dataset, start: Start, name: str) -> Picture:
    """A sweep of one true factor through its values, with the reconstructions below; the other
    factors are those of the start's image, by default their medians. Raises `InputError` for an
    unknown factor."""
    space = dataset.space
    if space is None:
        raise no_factors(dataset.title, ": nothing to sweep")
    if name not in space.names:
        raise unknown_name("factor", name, space.names)
    factor = space.names.index(name)
    base = space.median()
    if start.index is not None:
        base = space.factors(np.array([start.index]))[0]
    swept = space.sweep(base, factor)
    x = to_float(dataset.images(swept))
    shown = np.linspace(0, len(swept) - 1, min(len(swept), MOST_COLUMNS)).round().astype(int)
    with torch.no_grad():
        mean, _ = run.vae.encode(x)  # over all values: a latent may move between those drawn
        images = torch.stack([x[shown], run.vae.decode(mean[shown])])
    moved = (mean.max(0).values - mean.min(0).values).tolist()
    most = sorted(range(len(moved)), key=lambda d: -moved[d])[:3]
    drawn = f" ({len(shown)} of them shown)" if len(shown) < len(swept) else ""
    caption = (
        f"{run_words(run)}: {name} through its {len(swept)} values{drawn}, the other factors fixed "
        f"at {start.label if start.index is not None else 'their medians'}. Top row: the images; "
        "below: their reconstructions. Latents whose posterior mean moves most: "
        + ", ".join(f"z{d} by {moved[d]:.2f}" for d in most)
        + "."
    )
    about = {
        "factor": name,
        "values": len(swept),
        "images": swept[shown].tolist(),
        "moved": _rounded(torch.tensor(moved)),
    }
    choices = {"view": VIEWS["sweep"], f"factor-{dataset.name}": name}
    file = f"sweep-{name.replace(' ', '-')}-{run.name}"
    return Picture(file, images, ["images", "reconstructions"], caption, about, choices)


def other_runs(
    run: Run, others: Sequence[Run], start: Start, values: Values, codes: Codes, latent: int
) -> Picture:
    """The start's image through one latent of the run and, below, through the best-matching latents
    of other runs."""
    check_latent(run, latent)
    compared = [run, *others]
    labels = run_labels(compared)
    if run.snapshot is not None:
        labels = [
            f"{label}, {each.snapshot:,} images" if each.snapshot is not None else label
            for label, each in zip(labels, compared, strict=True)
        ]
    lines, named = matched_lines(run, latent, compared, labels, start, values, codes)
    left_out = len(compared) - len(lines)
    ends = sum(each.snapshot != run.snapshot for each in others)
    caption = (
        f"Top row: z{latent} of {run_words(run)}. Below: the best-matching latents of the other "
        f"models. Each goes through the {values.span}; |r|: correlation of their codes over the "
        f"same {AGGREGATE:,} randomly drawn images, 1 for a perfect match. "
        + (f"Models with too few latents for a match: {left_out}. " if left_out else "")
        + f"Models without a snapshot after as many images, shown at the end of training: {ends}. "
        * (ends > 0)
        + f"Start: {start.label}."
    )
    about = {
        "span": values.span,
        "latent": latent,
        "compared": {each.name: facts(each) for each in compared},
    }
    choices = {
        "view": VIEWS["compare"],
        "latent": f"z{latent}",
        f"with-{run.name}": [each.name for each in others],
        **values.choices,
    }
    name = f"compare-z{latent}-{run.name}"
    return Picture(name, torch.stack(lines), named, caption, about, choices)


def through_training(
    run: Run, states: Sequence[Run], start: Start, values: Values, codes: Codes, latent: int
) -> Picture:
    """The latents of a run's snapshots that become one of its final latents."""
    check_latent(run, latent)
    labels = state_labels(states)
    lines, named = matched_lines(run, latent, states, labels, start, values, codes)
    caption = (
        f"From the untrained weights at the top to the end of training: the latent that becomes "
        f"z{latent} of {run_words(run)}. Each goes through the {values.span}; |r|: correlation of "
        f"its codes with those of that z{latent} over the same {AGGREGATE:,} randomly drawn "
        f"images. Start: {start.label}."
    )
    about = {
        "span": values.span,
        "latent": latent,
        "states": {str(state.images_seen): state.weights_hash for state in states},
    }
    choices = {"view": VIEWS["training"], "latent": f"z{latent}", **values.choices}
    images = torch.stack(lines)
    name = f"training-z{latent}-{run.name}"
    return Picture(name, images, named, caption, about, choices, moving=images[:, None])


def matched_lines(
    run: Run,
    latent: int,
    others: Sequence[Run],
    names: Sequence[str],
    start: Start,
    values: Values,
    codes: Codes,
) -> tuple[list[torch.Tensor], list[str]]:
    """The start's image through the latent of each of `others` whose codes correlate most with the
    run's `latent`, (S, C, H, W) each, and the labels; without those that have no latent left."""
    assert start.image is not None, "begins at an image"
    first = codes(run)[0]
    lines, labels = [], []
    for each, label in zip(others, names, strict=True):
        match = match_latents(first, codes(each)[0])
        own, sign = int(match.latents[latent]), int(match.signs[latent])
        if own < 0:
            continue  # it has fewer latents than the first run
        with torch.no_grad():
            z, log_var = each.vae.encode(to_float(start.image[None]))
        own_start = Start(z[0], log_var[0], start.label)
        moved = _values(each, own_start, values, codes)[own]
        if sign < 0:  # from the other end
            moved = moved.flip(0)
        grid = traversals.traversal_codes(z[0], [own], moved)
        lines.append(traversals.decode_grid(each.vae.decode, grid)[0])
        fit = "" if each is run else f", |r| {match.strength[latent]:.2f}"
        labels.append(f"{label}: z{own}{fit}{', mirrored' if sign < 0 else ''}")
    return lines, labels


def check_latent(run: Run, latent: int) -> None:
    if not 0 <= latent < run.config.latents:
        raise no_such("latent", latent, run.name, run.config.latents - 1)


def _values(run: Run, start: Start, values: Values, codes: Codes | None) -> torch.Tensor:
    return values.of(
        start.z, start.log_var, None if codes is None else lambda: aggregate_of(run, codes)
    )


def _rounded(values: torch.Tensor) -> Any:
    return torch.round(values.double(), decimals=4).tolist()
