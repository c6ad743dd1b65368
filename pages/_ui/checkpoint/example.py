"""The checkup that is kept with a run, as an example while no checkpoint is open."""

import streamlit as st

from betavae_core.choice import opening_run
from betavae_core.doctor import kept_beside
from betavae_core.tables.parts import run_titles
from pages._ui.checkpoint.checkup import arranged, summary
from pages._ui.runs import all_runs
from pages._ui.style import plain


def example() -> None:
    """The checkup of the run that pages open on, of those that have one."""
    runs = all_runs()[0]
    found = {run.name: there for run in runs if (there := kept_beside(run.path)) is not None}
    if not found:
        return
    run = opening_run([run for run in runs if run.name in found])
    findings, label = found[run.name]
    st.header("An example: the checkup of a model of this lab")
    st.markdown(
        "No checkpoint is open yet. This is what the page says of the model "
        f"**{plain(run_titles([run])[0])}**."
    )
    summary(findings, label)
    arranged(findings)
