"""udr: rank runs without labels."""

import argparse

from ..datasets import config_dataset
from ..paths import runs_root
from ..scoring.udr import score_udr
from ..store import Run, find_run, load_run
from ..tables.distances import correlation
from ..tables.scores import SHOWN_SCORES, score_rows, usual
from .progress import shown_progress
from .results import show_result

LABELLED = ("higgins", "mig", "dci")  # the scores that UDR is compared with


def run(options: argparse.Namespace) -> int:
    root, show = runs_root(options.runs_folder), shown_progress(options)
    runs = [load_run(find_run(name, root)) for name in options.names]
    dataset = config_dataset(runs[0].config, options.root, show)
    records = score_udr(runs, dataset, images=options.images, seed=options.seed, progress=show)
    values = {each.name: record["value"] for each, record in zip(runs, records, strict=True)}
    ranked = _rank_correlations(runs, values)
    lines = [f"{name}  udr {value:.4f}" for name, value in values.items()]
    lines += [
        f"rank correlation with {SHOWN_SCORES[score][0]}: "
        + ("not computed" if value is None else f"{value:.2f}")
        for score, value in ranked.items()
    ]
    result = {
        "runs": [{"run": each.name, **r} for each, r in zip(runs, records, strict=True)],
        "rank_correlation": ranked,
    }
    show_result(options, result, "\n".join(lines))
    return 0


def _rank_correlations(runs: list[Run], values: dict[str, float]) -> dict[str, float | None]:
    """Spearman's correlation with each labelled score over the runs that have it; None for fewer
    than three."""
    rows = usual(score_rows(runs))
    found: dict[str, float | None] = {}
    for score in LABELLED:
        known = rows[rows["score"] == score].set_index("run")["value"]
        names = [name for name in values if name in known.index]
        both = correlation([values[n] for n in names], [float(known[n]) for n in names])
        found[score] = None if both is None else both[1]
    return found
