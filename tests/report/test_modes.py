"""The paper's tables in its own mode beside ours."""

import pytest

from betavae_core.report.paper_tables import table_2
from tests.report.numbered import number


@pytest.mark.parametrize(
    ("scored", "says"),
    [
        ((), "not computed"),
        ((4.0,), "70.00, 1 of 2 runs"),
        ((1.0, 4.0), "75.00 ± 7.07"),
    ],
)
def test_a_mean_over_fewer_runs_says_so(scored: tuple[float, ...], says: str) -> None:
    values = {1.0: 0.8, 4.0: 0.7}
    found = [number(beta, 123, value + 0.1) for beta, value in values.items()]
    found += [number(beta, 123, values[beta], mode="paper") for beta in scored]
    table = table_2(found)
    row = next(row for row in table.rows if row[:2] == ["2Dshapes", "linear (PyTorch)"])
    cells = dict(zip(table.columns, row, strict=True))
    assert cells["ours, paper mode"] == says
    assert cells["ours"] == "85.00 ± 7.07"
