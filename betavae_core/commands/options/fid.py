"""Options of fid."""

from typing import Any

from .common import add_data_root, add_device, add_runs_folder, add_seed, add_verb
from .names import DISTANCE_KINDS, FEATURES, listed


def add_parser(verbs: Any) -> None:
    about = (
        "Measure Fréchet and kernel distances (FID and KID with Inception's weights) of "
        "reconstructions and of prior samples to the dataset; stored ones are not computed again."
    )
    parser = add_verb(verbs, "fid", "fid:run", about)
    parser.add_argument("names", nargs="*", metavar="RUN", help="a run's name or folder")
    parser.add_argument(
        "--features",
        metavar="NAME",
        help=f"features of the images: {listed(FEATURES)} (default: inception if its weights "
        "are available, otherwise lite0, whose distance is not called FID)",
    )
    parser.add_argument(
        "--fetch", action="store_true", help="first download Inception's weights (95 MB)"
    )
    parser.add_argument(
        "--kind",
        default=",".join(DISTANCE_KINDS),
        metavar="K,K",
        help="kinds of images to measure (default: %(default)s)",
    )
    parser.add_argument(
        "--images",
        type=int,
        default=10_000,
        metavar="N",
        help="number of the model's images, 2048 or more (default: %(default)s)",
    )
    parser.add_argument(
        "--reference-images",
        type=int,
        default=50_000,
        metavar="N",
        help="number of the dataset's images to compare with (default: %(default)s, or all)",
    )
    add_seed(parser)
    add_data_root(parser)
    add_device(parser, "cpu")
    parser.add_argument("--again", action="store_true", help="compute stored distances again")
    add_runs_folder(parser, "--out")
