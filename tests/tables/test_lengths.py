"""Training lengths: which one is shown first, and that none is mixed with another."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core.config import RunConfig
from betavae_core.models import build_model
from betavae_core.store import Run
from betavae_core.tables.lengths import Length, length_of, lengths, of_length

PASS = 737_280


def run(beta: float, images: int = PASS, **settings: Any) -> Run:
    config = RunConfig(beta=beta, images=images, **settings)
    return Run(Path(config.run_id), config, None, [], [], "")


SHORT = [run(beta, seed=seed) for beta in (0.1, 1, 4, 10) for seed in (1, 2)]
LONG = [run(beta, 10 * PASS, kl_warmup=640_000) for beta in (0.1, 1, 4, 10)]
MLP = [run(4, 1_000_000, model="mlp", optimizer="adagrad")]
UNTRAINED, IMPORTED = run(4, 0), run(4, 99, origin="elsewhere")


def test_the_longest_comes_first() -> None:
    assert lengths(SHORT + LONG) == [Length(10 * PASS, 640_000), Length(PASS)]
    assert lengths([UNTRAINED, IMPORTED]) == []


def test_a_length_with_few_values_of_beta_does_not_come_first() -> None:
    """While the long runs are still on their way."""
    assert lengths(SHORT + LONG[:3]) == [Length(PASS), Length(10 * PASS, 640_000)]


def test_a_length_whose_weights_were_not_kept_does_not_come_first() -> None:
    """Its runs cannot be pictured."""
    whole = [replace(each, loaded=build_model(each.config)) for each in SHORT[::2]]
    assert lengths(whole + LONG) == [Length(PASS), Length(10 * PASS, 640_000)]


def test_nothing_is_mixed() -> None:
    everything = [*SHORT, *LONG, *MLP, UNTRAINED, IMPORTED]
    inside, left = of_length(everything, Length(10 * PASS, 640_000))
    assert inside == [*LONG, UNTRAINED, IMPORTED]
    assert left == [*SHORT, *MLP]
    inside, left = of_length(everything, Length(PASS))
    assert inside == [*SHORT, UNTRAINED, IMPORTED]
    assert left == [*LONG, *MLP]
    inside, left = of_length(everything, length_of(MLP[0]))
    assert inside == [*MLP, UNTRAINED, IMPORTED], "an architecture has no length of its own either"
    assert left == [*SHORT, *LONG]
    assert of_length(everything, None) == of_length(everything, lengths(everything)[0])


def test_a_warm_up_is_another_recipe() -> None:
    warmed = [run(beta, kl_warmup=640_000) for beta in (0.1, 1, 4, 10)]
    for length in lengths(SHORT + warmed):
        inside, _ = of_length(SHORT + warmed, length)
        assert {length_of(each) for each in inside} == {length}


@pytest.mark.parametrize(
    ("length", "size", "text"),
    [
        (Length(PASS), PASS, "1 pass"),
        (Length(10 * PASS), PASS, "10 passes"),
        (Length(500_000), 1_036_800, "0.482 passes"),
        (Length(1_000_000), PASS, "1.36 passes"),
        (Length(3 * PASS, 640_000), PASS, "3 passes, KL warm-up"),
        (Length(1_234), None, "1,234 images"),
    ],
)
def test_titles(length: Length, size: int | None, text: str) -> None:
    assert length.title(size) == text
