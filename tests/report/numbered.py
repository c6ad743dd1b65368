"""Numbers of runs as `report.numbers` makes them, without runs."""

from typing import Any

from betavae_core.report.numbers import Number
from betavae_core.report.recipe import Recipe

ONE_PASS = 737_280


def recipe(images: int = ONE_PASS, source: str = "rendered", dataset: str = "2dshapes") -> Recipe:
    return Recipe(
        dataset, source, (1, 64, 64), "conv", "Conv VAE", f"{images:,} images", images, 64, ()
    )


def number(
    beta: float | None,
    seed: int,
    value: float,
    of: Recipe | None = None,
    draws: tuple[float, ...] = (),
    score: str = "higgins",
    baseline: str = "",
    **settings: Any,
) -> Number:
    """One number; Higgins' metric with the standard setting unless settings change it."""
    of = of or recipe()
    usual = {"L": 64, "classifier": "linear", "factors": "all", "mode": "corrected"}
    asked = (usual | settings) if score == "higgins" else settings
    name = f"{baseline or f'beta{beta:g}'}-{of.images}-{seed}"
    return Number(
        name, of.dataset, of.source, None if baseline else of, baseline, beta, seed, score, value,
        draws or (value,), "made up", **asked,
    )  # fmt: skip


def seeds(beta: float, values: list[float], of: Recipe | None = None, **more: Any) -> list[Number]:
    """A number for each seed."""
    return [number(beta, seed, value, of, **more) for seed, value in enumerate(values)]
