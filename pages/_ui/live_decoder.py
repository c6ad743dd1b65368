"""Latent sliders that redraw the decoded image while they are dragged.

The model is sent to the browser once, as one safetensors file, and runs there in JavaScript
(``live_decoder.js``), so dragging needs no server; Python receives only the positions at release.
If a decoder cannot run there, Python draws the image after each release instead. If the encoder can
run there as well, the input image can be changed and its posterior follows; a multi-rate model has
one more slider, for β.
"""

import functools
import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import nn

from betavae_core.browser.component import LIVE_DECODER
from betavae_core.browser.live import (
    BetaSettings,
    ImageShape,
    LiveSettings,
    Mode,
    SliderRow,
    SpriteSettings,
)
from betavae_core.browser.model import BrowserModel, UnsupportedLayer, packed
from betavae_core.models import VAE
from pages._ui.browser_models import ready_model
from pages._ui.component import shown

LIMIT = 32 * 2**20
TOO_LARGE = "This decoder is too large to run in the browser ({size:.0f} MB)"
AFTERWARDS = "the image is updated when you release a slider."


@dataclass(frozen=True)
class LiveState:
    """The state of the sliders at their last release.

    Attributes:
        z: the latent code (D,) at the last release, float32; the start before any.
        mode: ``browser`` if the picture follows the drag, ``server`` if it follows the
            release.
    """

    z: np.ndarray
    mode: Mode


def live_sliders(
    model: nn.Module | None,
    *,
    rows: Sequence[SliderRow],
    start: np.ndarray,
    start_id: str,
    image_shape: ImageShape,
    key: str,
    initial: np.ndarray | None = None,
    anew: bool = False,
    input_image: torch.Tensor | None = None,
    sprite: SpriteSettings | None = None,
    beta: BetaSettings | None = None,
    image: Callable[[np.ndarray], np.ndarray] | None = None,
    max_bytes: int = LIMIT,
) -> LiveState:
    """Show the decoded image beside one slider per latent.

    Args:
        model: a VAE, or a decoder alone from (N, D) to logits (N, C, H, W); None if there is only
            ``image``.
        rows: sliders in display order; latents without a row stay at their start.
        start: latent code (D,) at which the sliders start and to which they return.
        start_id: a name for ``start``; the sliders move to the new start when it changes.
        image_shape: (C, H, W) with C = 1 or 3.
        key: unique on the page.
        initial: positions of the sliders when they are first shown, (D,), e.g. from a link or an
            earlier visit; ``start`` by default.
        anew: move the sliders to ``initial`` now, from any position.
        input_image: the image (C, H, W) uint8 whose code is ``start``; shown beside the sliders
            if the encoder runs in the browser.
        sprite: its factors, if it is one shape of 2Dshapes.
        beta: for a multi-rate model, which needs it.
        image: from z (D,) to an image (C, H, W) in [0, 1], used if the decoder cannot run in
            the browser; sigmoid(decoder(z)) by default.
        max_bytes: the maximum size of weights that are sent to a browser.

    Returns:
        The latent code at release, and whether the browser or the server draws.
    """
    start = np.asarray(start, dtype=np.float32)
    if image is None:
        if model is None:
            raise ValueError("live_sliders needs a model or an image function, got neither.")
        image = functools.partial(_decoded, model)
    outside = [row["latent"] for row in rows if not 0 <= row["latent"] < start.size]
    if start.ndim != 1 or outside:
        raise ValueError(f"start has shape {start.shape}, but there are rows for z{outside}.")

    released = _released(st.session_state.get(key))
    begins = start if initial is None else np.asarray(initial, dtype=np.float32)
    visit, first = _visit(key, start_id, bool(released), begins, anew=anew)
    ready, note = _for_browser(model, max_bytes)
    pictures = {} if input_image is None else {"input": input_image.contiguous()}
    if ready is not None:
        made = tuple(ready.layers[-1]["out"])
        if made != tuple(image_shape):
            raise ValueError(f"The decoder makes images of {made}, expected {image_shape}.")
        mode: Mode = "browser"
    else:
        mode = "server"
        picture = np.asarray(image(_current(released, visit, first)), dtype=np.float32)
        pixels = np.rint(255 * picture.reshape(image_shape).clip(0, 1)).astype(np.uint8)
        pictures["image"] = torch.from_numpy(pixels)

    settings: LiveSettings = {
        "rows": list(rows),
        "start": start.tolist(),
        "start_id": start_id,
        "image_shape": list(image_shape),
        "initial": first.tolist(),
        "key": key,
        "visit": visit,
        "mode": mode,
        "note": note,
        "input": input_image is not None,
        "sprite": sprite,
        "beta": beta,
    }
    named: dict[str, Any] = {}
    if ready is None:  # names the picture, so that the browser shows each new one
        named["digest"] = hashlib.sha256(pixels.tobytes()).hexdigest()[:16]
    blob = packed(ready, {**settings, **named}, **pictures)
    result = shown(LIVE_DECODER)(key=key, data=blob, on_z_change=lambda: None)
    return LiveState(z=_current(_released(result), visit, first), mode=mode)


