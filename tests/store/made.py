"""A run as its writer leaves it, and ways to change its files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.models import build_model
from tests.oracles import small_config

CONFIG = small_config()
RECORD = {"images": CONFIG.images, "seconds": 1.0, "loss": 3.0, "nll": 2.0, "kl": [0.1, 0.2, 0.0]}


def make_run(path: Path, config: RunConfig = CONFIG) -> Path:
    store.create_run(path, config)
    store.save_weights(path, build_model(config), config.images)
    store.append_history(path, RECORD | {"images": config.images // 2})
    store.append_history(path, RECORD)
    store.add_score(path, {"score": "elbo", "nll": 2.5, "kl": [0.1, 0.2, 0.0], "settings": {}})
    return path


def edit_weights(run: Path, change: Callable[[dict[str, torch.Tensor]], Any]) -> None:
    tensors = load_file(run / store.WEIGHTS)
    change(tensors)
    save_file(tensors, run / store.WEIGHTS)


def edit_config(**changes: Any) -> Callable[[Path], None]:
    def edit(run: Path) -> None:
        data = json.loads((run / store.CONFIG).read_text())
        (run / store.CONFIG).write_text(json.dumps(data | changes))

    return edit
