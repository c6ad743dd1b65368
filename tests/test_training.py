"""Training: the same bits after any interruption, nothing overwritten, nothing good lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from safetensors.torch import save as save_tensors

from betavae_core import store
from betavae_core.checkpoint import CHECKPOINT
from betavae_core.config import PRESETS, RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import VAE, build_model
from betavae_core.objective import bernoulli_nll, chance_nll
from betavae_core.step import GraphedStep, make_optimizer, make_step
from betavae_core.store import BrokenRun, Run, list_runs, load_run
from betavae_core.training import Diverged, learning_rate, record_interval, train
from tests.oracles import one_sentence, small_config, train_small

REPOSITORY = Path(__file__).resolve().parents[1]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return load_file(path / store.WEIGHTS)


def same_weights(one: Path, other: Path) -> bool:
    a, b = weights(one), weights(other)
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def history(path: Path) -> list[dict[str, Any]]:
    """The history without the one field that tells how fast the machine was."""
    records, notes = store.read_history(path)
    assert notes == []
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records]


def stop_after(steps: int) -> Callable[[], bool]:
    asked = iter(range(1, 10_000))
    return lambda: next(asked) >= steps


def files(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


# ---- one run


@pytest.mark.parametrize(
    "changes", [{}, {"model": "mlp", "optimizer": "adagrad", "learning_rate": 0.01}], ids=str
)
def test_a_run_from_start_to_end(changes: dict[str, Any], tmp_path: Path) -> None:
    config = small_config(**changes)
    records = train_small(tmp_path, config)
    path = tmp_path / config.run_id
    run = load_run(path)
    assert run.config == config
    assert run.status == "finished"
    assert sorted(files(path)) == ["config.json", "history.jsonl", "weights.safetensors"]
    assert [r["images"] for r in run.history] == [r.images for r in records]
    assert records[-1].images == config.images == 124  # 15 batches of 8, and one of 4
    assert all(len(r.kl) == 3 for r in records)
    for record in records:
        assert record.loss == pytest.approx(record.nll + config.beta * sum(record.kl))
    assert records[0].nll == pytest.approx(chance_nll(4096), rel=0.05)
    assert records[-1].nll < records[0].nll
    initial = build_model(config).state_dict()
    for key, tensor in weights(path).items():
        assert not torch.equal(tensor, initial[key]), key


def test_records_are_means_over_their_interval(tmp_path: Path) -> None:
    """The first two batches at a rate too small to move the weights: the same by hand."""
    config = small_config(images=24, batch_size=8, learning_rate=1e-12)
    records = train_small(tmp_path, config)
    assert [record.images for record in records] == [8, 16, 24]
    model = build_model(config)
    run = load_run(tmp_path / config.run_id)
    for key, tensor in run.model.state_dict().items():
        torch.testing.assert_close(tensor, model.state_dict()[key], rtol=0, atol=1e-8)
    wide = replace(config, images=24, batch_size=24)
    (together,) = train_small(tmp_path, wide)
    parts = [sum(record.kl) for record in records]
    assert sum(together.kl) == pytest.approx(sum(parts) / 3, rel=1e-4)


def test_same_seed_same_bits_other_seed_other_bits(tmp_path: Path) -> None:
    config = small_config(images=40)
    for root, seed in (("a", 1), ("b", 1), ("c", 2)):
        train_small(tmp_path / root, replace(config, seed=seed), name="run")
    assert same_weights(tmp_path / "a" / "run", tmp_path / "b" / "run")
    assert not same_weights(tmp_path / "a" / "run", tmp_path / "c" / "run")


def test_beta_reaches_the_training(tmp_path: Path) -> None:
    config = small_config(images=2048, batch_size=32, learning_rate=2e-3)
    kl = {}
    for beta in (0.0, 100.0):
        records = train_small(tmp_path, replace(config, beta=beta))
        kl[beta] = sum(records[-1].kl)
    assert kl[0.0] > 10 * kl[100.0]


def test_every_image_is_seen_once_a_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data set of 20 images, 50 of budget, batches of 8: the batches of two whole passes hold
    each image once, and no batch reaches over the end of a pass."""
    dataset = load_dataset("2dshapes", "rendered")
    seen: list[torch.Tensor] = []
    images = type(dataset).images

    def watched(self: Any, indices: torch.Tensor) -> torch.Tensor:
        seen.append(indices.clone())
        return images(self, indices)

    monkeypatch.setattr(type(dataset), "images", watched)
    monkeypatch.setattr(type(dataset), "__len__", lambda self: 20)
    train_small(tmp_path, small_config(images=50))
    assert [len(batch) for batch in seen] == [8, 8, 4, 8, 8, 4, 8, 2]
    passes = torch.cat(seen)[:40].view(2, 20)
    assert torch.equal(passes.sort(1).values, torch.arange(20).expand(2, -1))
    assert not torch.equal(passes[0], passes[1])


