"""A small folder of runs without weights, as `record` keeps them."""

import json
from pathlib import Path
from typing import Any

from betavae_core.store import Run
from tests.tables.measured import measured_run

MLP = {0.1: [0.7, 0.72], 1.0: [0.75, 0.77], 4.0: [0.9, 0.94], 10.0: [0.8, 0.81]}
FD = {0.1: [250.0, 251.0], 1.0: [255.0, 254.0], 4.0: [270.0, 271.0], 10.0: [290.0, 292.0]}

KL = [1.0] * 10


def stored(root: Path, run: Run) -> None:
    """Write a made-up run to root."""
    folder = root / run.config.run_id
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(run.config.to_json())
    (folder / "record.json").write_text(json.dumps({"weights": "made up"}))
    (folder / "scores.json").write_text(json.dumps(run.scores))
    (folder / "history.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in run.history))


def star_record(separation: float | None) -> dict[str, Any]:
    """A star of two factors, whose nearest codes are as far apart."""
    return {
        "score": "star",
        "points": {"shape": [[0.0, 0.0], [1.0, 0.5]], "scale": [[0.0, 0.0], [-1.0, 2.0]]},
        "explained": [0.5, 0.25],
        "numbers": {"spread": 0.8, "sigma": 0.4, "nearest": 0.2, "separation": separation},
        "settings": {"dataset": "2dshapes", "source": "rendered", "images": 3},
        "versions": {},
    }


def fill(root: Path) -> None:
    """MLP VAEs on 2Dshapes and conv VAEs on CIFAR10, two seeds for each of four β."""
    for beta, values in MLP.items():
        for seed, value in enumerate(values):
            scores = {"all": value - 0.1, "no-shape": value}
            run = measured_run(scores, [0.6, 0.1], kl=KL, beta=beta, seed=seed, model="mlp")
            for record in run.scores:
                if record["score"] == "higgins":
                    record["details"] = {"per_draw": [record["value"]] * 2, "chance": 0.2}
            run.scores.append(star_record(20 / (beta + 1) + seed))
            stored(root, run)
    for beta, values in FD.items():
        for seed, value in enumerate(values):
            shape = {"dataset": "cifar10", "source": "official", "channels": 3, "image_size": 32}
            found = {"reconstructions": value, "samples": value + 20}
            run = measured_run(distances=found, kl=KL, beta=beta, seed=seed, **shape)
            for record in run.scores:
                record["details"] = {
                    "kernel": 0.1,
                    "kernel_standard_error": 0.01,
                    "by_count": [[2048, value + 1], [4096, value]],
                    "limit": value,
                    "limit_standard_error": 1.0,
                }
            stored(root, run)
