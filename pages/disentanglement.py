"""How disentangled is it, and by which metric?"""

import streamlit as st

from betavae_core.datasets import dataset_title
from betavae_core.scoring.scores import standard_records, standard_scores
from betavae_core.store import Run
from betavae_core.store.labels import run_words
from betavae_core.tables.scores import score_rows
from pages._ui.address import addressed, end_page
from pages._ui.background import background
from pages._ui.choose_dataset import choose_factor_dataset
from pages._ui.choose_length import choose_length
from pages._ui.choose_run import choose_run
from pages._ui.disentanglement.guessing import game
from pages._ui.disentanglement.lesson import asked_now, lesson
from pages._ui.disentanglement.matrix import picture
from pages._ui.disentanglement.objectives import other_objectives
from pages._ui.disentanglement.profile import profile
from pages._ui.disentanglement.score_charts import choose_score, of_setting, over_beta
from pages._ui.disentanglement.training_length import score_over_length
from pages._ui.disentanglement.unlabelled import without_labels
from pages._ui.kept import kept
from pages._ui.linked import flag
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out_steered,
    prepare,
    show_broken,
    show_no_runs,
)
from pages._ui.scroll import scroll_to
from pages._ui.style import plain, plain_errors


def that_decode(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run.has_weights and hasattr(run.model, "decode")]


st.title("How disentangled is it, and by which metric?")
with addressed("disentanglement"), plain_errors():
    everything, broken = all_runs(baselines=True)
    show_broken(broken)
    if not any(not run.config.baseline for run in everything):
        show_no_runs()
    lesson_at = st.container()
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    data_at, length_at, guess_at = (row.container(width="content") for _ in range(3))
    with data_at:
        dataset_name = choose_factor_dataset(everything)
    guessing = flag(
        guess_at.toggle,
        "Guess first",
        key="guess",
        help="A game of ten rounds: look at the traversals of two models and guess which one "
        "scores higher. Guesses are not stored.",
    )
    runs = [
        run
        for run in everything
        if run.config.dataset == dataset_name and dataset_of(run) is not None
    ]
    dataset = dataset_of(runs[0])
    assert dataset is not None, "runs without a dataset were left out above"
    space = dataset.space
    assert space is not None, "runs without a dataset were left out above"
    prepare(dataset, space.index(space.median()[None]))
    if guessing:
        game(dataset_name, that_decode(runs), kept(score_rows, runs))
        end_page()
    of_every_length, runs = runs, choose_length(runs, length_at)
    rows, drawing = kept(score_rows, runs), that_decode(runs)
    with lesson_at:
        lesson(rows, drawing)
    chosen, name, setting = choose_score(rows)
    over_beta(chosen, name, setting, dataset_name, runs)
    left_out_steered(dataset_name)
    every = of_setting(kept(score_rows, of_every_length), setting)
    score_over_length(every, of_every_length, name, dataset_name)
    other_objectives(every, of_every_length, name, dataset_name)
    without_labels(every, of_every_length, name, dataset_name)

    with st.container(key="one-model"):
        st.header("Scores and pictures of one model")
    if press := asked_now():
        scroll_to("one-model", press)
    if not drawing:
        st.info("None of these models is kept with its weights, so there are no pictures.")
        end_page()
    run = choose_run(drawing, "cannot decode images")
    dataset = dataset_of(run)
    assert dataset is not None, "runs without a dataset were left out above"
    st.caption(
        "baseline, " * bool(run.config.baseline)
        + plain(run_words(run))
        + f", {dataset_title(run.config.dataset)} ({dataset.source})."
    )
    picture(run, dataset, space)
    st.markdown("### All scores of this model")
    profile(run, rows)
    if len(standard_records(run)) < len(standard_scores(space)):
        background(
            f"score-{run.name}",
            "Compute the missing scores of this model",
            ["evaluate", str(run.path), "--score", "standard"],
            "Encodes every image of the dataset once (a few minutes), then computes every "
            "score. Finished scores are kept, even if you cancel.",
        )
