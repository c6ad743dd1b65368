"""The examination of one checkpoint, from opening to keeping it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core import doctor
from betavae_core.addresses import FITS_BEST
from betavae_core.config import RunConfig
from betavae_core.datasets import dataset_title, own_datasets
from betavae_core.doctor import (
    Finding,
    Label,
    content_key,
    file_hash,
    fitting_dataset,
    refused,
    remembered,
)
from betavae_core.doctor.available import UNKNOWN
from betavae_core.errors import InputError, Refusal
from betavae_core.importers import Imported, keep, read_guarded
from betavae_core.importers.names import shown
from betavae_core.paths import runs_root
from betavae_core.presets import IMAGE_SHAPES
from pages._ui.checkpoint.checkup import arranged, beside, show_all, summary, take_away
from pages._ui.linked import one_of
from pages._ui.mode import read_only
from pages._ui.style import plain


@dataclass
class Held:
    """The visitor's checkpoint and its findings, by the requested dataset."""

    key: str  # changes with its name and any of its files
    imported: Imported
    findings: dict[str | None, list[Finding]] = field(default_factory=dict)
    kept: str = ""  # the name of the run


def examine(name: str, path: Path, *, uploaded: bool = False) -> None:
    """Open a checkpoint in a separate process with limits, check it, and offer the card and a
    button that keeps it. The findings stay until another checkpoint or dataset is chosen, or one
    of its files changes."""
    label = Label(name, file_hash(path))
    entry = chosen_entry(path, name)
    if entry is None:
        return
    key = f"{uploaded} {name} {entry} {content_key(path)}"
    held = st.session_state.get("checkup")
    if held is None or held.key != key:
        try:
            with st.spinner("Opening the checkpoint …"):
                held = Held(key, read_guarded(path, name=label.short_name, entry=entry))
        except InputError as error:
            if error.kind is Refusal.AMBIGUOUS and not entry and error.facts.get("entries"):
                offer_entries(path, name, [str(each) for each in error.facts["entries"]])
            findings = refused(error)
            summary(findings, label)
            arranged(findings)
            take_away(findings, label)
            return
        st.session_state["checkup"] = held
    imported = held.imported
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    dataset = choose_scale(row, imported.config)
    row.button("Examine again", icon=":material/refresh:", on_click=forget)
    if dataset not in held.findings:
        place = st.empty().container()  # the previous findings disappear at once
        if st.session_state.get("stopped") == (key, dataset):
            place.info("The examination was cancelled; Examine again starts it anew.")
            return
        with place:
            held.findings[dataset] = answered_one_by_one(held, dataset)
        st.rerun()  # the same findings in another order: what matters first
    findings = held.findings[dataset]
    with st.container():
        summary(findings, label)
        arranged(findings)
        take_away(findings, label)
        if not read_only() and (uploaded or not _is_run(path)):
            keep_it(held, label.short_name, findings, dataset)


def answered_one_by_one(held: Held, dataset: str | None) -> list[Finding]:
    """All findings, each shown as soon as it is there."""
    waiting = st.container(horizontal=True, vertical_alignment="center")
    said = waiting.empty()
    said.info(
        "Examining the checkpoint. This takes seconds, up to a minute on a busy machine.",
        icon=":material/hourglass_top:",
    )
    waiting.button("Cancel", key="stop-checkup", on_click=stop, args=(held.key, dataset))

    def preparing(what: str, done: int, total: int) -> None:
        said.progress(done / total, f"Preparing {what} (only once): {done:,} of {total:,}")

    rest = doctor.examine(
        held.imported, dataset=dataset, prepare=not read_only(), progress=preparing
    )
    return show_all(rest, beside())


def chosen_entry(path: Path, name: str) -> str | None:
    """The chosen weights of a file with several sets; "" for a file with one, None while the choice
    is open."""
    offered = st.session_state.get("entries")
    if offered is None or offered[0] != f"{name} {content_key(path)}":
        return ""
    chosen = st.selectbox(
        "Set of weights",
        offered[1],
        index=None,
        placeholder="choose one",
        key="entry",
        format_func=lambda entry: shown(entry) or "weights without a prefix",
        width=320,
    )
    if chosen is None:
        st.info(
            f"{plain(shown(name))} contains several sets of weights that fit; choose one to be "
            "examined.",
            icon=":material/help:",
        )
    return chosen


