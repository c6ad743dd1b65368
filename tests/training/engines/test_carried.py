"""What is carried of a run between two machines: its files, and what its training shows."""

from pathlib import Path

from betavae_core.training.engines.carried import read_folder, stamps, write_folder
from betavae_core.training.watching import WATCH, read_watch
from tests.oracles import small_config, train_small

MINI = small_config(dataset="sprites-mini", channels=None, image_size=None, images=160)


def test_a_watched_run_is_watched_on_the_other_side(tmp_path: Path) -> None:
    train_small(tmp_path, MINI, name="theirs", watched=True)
    (tmp_path / "theirs" / f".{WATCH}-x.part").write_text("half")
    write_folder(tmp_path / "ours", read_folder(tmp_path / "theirs"))
    assert read_watch(tmp_path / "ours") == read_watch(tmp_path / "theirs") is not None
    assert stamps(tmp_path / "ours").keys() == stamps(tmp_path / "theirs").keys()
    assert sorted(file.name for file in (tmp_path / "ours").iterdir()) == [
        WATCH, "config.json", "history.jsonl", "weights.safetensors"
    ]  # fmt: skip
