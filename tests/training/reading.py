"""What a run wrote, as tests compare it, and when to stop one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from betavae_core import store


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
    return {f.name: f.read_bytes() for f in path.iterdir() if not f.name.startswith(".")}
