"""Opening a dataset of the paper, or your own images."""

from pathlib import Path

from ..config import RunConfig
from ..disk_cache import Progress
from ..errors import InputError, Refusal, not_one_of, unknown_name
from ..paths import data_root
from .base import Dataset
from .downloads import DOWNLOADS
from .own import find_own, full_name, open_own, own_name, own_paths, told_apart
from .own.splits import has_training_folder
from .table import DATASETS, OFFICIAL, DatasetEntry

SOURCES = ("rendered", "official", "excerpt", "own")


def load_dataset(
    name: str,
    source: str | None = None,
    root: str | Path | None = None,
    *,
    size: int | None = None,
    channels: int | None = None,
    progress: Progress | None = None,
    prepare: bool = True,
) -> Dataset:
    """Open a dataset by name.

    name: a key of `DATASETS`, "folder" for the images at `root`, or the name of your own images in
    the data folder. source: "rendered" (drawn by this lab, without a download), "official" (the
    published file), "excerpt" (a few official images to look at, which come with the lab), "own",
    or None: the official file if it is found, otherwise rendered. root: the file or its folder;
    default $BETAVAE_DATA, otherwise the user's cache folder. size: pixels per side of your own
    images (32 or 64); channels: of your own pictures (1 or 3). progress receives one-time work.
    prepare: render now what is rendered once, not at the first image. Raises `InputError` for an
    unknown name or source, or a missing or invalid file.
    """
    if source not in (*SOURCES, None):
        raise not_one_of("source", SOURCES, source)
    if name == "folder":
        if root is None:
            raise InputError(
                'The dataset "folder" needs the path of its images: --root PATH.',
                Refusal.MISSING,
                name="root",
                remedy="--root PATH",
            )
        place = Path(root).expanduser()
        return open_own(place, size=size, channels=channels, progress=progress)
    entry = DATASETS.get(name)
    if entry is None:
        return _load_own(name, root, size, channels, progress)
    if source == "own":
        raise InputError(
            f'"{name}" is a dataset of the paper, not your own.',
            Refusal.CONFLICT,
            dataset=name,
            source=source,
        )
    if source == "excerpt":
        if entry.excerpt is None:
            raise InputError(
                f"{entry.title} has no excerpt.",
                Refusal.UNSUITABLE,
                dataset=name,
                lacks="excerpt",
            )
        return entry.excerpt()
    if source == "rendered" or _only_rendered(entry, source, root):
        if entry.rendered is not None:
            found = entry.rendered()
            if prepare:
                found.prepare(progress)
            return found
        if source == "rendered":
            raise InputError(
                f"{entry.title} has no rendered source, only the official files.",
                Refusal.UNSUITABLE,
                dataset=name,
                lacks="rendered",
            )
    if entry.official is None:
        raise InputError(
            f"{entry.title} has no official file: it is rendered.",
            Refusal.UNSUITABLE,
            dataset=name,
            lacks="official",
        )
    path = _find(entry, root)
    if path is None:
        raise InputError(
            f"The official file {DOWNLOADS[name].file} of {entry.title} is not at "
            f"{data_root(root)}; get it with `python -m betavae_core data fetch {name}`, or "
            f"download it from {entry.homepage} and put it there, or give its path with --root or "
            "BETAVAE_DATA.",
            Refusal.MISSING,
            path=str(data_root(root)),
            remedy=f"python -m betavae_core data fetch {name}",
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


def sources_to_look_at(config: RunConfig) -> list[str]:
    """The sources of images on which a run can be looked at, the best first: its own, and what
    stands in for missing files, the rendered images or the excerpt."""
    entry = DATASETS.get(config.dataset)
    others = {"rendered": entry and entry.rendered, "excerpt": entry and entry.excerpt}
    return [*dict.fromkeys([config.source, *(name for name, there in others.items() if there)])]


def dataset_to_look_at(
    config: RunConfig, root: str | Path | None = None, progress: Progress | None = None
) -> Dataset:
    """The images for pictures of a run: `config_dataset`, or if its files are missing what stands
    in for them (`sources_to_look_at`), which every caption states. Measurements use
    `config_dataset`. Raises `InputError` if there is nothing to look at."""
    try:
        return config_dataset(config, root, progress)
    except InputError as error:
        others = sources_to_look_at(config)[1:]
        if error.kind is not Refusal.MISSING or not others:
            raise
        return load_dataset(config.dataset, others[0], progress=progress)


def own_datasets(root: str | Path | None = None) -> dict[str, Path]:
    """Name → path of the user's own images in the data folder."""
    return told_apart(own_paths(data_root(root), OFFICIAL))


def _only_rendered(entry: DatasetEntry, source: str | None, root: str | Path | None) -> bool:
    """Whether, with no source chosen, there are only rendered images."""
    nothing = root is None and _find(entry, root) is None
    return source is None and (entry.official is None or nothing)


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
        yours = (
            f" (your own: put a folder, zip, .npz or .h5 file into {data_root()}, or give its path "
            "with --dataset folder --root PATH)"
        )
        raise unknown_name("dataset", name, [*DATASETS, *own_datasets(root)], yours)
    return open_own(path, size=size, channels=channels, progress=progress, name=name)
