"""The metrics of disentanglement: one table, one module per metric. All take codes, never a model,
and have the same signature: ``METRICS[name](codes, space, seed=0, **settings) -> Record``."""

from collections.abc import Callable

from .active_units import active_units
from .base import Record
from .dci import dci
from .explicitness import explicitness
from .factor_vae import factor_vae
from .higgins import higgins
from .irs import irs
from .mig import mig
from .modularity import modularity
from .sap import sap
from .total_correlation import total_correlation

__all__ = ["METRICS", "STATISTICS", "Record"]

METRICS: dict[str, Callable[..., Record]] = {
    "higgins": higgins,
    "factor_vae": factor_vae,
    "mig": mig,
    "sap": sap,
    "dci": dci,
    "modularity": modularity,
    "explicitness": explicitness,
    "irs": irs,
}

# the same signature, but not in [0, 1]: these describe codes and do not rate them
STATISTICS: dict[str, Callable[..., Record]] = {
    "total_correlation": total_correlation,
    "active_units": active_units,
}
