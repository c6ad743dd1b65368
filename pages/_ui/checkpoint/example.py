"""The checkup that is kept with a run, as an example while no checkpoint is open."""

import streamlit as st

from betavae_core.choice import opening_run
from betavae_core.doctor import Finding, Label, kept_beside
from betavae_core.errors import InputError
from betavae_core.store import Run
from betavae_core.tables.parts import run_titles
from pages._ui.checkpoint.checkup import arranged, summary
from pages._ui.runs import all_runs
from pages._ui.style import plain, without_paths


def example() -> None:
    """The checkup of the run that pages open on, of those that have one; a sentence for each that
    is damaged."""
    found = _stored(all_runs()[0])
    if not found:
        return
    run = opening_run([run for run, _, _ in found])
    findings, label = next((findings, label) for each, findings, label in found if each is run)
    st.header("An example: the checkup of a model of this lab")
    st.markdown(
        "No checkpoint is open yet. This is what the page says of the model "
        f"**{plain(run_titles([run])[0])}**."
    )
    summary(findings, label)
    arranged(findings)


def _stored(runs: list[Run]) -> list[tuple[Run, list[Finding], Label]]:
    """The runs that have a checkup, with it; a sentence for each checkup that is damaged."""
    found = []
    for run in runs:
        try:
            there = kept_beside(run.path)
        except InputError as error:
            st.warning(plain(without_paths(str(error))), icon=":material/error:")
            continue
        if there is not None:
            found.append((run, *there))
    return found
