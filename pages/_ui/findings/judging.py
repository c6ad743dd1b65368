"""Blind judging: how many factors does one latent each control? Traversals first, the rule and the
score afterwards. The judgements are the session's and end with it."""

from dataclasses import dataclass, field

import pandas as pd
import streamlit as st

from betavae_core.datasets import Dataset
from betavae_core.report.judging import Subject, agreement, agreement_says, subjects
from betavae_core.report.numbers import Number
from betavae_core.report.visible import DATASET, visible_how, visible_points
from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.tables.clean_factors import clean_latents
from betavae_core.tables.scores import factor_matrix
from pages._ui.every_traversal import CAPTION, traversals_of
from pages._ui.kept import kept
from pages._ui.runs import dataset_of, prepare
from pages._ui.style import plain

STATE = "judge-record"
QUESTION = (
    "**Which factors does one latent each control, and nothing else?** Look for a row in which "
    "only this property changes and which alone changes it. Trained models, an untrained one, PCA "
    "and ICA take part; score and name come after your judgement."
)


@dataclass
class Record:
    """One visitor's judgements."""

    models: list[Subject]
    number: int = 0
    said: list[frozenset[str]] = field(default_factory=list)
    open: bool = False  # whether the answer to the last judgement is shown

    @property
    def judged(self) -> list[tuple[Subject, frozenset[str]]]:
        return list(zip(self.models[: len(self.said)], self.said, strict=True))


def judging(numbers: list[Number], runs: list[Run]) -> None:
    """One model after another, for the runs on 2Dshapes that can decode."""
    st.header("Judge traversals, blind to the score")
    shown = {run.name: run for run in runs if run.config.dataset == DATASET and _decodes(run)}
    record: Record | None = st.session_state.get(STATE)
    if record is None or not {subject.run for subject in record.models} <= set(shown):
        record = st.session_state[STATE] = _begin(numbers, list(shown.values()), 0)
    if not record.models:
        st.info("Judging needs scored models of 2Dshapes with their weights; none are stored.")
        return
    number = len(record.said) - record.open
    subject = record.models[number]
    run = shown[subject.run]
    dataset = dataset_of(run)
    assert dataset is not None, "chosen as shown"
    assert dataset.space is not None, "2Dshapes has factors"
    st.markdown(QUESTION)
    place = st.empty().container()
    with place:
        if record.open:
            _answer(record, shown, subject, dataset.space.names)
            with st.expander("How measured", type="compact", key="measured-judging"):
                st.caption(plain(visible_how(kept(visible_points, numbers))))
        else:
            _ask(record, dataset.space.names)
        _picture(run, dataset)
    if len(record.said) == len(record.models) and record.open:
        again = (numbers, list(shown.values()), record.number + 1)
        st.button("Judge again", icon=":material/replay:", on_click=_restart, args=again)


def _decodes(run: Run) -> bool:
    return run.has_weights and dataset_of(run) is not None and hasattr(run.model, "decode")


def _begin(numbers: list[Number], runs: list[Run], number: int) -> Record:
    clean = {run.name: names for run in runs if (names := clean_names(run)) is not None}
    return Record(subjects(kept(visible_points, numbers), clean, number), number)


def clean_names(run: Run) -> frozenset[str] | None:
    """The factors with one clean latent, by the rule; None if that was not computed."""
    found = factor_matrix(run, "mig")
    if found is None:
        return None
    latents = clean_latents(found[0])
    return frozenset(n for n, latent in zip(found[1], latents, strict=True) if latent is not None)


def _ask(record: Record, factors: tuple[str, ...]) -> None:
    """The question for one model, and the button that ends it."""
    about = f"Model {len(record.said) + 1} of {len(record.models)}"
    key = f"judge-{record.number}-{len(record.said)}"
    st.pills(
        f"{about}: factors with a latent of their own (none, if you see none)",
        factors,
        selection_mode="multi",
        key=key,
    )
    st.button("That is my judgement", on_click=_judge, args=(key,), type="primary")


def _answer(
    record: Record, runs: dict[str, Run], subject: Subject, factors: tuple[str, ...]
) -> None:
    """The judgement beside the rule and the score, and the way on."""
    said = record.said[-1]
    st.markdown(
        f"You: **{_listed(said, factors)}**. The rule: **{_listed(subject.clean, factors)}**. "
        f"Higgins' metric: **{subject.score:.0%}**.  \n:gray[{plain(run_words(runs[subject.run]))}]"
    )
    if len(record.said) < len(record.models):
        st.button("Next model", icon=":material/arrow_forward:", on_click=_go_on, type="primary")
    else:
        _summary(record, runs, factors)


def _summary(record: Record, runs: dict[str, Run], factors: tuple[str, ...]) -> None:
    """All judgements, and how far they agree with the rule and the score."""
    st.markdown(f"**{agreement_says(agreement(record.judged, factors))}**")
    rows = [
        {
            "Yours": len(said),
            "The rule": len(subject.clean),
            "Higgins' metric, %": round(100 * subject.score, 1),
            "Model": run_words(runs[subject.run]),
        }
        for subject, said in record.judged
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Your number of clean factors for each model, the rule's, and the score",
    )


def _picture(run: Run, dataset: Dataset) -> None:
    assert dataset.space is not None, "2Dshapes has factors"
    prepare(dataset, dataset.space.index(dataset.space.median()[None]))
    picture, _ = traversals_of(run, dataset)
    st.image(
        picture,
        width="stretch",
        output_format="PNG",
        caption=CAPTION,
        alt=f"Traversals of the latents of the model to judge. {CAPTION}",
    )


def _listed(names: frozenset[str], factors: tuple[str, ...]) -> str:
    """ "2 (scale, position x)", in the order of the factors."""
    inside = [name for name in factors if name in names]
    return f"{len(inside)} ({', '.join(inside)})" if inside else "none"


def _judge(key: str) -> None:
    record = st.session_state[STATE]
    record.said.append(frozenset(st.session_state.get(key) or ()))
    record.open = True


def _go_on() -> None:
    st.session_state[STATE].open = False


def _restart(numbers: list[Number], runs: list[Run], number: int) -> None:
    st.session_state[STATE] = _begin(numbers, runs, number)
