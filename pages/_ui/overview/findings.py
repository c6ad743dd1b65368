"""What the paper found, and what these models say, a line each."""

from collections.abc import Sequence

import streamlit as st

from betavae_core.datasets import dataset_title
from betavae_core.report.claims import read_claims
from betavae_core.report.numbers import Number, numbers
from betavae_core.report.the_paper import THE_FINDINGS
from betavae_core.report.verdict import Judged, judge_all
from pages._ui.kept import kept
from pages._ui.runs import all_runs
from pages._ui.style import plain
from pages._ui.verdict_badge import badge


def main_verdicts(found: Sequence[Number]) -> list[Judged]:
    """The verdict on each claim that the paper lists as its contribution."""
    return judge_all(read_claims(THE_FINDINGS, "the paper's findings"), found)


def paper_findings() -> None:
    runs, _ = all_runs(baselines=True)
    for number, judged in enumerate(kept(main_verdicts, kept(numbers, runs)), 1):
        draw(number, judged)
    st.caption(
        "Fil, Mesinovic, Morris and Wildberger (2021). Every verdict follows by one rule from the "
        "stored records of the models in this folder, those kept without their weights included; "
        "the page Findings has the rule, the evidence and the other claims."
    )


def draw(number: int, judged: Judged) -> None:
    """The claim, the verdict, and our numbers with a link to their evidence."""
    row = st.container(horizontal=True, vertical_alignment="center", wrap=False)
    claim, evidence = judged.claim, judged.evidence
    on = "" if evidence is None else f" ({dataset_title(claim.dataset)}, {evidence.recipe.title})"
    row.container(width="stretch").markdown(
        f"{plain(claim.says)} :gray[({plain(claim.place)})]  \n"
        f"{badge(judged)} {plain(judged.why.rstrip('.') + on)}."
    )
    row.page_link(
        "pages/findings.py",
        label="Evidence",
        icon=":material/arrow_forward:",
        width="content",
        query_params={"claim": str(number)},
    )
