"""Interrupted and continued: the same bits as without the interruption, nothing lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save as save_tensors

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.models import build_model
from betavae_core.store import load_run
from betavae_core.training.loop import record_interval, train
from betavae_core.training.resume import CHECKPOINT
from tests.datasets.own.images import picture
from tests.oracles import one_sentence, small_config, train_small
from tests.training.reading import files, history, same_weights, stop_after

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "changes",
    [{}, {"model": "mlp", "optimizer": "adagrad", "images": 60}, {"precision": "bfloat16"}],
    ids=str,
)
@pytest.mark.parametrize("steps", [1, 5])
def test_stopped_and_resumed_equals_uninterrupted(
    changes: dict[str, Any], steps: int, tmp_path: Path
) -> None:
    """Bit by bit, also where the stop falls between two history records."""
    config = small_config(**{"images": 124} | changes)
    train_small(tmp_path / "whole", config, name="run")
    path = tmp_path / "parts" / "run"
    train_small(path.parent, config, name="run", stop=stop_after(steps))
    assert load_run(path).status == "unfinished"
    assert not same_weights(path, tmp_path / "whole" / "run")
    train_small(path.parent, config, name="run", resume=True, stop=stop_after(2))
    train_small(path.parent, config, name="run", resume=True)
    assert same_weights(path, tmp_path / "whole" / "run")
    assert history(path) == history(tmp_path / "whole" / "run")
    assert load_run(path).status == "finished"
    assert not (path / CHECKPOINT).exists()


def test_stop_between_records_keeps_the_sums(tmp_path: Path) -> None:
    """16 images a record, stopped after 8 of them."""
    config = small_config(images=3200, batch_size=8)
    assert record_interval(config) == 16
    sizes = {"whole": stop_after(8), "parts": stop_after(3)}
    for name, stop in sizes.items():
        train_small(tmp_path, config, name=name, stop=stop)
    train_small(tmp_path, config, name="parts", resume=True, stop=stop_after(5))
    assert [record["images"] for record in history(tmp_path / "parts")] == [16, 32, 48, 64]
    assert history(tmp_path / "parts") == history(tmp_path / "whole")
    assert same_weights(tmp_path / "parts", tmp_path / "whole")


CHILD = """
import sys, torch
torch.set_num_threads(1)
from betavae_core.config import RunConfig
from betavae_core.training import train
for record in train(
    RunConfig.from_json(sys.argv[1]), sys.argv[2], name="run", device="cpu",
    checkpoint_seconds=0.05, resume=True,
):
    print(record.images, flush=True)
