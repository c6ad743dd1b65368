"""The verdicts: all as a table, and one with its evidence."""

import pandas as pd
import streamlit as st

from betavae_core.report.charts import evidence_chart
from betavae_core.report.claims import read_claims
from betavae_core.report.numbers import Number
from betavae_core.report.the_paper import THE_PAPER
from betavae_core.report.verdict import RULE, Evidence, Judged, judge_all
from betavae_core.report.words import (
    HOW_OURS_DIFFER,
    comparison_text,
    counted_runs,
    counts_text,
    evidence_text,
    ours_text,
    runs_of,
)
from pages._ui.address import page_link
from pages._ui.charts import chart, commented, download, drawn
from pages._ui.kept import kept
from pages._ui.linked import one_of
from pages._ui.style import plain
from pages._ui.verdict_badge import badge


def verdicts(numbers: list[Number]) -> list[Judged]:
    """The verdict on each claim of the paper."""
    return judge_all(read_claims(THE_PAPER, "the paper's claims"), numbers)


def verdict_table(judged: list[Judged]) -> pd.DataFrame:
    """A row per claim."""
    return pd.DataFrame(
        [
            {
                "Claim": each.claim.says,
                "Verdict": each.verdict,
                "Why": each.why,
                "Ours, with 95 % interval": ours_text(each),
                "Runs": each.evidence.recipe.title if each.evidence else "",
                "Place": each.claim.place,
                "Rule": each.claim.line,
            }
            for each in judged
        ],
        index=pd.RangeIndex(1, len(judged) + 1, name="Number"),
    )


def all_verdicts(judged: list[Judged]) -> None:
    st.header("All verdicts")
    table = kept(verdict_table, judged)
    st.dataframe(table, alt="The verdict on each claim, one row each", height=420)
    notes, link = [counts_text(judged), RULE], page_link()
    download("CSV", lambda: commented(table, [*notes, f"link: {link}"]), "verdicts.csv", "text/csv")
    with st.expander("How a verdict is reached", type="compact", key="measured-rule"):
        st.markdown(RULE)
        st.markdown(HOW_OURS_DIFFER)


def one_claim(judged: list[Judged]) -> None:
    """The evidence of a chosen claim."""
    st.header("The evidence for one claim")
    numbers = list(range(len(judged)))
    number = one_of(
        st.selectbox,
        "Claim",
        numbers,
        key="claim",
        format_func=lambda n: f"{n + 1}. {judged[n].claim.says} ({judged[n].verdict})",
        spell=lambda n: str(n + 1),
    )
    each = judged[number]
    place = f" :gray[({plain(each.claim.place)})]" if each.claim.place else ""
    st.markdown(f"{badge(each)} {plain(each.why)}{place}  \n`{each.claim.line}`")
    if each.evidence is None:
        return
    figure = drawn(evidence_chart, each)
    measured = f"{evidence_text(each.evidence)}; a dot for every run."
    says = f"{'; '.join(compared(each, each.evidence))}."
    chart(figure, f"claim-{number + 1}", measured, says=says)
    _runs(each.evidence, 0)
    for place_of, other in enumerate(each.others, 1):
        lines = "\n".join(f"* {plain(text)}" for text in compared(each, other))
        st.markdown(
            f"Not used for the verdict: {plain(evidence_text(other))}, alone: {other.verdict}.\n"
            f"{lines}"
        )
        _runs(other, place_of)


def compared(judged: Judged, evidence: Evidence) -> list[str]:
    """Each comparison in words."""
    return [comparison_text(judged.claim, each) for each in evidence.comparisons]


def _runs(evidence: Evidence, place: int) -> None:
    """The names of the runs, folded."""
    with st.expander(counted_runs(evidence), type="compact", key=f"measured-runs-{place}"):
        st.markdown(", ".join(plain(name) for name in runs_of(evidence)))