def test_learning_rate_is_a_fifth_in_the_last_quarter(tmp_path: Path) -> None:
    config = small_config(images=128)
    rates = [learning_rate(config, images) for images in range(128)]
    assert rates == [config.learning_rate] * 96 + [config.learning_rate / 5] * 32
    assert [(r.images, r.learning_rate) for r in train_small(tmp_path, config)] == [
        (images, config.learning_rate / (5 if images > 96 else 1)) for images in range(8, 129, 8)
    ]


def test_learning_rate_reaches_the_optimiser(tmp_path: Path) -> None:
    """Adam's steps are about as long as its rate: in the last quarter a fifth."""
    config = small_config(images=320, learning_rate=1e-5)
    bias = []
    for record in train(config, tmp_path, device="cpu", checkpoint_seconds=-1):
        bias.append(weights(tmp_path / config.run_id)["decoder.0.bias"].clone())
        assert record.images == 8 * len(bias)
    # each file holds the weights before the step of the record that was just yielded
    length = [float((b - a).abs().mean()) for a, b in pairwise(bias)]
    assert sum(length[-8:]) / 8 < 0.35 * sum(length[20:28]) / 8


def test_number_of_records() -> None:
    assert record_interval(PRESETS["2dshapes-conv-laptop"]) == 737_280 // 200
    assert record_interval(PRESETS["2dshapes-conv"]) == 20_480
    assert record_interval(small_config(images=10)) == 8


def test_half_weights(tmp_path: Path) -> None:
    config = small_config(images=40)
    train_small(tmp_path / "full", config, name="run")
    train_small(tmp_path / "half", config, name="run", half=True)
    half, full = weights(tmp_path / "half" / "run"), weights(tmp_path / "full" / "run")
    assert {tensor.dtype for tensor in half.values()} == {torch.float16}
    assert all(torch.equal(half[key], full[key].half()) for key in full)
    assert load_run(tmp_path / "half" / "run").status == "finished"


# ---- interrupted and continued


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


# ---- refused


def test_the_same_config_twice_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    config = small_config(images=24)
    train_small(tmp_path, config)
    path = tmp_path / config.run_id
    before = files(path)
    with one_sentence(str(path), "--resume"):
        train_small(tmp_path, config)
    assert files(path) == before


def test_a_second_trainer_of_one_run_is_refused(tmp_path: Path) -> None:
    config = small_config()
    first = train(config, tmp_path, name="run", device="cpu")
    next(first)
    before = files(tmp_path / "run")
    with one_sentence("another process"):
        train_small(tmp_path, config, name="run", resume=True)
    assert files(tmp_path / "run") == before
    assert list(first)[-1].images == config.images
    train_small(tmp_path / "alone", config, name="run")
    assert same_weights(tmp_path / "run", tmp_path / "alone" / "run")


@pytest.mark.parametrize(
    ("changes", "options", "named"),
    [
        ({"beta": None}, {}, "beta"),
        ({"dataset": "4dshapes", "channels": 1, "image_size": 64}, {}, "4dshapes"),
        ({"image_size": 32}, {}, "(1, 64, 64)"),
        ({"model": "vit"}, {}, "vit"),
        ({"optimizer": "lion"}, {}, "lion"),
        ({"likelihood": "poisson"}, {}, "poisson"),
        ({"optimizer": "adagrad"}, {"graph": True}, "adam"),
        ({"source": "official"}, {}, "official"),
    ],
    ids=str,
)
def test_what_cannot_be_trained_leaves_no_run(
    changes: dict[str, Any], options: dict[str, Any], named: str, tmp_path: Path
) -> None:
    with one_sentence(named):
        train_small(tmp_path, small_config(**changes), **options)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("device", ["gpu9", "cuda:99999"])
def test_a_device_that_is_not_there_leaves_no_run(device: str, tmp_path: Path) -> None:
    with one_sentence():
        list(train(small_config(), tmp_path, device=device))
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_one_sentence(unwritable: Path) -> None:
    with one_sentence(str(unwritable)):
        train_small(unwritable, small_config())


# ---- diverged


def explode(root: Path, rate: float, checkpoint_seconds: float, steps: int = 0) -> Path:
    """Train with an absurd learning rate; 10 steps a record."""
    config = small_config(images=16_000, learning_rate=rate)
    assert record_interval(config) == 80
    options: dict[str, Any] = {"checkpoint_seconds": checkpoint_seconds}
    if steps:
        train_small(root, config, name="run", stop=stop_after(steps), **options)
    else:
        with pytest.raises(Diverged, match=r"last good weights") as caught:
            train_small(root, config, name="run", **options)
        assert "\n" not in str(caught.value)
        assert f"{rate:g}" in str(caught.value)
    return root / "run"


def is_good(path: Path) -> bool:
    """Whether the weights on disk open and reconstruct no worse than a decoder that knows nothing
    (give or take): absurd weights are finite but not good."""
    run = load_run(path)
    x = load_dataset("2dshapes", "rendered").images([0, 300_000]).float() / 255
    nll = bernoulli_nll(run.model.decode_logits(run.model.encode(x)[0]), x)
    return bool((nll < 2 * chance_nll(4096)).all())