"""


def start_child(config: RunConfig, root: Path) -> subprocess.Popen[str]:
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, config.to_json(), str(root)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.mark.slow
def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    """A real process, twice ended by SIGKILL in the middle of its work."""
    config = small_config(images=1600, batch_size=8)
    path = tmp_path / "killed" / "run"
    for images in (300, 800):
        child = start_child(config, path.parent)
        assert child.stdout is not None
        with child:
            for line in child.stdout:
                if int(line) >= images:
                    child.send_signal(signal.SIGKILL)
                    break
        assert child.returncode == -signal.SIGKILL
        unfinished = load_run(path)  # opens at any moment
        assert unfinished.status == "unfinished"
        assert unfinished.images_seen is not None
        assert unfinished.images_seen >= images
    train_small(path.parent, config, name="run", resume=True)
    train_small(tmp_path / "whole", config, name="run")
    assert same_weights(path, tmp_path / "whole" / "run")
    assert history(path) == history(tmp_path / "whole" / "run")


def test_a_kill_loses_at_most_the_time_since_the_checkpoint(tmp_path: Path) -> None:
    """With a checkpoint at every step, what is on disk is never more than a step behind."""
    config = small_config(images=80)
    path = tmp_path / config.run_id
    for record in train(config, tmp_path, device="cpu", checkpoint_seconds=-1):
        if record.images == 48:
            break  # as abrupt as a kill: the generator is dropped where it stands
    again = train_small(tmp_path, config, resume=True)
    assert again[0].images == 48
    train_small(tmp_path / "whole", config)
    assert same_weights(path, tmp_path / "whole" / config.run_id)


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path) -> None:
    config = small_config(images=24)
    train_small(tmp_path, config)
    before = files(tmp_path / config.run_id)
    assert train_small(tmp_path, config, resume=True) == []
    assert files(tmp_path / config.run_id) == before


def test_resume_without_a_run_starts_one(tmp_path: Path) -> None:
    config = small_config(images=24)
    assert train_small(tmp_path, config, resume=True)[-1].images == 24


def test_resume_with_other_settings_is_refused(tmp_path: Path) -> None:
    config = small_config()
    train_small(tmp_path, config, name="run", stop=stop_after(3))
    before = files(tmp_path / "run")
    with one_sentence("beta is 4.0 there and 1.0 here"):
        train_small(tmp_path, replace(config, beta=1.0), name="run", resume=True)
    assert files(tmp_path / "run") == before


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.9])
def test_a_damaged_checkpoint_is_one_sentence_and_nothing_is_lost(
    kept: float, tmp_path: Path
) -> None:
    config = small_config()
    train_small(tmp_path, config, name="run", stop=stop_after(3))
    file = tmp_path / "run" / CHECKPOINT
    data = file.read_bytes()
    file.write_bytes(data[: int(kept * len(data))])
    before = files(tmp_path / "run")
    with one_sentence(str(file)):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before


def read_checkpoint(file: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """The tensors and the metadata of a checkpoint, to be tampered with."""
    with safe_open(file, "pt") as opened:
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        return tensors, opened.metadata()


@pytest.mark.parametrize("part", ["noise", "totals", "optimizer.0.exp_avg", "optimizer.99.step"])
def test_a_checkpoint_with_a_wrong_part_is_one_sentence(part: str, tmp_path: Path) -> None:
    """Readable, but not what the next step needs."""
    config = small_config()
    train_small(tmp_path, config, name="run", stop=stop_after(3))
    file = tmp_path / "run" / CHECKPOINT
    tensors, metadata = read_checkpoint(file)
    tensors[part] = torch.zeros(7)
    file.write_bytes(save_tensors(tensors, metadata))
    before = files(tmp_path / "run")
    with one_sentence(str(file)):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before


def test_an_unfinished_run_without_its_checkpoint_is_not_taken_for_finished(
    tmp_path: Path,
) -> None:
    """Deleting it is what the message about a damaged checkpoint advises; copying a run without
    it is what git does. The run is trained anew, or the user is told; it is not skipped."""
    config = small_config(images=80)
    train_small(tmp_path, config, name="run", stop=stop_after(3))
    (tmp_path / "run" / CHECKPOINT).unlink()
    before = files(tmp_path / "run")
    with one_sentence("no checkpoint", "delete the folder"):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before


@pytest.mark.parametrize("kept", [None, 0.0, 0.9])
def test_a_finished_run_whose_history_is_lost_is_not_trained_again(
    kept: float | None, tmp_path: Path
) -> None:
    """After a power cut the last lines may be missing; the weights say how far they are."""
    config = small_config()
    train_small(tmp_path, config, name="run")
    history = tmp_path / "run" / store.HISTORY
    text = history.read_bytes()
    history.unlink() if kept is None else history.write_bytes(text[: int(kept * len(text))])
    before = files(tmp_path / "run")
    assert train_small(tmp_path, config, name="run", resume=True) == []
    assert files(tmp_path / "run") == before


def test_an_imported_run_is_not_continued(tmp_path: Path) -> None:
    config = small_config(origin="elsewhere")
    store.create_run(tmp_path / "run", config)
    store.save_weights(tmp_path / "run", build_model(config), 0)
    before = files(tmp_path / "run")
    with one_sentence("imported"):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before


@pytest.mark.parametrize("name", [".hidden", "a/b", "../outside", ".."])
def test_a_name_that_no_list_would_show_is_refused(name: str, tmp_path: Path) -> None:
    with one_sentence("plain folder name"):
        train_small(tmp_path, small_config(), name=name)
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_of_another_device_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small_config()
    train_small(tmp_path, config, name="run", stop=stop_after(3))
    file = tmp_path / "run" / CHECKPOINT
    tensors, metadata = read_checkpoint(file)
    metadata["progress"] = metadata["progress"].replace('"cpu"', '"cuda"')
    file.write_bytes(save_tensors(tensors, metadata))
    with one_sentence("--device cuda"):
        train_small(tmp_path, config, name="run", resume=True)


def own_pictures(root: Path, *values: int) -> None:
    for number, value in enumerate(values):
        picture(root / f"{number}.png", value)


OWN = {"dataset": "photos", "source": "own", "channels": 3, "image_size": 32, "images": 64}


@pytest.mark.parametrize("values", [(1, 2, 3, 99), (1, 2, 3), (1, 2, 3, 4, 5), (2, 1, 3, 4)])
def test_pictures_that_changed_since_are_noticed(
    values: tuple[int, ...], tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    photos = own_folders["DATA"] / "photos"
    own_pictures(photos, 1, 2, 3, 4)
    config = small_config(**OWN)
    train_small(tmp_path, config, name="run", stop=stop_after(2))
    before = files(tmp_path / "run")
    shutil.rmtree(photos)
    own_pictures(photos, *values)
    with one_sentence("other images", "Restore the earlier ones"):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before
    shutil.rmtree(photos)
    own_pictures(photos, 1, 2, 3, 4)  # written anew: other files, the same images
    train_small(tmp_path, config, name="run", resume=True)
    train_small(tmp_path, config, name="whole")
    assert same_weights(tmp_path / "run", tmp_path / "whole")


def test_a_checkpoint_that_does_not_know_its_images_goes_on(
    tmp_path: Path, own_folders: dict[str, Path]
) -> None:
    """As those of earlier versions; from then on it knows them."""
    own_pictures(own_folders["DATA"] / "photos", 1, 2, 3, 4)
    config = small_config(**OWN)
    train_small(tmp_path, config, name="run", stop=stop_after(2))
    file = tmp_path / "run" / CHECKPOINT
    tensors, metadata = read_checkpoint(file)
    progress = json.loads(metadata["progress"])
    mark = progress.pop("dataset")
    file.write_bytes(save_tensors(tensors, {"progress": json.dumps(progress)}))
    train_small(tmp_path, config, name="run", resume=True, stop=stop_after(2))
    assert json.loads(read_checkpoint(file)[1]["progress"])["dataset"] == mark
    assert train_small(tmp_path, config, name="run", resume=True)[-1].images == 64
