"""The datasets: one table, and a function that opens any of them or your own images."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..config import RunConfig
from ..disk_cache import Progress
from ..errors import InputError
from ..paths import data_root
from .base import Dataset
from .cifar import open_cifar
from .downloads import DOWNLOADS
from .official import official_3dshapes, official_mpi3d
from .own import find_own, full_name, open_own, own_name, own_paths, told_apart
from .own.splits import has_training_folder
from .rendered import mpi3d_toy, shapes2d, shapes3d

__all__ = ["DATASETS", "Dataset", "config_dataset", "load_dataset", "own_datasets"]

Open = Callable[[Path, Progress | None], Dataset]


@dataclass(frozen=True)
class DatasetEntry:
    """One row of the table of datasets."""

    name: str
    title: str
    about: str  # one sentence for people
    rendered: Callable[[Progress | None], Dataset] | None  # None: no rendered source
    official: Open
    names: tuple[str, ...]  # names of the official file or folder in the data folder
    likeness: str = ""  # measured likeness of the rendered source to the official one

    @property
    def homepage(self) -> str:
        return DOWNLOADS[self.name].homepage


DATASETS: dict[str, DatasetEntry] = {
    entry.name: entry
    for entry in (
        DatasetEntry(
            "2dshapes",
            "2Dshapes",
            "White sprites on black (dSprites): three shapes in six sizes, turned and moved.",
            shapes2d.Rendered2DShapes,
            shapes2d.Official2DShapes,
            (shapes2d.FILE,),
            "Of 648 real images, 615 are reproduced exactly and 32 differ in one or two pixels.",
        ),
        DatasetEntry(
            "3dshapes",
            "3Dshapes",
            "A room with one object in the middle; three colours, size, shape and viewpoint vary.",
            shapes3d.Rendered3DShapes,
            official_3dshapes,
            ("3dshapes.h5",),
            "A lookalike: pixels differ from 50 real images by 3 grey levels of 255 on average.",
        ),
        DatasetEntry(
            "mpi3d-toy",
            "MPI3DToy",
            "A robot arm carries an object around a platform, seen from three heights.",
            mpi3d_toy.RenderedMPI3DToy,
            official_mpi3d("mpi3d-toy", "MPI3DToy"),
            ("mpi3d_toy.npz",),
            "A lookalike: the arm's tip is within half a pixel of 223 real images; the real pillar "
            "has more detail, and the real light casts shadows.",
        ),
        DatasetEntry(
            "mpi3d-realistic",
            "MPI3DRealistic",
            "The robot arm of MPI3D, rendered realistically by its authors.",
            None,
            official_mpi3d("mpi3d-realistic", "MPI3DRealistic"),
            ("mpi3d_realistic.npz",),
        ),
        DatasetEntry(
            "mpi3d-real",
            "MPI3DReal",
            "The robot arm of MPI3D, photographed.",
            None,
            official_mpi3d("mpi3d-real", "MPI3DReal"),
            ("mpi3d_real.npz",),
        ),
        DatasetEntry(
            "cifar10",
            "CIFAR10",
            "Small photographs of ten kinds of objects; no known factors of variation.",
            None,
            open_cifar("cifar10", "CIFAR10"),
            ("cifar-10-batches-py", "cifar-10-python.tar.gz", "cifar10.zip", "cifar10"),
        ),
        DatasetEntry(
            "cifar100",
            "CIFAR100",
            "Small photographs of a hundred kinds of objects; no known factors of variation.",
            None,
            open_cifar("cifar100", "CIFAR100"),
            ("cifar-100-python", "cifar-100-python.tar.gz", "cifar100.zip", "cifar100"),
        ),
    )
}
OFFICIAL = [name for entry in DATASETS.values() for name in entry.names]  # files and folders


def load_dataset(
    name: str,
    source: str | None = None,
    root: str | Path | None = None,
    *,
    size: int | None = None,
    channels: int | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Open a dataset by name.

    name: a key of `DATASETS`, "folder" for the images at `root`, or the name of your own images in
    the data folder. source: "rendered" (drawn by this lab, without a download), "official" (the
    published file), "own", or None: the official file if it is found, otherwise rendered. root: the
    file or its folder; default $BETAVAE_DATA, otherwise the user's cache folder. size: pixels per
    side of your own images (32 or 64); channels: of your own pictures (1 or 3). progress receives
    one-time work. Raises `InputError` for an unknown name or source, or a missing or invalid file.
    """
    if source not in ("rendered", "official", "own", None):
        raise InputError(f'source must be "rendered", "official" or "own", got "{source}".')
    if name == "folder":
        if root is None:
            raise InputError('The dataset "folder" needs the path of its images: --root PATH.')
        place = Path(root).expanduser()
        return open_own(place, size=size, channels=channels, progress=progress)
    entry = DATASETS.get(name)
    if entry is None:
        return _load_own(name, root, size, channels, progress)
    if source == "own":
        raise InputError(f'"{name}" is a dataset of the paper, not your own.')
    if source == "rendered" or (source is None and root is None and _find(entry, root) is None):
        if entry.rendered is not None:
            return entry.rendered(progress)
        if source == "rendered":
            raise InputError(f"{entry.title} has no rendered source, only the official files.")
    path = _find(entry, root)
    if path is None:
        raise InputError(
            f"The official file {DOWNLOADS[name].file} of {entry.title} is not at "
            f"{data_root(root)}; get it with `python -m betavae_core data fetch {name}`, or "
            f"download it from {entry.homepage} and put it there, or give its place with --root or "
            "BETAVAE_DATA."
        )
    return entry.official(path, progress)


def config_dataset(
    config: RunConfig, root: str | Path | None = None, progress: Progress | None = None
) -> Dataset:
    """The dataset of a run, trained or not."""
    own = config.source == "own"
    size, channels = (config.image_size, config.channels) if own else (None, None)
    return load_dataset(
        config.dataset, config.source, root, size=size, channels=channels, progress=progress
    )


def own_datasets(root: str | Path | None = None) -> dict[str, Path]:
    """Name → path of the user's own images in the data folder."""
    return told_apart(own_paths(data_root(root), OFFICIAL))


def _find(entry: DatasetEntry, root: str | Path | None) -> Path | None:
    """The official file or folder: `root` itself, or one of its usual names in `root`."""
    path = data_root(root)
    for name in entry.names:
        if (path / name).exists():
            return path / name
    if path.exists() and path.name in entry.names:
        return path
    if root is not None and path.is_file():  # under another name: its reader checks it
        return path
    if root is None or entry.rendered or not path.is_dir():
        return None
    # a folder of pictures, for datasets that allow it
    return path if has_training_folder([p.name for p in path.iterdir() if p.is_dir()]) else None


def _load_own(
    name: str,
    root: str | Path | None,
    size: int | None,
    channels: int | None,
    progress: Progress | None,
) -> Dataset:
    place = data_root(root)
    itself = root is not None and name in (own_name(place), full_name(place))
    path = place if itself else find_own(name, place, OFFICIAL)
    if path is None:
        there = ", ".join([*DATASETS, *own_datasets(root)])
        raise InputError(
            f'There is no dataset "{name}"; there are: {there} (your own: put a folder, zip, .npz '
            f"or .h5 file into {data_root()}, or give its path with --dataset folder --root PATH)."
        )
    return open_own(path, size=size, channels=channels, progress=progress, name=name)
