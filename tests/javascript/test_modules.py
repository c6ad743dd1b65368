"""The pages' JavaScript in Node: its own tests, and decoders against PyTorch."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from betavae_core.models.browser import decoder_layers, live_blob

HERE = Path(__file__).parent
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="left out: Node is not installed")


def node(*arguments: str | Path) -> str:
    done = subprocess.run([str(NODE), *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.mjs")), ids=lambda path: path.name)
def test_in_node(path: Path) -> None:
    node("--test", path)


def grey() -> nn.Sequential:
    """Layers of every kind but one, in odd sizes."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(3, 9),
        nn.Tanh(),
        nn.Linear(9, 12, bias=False),
        nn.ReLU(),
        nn.Unflatten(1, (3, 2, 2)),
        nn.ConvTranspose2d(3, 5, 4, stride=2, padding=1),
        nn.LeakyReLU(0.3),
        nn.ConvTranspose2d(5, 1, (3, 2), stride=(2, 1), padding=(1, 0), output_padding=(1, 0)),
    )


def colour() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(3, 8),
        nn.ReLU(),
        nn.Unflatten(1, (8, 1, 1)),
        nn.Sequential(nn.ConvTranspose2d(8, 9, 3), nn.ReLU()),
        nn.ConvTranspose2d(9, 3, 3, stride=3, bias=False),
        nn.Sigmoid(),
    )


def dense() -> nn.Sequential:
    """An image that is flattened on the way."""
    return nn.Sequential(
        nn.Linear(3, 8),
        nn.Unflatten(1, (2, 2, 2)),
        nn.ConvTranspose2d(2, 2, 2),
        nn.Flatten(),
        nn.Linear(18, 30),
        nn.Unflatten(1, (1, 5, 6)),
    )


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("make", [grey, colour, dense])
def test_a_decoder_computes_what_pytorch_does(
    make: Callable[[], nn.Sequential], half: bool, tmp_path: Path
) -> None:
    torch.manual_seed(3)
    decoder = make()
    with torch.no_grad():
        for parameter in decoder.parameters():  # so that the picture is not grey all over
            parameter.copy_(2 * torch.randn_like(parameter))
    if half:
        decoder = decoder.half().float()
    codes = torch.randn(4, 3)
    with torch.no_grad():
        images = decoder(codes).sigmoid()
    layers, tensors = decoder_layers(decoder)
    assert {tensor.dtype for tensor in tensors.values()} == {
        torch.float16 if half else torch.float32
    }
    shape = tuple(images.shape[1:])
    blob = live_blob(
        layers, tensors, rows=[], start=np.zeros(3), start_id="zero", image_shape=shape
    )
    (tmp_path / "decoder.safetensors").write_bytes(blob)
    said = node(HERE / "decode.mjs", tmp_path / "decoder.safetensors", json.dumps(codes.tolist()))
    drawn = torch.tensor(json.loads(said)).reshape(4, *shape[1:], shape[0]).permute(0, 3, 1, 2)
    assert float(images.std()) > 0.1
    torch.testing.assert_close(drawn, images, atol=1e-5, rtol=0)
