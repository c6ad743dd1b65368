"""The names of the paper's datasets and of the small worlds for people."""

TITLES = {
    "2dshapes": "2Dshapes",
    "3dshapes": "3Dshapes",
    "mpi3d-toy": "MPI3DToy",
    "mpi3d-realistic": "MPI3DRealistic",
    "mpi3d-real": "MPI3DReal",
    "cifar10": "CIFAR10",
    "cifar100": "CIFAR100",
    "sprites-mini": "SpritesMini",
    "xysquares": "XYSquares",
}


def dataset_title(name: str) -> str:
    """A dataset's name for people, as the pages offer it; your own keep their names."""
    return TITLES.get(name, name)
