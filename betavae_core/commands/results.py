"""The output of verbs on stdout: the summary of a run, a result as text or as JSON."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from ..scoring.elbo import active_latents, measured_elbo
from ..store import BrokenRun, Run


def summary(run: Run | BrokenRun) -> dict[str, Any]:
    if isinstance(run, BrokenRun):
        return {"name": run.name, "status": "broken", "reason": run.reason}
    score = measured_elbo(run)
    return {
        "name": run.name,
        "status": run.status,
        "weights": run.has_weights,
        "images": run.images_seen,
        "nll": score["nll"] if score else None,
        "kl": sum(score["kl"]) if score else None,
        "active_latents": sum(active_latents(score)) if score else None,
        "config": asdict(run.config),
    }


def show_result(options: argparse.Namespace, data: dict[str, Any], text: str) -> None:
    print(json.dumps(data) if options.json else text)
