"""The lesson of the page: what a high score does not show, and a model that demonstrates it."""

import pandas as pd
import streamlit as st

from betavae_core import sentences
from betavae_core.choice import choose_run
from betavae_core.datasets import dataset_title
from betavae_core.store import Run
from betavae_core.tables.mixed import high_but_mixed
from betavae_core.tables.scores import SHOWN_SCORES, usual
from pages._ui.address import visit
from pages._ui.charts import said
from pages._ui.kept import kept

METRICS = ("higgins", "mig")
ASKED = "show-mixed"  # in the session: how often the button was pressed


def lesson(rows: pd.DataFrame, drawing: list[Run]) -> None:
    """The effect of a rotation of the true factors on two scores, and the way to a model with a
    high score and mixed latents; drawing: the models that the page can show."""
    scores = kept(_rotated, rows)
    if len(scores) == 2:
        about = rows[rows["baseline"] == "rotated"].iloc[0]
        row = said(
            sentences.mixing_noticed(*scores),
            "The code consists of the true factors, standardised, and then of a random rotation of "
            f"them. {about['images']:,} images of {dataset_title(about['dataset'])} "
            f"({about['source']}), all factors; Higgins' metric: linear classifier, L = 64. "
            f"Measured with {about['versions']}.",
            "lesson",
        )
    else:
        row = st.container(horizontal=True)
    found = kept(high_but_mixed, rows, tuple(run.name for run in drawing))
    if found is not None:
        row.button(
            f"Show a model that scores {found.higgins:.0%} with mixed latents",
            icon=":material/south:",
            key="start-mixed",
            wrap=True,
            on_click=_show,
            args=(next(run for run in drawing if run.name == found.run),),
            help=f"Of the models shown here, the one with the highest score by Higgins' metric "
            f"among those with low MIG (here {found.mig:.2f}) and low DCI disentanglement (here "
            f"{found.dci:.2f}).",
        )


def _rotated(rows: pd.DataFrame) -> list[dict[str, float]]:
    """The scores of the true factors, and of their rotation, by title; [] if any is missing."""
    rows = rows[rows["variant"] == ""]
    found = [
        {
            SHOWN_SCORES[score][0]: float(here["value"].median())
            for score in METRICS
            if len(here := usual(rows[(rows["baseline"] == kind) & (rows["score"] == score)]))
        }
        for kind in ("oracle", "rotated")
    ]
    return found if all(len(scores) == len(METRICS) for scores in found) else []


def _show(run: Run) -> None:
    now = visit()
    now.choice = choose_run(now.choice, run)
    st.session_state[ASKED] = int(st.session_state.get(ASKED, 0)) + 1


def asked_now() -> int | None:
    """The number of this press of the button, if it led to this execution of the page."""
    pressed = int(st.session_state.get(ASKED, 0))
    answered = int(st.session_state.get(f"{ASKED}-answered", 0))
    st.session_state[f"{ASKED}-answered"] = pressed
    return pressed if pressed > answered else None
