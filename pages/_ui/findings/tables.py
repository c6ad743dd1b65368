"""The tables of the report, one at a time, and power over the number of seeds."""

import pandas as pd
import streamlit as st

from betavae_core.report.charts import power_chart, power_says, shown_contrasts
from betavae_core.report.figure_5 import NAME as FIGURE_5
from betavae_core.report.figure_5 import Drawing
from betavae_core.report.noise_tables import chance_tables
from betavae_core.report.numbers import Number
from betavae_core.report.table import Table
from pages._ui.address import page_link
from pages._ui.charts import chart, commented, download, drawn
from pages._ui.kept import kept
from pages._ui.linked import one_of

WAYS = (
    "Power of Student's t-test, two-sided at 5 %, with as many seeds for each β, at the difference "
    "and the spread over seeds that the runs show: normal values, equal spread at both β. The "
    "difference is itself uncertain: a number of seeds is a plan, not a finding."
)


def one_table(tables: list[Table], drawings: list[Drawing], numbers: list[Number]) -> None:
    """The tables and figures of the paper beside ours (drawings: of Figure 5), of training length,
    and of what chance does."""
    st.header("The tables, theirs and ours")
    made, others = {table.name: table for table in tables}, chance_tables()
    titles = {name: table.title for name, table in made.items()}
    titles |= {name: title for name, (title, _) in others.items()}
    name = one_of(
        st.selectbox,
        "Table",
        list(titles),
        key="table",
        format_func=titles.__getitem__,
        spell=str,
    )
    table = made[name] if name in made else kept(others[name][1], numbers)
    frame = pd.DataFrame(table.rows, columns=table.columns)
    if frame.empty:
        st.info("Not computed: no models have these numbers.")
    else:
        st.dataframe(frame, hide_index=True, alt=table.title)
    st.caption(table.caption)
    notes = [table.title, table.caption, f"link: {page_link()}"]
    download("CSV", lambda: commented(frame, notes), f"{name}.csv", "text/csv")
    for drawing in drawings if name == FIGURE_5 else []:
        st.image(
            drawing.svg,
            caption=f"{drawing.title}. {drawing.caption}",
            width="stretch",
            alt=drawing.title,
        )


def seeds_needed(numbers: list[Number]) -> None:
    """A chart of power for each recipe with seeds of β = 1 and β = 4."""
    found = kept(shown_contrasts, numbers)
    if found:
        st.header("How many seeds would tell β = 4 from β = 1?")
    for place, of_recipe in enumerate(found.values()):
        figure = drawn(power_chart, of_recipe)
        chart(figure, f"power-{place}", WAYS, says=kept(power_says, of_recipe))
