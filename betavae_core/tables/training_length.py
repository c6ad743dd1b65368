"""A score over the length of training: runs that differ only in length, KL warm-up, β and seed."""

from collections.abc import Sequence

import pandas as pd

from ..store import Run
from .families import recipe
from .lengths import Length, length_of


def rows_by_length(rows: pd.DataFrame, runs: Sequence[Run]) -> pd.DataFrame:
    """The rows of one score and setting (of `scores.score_rows`) of the largest group of trained
    runs that differ only in length, warm-up, β and seed (and precision, which depends on the
    machine), with the columns images and kl_warmup of their training, by β and length; empty unless
    a β was scored at two lengths."""
    by_name = {run.name: run for run in runs if length_of(run) is not None}
    about: list[tuple[object, ...]] = []
    for name in rows["run"]:
        config = by_name[name].config if name in by_name else None
        if config is None or config.beta is None:
            about.append((None, 0, 0))
            continue
        kind = repr(recipe(config, "beta", "images", "kl_warmup"))
        about.append((kind, config.images, config.kl_warmup))
    added = pd.DataFrame(about, columns=["kind", "images", "kl_warmup"], index=rows.index)
    table = rows.drop(columns=[c for c in added if c in rows]).join(added)
    table = table[table["kind"].notna()]
    lengths = table.groupby(["kind", "beta"])["images"].nunique() if len(table) else pd.Series()
    several = lengths[lengths > 1].index.get_level_values(0) if len(lengths) else []
    table = table[table["kind"].isin(several)]
    if table.empty:
        return table
    largest = table["kind"].value_counts().idxmax()
    return table[table["kind"] == largest].sort_values(["beta", "images"], ignore_index=True)


def models_by_length(rows: pd.DataFrame, size: int | None) -> str:
    """The number of models of each length, such as "17 after 1 pass, 4 after 10 passes"."""
    counts = rows.groupby("images")["run"].nunique()
    return ", ".join(
        f"{count} after {Length(int(str(images))).title(size)}" for images, count in counts.items()
    )
