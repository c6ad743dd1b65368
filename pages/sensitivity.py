"""How far can the metric be trusted?"""

import streamlit as st

from betavae_core.datasets import dataset_title
from betavae_core.tables.draws import higgins_draws, named_draws
from pages._ui.address import addressed
from pages._ui.choose_dataset import choose_factor_dataset
from pages._ui.choose_length import choose_length
from pages._ui.kept import kept
from pages._ui.runs import (
    all_runs,
    dataset_of,
    left_out_steered,
    prepare,
    show_broken,
    show_no_runs,
)
from pages._ui.sensitivity.charts import choose_draws, measure_more, over_l, ranks, table_2
from pages._ui.sensitivity.live_score import live_score
from pages._ui.style import plain_errors
from pages._ui.weights import with_weights

st.title("How far can the metric be trusted?")
with addressed("sensitivity"), plain_errors():
    everything, broken = all_runs(baselines=True)
    show_broken(broken)
    if not any(not run.config.baseline for run in everything):
        show_no_runs()
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    data_at, length_at, settings_at = (row.container(width="content") for _ in range(3))
    with data_at:
        name = choose_factor_dataset(everything)
    of_dataset = [run for run in everything if run.config.dataset == name]
    runs = choose_length(of_dataset, length_at)
    dataset = dataset_of(runs[0])
    assert dataset is not None, "chosen from the existing ones"
    assert dataset.space is not None, "chosen from those with factors"
    draws = kept(named_draws, kept(higgins_draws, runs))
    st.markdown(
        "Higgins' metric fixes one factor, lets all others vary and asks a classifier which factor "
        "was fixed. The score depends on choices that have nothing to do with the model: the "
        "number of pairs **L** that are averaged per point, the number of training points **B**, "
        "the **classifier** and the **factors**."
    )
    if draws.empty:
        st.info(
            f"No scores are computed yet for the models trained on {dataset_title(name)}. Command "
            "line: "
            "`python -m betavae_core evaluate RUN --score standard`",
            icon=":material/calculate:",
        )
    else:
        folded = settings_at.popover("Factors and points", icon=":material/tune:")
        draws = choose_draws(draws, folded)
        over_l(draws, name)
        ranks(draws, name)
        table_2(draws, name)
    left_out_steered(name)
    usable = with_weights(runs)
    measure_more(usable)
    prepare(dataset)
    live_score(usable, dataset, dataset.space)
