"""Checkpoints that other projects' packages wrote, against what these packages compute with them.

real/ holds small models saved by pythae 0.1.2, and names, shapes and results of disent 0.8.0's
models for weights that a seed makes again. The original BetaVAE code is no package: its forward
pass is written out here from its source.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from betavae_core.browser.model import network_layers
from betavae_core.importers import keep, read_checkpoint
from betavae_core.store import load_run
from tests.oracles import one_sentence

REAL = Path(__file__).parent / "real"
HEAD = "mu_logvar_gen"
State = dict[str, torch.Tensor]


def filled(shapes: dict[str, list[int]]) -> State:
    """Weights of about unit gain, the same for the same names and shapes."""
    source = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in shapes.items():
        inputs = int(torch.tensor(shape[1:]).prod()) if shape[1:] else 16
        state[name] = torch.randn(*shape, generator=source) * inputs**-0.5
    return state


@pytest.mark.parametrize(
    ("name", "beta", "likelihood"),
    [("pythae_beta", 4.0, "bernoulli"), ("pythae_vae", 1.0, "gaussian")],
)
def test_pythae(name: str, beta: float, likelihood: str, tmp_path: Path) -> None:
    found = read_checkpoint(REAL / name)
    assert found.layout == "pythae"
    assert (found.config.beta, found.config.likelihood) == (beta, likelihood)
    expected = torch.load(REAL / f"{name}_expected.pt", weights_only=True)
    mean, log_var = found.model.encode(expected["x"])
    torch.testing.assert_close(mean, expected["mean"])
    torch.testing.assert_close(log_var, expected["log_var"])
    torch.testing.assert_close(found.model.decode(mean), expected["image"])
    network_layers(found.model.decoder)  # runs in the browser
    run = load_run(keep(found, tmp_path, "kept"))
    torch.testing.assert_close(run.vae.decode(mean), expected["image"])
    bare = read_checkpoint(REAL / name / "model.pt")
    assert (bare.layout, bare.config.beta) == ("pythae-state", None)
    torch.testing.assert_close(bare.model.decode(mean), expected["image"])


PYTHAE: dict[str, tuple[dict[str, Any], str]] = {
    "another model": ({"name": "VQVAEConfig"}, "VQVAEConfig"),
    "own encoder": ({"uses_default_encoder": False}, "encoder.pkl"),
    "own decoder": ({"uses_default_decoder": False}, "decoder.pkl"),
    "odd loss": ({"reconstruction_loss": ["bce"]}, "reconstruction_loss"),
    "other loss": ({"reconstruction_loss": "l1"}, "l1"),
    "other size": ({"input_dim": [1, 9, 9]}, "81"),
    "no image": ({"input_dim": [64]}, "64"),
    "no sizes": ({"input_dim": None}, "input_dim"),
    "huge": ({"input_dim": [1, 10**7, 10**7]}, "at most"),
    "other latents": ({"latent_dim": 4}, "4 latents"),
    "beta as text": ({"beta": "four"}, "beta"),
    "no beta": ({"beta": None}, "beta"),
    "beta negative": ({"beta": -1}, "beta"),
}


@pytest.mark.parametrize("fault", PYTHAE)
def test_pythae_settings_that_do_not_fit(fault: str, tmp_path: Path) -> None:
    changes, named = PYTHAE[fault]
    folder = shutil.copytree(REAL / "pythae_beta", tmp_path / "theirs")
    file = folder / "model_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    with one_sentence(named):
        read_checkpoint(folder)


def test_a_pickled_network_is_not_opened(tmp_path: Path) -> None:
    folder = shutil.copytree(REAL / "pythae_beta", tmp_path / "theirs")
    (folder / "encoder.pkl").write_bytes(b"anything")
    with one_sentence("encoder.pkl", "never"):
        read_checkpoint(folder)


@pytest.mark.parametrize("prefix", ["", "_model."])
@pytest.mark.parametrize("kind", ["conv", "fc"])
def test_disent(kind: str, prefix: str, tmp_path: Path) -> None:
    expected = json.loads((REAL / "disent.json").read_text())[kind]
    state = filled(expected["tensors"])
    file = tmp_path / "model.pt"
    torch.save({"state_dict": {f"{prefix}{name}": t for name, t in state.items()}}, file)
    found = read_checkpoint(file)
    assert found.layout == f"disent-{kind}"
    assert found.config.beta is None
    assert list(found.config.shape) == expected["shape"]
    assert found.config.latents == expected["latents"]
    x = torch.rand(2, *expected["shape"], generator=torch.Generator().manual_seed(1))
    mean, log_var = found.model.encode(x)
    step = x.shape[-1] // 4
    close = {"rtol": 1e-4, "atol": 1e-4}
    torch.testing.assert_close(mean, torch.tensor(expected["mean"]), **close)
    torch.testing.assert_close(log_var, torch.tensor(expected["log_var"]), **close)
    logits = found.model.decode_logits(mean)[:, :, ::step, ::step]
    torch.testing.assert_close(logits, torch.tensor(expected["logits"]), **close)
    network_layers(found.model.decoder)


def linear(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    return F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"])


def conv(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], 2, 1).relu()


def upconv(state: State, name: str, x: torch.Tensor) -> torch.Tensor:
    return F.conv_transpose2d(x, state[f"{name}.weight"], state[f"{name}.bias"], 2, 1)


def original_shapes(kind: str, channels: int, size: int, latents: int) -> dict[str, list[int]]:
    if kind == "higgins":
        layers = {"line1": [1200, 4096], "line2": [1200, 1200], HEAD: [2 * latents, 1200]}
        layers |= {"lind1": [1200, latents], "lind2": [1200, 1200], "lind3": [1200, 1200]}
        layers["lind4"] = [4096, 1200]
        up = []
    else:
        wide = 64 if kind == "conv" else 32
        e, d, e4, d4 = ("conv", "convT", "conv_64", "convT_64")
        if kind == "burgess":
            e, d, e4, d4 = ("conve", "convd", "conve4", "convd4")
        layers = {f"{e}1": [32, channels, 4, 4], f"{e}2": [32, 32, 4, 4]}
        layers[f"{e}3"] = [wide, 32, 4, 4]
        layers |= {e4: [wide, wide, 4, 4]} if size == 64 else {}
        layers["line1"] = [256, wide * 16]
        layers |= {"line2": [256, 256]} if kind == "burgess" else {}
        layers |= {HEAD: [2 * latents, 256], "lind1": [256, latents], "lind2": [256, 256]}
        layers |= {"lind3": [512, 256], f"{d}1": [32, 32, 4, 4], f"{d}2": [32, 32, 4, 4]}
        layers |= {f"{d}3": [32, channels, 4, 4]} | ({d4: [32, 32, 4, 4]} if size == 64 else {})
        up = [f"{d}1", f"{d}2", f"{d}3", d4]
    shapes = {}
    for name, shape in layers.items():
        shapes[f"{name}.weight"] = shape
        shapes[f"{name}.bias"] = [shape[1] if name in up else shape[0]]
    return shapes


def original_forward(
    kind: str, state: State, x: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean, log-variance, and the decoder's logits at the mean, as the original code runs them."""
    if kind == "higgins":
        h = linear(state, "line2", linear(state, "line1", x.flatten(1)).relu()).relu()
    else:
        names = ["conve1", "conve2", "conve3", "conve4"]
        if kind == "conv":
            names = ["conv1", "conv2", "conv3", "conv_64"]
        h = x
        for name in names:
            if f"{name}.weight" in state:
                h = conv(state, name, h)
        h = linear(state, "line1", h.flatten(1)).relu()
        h = linear(state, "line2", h).relu() if kind == "burgess" else h
    mean, log_var = linear(state, HEAD, h).view(len(x), -1, 2).unbind(-1)
    if kind == "higgins":
        h = linear(state, "lind1", mean).tanh()
        h = linear(state, "lind3", linear(state, "lind2", h).tanh()).tanh()
        return mean, log_var, linear(state, "lind4", h).view(-1, 1, 64, 64)
    h = linear(state, "lind2", linear(state, "lind1", mean).relu()).relu()
    h = linear(state, "lind3", h).relu().view(-1, 32, 4, 4)
    order = ["convd1", "convd2", "convd4", "convd3"]
    if kind == "conv":
        order = ["convT_64", "convT1", "convT2", "convT3"]
    order = [name for name in order if f"{name}.weight" in state]
    for name in order:
        h = upconv(state, name, h.relu() if name != order[0] else h)
    return mean, log_var, h


@pytest.mark.parametrize(
    ("kind", "channels", "size"),
    [("higgins", 1, 64), ("burgess", 1, 64), ("burgess", 3, 32), ("conv", 3, 64)],
)
def test_the_original_code(kind: str, channels: int, size: int, tmp_path: Path) -> None:
    state = filled(original_shapes(kind, channels, size, 7))
    torch.save(state, tmp_path / "model.pt")
    found = read_checkpoint(tmp_path / "model.pt")
    assert found.layout == f"betavae-{kind}"
    assert found.config.beta is None
    assert (found.config.shape, found.config.latents) == ((channels, size, size), 7)
    x = torch.rand(3, channels, size, size, generator=torch.Generator().manual_seed(1))
    mean, log_var, logits = original_forward(kind, state, x)
    close = {"rtol": 1e-4, "atol": 1e-4}
    torch.testing.assert_close(found.model.encode(x), (mean, log_var), **close)
    torch.testing.assert_close(found.model.decode_logits(mean), logits, **close)
    network_layers(found.model.decoder)
