"""The fuzz of the importers: what it starts from, its short version, and that it counts faults."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks import fuzz_importers
from benchmarks.fuzz_corpus import corpus
from benchmarks.fuzz_importers import check_corpus, fuzz
from betavae_core.importers import read_checkpoint
from tests.oracles import one_sentence


def test_the_corpus_of_the_fuzz_is_good_and_of_every_layout() -> None:
    check_corpus(seed=1000)


def test_mutated_checkpoints() -> None:
    """The short version of benchmarks/fuzz_importers.py, with other seeds than its record."""
    found = fuzz(cases=5000, seed=1000, seconds=25)
    assert found["broken"] == []
    assert found["cases"] > 20
    assert set(found["layouts"]) == set(corpus(1000))
    assert found["per_second"] > 2  # one that hangs takes 5 s; 25 on a machine with other work


def _loop() -> None:
    while True:
        pass


def _in_c() -> None:
    """Hashing takes a minute in which no other instruction runs."""
    value: Any = (1,)
    for _ in range(31):
        value = (value, value)
    hash(value)


BROKEN: dict[str, tuple[Callable[[], Any], str]] = {
    "loop": (_loop, "took more than"),
    "loop in C": (_in_c, "ended with -27"),
    "memory": (lambda: bytearray(3 * 2**30), "MemoryError"),
    "memory of tensors": (lambda: torch.zeros(2**30), "allocate"),
    "crash": (lambda: os.kill(os.getpid(), signal.SIGSEGV), "ended with -11"),
    "traceback": (lambda: {}["key"], "KeyError"),
    "file beside": (lambda: Path("../out.pt").touch(), "wrote outside"),
    "file at home": (lambda: Path("~/model.pt").expanduser().touch(), "wrote outside"),
    "file far away": (fuzz_importers.OUTSIDE.touch, "wrote outside"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_the_fuzz_counts_what_it_is_for(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hang or a bomb is a broken promise, and the cases behind it are run."""
    does, named = BROKEN[fault]
    small = {name: files for name, files in corpus(0).items() if name in ("pythae", "run")}

    def run_case(files: Any, *others: Any) -> str:
        if "model.pt" in files or "model_config.json" in files:
            does()
        return "opened"

    monkeypatch.setattr(fuzz_importers, "run_case", run_case)
    monkeypatch.setattr(fuzz_importers, "corpus", lambda seed: small)
    monkeypatch.setattr(fuzz_importers, "make_case", lambda good, chance: (good, "folder"))
    monkeypatch.setattr(fuzz_importers, "MAX_SECONDS", 0.5)
    found = fuzz(cases=4)
    assert found["cases"] == sum(found["layouts"].values()) == 4
    assert len(found["broken"]) == 2
    assert all("(pythae" in what and named in what for what in found["broken"])


@pytest.mark.parametrize("name", ["run", "pythae", "disentangling-vae 32", "onnx"])
def test_every_file_of_a_folder_truncated_at_every_percent(name: str, tmp_path: Path) -> None:
    """A record of a training may lose its last line to a power cut; everything else is refused."""
    _, whole = corpus(0)[name]
    for file, data in whole.items():
        folder = tmp_path / file
        folder.mkdir()
        for other, content in whole.items():
            (folder / other).write_bytes(content)
        for percent in range(100):
            (folder / file).write_bytes(data[: len(data) * percent // 100])
            if file == "history.jsonl":
                assert read_checkpoint(folder).layout == "run"
            else:
                with one_sentence():
                    read_checkpoint(folder)