def offer_entries(path: Path, name: str, entries: list[str]) -> None:
    """Show the choice among the sets of weights in a file as long as the file is open."""
    st.session_state["entries"] = f"{name} {content_key(path)}", entries
    st.rerun()


def forget() -> None:
    """Open and examine it again."""
    st.session_state.pop("checkup", None)
    st.session_state.pop("stopped", None)


def stop(key: str, dataset: str | None) -> None:
    """End the examination with this dataset where it stands: the next word of it is not said."""
    st.session_state["stopped"] = key, dataset


def _is_run(path: Path) -> bool:
    """Whether it already is a run that every page offers."""
    return path.resolve().parent == runs_root().resolve()


def shaped(config: RunConfig) -> list[str]:
    """The datasets of the paper whose images have this checkpoint's shape."""
    return [
        name
        for name, (channels, side) in IMAGE_SHAPES.items()
        if (channels, side, side) == config.shape
    ]


def choose_scale(row: DeltaGenerator, config: RunConfig) -> str | None:
    """The dataset to test it on; None: the one that fits best."""
    picked = one_of(
        row.selectbox,
        "Test on dataset",
        [FITS_BEST, *shaped(config), *(name for name in own_datasets() if name.isprintable())],
        format_func=lambda name: name if name == FITS_BEST else dataset_title(name),
        key="against",
        width=320,
        help="The automatic choice tries only datasets that are ready. A dataset chosen here is "
        "prepared first if necessary; this happens only once and may take minutes.",
    )
    return None if picked == FITS_BEST else picked


def keep_it(held: Held, name: str, findings: list[Finding], tested: str | None) -> None:
    """Make it a run like any other, with the measurements of its checkup; tested: the dataset that
    the visitor chose for the checkup."""
    st.header("Keep this checkpoint")
    name_at, dataset_at, button_at = st.columns([3, 2, 1], vertical_alignment="bottom")
    called = re.sub(r"[^\w.-]+", "-", Path(name).stem).strip("-.") or "checkpoint"
    chosen = name_at.text_input("Name of the model", called, key=f"keep-{name}")
    config = held.imported.config
    claimed, fitting = config.dataset, shaped(config)
    known = [claimed] if claimed in fitting or claimed not in IMAGE_SHAPES else []
    every = list(dict.fromkeys([*known, *fitting, UNKNOWN]))  # each once, the claimed one first
    usual = fitting_dataset(config, findings)
    dataset = dataset_at.selectbox(
        "Training dataset (if known)",
        every,
        index=every.index(usual) if usual in every else 0,
        format_func=lambda each: "not known" if each == UNKNOWN else dataset_title(each),
        key=f"trained-on-{name}-{config.shape}-{tested}",
        help="The pages show this model with images of this dataset. The one that fits best is "
        "offered first, unless the checkpoint names another that fits as well. β stays as stated "
        "in the file.",
    )
    st.caption(carried(remembered(held.imported, findings, dataset), dataset))
    if button_at.button("Keep", icon=":material/save:", width="stretch"):
        imported = remembered(held.imported, findings, dataset)
        held.kept = ""
        held.kept = keep(imported, runs_root(), chosen).name
    if held.kept:
        st.success(f"Kept as {plain(held.kept)}.", icon=":material/check:")
        st.page_link(
            "pages/traversals.py",
            label="Show its traversals",
            icon=":material/tune:",
            query_params={"run": held.kept},
        )


def carried(whole: Imported, dataset: str) -> str:
    """What is stored with the checkpoint besides its weights."""
    titles = {"elbo": "NLL and KL", "higgins": "Higgins' metric", "mig": "MIG"}
    kept = [
        f"{titles.get(record['score'], record['score'])} ({record['settings']['images']:,} images)"
        for record in whole.scores
        if "images" in record.get("settings", {})
    ]
    if not kept:
        return "No measurement is stored with it: the checkup measured nothing on this dataset."
    return f"Stored with it: {', '.join(kept)}, measured on {dataset_title(dataset)}."
