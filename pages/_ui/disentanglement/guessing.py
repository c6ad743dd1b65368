"""A game: of two models, seen by their traversals alone, which one scores higher? The record of
guesses is the session's and ends with it."""

from dataclasses import dataclass, field

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.tables.guessing import Pair, chance_of, pairs_to_guess
from betavae_core.tables.scores import usual
from pages._ui.every_traversal import CAPTION, traversals_of
from pages._ui.kept import kept
from pages._ui.runs import dataset_of
from pages._ui.style import plain

STATE = "guess-record"
SIDES = ("A", "B")
QUESTION = (
    "**Which model scores higher by Higgins' metric?** :gray[All factors, linear classifier, "
    "L = 64.] Look for rows in which only **one** property changes, and for properties that change "
    "in only **one** row. Trained models, untrained ones, PCA and ICA take part."
)


@dataclass
class Record:
    """One visitor's game on one dataset: its rounds, and the sides chosen so far."""

    dataset: str
    pairs: list[Pair]
    number: int = 0
    picks: list[int] = field(default_factory=list)
    open: bool = False  # whether the answer of the last pick is shown

    @property
    def names(self) -> set[str]:
        return {name for pair in self.pairs for name in pair.runs}


def game(dataset: str, runs: list[Run], rows: pd.DataFrame) -> None:
    """One round of the game for these runs of a dataset, which can decode; rows: of
    `score_rows`."""
    by_name = {run.name: run for run in runs}
    record: Record | None = st.session_state.get(STATE)
    if record is None or record.dataset != dataset or not record.names <= set(by_name):
        record = st.session_state[STATE] = _new_game(dataset, rows, tuple(by_name), 0)
    if not record.pairs:
        st.info("The game needs two models of this dataset whose scores differ; none are stored.")
        return
    number = len(record.picks) - record.open
    pair = record.pairs[number]
    st.markdown(QUESTION)
    place = _place(record)
    said = place.container()
    for side, (column, name) in enumerate(
        zip(place.columns(2, gap="large"), pair.runs, strict=True)
    ):
        _one_model(column, side, by_name[name], rows, record)
    with said:
        _verdict(record, pair, number)
        if len(record.picks) == len(record.pairs):
            again = (dataset, rows, tuple(by_name), record.number + 1)
            st.button(
                "New game", icon=":material/replay:", on_click=_begin, args=again, type="primary"
            )


def _new_game(dataset: str, rows: pd.DataFrame, names: tuple[str, ...], number: int) -> Record:
    return Record(dataset, kept(pairs_to_guess, rows, names, number), number)


def _verdict(record: Record, pair: Pair, number: int) -> None:
    """Which round this is and, if it is decided, the answer; then the way to the next round, or
    what all of them came to."""
    right = sum(
        p.higher == pick
        for p, pick in zip(record.pairs[: len(record.picks)], record.picks, strict=True)
    )
    rounds = len(record.pairs)
    about = f"Round {number + 1} of {rounds}. Right so far: {right} of {len(record.picks)}."
    if not record.open:
        st.markdown(f":gray[{about}]")
        return
    scores = " and ".join(
        f"{side} scores **{score:.0%}**" for side, score in zip(SIDES, pair.scores, strict=True)
    )
    hit = pair.higher == record.picks[-1]
    (st.success if hit else st.error)(
        f"{'Right' if hit else 'Wrong'}: {scores}. {about}",
        icon=":material/check:" if hit else ":material/close:",
    )
    if len(record.picks) < rounds:
        st.button("Next round", icon=":material/arrow_forward:", on_click=_go_on, type="primary")
        return
    chance = chance_of(right, rounds)
    st.markdown(
        f"**You were right in {right} of {rounds} rounds.** Tossing a coin is right in "
        f"{rounds / 2:g} on average, and at least as often as you in {chance:.0%} of all games."
    )


def _one_model(
    place: DeltaGenerator, side: int, run: Run, rows: pd.DataFrame, record: Record
) -> None:
    """The traversals of one of the two, the button that guesses it and, afterwards, its name."""
    place.header(f"Model {SIDES[side]}")
    if record.open:
        here = usual(rows[rows["run"] == run.name]).set_index("score")["value"]
        scores = [
            f"{title} {here[score]:.2f}"
            for score, title in (("higgins", "Higgins' metric"), ("mig", "MIG"), ("dci", "DCI"))
            if score in here
        ]
        place.markdown(f"{plain(run_words(run))}  \n:gray[{', '.join(scores)}]")
    else:
        place.button(
            f"{SIDES[side]} scores higher",
            key=f"guess-{SIDES[side]}",
            on_click=_pick,
            args=(side,),
            width="stretch",
        )
    dataset = dataset_of(run)
    assert dataset is not None, "only runs whose dataset is there can be scored"
    picture, _ = traversals_of(run, dataset)
    place.image(
        picture,
        width="stretch",
        output_format="PNG",
        alt=f"Traversals of the latents of model {SIDES[side]}. {CAPTION}",
    )


def _pick(side: int) -> None:
    record = st.session_state[STATE]
    record.picks.append(side)
    record.open = True


def _go_on() -> None:
    st.session_state[STATE].open = False


def _begin(dataset: str, rows: pd.DataFrame, names: tuple[str, ...], number: int) -> None:
    st.session_state[STATE] = _new_game(dataset, rows, names, number)


def _place(record: Record) -> DeltaGenerator:
    """The container of a round. For a new one it begins empty: the previous pictures disappear at
    once, not only when the new ones are ready."""
    now = (record.dataset, record.number, len(record.picks) - record.open)
    before = st.session_state.get("guess-drawn", now)
    st.session_state["guess-drawn"] = now
    return st.container() if before == now else st.empty().container()
