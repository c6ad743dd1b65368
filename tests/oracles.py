"""Independent references that the core is held against, and small inputs that tests share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.fid import frechet_distance
from betavae_core.fid.features import FeatureEntry
from betavae_core.training.loop import Record, train

SAMPLES = Path(__file__).parent / "data"  # of real data; its README.md says whose


def samples_of(file: str) -> np.ndarray:
    """The images (N, 64, 64, 3) of a picture in which they stand side by side, in rows."""
    with Image.open(SAMPLES / file) as picture:
        sheet = np.asarray(picture.convert("RGB"))
    rows, columns = sheet.shape[0] // 64, sheet.shape[1] // 64
    tiles = sheet.reshape(rows, 64, columns, 64, 3).swapaxes(1, 2)
    return tiles.reshape(rows * columns, 64, 64, 3)


def small_config(**changes: Any) -> RunConfig:
    """A run of 15 full steps and one of 4 images, with a record every other step."""
    usual: dict[str, Any] = {"batch_size": 8, "images": 124, "latents": 3}
    return RunConfig(**usual | changes)


def train_small(root: Path, config: RunConfig, **options: Any) -> list[Record]:
    return list(train(config, root, device="cpu", **options))


@contextmanager
def one_sentence(*parts: str) -> Iterator[None]:
    """The block raises an `InputError` whose message is one line that names every part."""
    with pytest.raises(InputError) as caught:
        yield
    message = str(caught.value)
    length = len(message)
    assert length < 1000
    assert "\n" not in message
    assert message.endswith(".")
    for part in parts:
        assert part in message


def coarse_features(built: list[str] | None = None) -> FeatureEntry:
    """Features without a network, for tests: means over 4 × 4 tiles, (N, 48)."""

    def build(device: str | torch.device) -> Callable[[torch.Tensor], torch.Tensor]:
        if built is not None:
            built.append("built")
        return lambda x: F.adaptive_avg_pool2d(x.to(device), 4).flatten(1)

    return FeatureEntry("Tiles", "FD (tiles)", "KD (tiles)", 48, "4 x 4 means", build, lambda: "")


def draw_sprite(shape: int, scale: int, turn: int, x: int, y: int) -> np.ndarray:
    """A 2Dshapes image (64, 64) of 0 and 1, slowly: every pixel centre of the whole image against
    the outline; the heart as a polygon of its parametric curve, by the even-odd rule."""
    size = 0.5 + 0.1 * scale
    angle = 2 * np.pi * turn / 39
    rows, columns = np.mgrid[:64, :64] + 0.5
    right, down = columns - (16 + 32 * x / 31), rows - (16 + 32 * y / 31)
    u = (right * np.cos(angle) - down * np.sin(angle)) / size
    v = (right * np.sin(angle) + down * np.cos(angle)) / size
    if shape == 0:
        return (np.maximum(abs(u), abs(v)) <= 9.5995).astype(np.uint8)
    if shape == 1:
        return ((u / 12.7625) ** 2 + (v / 7.215) ** 2 <= 1).astype(np.uint8)
    t = np.linspace(0, 2 * np.pi, 2001)
    edge_u = 9.592 * np.sin(t) ** 3
    wave = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    edge_v = -0.66225 * wave - 1.436
    inside = np.zeros((64, 64), dtype=bool)
    for (u1, v1), (u2, v2) in pairwise(zip(edge_u, edge_v, strict=True)):
        if v1 != v2:
            crosses = ((v1 > v) != (v2 > v)) & (u < u1 + (v - v1) / (v2 - v1) * (u2 - u1))
            inside ^= crosses
    return inside.astype(np.uint8)


def burgess_forward(
    state: dict[str, torch.Tensor], x: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A disentangling-vae state dict run as its authors do: images (N, C, H, W) to the decoder's
    output (before their sigmoid) at the posterior mean, the mean and the log-variance."""
    large = "encoder.conv_64.weight" in state

    def part(name: str) -> tuple[torch.Tensor, torch.Tensor]:
        return state[f"{name}.weight"], state[f"{name}.bias"]

    h = x
    for name in ["conv1", "conv2", "conv3"] + ["conv_64"] * large:
        h = F.relu(F.conv2d(h, *part(f"encoder.{name}"), stride=2, padding=1))
    h = h.flatten(1)
    h = F.relu(F.linear(h, *part("encoder.lin1")))
    h = F.relu(F.linear(h, *part("encoder.lin2")))
    h = F.linear(h, *part("encoder.mu_logvar_gen"))
    mean, log_var = h.view(len(x), -1, 2).unbind(-1)
    h = mean
    for name in ("lin1", "lin2", "lin3"):
        h = F.relu(F.linear(h, *part(f"decoder.{name}")))
    h = h.view(len(x), 32, 4, 4)
    for name in ["convT_64"] * large + ["convT1", "convT2"]:
        h = F.relu(F.conv_transpose2d(h, *part(f"decoder.{name}"), stride=2, padding=1))
    h = F.conv_transpose2d(h, *part("decoder.convT3"), stride=2, padding=1)
    return h, mean, log_var


def frechet_of(one: np.ndarray, two: np.ndarray) -> float:
    """The Fréchet distance of two sets of features (N, D), by their means and covariances."""
    return frechet_distance(one.mean(0), np.cov(one.T), two.mean(0), np.cov(two.T))


def left_in(folder: Path) -> list[Path]:
    """What is in a folder besides the locks of those who worked there."""
    return [path for path in folder.iterdir() if path.suffix != ".lock"]
