"""Every stored score and distance as tables: the numbers that other texts of this project quote."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ..beta import beta_text
from ..datasets.titles import dataset_title
from ..fid import FEATURES
from ..presets import ONE_PASS
from ..store import Run
from ..tables.distances import comparable, correlation, distance_rows
from ..tables.families import family
from ..tables.lengths import Length, lengths, of_length
from ..tables.scores import BASELINE_TITLES, SCALED, SHOWN_SCORES
from .numbers import Number
from .picked import betas_of, picked, recipes
from .table import UNKNOWN, Table, plain

WITHOUT_SHAPE = "without shape"
KINDS = {"reconstructions": "reconstructions", "samples": "prior samples"}


def all_scores(numbers: Sequence[Number]) -> list[Table]:
    """A table for each dataset: a row for each β of a recipe, then the baselines; medians over
    seeds."""
    datasets = dict.fromkeys(number.dataset for number in numbers)
    tables = [_scores(picked(numbers, dataset=name), name) for name in datasets]
    return [table for table in tables if table.rows]


def _scores(numbers: Sequence[Number], dataset: str) -> Table:
    of_score = {
        name: picked(numbers, score=name)
        for name in SHOWN_SCORES
        if name not in (*SCALED, "higgins")
    }
    linear = picked(numbers, score="higgins", classifier="linear", L=64, mode="corrected")
    of_score = {
        "higgins": picked(linear, factors="all"),
        WITHOUT_SHAPE: picked(linear, factors="no-shape"),
        **of_score,
    }
    rows = []
    for recipe in recipes(numbers, dataset):
        mine = {name: picked(found, recipe=recipe) for name, found in of_score.items()}
        for beta in betas_of([number for found in mine.values() for number in found]):
            one = {name: picked(found, beta=beta) for name, found in mine.items()}
            rows.append([f"{recipe.title}: {beta_text(beta)}", *_medians(one)])
    for kind, title in BASELINE_TITLES.items():
        one = {name: picked(found, baseline=kind) for name, found in of_score.items()}
        if any(one.values()):
            rows.append([title, *_medians(one)])
    names = [SHOWN_SCORES[name][0] if name in SHOWN_SCORES else name for name in of_score]
    return Table(
        f"scores-{dataset}",
        f"All scores, {dataset_title(dataset)}",
        ["model", "runs", *names],
        rows,
        "Medians over seeds, by the standard protocol, on the codes of all images. Higgins' metric "
        "(and the same without the factor shape): linear classifier, L = 64, 1,000 training and "
        "5,000 test points, five draws, mode corrected. "
        "`python -m betavae_core evaluate RUN --score standard` computes what is missing.",
    )


def _medians(of_score: dict[str, list[Number]]) -> list[str]:
    runs = {number.run for found in of_score.values() for number in found}
    values = [
        f"{float(np.median([n.value for n in found])):.3f}" if found else UNKNOWN
        for found in of_score.values()
    ]
    return [str(len(runs)), *values]


def all_distances(runs: Sequence[Run]) -> list[Table]:
    """A table for each dataset, training length and setting of the distances: a row for each run
    and kind of images."""
    tables = []
    for dataset in dict.fromkeys(run.config.dataset for run in runs):
        its = [run for run in runs if run.config.dataset == dataset]
        for length in lengths(its):
            shown = family(of_length(its, length)[0])[0]
            for number, group in enumerate(comparable(distance_rows(shown))):
                name = f"distances-{dataset}-{length.images}-{length.kl_warmup}-{number}"
                tables.append(_distances(group, length, name))
    return tables


def _distances(group: pd.DataFrame, length: Length, name: str) -> Table:
    first = group.iloc[0]
    entry, dataset = FEATURES[first["features"]], first["dataset"]
    rows = [
        [
            *(beta_text(row.beta), str(row.seed), KINDS[row.kind]),
            *(plain(row.frechet), plain(row.limit), f"{row.kernel:.4f}", plain(row.nll)),
        ]
        for row in group.sort_values(["beta", "seed", "kind"]).itertuples()
    ]
    made = group[group["kind"] == "reconstructions"]
    both = correlation(made["nll"].tolist(), made["frechet"].tolist())
    together = (
        f" Reconstruction loss and distance of the reconstructions of {len(made)} runs correlate "
        f"by {both[0]:.3f} (Pearson) and {both[1]:.3f} (Spearman)."
        if both
        else ""
    )
    part = f", {first['part']}" if first["part"] else ""
    return Table(
        name,
        f"All distances, {dataset_title(dataset)}, {length.title(ONE_PASS.get(dataset))}",
        [
            *("β", "seed", "images", entry.distance, "at N = ∞", entry.kernel),
            "reconstruction loss, nats",
        ],
        rows,
        f"{first['images']:,} images of each run against {first['reference_images']:,} "
        f"({first['source']}{part}); lower is better.{together}",
    )
