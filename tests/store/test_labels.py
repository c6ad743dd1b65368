"""Runs named in sentences."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from betavae_core.config import RunConfig
from betavae_core.store import Run
from betavae_core.store.labels import run_words, training_words

PASSES = 7_372_800


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "β = 4, seed 123, 1 pass"),
        ({"images": PASSES, "kl_warmup": 640_000}, "β = 4, seed 123, 10 passes"),
        (
            {"beta": 0.1, "images": 1_000_000, "model": "mlp"},
            "β = 0.1, MLP VAE, seed 123, 1.36 passes",
        ),
        ({"likelihood": "gaussian", "sigma": 0.5}, "β = 4, σ = 0.5, seed 123, 1 pass"),
        ({"likelihood": "sigma-vae"}, "β = 4, σ-VAE, seed 123, 1 pass"),
        ({"objective": "factor-vae"}, "FactorVAE, γ = 6.4, seed 123, 1 pass"),
        ({"steered": "β = 9 after 5 images"}, "β = 4, steered, seed 123, 1 pass"),
        ({"model": "conv-multirate"}, "β = 0.05 to 20 in one model, seed 123, 1 pass"),
        ({"images": 0}, "Conv VAE, untrained, seed 123"),
        ({"model": "pca", "seed": 7}, "PCA, seed 7"),
        ({"model": "ica", "fit": "fun=cube"}, "ICA, fun=cube, seed 123"),
        (
            {"dataset": "mine", "channels": 1, "image_size": 32, "images": 5000},
            "β = 4, seed 123, 5,000 images",
        ),
    ],
)
def test_a_training_in_a_sentence(settings: dict[str, Any], words: str) -> None:
    assert training_words(RunConfig(**settings)) == words


def test_a_state_of_training_a_beta_of_many_and_an_import() -> None:
    run = Run(Path(RunConfig().run_id), RunConfig(), None, [], [], "")
    assert run_words(run) == "β = 4, seed 123, 1 pass"
    assert run_words(replace(run, path=Path("mine"))) == "β = 4, seed 123, 1 pass (mine)"
    after = [run_words(replace(run, snapshot=images)) for images in (0, 115_200)]
    assert after == ["β = 4, seed 123, untrained", "β = 4, seed 123, after 115,200 images"]
    frozen = replace(run, at=2.5, config=RunConfig(beta=2.5, origin="many at β = 2.5"))
    assert run_words(frozen) == "β = 2.5 of one model for every β, seed 123"
    imported = replace(frozen, at=None, path=Path("folder"))
    assert run_words(imported) == "folder", "its name tells where it comes from"
