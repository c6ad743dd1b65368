"""The metrics of disentanglement: one table, one module per metric. All take codes, never a model,
and have the same signature: ``METRICS[name](codes, space, seed=0, **settings) -> Record``."""

from .active_units import active_units
from .axis_ratio import AxisRatioMetric, axis_ratio
from .base import Record
from .dci import DCIMetric, dci
from .explicitness import explicitness
from .factor_vae import factor_vae
from .higgins import HigginsMetric, higgins
from .infomec import InfoMECMetric, infomec
from .irs import irs
from .metric import ChanceMetric, MatrixMetric, Metric, WholeGridMetric
from .mig import MIGMetric, mig
from .modularity import modularity
from .nk import nk
from .sap import sap
from .snc import snc
from .total_correlation import total_correlation

__all__ = [
    "ALL_METRICS",
    "METRICS",
    "STATISTICS",
    "ChanceMetric",
    "MatrixMetric",
    "Metric",
    "Record",
]

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        HigginsMetric(higgins),
        WholeGridMetric(factor_vae),
        MIGMetric(mig),
        Metric(sap),
        DCIMetric(dci),
        Metric(modularity),
        Metric(explicitness),
        InfoMECMetric(infomec),
        Metric(snc),
        Metric(nk),
        AxisRatioMetric(axis_ratio),
        Metric(irs),
    )
}

# the same signature, but not in [0, 1]: these describe codes and do not rate them
STATISTICS: dict[str, Metric] = {
    metric.name: metric for metric in (Metric(total_correlation), Metric(active_units))
}

ALL_METRICS = METRICS | STATISTICS
