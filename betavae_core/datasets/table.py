"""The datasets of the paper and the small worlds, in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..disk_cache import Progress
from .base import Dataset
from .cifar import open_cifar
from .downloads import DOWNLOADS
from .excerpt import open_excerpt
from .official import official_3dshapes, official_mpi3d
from .rendered import mpi3d_toy, shapes2d, shapes3d
from .rendered.sprites_mini import SpritesMini
from .rendered.xysquares import XYSquares
from .titles import TITLES

Open = Callable[[Path, Progress | None], Dataset]


@dataclass(frozen=True)
class DatasetEntry:
    """One row of the table of datasets."""

    name: str
    about: str  # one sentence for people
    rendered: Callable[[], Dataset] | None  # None: no rendered source
    official: Open | None  # None: there is no official file
    names: tuple[str, ...] = ()  # names of the official file or folder in the data folder
    likeness: str = ""  # measured likeness of the rendered source to the official one
    excerpt: Callable[[], Dataset] | None = None  # a few official images, which come with the lab
    about_it: str = ""  # address of a text about a dataset without an official file

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def homepage(self) -> str:
        return self.about_it or DOWNLOADS[self.name].homepage


DATASETS: dict[str, DatasetEntry] = {
    entry.name: entry
    for entry in (
        DatasetEntry(
            "2dshapes",
            "White sprites on black (dSprites): three shapes in six sizes, turned and moved.",
            shapes2d.Rendered2DShapes,
            shapes2d.Official2DShapes,
            (shapes2d.FILE,),
            "Of 648 real images, 615 are reproduced exactly and 32 differ in one or two pixels.",
        ),
        DatasetEntry(
            "3dshapes",
            "A room with one object in the middle; three colours, size, shape and viewpoint vary.",
            shapes3d.Rendered3DShapes,
            official_3dshapes,
            ("3dshapes.h5",),
            "A lookalike: pixels differ from 50 real images by 3 grey levels of 255 on average.",
        ),
        DatasetEntry(
            "mpi3d-toy",
            "A robot arm carries an object around a platform, seen from three heights.",
            mpi3d_toy.RenderedMPI3DToy,
            official_mpi3d("mpi3d-toy", TITLES["mpi3d-toy"]),
            ("mpi3d_toy.npz",),
            "A lookalike: the arm's tip is within half a pixel of 223 real images; the real pillar "
            "has more detail, and the real light casts shadows.",
        ),
        DatasetEntry(
            "mpi3d-realistic",
            "The robot arm of MPI3D, rendered realistically by its authors.",
            None,
            official_mpi3d("mpi3d-realistic", TITLES["mpi3d-realistic"]),
            ("mpi3d_realistic.npz",),
        ),
        DatasetEntry(
            "mpi3d-real",
            "The robot arm of MPI3D, photographed.",
            None,
            official_mpi3d("mpi3d-real", TITLES["mpi3d-real"]),
            ("mpi3d_real.npz",),
        ),
        DatasetEntry(
            "cifar10",
            "Small photographs of ten kinds of objects; no known factors of variation.",
            None,
            open_cifar("cifar10", TITLES["cifar10"]),
            ("cifar-10-batches-py", "cifar-10-python.tar.gz", "cifar10.zip", "cifar10"),
            excerpt=open_excerpt("cifar10"),
        ),
        DatasetEntry(
            "cifar100",
            "Small photographs of a hundred kinds of objects; no known factors of variation.",
            None,
            open_cifar("cifar100", TITLES["cifar100"]),
            ("cifar-100-python", "cifar-100-python.tar.gz", "cifar100.zip", "cifar100"),
            excerpt=open_excerpt("cifar100"),
        ),
        DatasetEntry(
            "sprites-mini",
            "A small world for a class: 2Dshapes at a quarter of the pixels, upright, with every "
            "second position.",
            SpritesMini,
            None,
            likeness="The sprites are those of 2Dshapes; each pixel is the mean of four of theirs.",
            about_it=shapes2d.HOMEPAGE,
        ),
        DatasetEntry(
            "xysquares",
            "Three squares, each alone in its colour channel, on grids whose places do not "
            "overlap: all places are equally far apart for a loss that compares pixels.",
            XYSquares,
            None,
            likeness="Drawn as Michlo et al. (2022) define it.",
            about_it="https://arxiv.org/abs/2202.13341",
        ),
    )
}
OFFICIAL = [name for entry in DATASETS.values() for name in entry.names]  # files and folders
