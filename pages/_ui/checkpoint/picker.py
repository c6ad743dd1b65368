"""The choice of a checkpoint: one from the permitted folders, or an upload."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from betavae_core import choice as choice_of
from betavae_core.importers import IMPORTERS, checkpoints_of, unpack_upload
from betavae_core.importers.folders import SUFFIXES
from betavae_core.importers.names import shown
from betavae_core.importers.onnx import DECODER, ENCODER
from betavae_core.paths import checkpoint_roots, runs_root
from betavae_core.store import Run
from betavae_core.store.snapshots import FOLDER as SNAPSHOTS
from betavae_core.tables.parts import run_titles
from pages._ui.address import hidden, visit, want, wished
from pages._ui.choose_run import choose_run
from pages._ui.linked import one_or_none
from pages._ui.mode import read_only
from pages._ui.runs import all_runs
from pages._ui.style import plain

BESIDE = ("config.json", "specs.json", "model_config.json")  # of a folder that is one checkpoint
DEPTH, MOST = 3, 500


def checkpoints_here() -> dict[str, Path]:
    """The possible checkpoints in the permitted folders, by their relative paths, never outside
    these folders or through a link; at most `MOST`."""
    found: dict[str, Path] = {}
    for root in checkpoint_roots():
        for path in _below(root, root, DEPTH):
            name = offered_name(root, path)
            while name in found:  # two folders of the same name
                name += " (2)"
            found[name] = path
            if len(found) == MOST:
                return found
    return found


def offered_name(root: Path, path: Path) -> str:
    """The path relative to the root, for pages and links: a name that is not valid text gets marks,
    and a hash that distinguishes it from others."""
    given = str(Path(root.name) / path.relative_to(root))
    name = shown(given, 300)
    if name == given:
        return name
    return f"{name} #{hashlib.sha256(os.fsencode(given)).hexdigest()[:8]}"


def _below(folder: Path, root: Path, depth: int) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return  # missing or unreadable: nothing to offer
    files = [e.name for e in entries if e.is_file(follow_symlinks=False)]
    weights = [name for name in files if name.lower().endswith(SUFFIXES)]
    if folder != root and weights and any(name in BESIDE for name in files):
        yield folder
        return
    if ENCODER in files and DECODER in files:  # a single one is half of a model
        yield folder
    for name in weights:
        yield folder / name
    for entry in entries:
        hidden = entry.name.startswith(".") or entry.name == SNAPSHOTS
        if depth and not hidden and entry.is_dir(follow_symlinks=False):
            yield from _below(folder / entry.name, root, depth - 1)


def choose_path() -> tuple[str, Path] | None:
    """One of our runs, or one of `checkpoints_here`; None if none is chosen."""
    here, runs = checkpoints_here(), runs_here()
    if not here and not runs:
        st.info("There are no checkpoints in the folders that this dashboard may open.")
        return None
    if runs:
        choose_of_ours(runs)
    opened = wished("checkpoint")
    offered = [name for name in here if name not in runs]
    if opened in runs:
        offered.insert(0, opened)
    if not offered and opened is None:
        return None
    titles = dict(zip(runs, run_titles(list(runs.values())), strict=True))
    roots = ", ".join(f"{shown(root.name)}/" for root in checkpoint_roots())
    name = one_or_none(
        st.selectbox,
        "Checkpoint",
        offered,
        placeholder="another file or folder of this server: type to search",
        key="checkpoint",
        format_func=lambda name: titles.get(name, name),
        help=f"Files and folders in {plain(roots)}. To offer more folders, name them in the "
        "environment variable BETAVAE_CHECKPOINTS before the dashboard is started.",
    )
    if name is None:
        return None
    return name, runs[name].path if name in runs else here[name]


def runs_here() -> dict[str, Run]:
    """Our runs with weights, by the names that `checkpoints_here` gives their folders."""
    runs = all_runs(baselines=True, multirate=True, steered=True)[0]
    return {offered_name(runs_root(), run.path): run for run in runs if run.has_weights}


def choose_of_ours(runs: dict[str, Run]) -> None:
    """The parts of a run, as on every page, and a button that opens it."""
    opened = wished("checkpoint")
    if opened in runs and "run" not in visit().shown:  # the page opens with it
        visit().choice = choice_of.choose_run(visit().choice, runs[opened])
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    run = choose_run(list(runs.values()), "has no weights to be examined", place=row)
    name = next(name for name, each in runs.items() if each is run)
    if hidden("run"):
        return
    if row.button("Examine", key="go-examine", icon=":material/stethoscope:") and name != opened:
        want("checkpoint", [name])
        st.rerun()


@contextmanager
def uploaded() -> Iterator[tuple[str, Path] | None]:
    """An upload in a folder of its own, which is deleted afterwards."""
    if read_only():
        yield None
        return
    files = st.file_uploader(
        "Checkpoint: one file, all files of a folder, or a zip archive of them",
        accept_multiple_files=True,
        key="upload",
        help="Uploads are read in a separate process with limits; nothing in them is executed.",
    )
    if not files:
        yield None
        return
    several = checkpoints_of([(file.name, file.getvalue()) for file in files])
    label = list(several)[-1]
    if len(several) > 1:
        label = st.selectbox(
            "Uploaded checkpoint",
            list(several),
            index=len(several) - 1,
            key=f"upload-of-{len(several)}",
            format_func=shown,
            help="Checkpoints are examined one at a time; the latest upload comes first.",
        )
    with tempfile.TemporaryDirectory(prefix="checkpoint-") as place:
        yield shown(label), unpack_upload(several[label], Path(place))


def known_layouts() -> None:
    """The supported checkpoints, for visitors who have not chosen yet."""
    st.markdown(
        "Checkpoints of these projects can be opened:\n"
        + "".join(f"- {plain(entry.layout)}\n" for entry in IMPORTERS.values())
        + "\nFor other models, use a notebook: `from betavae_core.doctor import checkup` "
        "takes any object that has `encode`. In a shell: `python -m betavae_core check PATH`."
    )
