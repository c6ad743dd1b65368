"""The story's pictures and sentences are of the runs."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_model
from betavae_core.store import Run
from betavae_core.story.cards import story_cards, story_images
from betavae_core.story.drawing import SIDE
from tests.tables.measured import measured_run

SHAPES = load_dataset("2dshapes", "rendered")


def whole(beta: float, nll: float | None = 10.0, **records: Any) -> Run:
    """A run with weights; nll: its reconstruction loss (None: never measured)."""
    run = measured_run(beta=beta, **records)
    kl = [2.0, 1.0, *([0.0] * 8)]
    history = [{"images": run.config.images, "nll": nll, "kl": kl}] if nll is not None else []
    return replace(
        run, loaded=build_model(run.config).eval().requires_grad_(False), history=history
    )


def sentences(runs: list[Run]) -> list[str]:
    cards = story_cards(runs, SHAPES)
    for card in cards:
        drawing = ElementTree.fromstring(card.picture)
        assert drawing.attrib["width"] == str(SIDE)
    return [card.sentence for card in cards]


def test_four_cards_that_lead_to_four_pages() -> None:
    scores: dict[str, Any] = {"higgins": {"all": 0.97}, "gaps": [0.6, 0.1, 0.1]}
    cards = story_cards([whole(0.1), whole(4.0, **scores), whole(10.0)], SHAPES)
    assert [card.page for card in cards] == [
        "reconstruction", "traversals", "latent_space", "disentanglement"
    ]  # fmt: skip
    name = RunConfig(beta=4.0).run_id
    assert cards[1].choices == cards[3].choices == {"run": name}
    names = [RunConfig(beta=beta).run_id for beta in (0.1, 4.0, 10.0)]
    assert cards[0].choices == cards[2].choices
    assert cards[2].choices["runs"] == names
    assert "97%, and 1 of 3 factors" in cards[3].sentence


def test_sentences_say_the_opposite_when_the_numbers_do() -> None:
    rising, falling = (
        sentences([whole(0.1, first), whole(4.0, 5.0), whole(10.0, last)])[0]
        for first, last in ((1.0, 9.0), (9.0, 1.0))
    )
    assert "**A high β costs image quality**" in rising
    assert "rises from 1 to 9 nats" in rising
    assert "**A high β does not cost image quality**" in falling
    assert "falls from 9 to 1 nats" in falling
    own: dict[str, Any] = {"higgins": {"all": 0.99}, "gaps": [0.9, 0.8, 0.7]}
    assert "**Score and latents agree**" in sentences([whole(4.0, **own)])[-1]
    low = own | {"higgins": {"all": 0.4}, "gaps": [0.1, 0.1, 0.1]}
    assert "proof" not in sentences([whole(4.0, **low)])[-1]


def test_used_latents_are_counted_and_unmeasured_ones_are_not() -> None:
    assert "**: 2 of 10 carry information at β = 4." in sentences([whole(4.0)])[0]
    empty = replace(whole(4.0), history=[{"images": 737_280, "nll": 9.0, "kl": [0.0] * 10}])
    assert "**No latent is used**: 0 of 10 carry information at β = 4." in sentences([empty])[0]
    said = sentences([whole(1.0, None), whole(4.0, None)])
    assert not any("nats" in each or "carry information" in each for each in said)


def test_one_beta_and_no_weights() -> None:
    assert len(sentences([whole(4.0)])) == 2, "no price, no score"
    assert story_cards([measured_run(beta=4.0)], SHAPES) == []


def test_only_some_images_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are prepared before the cards are made."""
    rows = story_images(SHAPES)
    assert len(rows) < 200

    dataset = load_dataset("2dshapes", "rendered")
    images, asked = dataset.images, set[int]()

    def watched(indices: Any) -> Any:
        asked.update(map(int, indices))
        return images(indices)

    monkeypatch.setattr(dataset, "images", watched)
    assert len(story_cards([whole(0.1), whole(4.0)], dataset)) == 3
    assert asked
    assert asked <= set(rows.tolist())
