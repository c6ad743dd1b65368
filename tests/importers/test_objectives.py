"""The losses of disentangling-vae's models as our objectives."""

from pathlib import Path

import pytest

from betavae_core.importers import import_checkpoint, read_checkpoint
from betavae_core.store import load_run
from tests.importers.disentangling import written
from tests.oracles import one_sentence


@pytest.mark.parametrize(
    ("loss", "objective", "strength", "capacity"),
    [
        ("btcvae", "beta-tcvae", 6.4, None),
        ("betaB", "capacity", 100.0, 25.0),
        ("factor", "factor-vae", 10.0, None),
        ("later", "beta-vae", None, None),
    ],
)
def test_a_loss_without_one_beta(
    loss: str, objective: str, strength: float | None, capacity: float | None,
    tmp_path: Path,
) -> None:  # fmt: skip
    weights = {"btcvae_B": 6.4, "betaB_G": 100, "betaB_finC": 25, "factor_G": 10}
    checkpoint = written(tmp_path / "theirs", (1, 32, 32), loss=loss, **weights)
    config = load_run(import_checkpoint(checkpoint, tmp_path / "runs")).config
    assert config.beta is None
    assert (config.objective, config.strength, config.capacity) == (objective, strength, capacity)
    assert loss in config.origin
    words = read_checkpoint(checkpoint).notes
    assert any((config.beta_words if strength else "no single β") in note for note in words)


@pytest.mark.parametrize(
    ("loss", "warmup"),
    [("VAE", 640_000), ("betaH", 640_000), ("betaB", 640_000), ("factor", 0), ("btcvae", 0)],
)
def test_the_steps_during_which_the_kl_or_the_capacity_rises(
    loss: str, warmup: int, tmp_path: Path
) -> None:
    weights = {"betaH_B": 4, "betaB_G": 100, "betaB_finC": 25, "btcvae_B": 6, "factor_G": 6}
    theirs = written(tmp_path / "theirs", (1, 32, 32), loss=loss, reg_anneal=10_000, **weights)
    found = read_checkpoint(theirs)
    assert found.config.kl_warmup == warmup
    part = {"factor": "total correlation", "btcvae": "dimension-wise KL"}.get(loss)
    told = [note for note in found.notes if "rose from 0 during the first 10000 steps" in note]
    assert len(told) == bool(part)
    assert all(str(part) in note for note in told)


@pytest.mark.parametrize(("alpha", "gamma"), [(-5.0, 1), (0.0, 1), (1, 2)])
def test_other_weights_than_those_of_a_tcvae_are_no_tcvae(
    alpha: float, gamma: float, tmp_path: Path
) -> None:
    """As published: btcvae_dsprites_a-5, btcvae_dsprites_a0."""
    weights = {"btcvae_A": alpha, "btcvae_B": 6.4, "btcvae_G": gamma}
    found = read_checkpoint(written(tmp_path / "theirs", (1, 32, 32), loss="btcvae", **weights))
    assert (found.config.objective, found.config.beta) == ("beta-vae", None)
    assert any(f"α = {alpha}" in note and f"γ = {gamma}" in note for note in found.notes)


def test_a_capacity_that_did_not_rise_from_0_is_told(tmp_path: Path) -> None:
    weights = {"betaB_G": 100, "betaB_finC": 25, "betaB_initC": 5}
    found = read_checkpoint(written(tmp_path / "theirs", (1, 32, 32), loss="betaB", **weights))
    assert (found.config.objective, found.config.capacity) == ("capacity", 25.0)
    assert any("rose from 5 nats" in note for note in found.notes)


@pytest.mark.parametrize("steps", ["many", [1], -1, float("inf")])
def test_steps_without_sense_are_one_sentence(steps: object, tmp_path: Path) -> None:
    with one_sentence("kl_warmup" if steps == -1 else "specs.json"):
        read_checkpoint(written(tmp_path / "theirs", (1, 32, 32), reg_anneal=steps))


def test_of_a_factor_vae_the_vae_saw_half(tmp_path: Path) -> None:
    """Its epochs and batches are doubled, as one half of each batch is the discriminator's."""
    settings = {"dataset": "dsprites", "epochs": 60, "batch_size": 128, "factor_G": 6}
    found = [
        read_checkpoint(written(tmp_path / loss, (1, 64, 64), loss=loss, **settings)).config
        for loss in ("factor", "VAE")
    ]
    assert [(each.images, each.batch_size) for each in found] == [
        (30 * 737_280, 64),
        (60 * 737_280, 128),
    ]
