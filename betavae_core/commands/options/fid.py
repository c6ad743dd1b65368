"""Options of fid."""

from typing import Any

from .common import add_data_root, add_device, add_runs_folder, add_seed, add_verb
from .names import DISTANCE_KINDS, FEATURES, listed


def add_parser(verbs: Any) -> None:
    about = (
        "Measure Fréchet and kernel distances (FID and KID with Inception's weights) of "
        "reconstructions and of prior samples to the dataset; what is stored is not computed again."
    )
    parser = add_verb(verbs, "fid", "fid:run", about)
    parser.add_argument("names", nargs="*", metavar="RUN", help="a run's name or folder")
    parser.add_argument(
        "--features",
        metavar="NAME",
        help=f"features of the images: {listed(FEATURES)} (default: inception where its weights "
        "are here, else lite0, whose distance is not called FID)",
    )
    parser.add_argument(
        "--fetch", action="store_true", help="first download Inception's weights (95 MB)"
    )
    parser.add_argument(
        "--kind",
        default=",".join(DISTANCE_KINDS),
        metavar="K,K",
        help="which images are measured (default: %(default)s)",
    )
    parser.add_argument(
        "--images",
        type=int,
        default=10_000,
        metavar="N",
        help="number of images that the model makes, 2048 or more (default: %(default)s)",
    )
    parser.add_argument(
        "--reference-images",
        type=int,
        default=50_000,
        metavar="N",
        help="number of images of the dataset that they are compared with (default: %(default)s, "
        "or all)",
    )
    add_seed(parser)
    add_data_root(parser)
    add_device(parser, "cpu")
    parser.add_argument("--again", action="store_true", help="compute anew what is stored already")
    add_runs_folder(parser, "--out")
