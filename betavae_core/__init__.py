"""Train, evaluate and examine β-VAEs.

    import betavae_core as bv

    run = bv.open_run("2dshapes-conv-beta4-seed123-images7372800-klwarmup640000")
    codes = bv.encode(run, rows=range(1_000))

The names below are imported on first use; README.md lists the rooms of this package.
"""

from .lazy import lazy_names

__version__ = "0.1.0"

# name → its module; `distance` and not `fid`: that is a package of this name
FACE = {
    "open_run": "everyday",
    "open_dataset": "everyday",
    "encode": "everyday",
    "score": "everyday",
    "traverse": "everyday",
    "distance": "everyday",
    "checkup": "doctor",
    "train": "training",
    "RunConfig": "config",
    "FactorSpace": "factors",
    "FactorTable": "factors",
    "InputError": "errors",
    "METRICS": "metrics",
    "DATASETS": "datasets",
}
__all__ = ["__version__", *FACE]


__getattr__ = lazy_names(__name__, FACE)


def __dir__() -> list[str]:
    return sorted(__all__)
