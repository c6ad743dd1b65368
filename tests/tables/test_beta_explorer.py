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
        "From β = 0.1 to 1 the rate falls from 8.0 to 4.0 nats and the distortion rises from 10.0 "
        "to 20.0 nats: 2.5 nats of distortion for each nat of rate. 2 latents are in use at "
        "β = 0.1, 1 at β = 1."
    )
    assert middle["text"].startswith("From β = 1 to 10 the rate falls")
    assert high["text"].endswith(" 1 latent is in use at both ends.")
    assert low["up_to"] == pytest.approx(1)
    assert high["up_to"] == pytest.approx(100)


def test_a_remark_says_the_opposite_where_the_numbers_do() -> None:
    record = {
        "beta": [0.1, 1, 10, 100],
        "nll": [20.0, 10.0, 10.0, 10.0],
        "kl": [[3.0], [5.0], [5.0], [5.01]],
    }
    first, second, third = (each["text"] for each in remarks(record))
    assert "the rate rises from 3.0 to 5.0 nats and the distortion falls from 20.0 to 10.0" in first
    assert "for each nat" not in first
    assert "the rate stays at 5.0 nats and the distortion stays at 10.0 nats." in second
    assert "the rate stays at 5.0 nats" in third


def test_the_comparison_names_each_separate_model() -> None:
    table = pd.DataFrame(
        {"beta": [0.1, 1.0, 30.0], "ratio": [1.294, 0.98, None], "rate": 1.0, "distortion": 2.0}
    )
    said = comparison(table)
    assert "1.29 at β = 0.1, 0.98 at β = 1. Above 1, the one model is worse." in said
    assert "30" not in said
    assert comparison(table.iloc[2:]) == ""
