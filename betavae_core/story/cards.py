"""Each picture of the story with one sentence, which the numbers of its runs decide, and the page
that shows more."""

from collections.abc import Sequence

import numpy as np
import torch

from ..addresses import Choices, run_choices
from ..beta import beta_text
from ..choice import opening_run
from ..datasets import Dataset
from ..datasets.base import to_float
from ..datasets.telling import telling_images
from ..embedding.numbers import nearest_separation
from ..embedding.panel import Drawn
from ..embedding.paths import star
from ..embedding.projections import fit_pca
from ..pictures.colours import FACTOR_COLOURS
from ..scoring.elbo import active_latents, latents_by_kl, latest_elbo
from ..scoring.encoding import encode_rows
from ..store import Run, unsteered
from ..tables.clean_factors import clean_factors
from ..tables.scores import factor_matrix, score_rows, usual
from ..traversal.codes import decode_grid, prior_quantiles, traversal_codes
from . import drawing
from .card import Card
from .drawing import LETTER

COLUMNS, FEW = 5, 3  # images in a row: of a traversal, of reconstructions
MOST_LATENTS = 8  # in the matrix
HIGH = 0.9  # of Higgins' metric: a score that sounds like a proof


def story_images(dataset: Dataset) -> np.ndarray:
    """Indices of the images that the cards need."""
    few, space = telling_images(dataset, FEW), dataset.space
    if space is None:
        return np.append(few, 0)
    return np.unique(np.concatenate([few, *(line.rows for line in star(space))]))


def story_cards(runs: Sequence[Run], dataset: Dataset, letter: float = LETTER) -> list[Card]:
    """As many of the four cards as these runs allow: of one dataset, architecture and training
    length; those kept without their weights are left out. letter: height of text, in pixels."""
    may = unsteered(runs)
    known = [run for run in may if run.config.beta is not None and run.has_weights]
    alike = sorted(known, key=lambda run: run.config.beta or 0.0)
    if not alike:
        return []
    low, middle, high = alike[0], opening_run(alike), alike[-1]
    together = {**run_choices(middle), "runs": [run.name for run in alike]}
    several = list({run.config.beta: run for run in (low, high, middle)}.values())
    cards = [price(several, dataset, letter, together)] if len(several) > 1 else []
    cards.append(used_latents(middle, dataset, letter))
    if dataset.space is not None:
        cards.append(codes_of_factors(low, middle, dataset, letter, together))
    scored = [run for run in (middle, *alike) if clean_factors(run) and _higgins(run) is not None]
    return cards + [score_and_latents(run, letter) for run in scored[:1]]


def price(runs: Sequence[Run], dataset: Dataset, letter: float, choices: Choices) -> Card:
    """The same images under two or three values of β; the sentence is about the first and the last
    of them."""
    runs = sorted(runs, key=lambda run: run.config.beta or 0.0)
    images = to_float(dataset.images(telling_images(dataset, FEW)))
    with torch.no_grad():
        made = [run.vae.decode(run.vae.encode(images)[0]) for run in runs]
    labels = [beta_text(run.config.beta) for run in runs]
    low, high, first, last = runs[0], runs[-1], labels[0], labels[-1]
    before, after = latest_elbo(low), latest_elbo(high)
    said = f"The same images at {first} and at {last}."
    if before and after:
        costs = after["nll"] > before["nll"]
        said = (
            f"**A high β {'costs' if costs else 'does not cost'} image quality**: from {first} to "
            f"{last} the reconstruction loss {'rises' if costs else 'falls'} from "
            f"{before['nll']:.0f} to {after['nll']:.0f} nats per image."
        )
    picture = drawing.image_rows(torch.stack([images, *made]), ["original", *labels], letter)
    return Card(picture, said, "reconstruction", choices)


