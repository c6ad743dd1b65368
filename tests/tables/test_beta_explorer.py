"""The sentences about a model for every β: of its numbers, and beside separate models."""

import pandas as pd
import pytest

from betavae_core.tables.beta_explorer import comparison, remarks


def test_the_remarks_are_of_the_numbers() -> None:
    record = {
        "beta": [0.1, 1, 10, 100],
        "nll": [10.0, 20.0, 50.0, 60.0],
        "kl": [[5.0, 3.0], [4.0, 0.0], [1.0, 0.0], [0.5, 0.0]],
    }
    low, middle, high = remarks(record)
    assert low["text"] == (
        "Low end: from β = 0.1 to 1 the rate falls from 8.0 to 4.0 nats and the distortion rises "
        "from 10.0 to 20.0, 2.5 nats of distortion for each nat of rate; 2 latents are in use at "
        "the first and 1 at the second."
    )
    assert middle["text"].startswith("Middle: from β = 1 to 10 the rate falls")
    assert high["text"].endswith("1 latents are in use at both.")
    assert low["up_to"] == pytest.approx(1)
    assert high["up_to"] == pytest.approx(100)


def test_the_comparison_names_each_separate_model() -> None:
    table = pd.DataFrame(
        {"beta": [0.1, 1.0, 30.0], "ratio": [1.294, 0.98, None], "rate": 1.0, "distortion": 2.0}
    )
    said = comparison(table)
    assert "1.29 at β = 0.1, 0.98 at β = 1 (" in said
    assert "30" not in said
    assert comparison(table.iloc[2:]) == ""
