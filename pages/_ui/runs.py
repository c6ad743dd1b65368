"""The runs on disk, cached by their files' time stamps: a new or changed run appears at the next
interaction, without a restart."""

import os
from contextlib import suppress
from functools import partial
from pathlib import Path

import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from betavae_core.config import RunConfig
from betavae_core.datasets import Dataset, dataset_title, load_dataset, sources_to_look_at
from betavae_core.datasets.base import Indices
from betavae_core.errors import InputError
from betavae_core.paths import data_root, runs_root
from betavae_core.store import CONFIG, HISTORY, SCORES, WEIGHTS, BrokenRun, Run, load_run, unsteered
from betavae_core.store.snapshots import at_snapshot
from pages._ui.address import end_page
from pages._ui.once import once
from pages._ui.style import plain, without_paths

Stamp = tuple[tuple[str, int, int], ...]  # of each file: name, size, time
# visitors compute at the same time, and a team of threads for each would wait for one another
torch.set_num_threads(max((os.cpu_count() or 2) // 2, 1))
TRAIN_COMMAND = "python -m betavae_core train --preset 2dshapes-conv-laptop --beta 4"


def all_runs(
    baselines: bool = False, multirate: bool = False, steered: bool = False
) -> tuple[list[Run], list[BrokenRun]]:
    """The runs that open, by dataset, model, β and seed, with or without the baselines, the
    multi-rate runs, which have no single β, and those that were steered while they trained, which
    cannot be compared by β; and the broken ones."""
    found = [_open(path, _stamp(path)) for path in _folders(runs_root())]
    runs = [r for r in found if isinstance(r, Run) and (baselines or not r.config.baseline)]
    runs = [run for run in runs if multirate or not run.config.multirate]
    runs = runs if steered else unsteered(runs)
    runs.sort(key=lambda run: _order(run.config))
    return runs, [run for run in found if isinstance(run, BrokenRun)]


def _order(config: RunConfig) -> tuple[bool, bool, str, str, float, int]:
    beta = -1.0 if config.beta is None else config.beta
    foreign, baseline = bool(config.origin), bool(config.baseline)
    return foreign, baseline, config.dataset, config.model, beta, config.seed


def _folders(root: Path) -> list[str]:
    with suppress(OSError), os.scandir(root) as entries:
        return sorted(e.path for e in entries if e.is_dir() and not e.name.startswith("."))
    return []


def _stamp(path: str) -> Stamp:
    """A key that changes with any file of the run."""
    stamps = []
    for name in (CONFIG, WEIGHTS, HISTORY, SCORES):
        try:
            stat = os.stat(f"{path}/{name}")  # a third of pathlib's time, for hundreds of files
        except OSError:
            continue  # opening the run will report a missing file
        stamps.append((name, stat.st_size, stat.st_mtime_ns))
    return tuple(stamps)


def stamp_of(run: Run) -> Stamp | None:
    """The time stamps of the files that this run was opened from; None if it is not the newest
    state of its folder, or a snapshot."""
    stamp, newest = _held().get(str(run.path), (None, None))
    return stamp if newest is run else None


@st.cache_resource
def _held() -> dict[str, tuple[Stamp, Run | BrokenRun]]:
    """The newest state of each run, shared by all visitors: the models are frozen and must not
    change. (A cache by stamp would keep every state of a run in training.)"""
    return {}


def _open(path: str, stamp: Stamp) -> Run | BrokenRun:
    held = _held()
    if path not in held or held[path][0] != stamp:
        with once("runs", "Opening the models"):
            if path not in held or held[path][0] != stamp:
                try:
                    held[path] = stamp, load_run(path)
                except InputError as error:
                    held[path] = stamp, BrokenRun(Path(path), str(error))
    return held[path][1]


@st.cache_resource
def _opened() -> dict[tuple[Path, str, str | None, int | None, int | None], Dataset]:
    """Open datasets, shared by all visitors. `st.cache_resource` would not do: its functions may
    not draw, but opening a dataset for the first time takes minutes and needs a progress bar."""
    return {}


@st.cache_resource(max_entries=60, show_spinner="Opening weights …")
def _state(path: str, stamp: Stamp, images: int, _run: Run) -> Run:
    return at_snapshot(_run, images)


def state_of(run: Run, images: int) -> Run:
    """The run's snapshot after `images` images."""
    return _state(str(run.path), _stamp(str(run.path)), images, run)


def open_dataset(
    name: str, source: str | None, size: int | None = None, channels: int | None = None
) -> Dataset:
    """A dataset, of which what is rendered once may not be there yet (`prepare`)."""
    opened, key = _opened(), (data_root(), name, source, size, channels)
    if key not in opened:
        with once(key, f"Opening {dataset_title(name)}"):
            if key not in opened:
                place = st.empty()
                show = partial(_show, place)
                opened[key] = load_dataset(
                    name, source, size=size, channels=channels, progress=show, prepare=False
                )
                place.empty()
    return opened[key]


def prepare(dataset: Dataset | None, indices: Indices | None = None) -> None:
    """What is rendered once, before images of a dataset are shown, the given ones or all: with a
    progress bar, and by one visitor for all."""
    if dataset is None or dataset in _prepared():
        return
    with once(("prepared", dataset.key), f"Preparing {dataset.title}"):
        if dataset not in _prepared():
            place = st.empty()
            dataset.prepare(partial(_show, place), indices)
            if indices is None:
                _prepared().add(dataset)
            place.empty()


@st.cache_resource
def _prepared() -> set[Dataset]:
    return set()


def _show(place: DeltaGenerator, what: str, done: int, total: int) -> None:
    place.progress(done / total, f"Preparing {what} (only once): {done:,} of {total:,}")


def dataset_of(run: Run) -> Dataset | None:
    """The run's dataset; if its official file is missing, the rendered images or the excerpt, as
    each has a caption that says which. None if there is nothing (a foreign dataset, or another
    user's own images)."""
    config = run.config
    own = config.source == "own"
    size, channels = (config.image_size, config.channels) if own else (None, None)
    for source in sources_to_look_at(config):
        with suppress(InputError):
            found = open_dataset(config.dataset, source, size, channels)
            return found if found.shape == config.shape else None
    return None


def same_images(runs: list[Run]) -> tuple[list[Run], list[Run]]:
    """The runs that use the same images as the first, and those that use others of the same name
    (another size or source)."""
    first = runs[0].config
    inside = [r for r in runs if (r.config.shape, r.config.source) == (first.shape, first.source)]
    return inside, [run for run in runs if run.name not in {each.name for each in inside}]


def left_out_steered(dataset: str) -> None:
    """The line that names the runs of a dataset that were steered, on a page that compares by β."""
    runs, _ = all_runs(multirate=True, steered=True)
    there = [run for run in runs if run.config.by_hand and run.config.dataset == dataset]
    left_out(there, "their β or learning rate was changed while they trained, or they are forks")


def left_out(runs: list[Run], why: str) -> None:
    """A line that names the runs not shown, if there are any."""
    if runs:
        names = ", ".join(plain(run.name) for run in runs[:6])
        more = f" and {len(runs) - 6} more" if len(runs) > 6 else ""
        st.caption(f"Not shown ({why}): {names}{more}.")


def show_no_runs() -> None:
    """The empty state: the missing runs and the command that makes one; ends the page."""
    st.info(
        f"There are no trained models in `{runs_root().name}/` yet. This command trains one (about "
        "a quarter of an hour on a laptop); it appears here after its first checkpoint:",
        icon=":material/model_training:",
    )
    st.code(TRAIN_COMMAND, language="bash")
    end_page()


def show_broken(broken: list[BrokenRun]) -> None:
    """Name the runs that do not open, so that none is hidden."""
    if broken:
        several = "1 model does" if len(broken) == 1 else f"{len(broken)} models do"
        with st.expander(f"{several} not open", icon=":material/warning:"):
            for run in broken:
                st.markdown(f"**{plain(run.name)}** — {plain(without_paths(run.reason))}")
