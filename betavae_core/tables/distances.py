"""Distances and reconstruction losses of many runs as tables: the cost of β in image quality."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..fid import FEATURES
from ..objective import bits_per_dimension
from ..scoring.distances import IMAGE_KINDS
from ..scoring.elbo import latest_elbo
from ..store import Run, unsteered

# distances that agree on these are comparable
SETTING = [
    "source", "part", "of", "features", "preprocessing", "reference_images", "images", "draw"
]  # fmt: skip


ROW = [
    "run", "dataset", *SETTING, "model", "likelihood", "beta", "seed", "kind", "frechet", "kernel",
    "kernel_standard_error", "limit", "limit_standard_error", "by_count", "nll",
    "versions",
]  # fmt: skip


def distance_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """The `stored_distances` of the runs that may be compared (`store.unsteered`)."""
    return stored_distances(unsteered(runs))


def stored_distances(runs: Sequence[Run]) -> pd.DataFrame:
    """Every stored distance of trained runs, a row per run, kind and setting.

    Columns: run, dataset, source, part ("" for the whole dataset), of (identifies the images, see
    `images_mark`), features (key of FEATURES), preprocessing (at that time), reference_images,
    images (of the model), draw (seed of both), model, likelihood, beta, seed, kind
    ("reconstructions" or "samples"), frechet and kernel (lower is better), kernel_standard_error,
    limit (the Fréchet distance extrapolated to infinitely many images), limit_standard_error,
    by_count (its values at several N, [N, value] each), nll (reconstruction loss, nats per image;
    NaN if not computed), versions. Unknown features and kinds are left out.
    """
    rows = []
    for run in runs:
        if run.config.baseline:
            continue
        elbo = latest_elbo(run)
        for record in run.valid_scores:
            if record["score"] != "frechet":
                continue
            settings, details = record["settings"], record["details"]
            if settings["features"] not in FEATURES or settings["kind"] not in IMAGE_KINDS:
                continue
            rows.append(
                {
                    "run": run.name,
                    "dataset": settings["dataset"],
                    "part": settings.get("part", ""),
                    "of": str(record.get("asked", {}).get("of", "")),
                    "preprocessing": settings.get("preprocessing", ""),
                    **{
                        key: settings[key]
                        for key in ("source", "features", "reference_images", "images")
                    },
                    "draw": settings["seed"],
                    "model": run.config.model,
                    "likelihood": run.config.likelihood,
                    "beta": run.config.beta,
                    "seed": run.config.seed,
                    "kind": settings["kind"],
                    "frechet": record["value"],
                    **{key: details[key] for key in ROW if key in details},
                    "nll": float(elbo["nll"]) if elbo else float("nan"),
                    "versions": ", ".join(f"{k} {v}" for k, v in record["versions"].items()),
                }
            )
    return pd.DataFrame(rows, columns=ROW)


def comparable(rows: pd.DataFrame) -> list[pd.DataFrame]:
    """`distance_rows` in comparable groups, one setting each: first those with Inception's
    features, then those with the most runs, then with the most images."""
    groups = [group for _, group in rows.groupby(SETTING, dropna=False)]

    def order(group: pd.DataFrame) -> tuple[bool, int, int]:
        first = group.iloc[0]
        return first["features"] != "inception", -group["run"].nunique(), -first["images"]

    return sorted(groups, key=order)


def correlation(x: Sequence[float], y: Sequence[float]) -> tuple[float, float] | None:
    """Pearson's and Spearman's correlation of pairs, each in −1…1; None for fewer than three pairs
    or if one side does not vary."""
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a) and math.isfinite(b)]
    if len(pairs) < 3 or len({a for a, _ in pairs}) < 2 or len({b for _, b in pairs}) < 2:
        return None
    one, two = zip(*pairs, strict=True)
    from scipy.stats import pearsonr, spearmanr

    return float(pearsonr(one, two).statistic), float(spearmanr(one, two).statistic)


def loss_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """The reconstruction loss of trained runs that may be compared (`store.unsteered`): run, source
    and measured (the images used, in words), model, likelihood, beta, seed, nll (nats per image,
    lower is better), bits (the same per dimension, see `bits_per_dimension`), kl (nats)."""
    rows = []
    for run in unsteered(runs):
        elbo, config = latest_elbo(run), run.config
        if elbo and not config.baseline:
            rows.append(
                {
                    "run": run.name,
                    "source": config.source,
                    "measured": measured_on(elbo),
                    "model": config.model,
                    "likelihood": config.likelihood,
                    "beta": config.beta,
                    "seed": config.seed,
                    "nll": elbo["nll"],
                    "bits": bits_per_dimension(elbo["nll"], config.pixels, config.likelihood),
                    "kl": sum(elbo["kl"]),
                }
            )
    columns = [
        "run", "source", "measured", "model", "likelihood", "beta", "seed", "nll", "bits", "kl"
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def measured_on(elbo: dict[str, Any]) -> str:
    """The images of an `elbo` record, for people: "10,000 images (rendered)"; for a record of a
    history, the training images since the one before."""
    settings = elbo.get("settings")
    if not isinstance(settings, dict) or "images" not in settings:
        return "the last training images"
    about = ", ".join(str(settings[key]) for key in ("source", "part") if settings.get(key))
    return f"{settings['images']:,} images" + f" ({about})" * bool(about)