@pytest.mark.parametrize("rate", [10.0, 1e30, 1e39])
@pytest.mark.parametrize("checkpoints", ["none", "every step"])
def test_an_exploding_loss_stops_and_keeps_good_weights(
    rate: float, checkpoints: str, tmp_path: Path
) -> None:
    path = explode(tmp_path, rate, 1e9 if checkpoints == "none" else -1)
    (found,) = list_runs(tmp_path)
    assert isinstance(found, Run)
    assert found.status == "diverged"
    event = found.history[-1]
    assert event["event"] == "diverged"
    assert "learning rate" in event["message"]
    assert is_good(path)


def test_stopping_after_the_loss_exploded_keeps_good_weights(tmp_path: Path) -> None:
    """Ctrl-C between two records, before the loop has looked at the loss."""
    try:
        path = explode(tmp_path, 1e39, 1e9, steps=4)
    except Diverged:
        path = tmp_path / "run"
    (found,) = list_runs(tmp_path)
    assert not isinstance(found, BrokenRun), found.reason
    assert is_good(path)


def test_a_good_run_that_explodes_later_keeps_what_it_learned(tmp_path: Path) -> None:
    """The rate is raised in the stored config, as if the loss had exploded by itself."""
    config = small_config(images=16_000)
    train_small(tmp_path, config, name="run", stop=stop_after(12))
    path = tmp_path / "run"
    learned = weights(path)
    worse = replace(config, learning_rate=1e30)
    (path / store.CONFIG).write_text(worse.to_json())
    with pytest.raises(Diverged):
        train_small(tmp_path, worse, name="run", resume=True)
    assert all(torch.equal(tensor, learned[key]) for key, tensor in weights(path).items())
    lines = (path / store.HISTORY).read_text().splitlines()
    assert [json.loads(line)["images"] for line in lines[:-1]] == [80]
    assert json.loads(lines[-1])["event"] == "diverged"
    assert load_run(path).images_seen == 80


# ---- the step


def steps_of(model: VAE, config: RunConfig, graphed: bool, steps: int = 4) -> torch.Tensor:
    """Terms (steps, 1 + D) of some steps on fixed batches and noise."""
    optimizer = make_optimizer(model, config)
    step: Callable[..., torch.Tensor] = make_step(model, optimizer, config)
    dataset = load_dataset("2dshapes", "rendered")
    source = torch.Generator().manual_seed(0)

    def inputs() -> tuple[torch.Tensor, torch.Tensor]:
        indices = torch.randint(len(dataset), (config.batch_size,), generator=source)
        noise = torch.randn(config.batch_size, config.latents, generator=source)
        return dataset.images(indices), noise

    terms = [step(*inputs())]  # a step before the graph, so that the optimiser has a state
    if graphed:
        step = GraphedStep(step, model, optimizer, config)
    terms += [step(*inputs()).clone() for _ in range(steps - 1)]
    return torch.stack(terms)


def test_graphed_step_equals_the_plain_one_exactly() -> None:
    config = small_config()
    plain, graphed = build_model(config), build_model(config)
    assert torch.equal(steps_of(plain, config, False), steps_of(graphed, config, True))
    for one, other in zip(plain.parameters(), graphed.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_graphed_run_equals_the_plain_one(tmp_path: Path) -> None:
    """With a last batch that is smaller than the graph's, and resumed in between."""
    config = small_config(images=60)
    train_small(tmp_path, config, name="plain")
    train_small(tmp_path, config, name="graph", graph=True, stop=stop_after(3))
    train_small(tmp_path, config, name="graph", graph=True, resume=True)
    assert same_weights(tmp_path / "plain", tmp_path / "graph")
    assert history(tmp_path / "plain") == history(tmp_path / "graph")


def test_bfloat16_step_is_close_to_float32() -> None:
    config = small_config()
    mixed = replace(config, precision="bfloat16")
    models = build_model(config), build_model(mixed)
    full, half = (steps_of(m, c, False) for m, c in zip(models, (config, mixed), strict=True))
    assert half.dtype == torch.float32
    assert not torch.equal(full, half)
    torch.testing.assert_close(half[:, 0], full[:, 0], rtol=5e-3, atol=0)
    torch.testing.assert_close(half[:, 1:], full[:, 1:], rtol=0.1, atol=1e-3)
    assert all(p.dtype == torch.float32 for p in models[1].parameters())


def test_seconds_of_a_resumed_run_add_up(tmp_path: Path) -> None:
    config = small_config()
    train_small(tmp_path, config, name="run", stop=stop_after(8))
    before = store.read_history(tmp_path / "run")[0][-1]["seconds"]
    time.sleep(0.2)  # not training
    started = time.monotonic()
    records = train_small(tmp_path, config, name="run", resume=True)
    took = time.monotonic() - started
    assert records[0].seconds >= before
    assert records[-1].seconds <= before + took + 0.15
