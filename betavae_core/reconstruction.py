"""What β costs in image quality, as tables: distances and reconstruction losses of many runs, at
the end and as training went; and what a Gaussian likelihood would make of them."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import torch
from scipy.stats import pearsonr, spearmanr

from .datasets.base import to_float
from .distances import KINDS
from .evaluation import latest_elbo
from .fid import FEATURES
from .models import VAE
from .objective import bits_per_dimension, kl_per_latent, sample_posterior
from .rng import generator
from .store import Run

# what makes distances comparable
SETTING = [
    "source", "part", "of", "features", "preprocessing", "reference_images", "images", "draw"
]  # fmt: skip
ROW = [
    "run", "dataset", *SETTING, "model", "likelihood", "beta", "seed", "kind", "frechet", "kernel",
    "kernel_standard_error", "limit", "limit_standard_error", "by_count", "nll",
    "versions",
]  # fmt: skip


def distance_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """Every stored distance of trained runs, a row per run, kind and setting.

    Columns: run, dataset, source, part ("" for the whole dataset), of (which images these are, see
    `images_mark`), features (key of FEATURES), preprocessing (as it was then), reference_images,
    images (made ones), draw (seed of both), model, likelihood, beta, seed, kind
    ("reconstructions" or "samples"), frechet and kernel (lower is better), kernel_standard_error,
    limit (the Fréchet distance extrapolated to infinitely many images), limit_standard_error,
    by_count (its values at several N, [N, value] each), nll (reconstruction loss, nats per image;
    NaN where not computed), versions. Of features and kinds that are not known here: none.
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
            if settings["features"] not in FEATURES or settings["kind"] not in KINDS:
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
    """`distance_rows` in groups of one setting each, which alone can be compared: those of
    Inception's features first, then those with the most runs, then with the most images."""
    groups = [group for _, group in rows.groupby(SETTING, dropna=False)]

    def order(group: pd.DataFrame) -> tuple[bool, int, int]:
        first = group.iloc[0]
        return first["features"] != "inception", -group["run"].nunique(), -first["images"]

    return sorted(groups, key=order)


def best_betas(rows: pd.DataFrame, column: str) -> dict[str, float]:
    """For each kind of `distance_rows` the β whose runs have the lowest median of a column."""
    return {
        str(kind): float(here.groupby("beta")[column].median().idxmin())
        for kind, here in rows.groupby("kind")
    }


def family(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """The trained runs that differ in β and seed only, the largest such group, and the others: no
    line over β may join runs of different models, latents, budgets, warm-ups or likelihoods. The
    precision may differ: it is the machine's choice."""
    trained = [run for run in runs if not run.config.baseline]

    def kind(run: Run) -> tuple[object, ...]:
        config = run.config
        return (
            config.beta is None,
            bool(config.origin),
            *(config.model, config.latents, config.likelihood, config.sigma, config.images),
            *(config.source, config.shape, config.optimizer, config.learning_rate),
            *(config.batch_size, config.kl_warmup),
        )

    kinds = [kind(run) for run in trained]
    usable = [each for each in kinds if not each[0]]
    if not usable:
        return [], trained
    largest = max(usable, key=usable.count)
    inside = [run for run, each in zip(trained, kinds, strict=True) if each == largest]
    return inside, [run for run, each in zip(trained, kinds, strict=True) if each != largest]


def comparable_training(rows: pd.DataFrame, features: str | None = None) -> pd.DataFrame:
    """Of `training_rows` those with distances of one kind: of the given features if there are any,
    and of the numbers of images that most points have."""
    seen = rows[rows["frechet"].notna()]
    if features in set(seen["features"]):
        seen = seen[seen["features"] == features]
    groups = [g for _, g in seen.groupby(["features", "made_images", "reference_images"])]
    return max(groups, key=len) if groups else seen


def correlation(x: Sequence[float], y: Sequence[float]) -> tuple[float, float] | None:
    """Pearson's and Spearman's correlation of pairs, each in −1…1; None for fewer than three pairs
    or where one of them does not vary."""
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if math.isfinite(a) and math.isfinite(b)]
    if len(pairs) < 3 or len({a for a, _ in pairs}) < 2 or len({b for _, b in pairs}) < 2:
        return None
    one, two = zip(*pairs, strict=True)
    return float(pearsonr(one, two).statistic), float(spearmanr(one, two).statistic)


def training_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """The histories of trained runs, a row per record.

    Columns: run, model, likelihood, beta, seed, images (seen), nll, kl (nats per image) and, where
    distances were measured, frechet, kernel, kernel_standard_error, features, made_images,
    reference_images; NaN or None in the others.
    """
    rows: list[dict[str, Any]] = []
    for run in runs:
        about = {key: getattr(run.config, key) for key in ("model", "likelihood", "beta", "seed")}
        for record in run.history:
            seen = record.get("distances")
            if "nll" not in record and not seen:
                continue
            row = {"run": run.name, **about, "images": record["images"]}
            row["nll"] = record.get("nll")
            row["kl"] = sum(record["kl"]) if "kl" in record else None
            for key in ("frechet", "kernel", "kernel_standard_error", "features"):
                row[key] = seen[key] if seen else None
            row["made_images"] = seen["images"] if seen else None
            row["reference_images"] = seen["reference_images"] if seen else None
            rows.append(row)
    columns = [
        "run", "model", "likelihood", "beta", "seed", "images", "nll", "kl", "frechet", "kernel",
        "kernel_standard_error", "features", "made_images", "reference_images",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def loss_rows(runs: Sequence[Run]) -> pd.DataFrame:
    """The reconstruction loss of trained runs: run, source and measured (what it was measured on,
    in words), model, likelihood, beta, seed, nll (nats per image, lower is better), bits (the same
    per dimension, see `bits_per_dimension`), kl (nats)."""
    rows = []
    for run in runs:
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
    """What an `elbo` record was measured on, for people: "10,000 images (rendered)"; the training
    images since the record before, where it is one of a history."""
    settings = elbo.get("settings")
    if not isinstance(settings, dict) or "images" not in settings:
        return "the last training images"
    about = ", ".join(str(settings[key]) for key in ("source", "part") if settings.get(key))
    return f"{settings['images']:,} images" + f" ({about})" * bool(about)


def squares_and_kl(model: VAE, images: torch.Tensor, seed: int = 0) -> tuple[float, float]:
    """‖x − x̂‖² of a posterior sample and Σ KL, averaged over images uint8 (N, C, H, W): in squared
    units of pixels in [0, 1] per image, and nats per image."""
    x = to_float(images)
    with torch.no_grad():
        mean, log_var = model.encode(x)
        noise = torch.randn(mean.shape, generator=generator(seed, "posterior"))
        decoded = model.decode(sample_posterior(mean, log_var, noise))
        squares = (x - decoded).square().flatten(1).sum(1).mean()
        return float(squares), float(kl_per_latent(mean, log_var).sum(1).mean())


def gaussian_loss(squares: float, pixels: int, sigma: float) -> float:
    """The Gaussian reconstruction term of a given squared error, P/2 · log(2π σ²) + squares/(2 σ²),
    nats per image; equations 8–10 of the paper."""
    return 0.5 * pixels * math.log(2 * math.pi * sigma**2) + squares / (2 * sigma**2)


def best_sigma(squares: float, pixels: int) -> float:
    """The σ at which `gaussian_loss` is lowest, √(squares / P): σ-VAE's (Rybkin et al. 2021)."""
    return math.sqrt(squares / pixels)
