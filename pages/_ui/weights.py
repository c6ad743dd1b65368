"""Runs that are kept without their weights, on pages that need weights."""

import streamlit as st

from betavae_core.command_line import command_for
from betavae_core.store import Run
from pages._ui.address import end_page

WITHOUT_WEIGHTS = "is kept without its weights, which this page needs"


def with_weights(runs: list[Run]) -> list[Run]:
    """The runs that can encode and decode; a line states the number of others. Ends the page if
    there are none."""
    found = [run for run in runs if run.has_weights]
    if not found:
        st.info(
            "All models for this page are kept without their weights. The page Overview lists "
            "them; this command makes the first one again:",
            icon=":material/model_training:",
        )
        st.code(command_for(runs[0].config), language="bash")
        end_page()
    return found


def show_command(run: Run) -> None:
    """The command that recreates the weights of a run kept without them."""
    st.caption("This command makes the model again:")
    st.code(command_for(run.config), language="bash")
