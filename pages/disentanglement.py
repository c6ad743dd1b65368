"""How disentangled is it, and by which metric?"""

from contextlib import nullcontext

import streamlit as st

from betavae_core.beta import beta_text
from betavae_core.datasets import dataset_title
from betavae_core.scoring.scores import standard_records, standard_scores
from betavae_core.tables.scores import BASELINE_TITLES, score_rows
from pages._ui.address import addressed
from pages._ui.background import background
from pages._ui.choose_dataset import choose_factor_dataset
from pages._ui.choose_length import choose_length
from pages._ui.disentanglement.guessing import choose_pictured, guess, guessing_place
from pages._ui.disentanglement.matrix import picture
from pages._ui.disentanglement.profile import profile
from pages._ui.disentanglement.score_charts import choose_score, of_setting, over_beta
from pages._ui.disentanglement.training_length import score_over_length
from pages._ui.kept import kept
from pages._ui.linked import flag
from pages._ui.runs import all_runs, dataset_of, prepare, show_broken, show_no_runs
from pages._ui.style import plain, plain_errors

st.title("How disentangled is it, and by which metric?")
with addressed("disentanglement"), plain_errors():
    everything, broken = all_runs(baselines=True)
    show_broken(broken)
    if not any(not run.config.baseline for run in everything):
        show_no_runs()
    data_at, guess_at = st.columns([4, 1.2], vertical_alignment="bottom")
    with data_at:
        dataset_name = choose_factor_dataset(everything)
    guessing = flag(
        guess_at.toggle,
        "Guess first",
        key="guess",
        help="A game for classes: look at a model's traversals, guess its score, then reveal it.",
    )
    with guessing_place() if guessing else nullcontext():
        runs = [
            run
            for run in everything
            if run.config.dataset == dataset_name and dataset_of(run) is not None
        ]
        of_every_length, runs = runs, choose_length(runs)
        rows = kept(score_rows, runs)
        if not guessing:
            chosen, name, setting = choose_score(rows)
            over_beta(chosen, name, setting, dataset_name, rows, runs)
            every = of_setting(kept(score_rows, of_every_length), setting)
            score_over_length(every, of_every_length, name, dataset_name)

        st.subheader("Scores and pictures of one model")
        drawing = [run for run in runs if run.has_weights and hasattr(run.model, "decode")]
        if guessing:  # only models with a known answer, if there are any
            scored = set(rows[rows["score"] == "higgins"]["run"])
            trained = [run for run in drawing if not run.config.baseline]
            drawing = [run for run in trained if run.name in scored] or trained
        run = choose_pictured(drawing, guessing)
        dataset = dataset_of(run)
        assert dataset is not None, "runs without a dataset were left out above"
        space = dataset.space
        assert space is not None, "runs without a dataset were left out above"
        prepare(dataset, space.index(space.median()[None]))
        reveal = guess(run, rows) if guessing else True
        if reveal:
            kind = run.config.baseline
            st.caption(
                f"{plain(run.name)}: "
                + (f"baseline, {BASELINE_TITLES[kind]}" if kind else beta_text(run.config.beta))
                + f", {dataset_title(run.config.dataset)} ({dataset.source})."
            )
        picture(run, dataset, space, reveal)
        if reveal:
            st.markdown("#### All scores of this model")
            profile(run, rows)
            if len(standard_records(run)) < len(standard_scores(space)):
                background(
                    f"score-{run.name}",
                    "Compute the missing scores of this model",
                    ["evaluate", str(run.path), "--score", "standard"],
                    "Encodes every image of the dataset once (a few minutes), then computes every "
                    "score. Finished scores are kept, even if you cancel.",
                )
