"""The losses of disentangling-vae's models as our objectives."""

from pathlib import Path

import pytest

from betavae_core.importers import import_checkpoint, read_checkpoint
from betavae_core.store import load_run
from tests.importers.disentangling import written


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
