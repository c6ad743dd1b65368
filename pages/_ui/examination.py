"""One checkpoint from opening it to keeping it."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.config import IMAGE_SHAPES, RunConfig
from betavae_core.datasets import own_datasets
from betavae_core.doctor import Finding, Label, checkup, file_hash, opened, refused
from betavae_core.errors import InputError
from betavae_core.importers import Imported, keep, read_checkpoint, read_guarded
from betavae_core.paths import runs_root
from pages._ui.checkup_view import show_all, take_away, two_columns, verdict
from pages._ui.mode import read_only
from pages._ui.runs import title
from pages._ui.style import plain

FITS_BEST = "whichever fits best"


@dataclass
class Held:
    """The checkpoint that this visitor looks at, and what was found, by the dataset asked for."""

    file: tuple[str, str]  # name and SHA-256
    imported: Imported
    findings: dict[str | None, list[Finding]] = field(default_factory=dict)


def examine(name: str, path: Path, *, guarded: bool) -> None:
    """Open a checkpoint, check it, offer the card and to keep it. guarded: it is read by a process
    of its own with limits. What was found stays until another checkpoint or dataset is chosen."""
    label = Label(name, file_hash(path))
    held = st.session_state.get("checkup")
    if held is None or held.file != (name, label.sha256):
        try:
            with st.spinner("Opening it …"):
                read = read_guarded if guarded else read_checkpoint
                held = Held((name, label.sha256), read(path, name=label.short_name))
        except InputError as error:
            findings = [refused(error)]
            verdict(findings)
            show_all(findings, two_columns())
            take_away(findings, label)
            return
        st.session_state["checkup"] = held
    imported = held.imported
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    dataset = choose_scale(row, imported.config)
    if row.button("Examine it again", icon=":material/refresh:"):
        held.findings.clear()
    overall = st.empty()
    places = two_columns()
    if dataset in held.findings:
        findings = show_all(held.findings[dataset], places)
    else:
        overall.info(
            "Examining it: seconds, up to a minute on a busy machine.", icon=":material/search:"
        )
        findings = show_all(opened(imported), places)

        def preparing(what: str, done: int, total: int) -> None:
            overall.progress(done / total, f"Preparing {what}, once: {done:,} of {total:,}")

        rest = checkup(imported.model, imported.config, dataset=dataset, progress=preparing)
        findings += show_all(rest, places)
        held.findings[dataset] = findings
    with overall.container():
        verdict(findings)
    take_away(findings, label)
    if imported.layout != "run" and not read_only():
        keep_it(imported, label.short_name)


def choose_scale(row: DeltaGenerator, config: RunConfig) -> str | None:
    """The dataset to hold it against; None: whichever fits best."""
    fitting = [
        name
        for name, (channels, side) in IMAGE_SHAPES.items()
        if (channels, side, side) == config.shape
    ]
    picked = row.selectbox(
        "Hold it against",
        [FITS_BEST, *fitting, *own_datasets()],
        format_func=lambda name: name if name == FITS_BEST else title(name),
        key="against",
        bind="query-params",
        width=320,
    )
    return None if picked == FITS_BEST else picked


def keep_it(imported: Imported, name: str) -> None:
    """Make it a run, to be traversed like any other."""
    st.subheader("Keep it")
    name_at, dataset_at, button_at = st.columns([3, 2, 1], vertical_alignment="bottom")
    usual = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.") or "checkpoint"
    chosen = name_at.text_input("Name of the run", usual, key=f"keep-{name}")
    claimed = imported.config.dataset
    dataset = dataset_at.selectbox(
        "Trained on, as you know it",
        [claimed, *(each for each in IMAGE_SHAPES if each != claimed)],
        format_func=title,
        key=f"trained-on-{name}",
        help="Its images are what the pages show through it. β stays what the file states.",
    )
    if button_at.button("Keep", icon=":material/save:", width="stretch"):
        config = replace(imported.config, dataset=dataset)
        st.session_state["kept"] = keep(replace(imported, config=config), runs_root(), chosen).name
    if kept := st.session_state.get("kept"):
        st.success(f"Kept as {plain(kept)}.", icon=":material/check:")
        st.page_link(
            "pages/traversals.py",
            label="Traverse it",
            icon=":material/tune:",
            query_params={"run": kept},
        )
