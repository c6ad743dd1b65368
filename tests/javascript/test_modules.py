"""The pages' JavaScript in Node: its own tests, and decoders against PyTorch."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from betavae_core.browser.model import BrowserModel, browser_model, packed
from betavae_core.config import RunConfig
from betavae_core.datasets.rendered import shapes2d
from betavae_core.models import build_vae
from betavae_core.models.multirate import MultiRateVAE
from betavae_core.models.vae import VAE

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
    model = browser_model(decoder)
    assert {tensor.dtype for tensor in model.tensors.values()} == {
        torch.float16 if half else torch.float32
    }
    shape = tuple(images.shape[1:])
    said = answers(tmp_path, model, shape, [{"z": code} for code in codes.tolist()])
    drawn = torch.tensor(said).reshape(4, *shape[1:], shape[0]).permute(0, 3, 1, 2)
    assert float(images.std()) > 0.1
    torch.testing.assert_close(drawn, images, atol=1e-5, rtol=0)


def answers(
    folder: Path, model: BrowserModel, shape: tuple[int, ...], questions: list[dict[str, Any]]
) -> list[Any]:
    """What decode.mjs says of these questions."""
    blob = packed(model, {"image_shape": list(shape)})
    (folder / "model.safetensors").write_bytes(blob)
    (folder / "questions.json").write_text(json.dumps(questions))
    said = node(HERE / "decode.mjs", folder / "model.safetensors", folder / "questions.json")
    found: list[Any] = json.loads(said)
    return found


def strange_encoder() -> nn.Sequential:
    """Convolutions in odd sizes, wider than high."""
    return nn.Sequential(
        nn.Conv2d(3, 5, (3, 2), stride=(2, 1), padding=(1, 0)),
        nn.LeakyReLU(0.3),
        nn.Conv2d(5, 4, 4, stride=2, padding=3, bias=False),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(4 * 4 * 5, 6),
    )


@pytest.mark.parametrize("name", ["strange", "conv", "conv in colour", "mlp"])
def test_an_encoder_computes_what_pytorch_does(name: str, tmp_path: Path) -> None:
    torch.manual_seed(4)
    if name == "strange":
        vae = VAE(strange_encoder(), grey(), 3, (3, 9, 8))
    else:
        colour = RunConfig(dataset="3dshapes") if "colour" in name else RunConfig()
        vae = build_vae(replace(colour, model="mlp" if name == "mlp" else "conv"))
    with torch.no_grad():
        for parameter in vae.encoder.parameters():
            parameter.mul_(2)
        images = torch.rand(3, *vae.shape) * (torch.rand(3, *vae.shape) < 0.5)
        mean, log_var = vae.encode(images)
    model = browser_model(vae, encoder_limit=2**30)
    last = images.permute(0, 2, 3, 1).flatten(1).tolist()
    said = answers(tmp_path, model, vae.shape, [{"image": image} for image in last])
    assert float(mean.std()) > 0.01
    for n, found in enumerate(said):
        assert np.abs(found["mean"] - mean[n].numpy()).max() < 1e-4
        assert np.abs(found["sd"] - (log_var[n] / 2).exp().numpy()).max() < 1e-4


def test_a_multirate_model_computes_what_pytorch_does_at_20_values_of_beta(tmp_path: Path) -> None:
    """With gates of every size; float16, as such runs are stored."""
    vae = build_vae(RunConfig(model="conv-multirate"))
    assert isinstance(vae, MultiRateVAE)
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in vae.gates.parameters():
            parameter.copy_(torch.randn_like(parameter))
        for parameter in vae.parameters():
            parameter.copy_((1.5 * parameter).half().float())
    image, z = (torch.rand(1, 1, 64, 64) < 0.3).float(), torch.randn(1, 10)
    betas = np.geomspace(0.05, 20, 20).tolist()
    questions = [{"beta": beta, "z": z[0].tolist()} for beta in betas]
    questions += [{"beta": beta, "image": image.flatten().tolist()} for beta in betas]
    said = answers(tmp_path, browser_model(vae), vae.shape, questions)
    drawn = []
    for n, beta in enumerate(betas):
        with torch.no_grad():
            mean, log_var = vae.encode(image, beta)
            drawn.append(vae.decode(z, beta).flatten().numpy())
        assert np.abs(said[n] - drawn[-1]).max() < 1e-4, beta
        assert np.abs(said[20 + n]["mean"] - mean[0].numpy()).max() < 1e-3, beta
        assert np.abs(said[20 + n]["sd"] - (log_var[0] / 2).exp().numpy()).max() < 1e-3, beta
    assert np.abs(drawn[0] - drawn[-1]).max() > 0.05  # β makes a difference


def test_the_browser_draws_the_sprites_of_the_dataset(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).integers(len(shapes2d.Rendered2DShapes()), size=400)
    factors = shapes2d.SPACE.factors(rows)
    values = [
        {"shape": s, "scale": shapes2d.SCALES[c], "orientation": shapes2d.ANGLES[o],
         "x": shapes2d.POSITIONS[x], "y": shapes2d.POSITIONS[y]}
        for s, c, o, x, y in factors.tolist()
    ]  # fmt: skip
    (tmp_path / "sprites.json").write_text(json.dumps(values))
    drawn = json.loads(node(HERE / "sprites.mjs", tmp_path / "sprites.json"))
    images = shapes2d.render(torch.from_numpy(factors)).flatten(1).numpy()
    differing = (np.array(drawn, np.uint8) != images).sum(1)
    assert (differing == 0).mean() > 0.99  # a cube root may round the other way
    assert differing.max() <= 2
