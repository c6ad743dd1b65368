"""The history of a training as a file."""

from pathlib import Path

from betavae_core.store import append_history, read_history, rounded_history


def test_a_rounded_history_has_the_same_records_with_five_digits(tmp_path: Path) -> None:
    append_history(tmp_path, {"images": 1_234_567, "nll": 123.456789, "kl": [0.000123456789, 2.5]})
    append_history(tmp_path, {"images": 2_000_000, "event": "resumed", "device": "cpu"})
    before = (tmp_path / "history.jsonl").stat().st_size
    rounded_history(tmp_path)
    records, notes = read_history(tmp_path)
    assert notes == []
    assert records == [
        {"images": 1_234_567, "nll": 123.46, "kl": [0.00012346, 2.5]},
        {"images": 2_000_000, "event": "resumed", "device": "cpu"},
    ]
    assert (tmp_path / "history.jsonl").stat().st_size < before
