"""A copy of a chart, while many visitors look at the chart."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import plotly.graph_objects as go
import pytest

from betavae_core.plots import copied, number_bars


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_copy_the_same_chart(often: None) -> None:
    chart = number_bars(["a", "b"], [1.0, 2.0], ["1", "2"], 2.2)
    whole = chart.to_plotly_json()
    with ThreadPoolExecutor(8) as threads:
        copies = list(threads.map(copied, [chart] * 100))
    assert all(each.to_plotly_json() == whole for each in copies)
    assert chart.to_plotly_json() == whole


def test_a_copy_is_independent() -> None:
    chart = go.Figure().add_bar(x=[1, 2], y=[3, 4], width=0.5).update_layout(height=200)
    other = copied(chart)
    assert other.to_plotly_json() == chart.to_plotly_json()
    other.data[0].width = 1
    other.layout.height = 300
    assert (chart.data[0].width, chart.layout.height) == (0.5, 200)
