"""Options of baseline."""

from typing import Any

from ...config import BASELINE_KINDS, MODELS
from ...presets import BASELINES_FITTED_ON, ICA_SETTINGS
from .common import add_data_root, add_runs_folder, add_verb
from .names import DATASETS, listed


def add_parser(verbs: Any) -> None:
    about = "Make baselines to compare a run's scores with."
    parser = add_verb(verbs, "baseline", "baseline:run", about)
    parser.add_argument("kinds", metavar="KIND,KIND,…", help=f"{listed(BASELINE_KINDS)}, or all")
    parser.add_argument(
        "--dataset",
        default="2dshapes",
        metavar="NAME",
        help=f"{listed(DATASETS)}, or your own images (default: %(default)s)",
    )
    parser.add_argument(
        "--source", help="rendered or official (default: official if its file is available)"
    )
    add_data_root(parser)
    add_runs_folder(parser, "--out")
    parser.add_argument(
        "--seed", default="123", metavar="S,S,…", help="random seeds (default: %(default)s)"
    )
    parser.add_argument(
        "--mode",
        default="paper",
        help="number of images for fitting PCA and ICA (default: %(default)s); "
        + "; ".join(
            f"{mode}: {', '.join(f'{k} {b:,} (RGB {c:,})' for k, (b, c) in counts.items())}"
            for mode, counts in BASELINES_FITTED_ON.items()
        ),
    )
    parser.add_argument(
        "--latents", type=int, metavar="N", help="number of components or latents (default: 10)"
    )
    parser.add_argument(
        "--model",
        default="conv",
        choices=MODELS,
        help="architecture of the untrained encoder (default: %(default)s)",
    )
    usual = " ".join(f"{key}={value}" for key, value in ICA_SETTINGS.items())
    parser.add_argument(
        "--fit", default="", metavar='"fun=cube …"', help=f"settings of ICA (default: {usual})"
    )
    parser.add_argument(
        "--missing",
        default="",
        metavar="FACTOR",
        help="the factor that the code of the true factors lacks (default: none)",
    )