def _for_browser(model: nn.Module | None, max_bytes: int) -> tuple[BrowserModel | None, str]:
    """Return the model as it is sent, or None and a sentence with the reason."""
    if model is None:
        return None, f"This model's decoder cannot run in the browser: {AFTERWARDS}"
    try:
        ready = ready_model(model)
    except UnsupportedLayer as problem:
        return None, f"{str(problem).removesuffix('.')}: {AFTERWARDS}"
    if ready.bytes > max_bytes:
        return None, f"{TOO_LARGE.format(size=ready.bytes / 2**20)}: {AFTERWARDS}"
    return ready, ""


def encodes_in_browser(model: nn.Module) -> bool:
    """Whether the browser can run the model's encoder as well."""
    ready, _ = _for_browser(model, LIMIT)
    return ready is not None and bool(ready.encoder)


def _decoded(model: nn.Module, z: np.ndarray) -> np.ndarray:
    """Return the image of z, (C, H, W), computed on the model's device."""
    decoder = model.decoder if isinstance(model, VAE) else model
    weight = next(decoder.parameters())
    with torch.inference_mode():
        logits = decoder(torch.from_numpy(z)[None].to(weight.device, weight.dtype))
    return logits[0].sigmoid().float().cpu().numpy()


def released_beta(key: str, start_of: str) -> float | None:
    """The β at the last release of these sliders in this visit, if their start belongs to the model
    with this hash; otherwise None."""
    released = _released(st.session_state.get(key))
    now = st.session_state.get(f"_live_decoder_{key}", {}).get("visit")
    beta = released.get("beta")
    mine = released.get("visit") == now and str(released.get("start_id")).startswith(start_of)
    return float(beta) if mine and isinstance(beta, int | float) and math.isfinite(beta) else None


def _visit(
    key: str, start_id: str, released: bool, begins: np.ndarray, *, anew: bool
) -> tuple[int, np.ndarray]:
    """Count how often the sliders went to a start, so that an older release is ignored; also return
    their first positions this time.

    Besides a new ``start_id`` the count grows when Streamlit dropped the released state (it does
    when the visitor leaves the page), because then the browser must also begin again.
    """
    slot = f"_live_decoder_{key}"
    last = st.session_state.get(slot, {"start_id": None, "visit": 0, "released": False})
    again = anew or last["start_id"] != start_id or (last["released"] and not released)
    visit = int(last["visit"]) + again
    first: np.ndarray = begins if again else last["first"]
    st.session_state[slot] = {
        "start_id": start_id, "visit": visit, "released": released, "first": first
    }  # fmt: skip
    return visit, first


def _released(state: Any) -> dict[str, Any]:
    """Return what the browser last sent, or an empty dict."""
    value = state.get("z") if state else None
    return dict(value) if value else {}


def _current(released: dict[str, Any], visit: int, start: np.ndarray) -> np.ndarray:
    """Return the released code (D,) if it belongs to this visit, else a copy of the start."""
    if released.get("visit") == visit:
        z = np.asarray(released["values"], dtype=np.float32)
        if z.shape == start.shape and np.isfinite(z).all():
            return z
    return start.copy()
