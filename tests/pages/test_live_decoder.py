"""The Python side of the live decoder: what travels to the browser, and who draws."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load
from streamlit.testing.v1 import AppTest
from torch import nn

from betavae_core.config import RunConfig
from betavae_core.models import build_model
from betavae_core.models.browser import UnsupportedDecoder, decoder_layers, live_blob


def conv_decoder() -> nn.Module:
    return build_model(RunConfig()).decoder


def test_layers_describe_the_conv_decoder() -> None:
    layers, tensors = decoder_layers(conv_decoder())
    assert [layer["type"] for layer in layers if layer["type"] != "relu"] == [
        *["linear"] * 3,
        "unflatten",
        *["conv_transpose2d"] * 4,
    ]
    assert layers[-1]["out"] == [1, 64, 64]
    assert len(tensors) == 14


def test_float16_is_sent_only_where_nothing_is_lost() -> None:
    decoder = conv_decoder()
    assert {t.dtype for t in decoder_layers(decoder)[1].values()} == {torch.float32}
    stored = decoder.half().float()
    assert {t.dtype for t in decoder_layers(stored)[1].values()} == {torch.float16}


@pytest.mark.parametrize("layer", [nn.GELU(), nn.BatchNorm1d(16), nn.Dropout(0.1)])
def test_an_unknown_layer_is_named(layer: nn.Module) -> None:
    with pytest.raises(UnsupportedDecoder, match=type(layer).__name__):
        decoder_layers(nn.Sequential(nn.Linear(2, 16), layer))


def test_the_blob_is_one_safetensors_file_with_all_settings() -> None:
    layers, tensors = decoder_layers(conv_decoder())
    rows = [{"latent": 3, "kl": 2.0, "active": True, "min": -3.0, "max": 3.0}]
    blob = live_blob(
        layers,
        tensors,
        rows=rows,
        start=np.zeros(10, np.float32),
        start_id="a",
        image_shape=(1, 64, 64),
    )
    header = json.loads(blob[8 : 8 + int.from_bytes(blob[:8], "little")])
    settings = json.loads(header["__metadata__"]["live"])
    assert settings["rows"] == rows
    assert settings["start"] == settings["initial"] == [0.0] * 10
    assert all(torch.equal(tensor, tensors[name]) for name, tensor in load(blob).items())


def scratch(unknown_layer: bool, max_bytes: int) -> None:
    """A page with one decoder; AppTest runs this function's source by itself."""
    import numpy as np
    import streamlit as st
    from torch import nn

    from pages._ui.traversals.live_decoder import live_sliders

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
