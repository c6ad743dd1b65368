"""What the paper found, and what these models say, a line each."""

import streamlit as st

from betavae_core.report.findings import Finding, findings
from betavae_core.report.numbers import numbers
from pages._ui.kept import kept
from pages._ui.runs import all_runs
from pages._ui.style import plain
from pages._ui.text_size import letters
from pages._ui.verdict_badge import badge

NAME_WIDTH = 330  # of the longest name


def paper_findings() -> None:
    found = kept(findings, kept(numbers, all_runs(baselines=True)[0]))
    with st.container(key="paper-findings", gap="xsmall"):
        for finding in found:
            draw(finding)
    with st.expander("How measured", type="compact", key="measured-findings"):
        st.markdown(
            "Fil, Mesinovic, Morris and Wildberger (2021). Every verdict follows by one rule from "
            "the stored records of the models in this folder, those kept without their weights "
            "included; the page Findings has the rule, the evidence and the other claims.\n"
            + "".join(f"- {plain(text)}\n" for each in found for text in each.measured)
        )


def draw(finding: Finding) -> None:
    """The name, which leads to the evidence, and the verdict with our numbers."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="xsmall")
    row.page_link(
        "pages/findings.py",
        label=f"**{plain(finding.name)}**",
        icon=":material/arrow_forward:",
        width=letters(NAME_WIDTH),
        query_params={"claim": str(finding.claims[0][0])},
    )
    row.container(width="stretch").markdown(
        " ".join(f"{badge(judged)} {plain(text)}" for judged, text in finding.ours)
    )
