"""The fuzz of the importers: what it starts from, its short version, and that it counts faults."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.fuzz_corpus import corpus
from benchmarks.fuzz_importers import check_corpus
from betavae_core.importers import read_checkpoint
from tests.importers.fuzz_fault import FAULTS
from tests.oracles import one_sentence

pytestmark = pytest.mark.slow


def test_the_corpus_of_the_fuzz_is_good_and_of_every_layout() -> None:
    check_corpus(seed=1000)


def program(*arguments: str) -> dict[str, Any]:
    """The JSON that a module prints, run as a program: the fuzz forks."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_mutated_checkpoints() -> None:
    """The short version of benchmarks/fuzz_importers.py, with other seeds than its record."""
    limits = ("--cases", "5000", "--seed", "1000", "--seconds", "25")
    found = program("benchmarks.fuzz_importers", *limits)
    assert found["broken"] == []
    assert found["cases"] > 20
    assert set(found["layouts"]) == set(corpus(1000))
    assert found["per_second"] > 2  # one that hangs takes 5 s; 25 on a machine with other work


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fuzz_counts_what_it_is_for(fault: str) -> None:
    """A hang or a bomb is a broken promise, and the cases behind it are run."""
    found = program("tests.importers.fuzz_fault", fault)
    assert found["cases"] == sum(found["layouts"].values()) == 4
    assert len(found["broken"]) == 2
    assert all("(pythae" in what and FAULTS[fault][1] in what for what in found["broken"])


@pytest.mark.parametrize("name", ["run", "pythae", "disentangling-vae 32", "onnx"])
def test_every_file_of_a_folder_truncated_at_every_percent(name: str, tmp_path: Path) -> None:
    """A record of a training may lose its last line to a power cut; without another project's
    settings its weights open alone, and that is told; everything else is refused."""
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
            elif file in ("specs.json", "model_config.json"):
                found = read_checkpoint(folder)
                assert found.layout.endswith("-state")
                assert found.config.beta is None
                assert any(f"{file} was not used" in note for note in found.notes)
            else:
                with one_sentence():
                    read_checkpoint(folder)
