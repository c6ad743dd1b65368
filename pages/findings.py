"""Which claims hold, and how sure is that?"""

from dataclasses import replace

import streamlit as st

from betavae_core.report.claims import read_claims
from betavae_core.report.figure_5 import drawings_5
from betavae_core.report.markdown import markdown
from betavae_core.report.noise_tables import length_tables
from betavae_core.report.numbers import numbers
from betavae_core.report.the_paper import THE_PAPER
from betavae_core.report.web import web_page
from betavae_core.report.whole import paper_part, report
from betavae_core.report.words import counts_text
from betavae_core.store import Run
from pages._ui.address import addressed, end_page
from pages._ui.charts import download
from pages._ui.findings.claims import all_verdicts, one_claim, verdicts
from pages._ui.findings.judging import judging
from pages._ui.findings.tables import one_table, seeds_needed
from pages._ui.findings.visible import visible_against_measured
from pages._ui.followed import followed
from pages._ui.kept import kept
from pages._ui.linked import flag
from pages._ui.runs import all_runs, show_broken, show_no_runs
from pages._ui.style import plain_errors


def as_page(runs: list[Run]) -> str:
    """The whole report as HTML."""
    return web_page(report(runs, read_claims(THE_PAPER, "the paper's claims")))


def as_text(runs: list[Run]) -> str:
    """The whole report as Markdown, with links to the pictures of the runs; the drawings are files
    of their own, which a single text has not beside it."""
    made = replace(report(runs, read_claims(THE_PAPER, "the paper's claims")), drawings=[])
    return markdown(made, runs[0].path.parent)


st.title("Which of the paper's claims hold, and how sure is that?")
with addressed("findings"), plain_errors():
    followed()  # a run or dataset in the address follows the visitor to the next page
    runs, broken = all_runs(baselines=True)
    show_broken(broken)
    if not any(not run.config.baseline for run in runs):
        show_no_runs()
    found = kept(numbers, runs)
    blind = flag(
        st.toggle,
        "Judge blind",
        key="judge",
        help="Look at the traversals of models of 2Dshapes, say which factors one latent each "
        "controls, and see then what the rule and the score say. Judgements are not stored.",
    )
    if blind:
        judging(found, runs)
        end_page()
    judged = kept(verdicts, found)
    st.markdown(
        f"**{counts_text(judged)}** Every verdict follows from the stored records of these models "
        "by one rule; a claim that needs more seeds says so."
    )
    all_verdicts(judged)
    one_claim(judged)
    visible_against_measured(found)
    seeds_needed(found)
    tables = [*kept(paper_part, found, runs), *kept(length_tables, found)]
    one_table(tables, kept(drawings_5, runs), found)
    row = st.container(horizontal=True)
    download("The report, HTML", lambda: as_page(runs), "reproduction.html", "text/html", place=row)
    download("Markdown", lambda: as_text(runs), "reproduction.md", "text/markdown", place=row)
