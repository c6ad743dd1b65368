"""A game: guess a model's score from its traversals, then reveal it."""

import pandas as pd
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from betavae_core.rng import generator
from betavae_core.store import Run
from betavae_core.tables.scores import usual
from pages._ui.choose_run import choose_run
from pages._ui.style import plain


def choose_pictured(runs: list[Run], guessing: bool) -> Run:
    """A run that can decode; in the guessing game, a random one without its name."""
    if guessing:
        number = int(st.session_state.get("guess-number", 0))
        order = torch.randperm(len(runs), generator=generator(0, "guess"))
        return runs[int(order[number % len(runs)])]  # each once before any repeats
    return choose_run(runs, "cannot decode images")


def guess(run: Run, rows: pd.DataFrame) -> bool:
    """The guessing game's controls; returns whether to show the answer."""
    answer = value_of(rows, run, "higgins")
    estimate, reveal, another = st.columns([4, 1.3, 1.3], vertical_alignment="bottom")
    number = int(st.session_state.get("guess-number", 0))
    guessed = estimate.slider(
        "Guess this model's score by Higgins' metric (all factors, linear classifier, L = 64)",
        0, 100, 50, format="%d %%", key=f"guess-{number}",
    )  # fmt: skip
    shown = bool(st.session_state.get(f"revealed-{number}"))
    if reveal.button("Reveal", icon=":material/visibility:", width="stretch", disabled=shown):
        st.session_state[f"revealed-{number}"] = shown = True
    another.button("Another model", icon=":material/casino:", width="stretch", on_click=next_guess)
    if shown and answer is not None:
        mig = value_of(rows, run, "mig")
        st.success(
            f"The score is **{answer:.0%}**; you guessed {guessed} %. "
            + ("" if mig is None else f"Its MIG is {mig:.2f}. ")
            + f"The model was {plain(run.name)}.",
            icon=":material/visibility:",
        )
    elif shown:
        st.info(f"The model was {plain(run.name)}; its score is not computed yet.")
    return shown


def next_guess() -> None:
    """Choose another run for the game."""
    st.session_state["guess-number"] = int(st.session_state.get("guess-number", 0)) + 1


def guessing_place() -> DeltaGenerator:
    """The container of the game. For a new run it begins empty: the text about the previous run
    disappears at once, not only when the new pictures are ready."""
    number = int(st.session_state.get("guess-number", 0))
    drawn = st.session_state.get("guess-drawn", number)
    st.session_state["guess-drawn"] = number
    return st.container() if drawn == number else st.empty().container()


def value_of(rows: pd.DataFrame, run: Run, score: str) -> float | None:
    """A run's score at the standard setting, if computed."""
    here = usual(rows[(rows["run"] == run.name) & (rows["score"] == score)])
    return float(here["value"].iloc[0]) if len(here) else None
