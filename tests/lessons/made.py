"""Runs in memory with the records that lessons read, and the text of a small lesson."""

from pathlib import Path
from typing import Any

import numpy as np

from betavae_core.config import RunConfig
from betavae_core.store import Run
from betavae_core.store.protocol import STANDARD, full_settings, whole_grid

FACTORS = ["shape", "scale", "orientation", "position x", "position y"]
HEADER = """
minutes = 5
[runs]
four = {dataset = "2dshapes", model = "conv"}
[numbers]
best = {what = "higgins", of = "four", beta = 4, over = "highest"}
worst = {what = "higgins", of = "four", beta = 4, over = "lowest"}
apart = {difference = ["best", "worst"]}
x = {what = "latent", of = "four", factor = "position x"}
used = {what = "used latents", of = "four"}
[sentences]
seeds = {when = "best > worst", then = "They differ by {apart}.", else = "They agree."}
"""
STEP = """
[view]
name = "scores"
of = "four"
[predict]
kind = "number"
ask = "How far apart are they, in points?"
low = 0
high = 40
truth = "apart"
"""
LESSON = f"""# A small lesson

```toml{HEADER}```

About the seeds.

## A step

```toml{STEP}```

The best scores {{best}}.

### Answer

{{seeds}}

### Why is that?

Because.
"""


def run_of(
    beta: float | None = 4.0,
    seed: int = 123,
    *,
    higgins: float | None = None,
    kl: list[float] | None = None,
    matrix: np.ndarray | None = None,
    images: int = 737_280,
    records: list[dict[str, Any]] | None = None,
    **config: Any,
) -> Run:
    """A finished run on 2Dshapes. higgins: its score at every standard setting, one point more
    without shape; kl: of its latents; matrix: (D, K), mutual information as a share of the
    entropies of `FACTORS`."""
    settings = RunConfig(beta=beta, seed=seed, images=images, **config)
    scores = [*(records or [])]
    if higgins is not None:
        scores += [_score(settings, name, asked, higgins) for name, asked in STANDARD]
        scores = [score for score in scores if score["score"] == "higgins"]
    if kl is not None:
        asked = {"dataset": settings.dataset, "source": settings.source, "images": 10_000}
        scores.append({"score": "elbo", "nll": 50.0, "kl": kl, "settings": asked})
    if matrix is not None:
        score = _score(settings, "mig", {}, 0.5)
        score["details"] |= {
            "factors": FACTORS,
            "mutual_information": matrix.tolist(),
            "entropy": [1.0] * len(FACTORS),
        }
        scores.append(score)
    history = [{"images": images, "nll": 50.0, "kl": kl or [0.0]}]
    return Run(Path(settings.run_id), settings, None, history, scores, "hash", [])


def _score(config: RunConfig, name: str, settings: dict[str, Any], value: float) -> dict[str, Any]:
    asked = full_settings(name, settings)
    factors = FACTORS if asked.get("factors", "all") == "all" else FACTORS[1:]
    details = {
        "standard_error": 0.002,
        "chance": 1 / len(factors),
        "confusion": (value * np.eye(len(factors))).tolist(),
        "per_draw": [value],
    }
    return {
        "score": name,
        "value": value + 0.01 * (len(factors) == 4),
        "weights": "hash",
        "asked": asked | whole_grid(config),
        "settings": asked | whole_grid(config) | {"images": 737_280, "factors": factors},
        "details": details,
        "versions": {},
    }
