"""The history of a training as a file."""

from pathlib import Path

import pytest

from betavae_core.store import append_history, read_history, rounded_history


def test_a_rounded_history_has_the_same_records_with_five_digits(tmp_path: Path) -> None:
    append_history(tmp_path, {"images": 1_234_567, "nll": 123.456789, "kl": [0.000123456789, 2.5]})
    append_history(tmp_path, {"images": 2_000_000, "event": "resumed", "device": "cpu"})
    before = (tmp_path / "history.jsonl").stat().st_size
    rounded_history(tmp_path)
    records, notes = read_history(tmp_path)
    assert notes == []
    assert records == [
        {"images": 1_234_567, "nll": 123.46, "kl": [0.0, 2.5]},
        {"images": 2_000_000, "event": "resumed", "device": "cpu"},
    ]
    assert (tmp_path / "history.jsonl").stat().st_size < before


def test_many_latents_are_rounded_to_means_over_several_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six values of KL, at most four: pairs become one record, and what is left over another."""
    monkeypatch.setattr("betavae_core.store.history.MOST_KL", 4)
    rows = [(100, 8.0, 1.0), (400, 4.0, 5.0), (500, 3.0, 2.0)]
    for images, nll, kl in rows:
        append_history(
            tmp_path, {"images": images, "loss": 2 * nll, "nll": nll, "kl": [kl, 2 * kl]}
        )
        if images == 100:
            append_history(tmp_path, {"images": 100, "event": "resumed"})
    append_history(tmp_path, {"images": 500, "distances": {"frechet": 5.0}})
    rounded_history(tmp_path)
    assert read_history(tmp_path)[0] == [
        {"images": 100, "event": "resumed"},
        {"images": 400, "loss": 10.0, "nll": 5.0, "kl": [4.0, 8.0]},
        {"images": 500, "loss": 6.0, "nll": 3.0, "kl": [2.0, 4.0]},
        {"images": 500, "distances": {"frechet": 5.0}},
    ]
