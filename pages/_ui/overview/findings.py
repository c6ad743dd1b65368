"""What the paper found, and what these models say, a line each."""

import streamlit as st

from betavae_core.datasets import dataset_title
from betavae_core.store import Run
from betavae_core.tables.findings import HOLDS, NOT, PARTLY, Finding, findings
from pages._ui.kept import kept
from pages._ui.style import plain

COLOURS = {HOLDS: "green", PARTLY: "orange", NOT: "red"}


def paper_findings(runs: list[Run]) -> None:
    for finding in kept(findings, runs):
        draw(finding)
    st.caption(
        "Fil, Mesinovic, Morris and Wildberger (2021). The lines are computed from the stored "
        "records of the models in this folder, those kept without their weights included. Scores: "
        "Higgins' metric, linear classifier, L = 64, codes of whole datasets. They compare the "
        "means that are there; the page Findings judges these claims and more by what other seeds "
        "could make of them, and says where there are too few seeds to tell."
    )
    st.page_link(
        "pages/findings.py", label="All claims, with intervals", icon=":material/fact_check:"
    )


def draw(finding: Finding) -> None:
    """The claim, the verdict, and our numbers with a link to the page that shows them."""
    row = st.container(horizontal=True, vertical_alignment="center", wrap=False)
    badge = f":{COLOURS.get(finding.verdict, 'gray')}-badge[{finding.verdict}]"
    row.markdown(f"{finding.claim} :gray[({finding.place})]  \n{badge} {plain(finding.ours)}")
    row.page_link(
        f"pages/{finding.page}.py",
        label="Numbers",
        icon=":material/arrow_forward:",
        width="content",
        query_params={"dataset": dataset_title(finding.dataset)},
    )
