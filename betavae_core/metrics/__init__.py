"""The metrics of disentanglement: one table, one module per metric. All take codes, never a model,
and have the same signature: ``METRICS[name](codes, space, seed=0, **settings) -> Record``."""

from .active_units import active_units
from .base import Record
from .dci import dci
from .explicitness import explicitness
from .factor_vae import factor_vae
from .higgins import HigginsScore, higgins
from .irs import irs
from .mig import mig
from .modularity import modularity
from .sap import sap
from .score import Score, WholeGridScore
from .total_correlation import total_correlation

__all__ = ["METRICS", "SCORES", "STATISTICS", "Record", "Score"]

METRICS: dict[str, Score] = {
    score.name: score
    for score in (
        HigginsScore(higgins),
        WholeGridScore(factor_vae),
        Score(mig),
        Score(sap),
        Score(dci),
        Score(modularity),
        Score(explicitness),
        Score(irs),
    )
}

# the same signature, but not in [0, 1]: these describe codes and do not rate them
STATISTICS: dict[str, Score] = {
    score.name: score for score in (Score(total_correlation), Score(active_units))
}

SCORES = METRICS | STATISTICS
