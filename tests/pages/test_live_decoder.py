"""The Python side of the live decoder: what travels to the browser, and who draws."""

import json

import pytest
import torch
from safetensors.torch import load
from streamlit.testing.v1 import AppTest
from torch import nn

from betavae_core.browser.model import UnsupportedLayer, browser_model, network_layers, packed
from betavae_core.config import RunConfig
from betavae_core.models import build_model, build_vae


def conv_decoder() -> nn.Module:
    return build_model(RunConfig()).decoder


def test_layers_describe_the_conv_decoder() -> None:
    layers, tensors = network_layers(conv_decoder())
    assert [layer["type"] for layer in layers if layer["type"] != "relu"] == [
        *["linear"] * 3,
        "unflatten",
        *["conv_transpose2d"] * 4,
    ]
    assert layers[-1]["out"] == [1, 64, 64]
    assert len(tensors) == 14


def test_float16_is_sent_only_where_nothing_is_lost() -> None:
    decoder = conv_decoder()
    assert {t.dtype for t in network_layers(decoder)[1].values()} == {torch.float32}
    stored = decoder.half().float()
    assert {t.dtype for t in network_layers(stored)[1].values()} == {torch.float16}


@pytest.mark.parametrize("layer", [nn.GELU(), nn.BatchNorm1d(16), nn.Dropout(0.1)])
def test_an_unknown_layer_is_named(layer: nn.Module) -> None:
    with pytest.raises(UnsupportedLayer, match=type(layer).__name__):
        network_layers(nn.Sequential(nn.Linear(2, 16), layer))


def test_the_file_has_the_model_the_settings_and_further_tensors() -> None:
    model = browser_model(build_vae(RunConfig()))
    image = torch.arange(16, dtype=torch.uint8).reshape(1, 4, 4)
    blob = packed(model, {"rows": [1, 2], "start": [0.5]}, input=image)
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])
    settings = json.loads(header["__metadata__"]["live"])
    assert settings["rows"] == [1, 2]
    assert settings["start"] == [0.5]
    assert settings["range"] is None
    assert settings["layers"][-1]["out"] == [1, 64, 64]
    assert settings["encoder"][-1]["out"] == [20]
    found = load(blob)
    assert torch.equal(found.pop("input"), image)
    assert found.keys() == model.tensors.keys()
    assert all(torch.equal(tensor, model.tensors[name]) for name, tensor in found.items())


def test_a_large_encoder_stays_on_the_server_and_an_unknown_one_too() -> None:
    vae = build_vae(RunConfig())
    assert browser_model(vae).encoder
    assert not browser_model(vae, encoder_limit=10**6).encoder
    assert not browser_model(vae.decoder).encoder
    vae.encoder.insert(1, nn.Dropout2d(0.1))
    model = browser_model(vae)
    assert not model.encoder
    assert not [name for name in model.tensors if name.startswith("encoder")]


def test_a_multirate_model_goes_with_its_gates_and_its_range() -> None:
    model = browser_model(build_vae(RunConfig(model="conv-multirate", beta_low=0.1)))
    assert model.range == {"low": 0.1, "high": 20.0}
    types = [layer["type"] for layer in model.encoder]
    assert types[:3] == ["conv2d", "gate", "relu"]
    assert types[-2:] == ["linear", "gate"]
    assert model.layers[-1]["type"] == "conv_transpose2d"


def scratch(unknown_layer: bool, max_bytes: int) -> None:
    """A page with one decoder; AppTest runs this function's source by itself."""
    import numpy as np
    import streamlit as st
    from torch import nn

    from pages._ui.live_decoder import live_sliders

    middle = nn.GELU() if unknown_layer else nn.ReLU()
    decoder = nn.Sequential(nn.Linear(2, 16), middle, nn.Unflatten(1, (1, 4, 4)))
    rows = [{"latent": d, "kl": None, "active": True, "min": -1.0, "max": 1.0} for d in (0, 1)]
    state = live_sliders(
        decoder,
        rows=rows,
        start=np.zeros(2, np.float32),
        initial=np.array([0.5, -0.5], np.float32),
        start_id="a",
        image_shape=(1, 4, 4),
        key="live",
        max_bytes=max_bytes,
    )
    st.text(f"{state.mode} {state.z.tolist()}")


@pytest.mark.parametrize(
    ("unknown_layer", "max_bytes", "mode"),
    [(False, 10**6, "browser"), (True, 10**6, "server"), (False, 10, "server")],
)
def test_who_draws(unknown_layer: bool, max_bytes: int, mode: str) -> None:
    app = AppTest.from_function(scratch, args=(unknown_layer, max_bytes)).run(timeout=30)
    assert not app.exception
    assert app.text[0].value == f"{mode} [0.5, -0.5]"
