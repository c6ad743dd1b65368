"""All measurements of a run, as CSV."""

from pathlib import Path

import pandas as pd

from ..addresses import link
from ..datasets import Dataset, dataset_title
from ..provenance import facts
from ..store import Run, write_atomically
from .folder import _alone, _caption, _folder


def export_numbers(run: Run, dataset: Dataset, out: Path) -> Path:
    """All measurements of a run as CSV: scores.csv, a row per score and settings, and history.csv,
    a row per interval of its training."""
    scores = [
        {"score": record["score"], "value": record.get("value"), **record.get("settings", {})}
        for record in run.valid_scores
    ]
    history = [
        {key: value for key, value in record.items() if key != "kl"}
        | {f"kl z{d}": value for d, value in enumerate(record["kl"])}
        for record in run.history
        if "nll" in record
    ]
    about = {
        "kind": "numbers",
        **facts(run, dataset),
        "scores": len(scores),
        "records": len(history),
        "caption": "Scores with their settings; training history as means over each interval, in "
        "nats per image.",
        "link": link("reconstruction", _alone(run))
        if dataset.space is None
        else link("disentanglement", {"dataset": dataset_title(dataset.name), "run": run.name}),
    }
    folder = _folder(out, run, "numbers")
    for name, rows in (("scores", scores), ("history", history)):
        text = pd.DataFrame(rows).to_csv(index=False)
        write_atomically(folder / f"{name}.csv", text.encode())
    return _caption(folder, about)