def used_latents(run: Run, dataset: Dataset, letter: float) -> Card:
    """The latents in use, the most informative first, each through the middle of the prior."""
    elbo, beta = latest_elbo(run), beta_text(run.config.beta)
    order = latents_by_kl(elbo, run.config.latents)
    used = [d for d in order if elbo and active_latents(elbo)[d]]
    shown = (used or order)[:COLUMNS]
    space = dataset.space
    start = [0] if space is None else space.index(space.median()[None])
    with torch.no_grad():
        z = run.vae.encode(to_float(dataset.images(start)))[0][0]
    codes = traversal_codes(z, shown, prior_quantiles(COLUMNS, 0.95))
    picture = drawing.image_rows(
        decode_grid(run.vae.decode, codes), [f"z{d}" for d in shown], letter
    )
    said = f"Each row moves one latent at {beta}."
    if elbo:
        few = "Not every" if used else "No"
        said = (
            f"**{few if len(used) < run.config.latents else 'Every'} latent is used**: {len(used)} "
            f"of {run.config.latents} carry information at {beta}. Each row moves one of "
            + ("them." if used else "the others.")
        )
    return Card(picture, said, "traversals", {"run": run.name})


def codes_of_factors(low: Run, run: Run, dataset: Dataset, letter: float, choices: Choices) -> Card:
    """The codes along ground-truth traversals, a colour for each factor; the sentence compares them
    with those of the lowest β."""
    space = dataset.space
    assert space is not None, "a dataset with factors"
    lines = star(space)
    rows = np.concatenate([line.rows for line in lines])
    mean, log_var = encode_rows(run.vae, dataset, rows)
    once = np.unique(rows, return_index=True)[1]  # each image
    axes = fit_pca(mean[once]).axes
    points = np.pad(mean @ axes.T, ((0, 0), (0, 2 - len(axes))))
    parts = np.split(points, np.cumsum([len(line.rows) for line in lines])[:-1])
    paths = [
        Drawn(name, FACTOR_COLOURS[k % len(FACTOR_COLOURS)], part)
        for k, (name, part) in enumerate(zip(space.names, parts, strict=True))
    ]
    apart = nearest_separation(mean[once], log_var[once])
    other = nearest_separation(*(each[once] for each in encode_rows(low.vae, dataset, rows)))
    beta = beta_text(run.config.beta)
    said = f"Each line is one factor in latent space at {beta}."
    if run.config.beta != low.config.beta:
        said = (
            f"**Codes move {'closer together' if apart < other else 'apart'}**: the nearest image "
            f"is {_sigmas(other)} posterior σ away at {beta_text(low.config.beta)}, and "
            f"{_sigmas(apart)} at {beta}, shown here. Each line is one factor."
        )
    return Card(drawing.paths(paths, letter), said, "latent_space", choices)


def _sigmas(distance: float) -> str:
    return f"{distance:.2g}" if distance >= 0.001 else "less than 0.001"


def score_and_latents(run: Run, letter: float) -> Card:
    """What each latent knows of each factor, beside the score."""
    found, own, score = factor_matrix(run, "mig"), clean_factors(run), _higgins(run)
    assert found is not None, "chosen as scored"
    assert own is not None, "chosen as scored"
    assert score is not None, "chosen as scored"
    values, factors = found
    order = latents_by_kl(latest_elbo(run), run.config.latents)[:MOST_LATENTS]
    count, every = own
    told = f"Higgins' metric gives this model {score:.0%}"
    if count == every:
        said = f"**Score and latents agree**: {told}, and every factor has one clean latent."
    else:
        proof = "**A high score is no proof**: " if score >= HIGH else ""
        said = f"{proof}{told}, and {count} of {every} factors have one clean latent."
    picture = drawing.matrix(values[order].T, factors, [f"z{d}" for d in order], letter)
    said += " The stronger a cell's colour, the more the latent tells about the factor."
    return Card(picture, said, "disentanglement", {"run": run.name})


def _higgins(run: Run) -> float | None:
    """The score with the first settings of the standard protocol, on all factors."""
    rows = usual(score_rows([run]))
    found = rows[rows["score"] == "higgins"]["value"]
    return float(found.iloc[0]) if len(found) else None
