"""The model that shows how a high score goes with mixed latents."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from .scores import usual

MIXED = 0.15  # of MIG and of DCI disentanglement: below it, no latent stands for one factor


@dataclass(frozen=True)
class HighButMixed:
    """A run and its scores by Higgins' metric, MIG and DCI, each in [0, 1]."""

    run: str
    higgins: float
    mig: float
    dci: float


def high_but_mixed(rows: pd.DataFrame, names: Collection[str]) -> HighButMixed | None:
    """Of the trained VAEs of these names, the one with the highest score by Higgins' metric among
    those whose MIG and DCI disentanglement are both below `MIXED`; None if it is not closer to 1
    than to chance, or if there is none. rows: of `score_rows`, of one dataset."""
    found = usual(rows[(rows["baseline"] == "") & rows["run"].isin(list(names))])
    table = found.pivot_table(index="run", columns="score", values="value")
    if not {"higgins", "mig", "dci"} <= set(table.columns):
        return None
    mixed = table[(table["mig"] < MIXED) & (table["dci"] < MIXED)].sort_values("higgins")
    chance = found[found["score"] == "higgins"]["chance"].iloc[0]
    if mixed.empty or mixed["higgins"].iloc[-1] < (1 + chance) / 2:
        return None
    best = mixed.iloc[-1]
    return HighButMixed(str(best.name), *(float(best[s]) for s in ("higgins", "mig", "dci")))
