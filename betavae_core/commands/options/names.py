"""The names that help texts list. Their tables need torch; a test keeps each list equal to its
table."""

from ...presets import IMAGE_SHAPES

DATASETS = (*IMAGE_SHAPES, "folder")
METRICS = (
    *("higgins", "factor_vae", "mig", "sap", "dci", "modularity", "explicitness"),
    *("infomec", "snc", "nk", "axis_ratio", "irs"),
    *("total_correlation", "active_units"),
)
CLASSIFIERS = ("linear", "mlp", "logistic", "forest")
FEATURES = ("inception", "lite0")
DISTANCE_KINDS = ("reconstructions", "samples")
EXPORTS = (
    *("traversal", "embedding", "reconstructions", "numbers"),
    *("pair", "interpolation", "sweep", "comparison", "rising-beta"),
)
USUAL_EXPORTS = EXPORTS[:4]
PAGES = ("handout", "site")
TRAVERSAL_MODES = ("prior", "aggregate", "around", "posterior")


def listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)
