"""The quick scores: their intervals hold what the whole grid gives; pairs agree as they must."""

from typing import Any

import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.doctor.scores import check_scores
from betavae_core.doctor.subject import Subject
from betavae_core.store import load_run
from tests.doctor import damage


def whole(name: str, score: str, **settings: Any) -> float:
    """A score of a shipped run on its whole grid, as stored beside it."""
    for record in load_run(damage.RUNS / name).scores:
        kept = record.get("settings", {})
        if record["score"] == score and all(kept.get(k) == v for k, v in settings.items()):
            return record["value"]
    raise AssertionError(f"{name} has no {score} with {settings}")


@pytest.mark.parametrize("name", [damage.GREY, damage.grey("10")])
def test_the_intervals_hold_the_scores_of_the_whole_grid(name: str) -> None:
    model, config = damage.good(name)
    told = check_scores(Subject(model, config), load_dataset("2dshapes"), 0)
    assert told.verdict == "fine"
    names = list(load_dataset("2dshapes").space.names)  # type: ignore[union-attr]
    full = {
        "higgins": whole(name, "higgins", L=64, classifier="logistic", points=1_000, factors=names),
        "mig": whole(name, "mig", points=None),
    }
    for score, value in full.items():
        found = told.numbers[score]
        assert abs(found["score"] - value) <= found["half_interval"] < 0.06
        assert f"{found['score']:.3f} ± {found['half_interval']:.3f}" in told.says


def test_codes_that_know_nothing_are_no_better_than_guessing() -> None:
    class Blind:
        @staticmethod
        def encode(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            noise = torch.randn(len(x), 4, generator=torch.Generator().manual_seed(len(x)))
            return noise, torch.zeros(len(x), 4)

    told = check_scores(Subject(Blind(), RunConfig(latents=4)), load_dataset("2dshapes"), 0)
    assert told.verdict == "look"
    assert "guessing" in told.says
