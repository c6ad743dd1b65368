"""All measurements of a run, as CSV."""

from pathlib import Path
from typing import Any

import pandas as pd

from ..addresses import link
from ..datasets import Dataset, dataset_title
from ..provenance import facts
from ..store import Run, write_atomically
from .folder import _alone, _caption, _folder


def export_numbers(run: Run, dataset: Dataset, out: Path) -> Path:
    """All measurements of a run as CSV: scores.csv, a row per score and settings (for a model for
    every β, also per β), and history.csv, a row per interval of its training."""
    scores = [row for record in run.valid_scores for row in _rows(record)]
    history = [
        {key: value for key, value in record.items() if key != "kl"}
        | {f"kl z{d}": value for d, value in enumerate(record["kl"])}
        for record in run.history
        if "nll" in record
    ]
    place = {"dataset": dataset_title(dataset.name)}
    about = {
        "kind": "numbers",
        **facts(run, dataset),
        "scores": len(scores),
        "records": len(history),
        "caption": "Scores with their settings; training history as means over each interval, in "
        "nats per image.",
        "link": link("reconstruction", _alone(run))
        if dataset.space is None
        else link("disentanglement", place if run.config.multirate else place | {"run": run.name}),
    }
    folder = _folder(out, run, "numbers")
    for name, rows in (("scores", scores), ("history", history)):
        text = pd.DataFrame(rows).to_csv(index=False)
        write_atomically(folder / f"{name}.csv", text.encode())
    return _caption(folder, about)


def _rows(record: dict[str, Any]) -> list[dict[str, Any]]:
    """A record of a score as rows: one, or of what was measured over β one for each β."""
    about = {"score": record["score"], **record.get("settings", {})}
    if record["score"] == "over-beta":
        about["score"] = about.pop("metric")
        each = zip(record["beta"], record["value"], record["standard_error"], strict=True)
        return [about | {"beta": b, "value": v, "standard_error": error} for b, v, error in each]
    if record["score"] == "rate-distortion":
        each = zip(record["beta"], record["nll"], record["kl"], strict=True)
        return [
            {**about, "beta": beta, "score": name, "value": value}
            for beta, nll, kl in each
            for name, value in (("distortion", nll), ("rate", sum(kl)))
        ]
    if record["score"] == "elbo":
        found = {"nll": record["nll"], "kl": sum(record["kl"])}
        found |= {name: record[name] for name in ("nll_at_mean",) if name in record}
        return [about | {"score": name, "value": value} for name, value in found.items()]
    if record["score"] == "star":
        found = record["numbers"]
        return [about | {"score": f"star: {name}", "value": v} for name, v in found.items()]
    return [{**about, "value": record.get("value")}]
