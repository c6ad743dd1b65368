"""Checkpoints as disentangling-vae writes them."""

import json
import math
from pathlib import Path
from typing import Any

import torch

from betavae_core.importers.disentangling_vae import BURGESS
from betavae_core.importers.layouts import Sizes, expected


def edit_specs(checkpoint: Path, **changes: Any) -> None:
    file = checkpoint / "specs.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def written(folder: Path, shape: tuple[int, int, int], latents: int = 6, **specs: Any) -> Path:
    """A checkpoint as its code writes it, with weights drawn here."""
    folder.mkdir()
    settings = {"img_size": shape, "latent_dim": latents, "model_type": "Burgess", "loss": "betaH"}
    settings |= {"rec_dist": "bernoulli", "betaH_B": 4, "dataset": "celeba", "epochs": 2}
    settings |= {"seed": 1, "lr": 5e-4, "batch_size": 64}
    (folder / "specs.json").write_text(json.dumps(settings | specs))
    source = torch.Generator().manual_seed(0)
    shapes = expected(BURGESS, Sizes(shape[0], shape[1], latents))
    state = {
        name: torch.randn(size, generator=source) * max(1, math.prod(size[1:])) ** -0.5
        for name, size in shapes.items()
    }
    torch.save(state, folder / "model.pt")
    return folder
