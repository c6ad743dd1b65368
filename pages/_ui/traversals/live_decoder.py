"""Latent sliders that redraw the decoded image while they are dragged.

The decoder is sent to the browser once, as one safetensors file, and runs there in JavaScript
(``live_decoder.js``), so dragging needs no server; Python receives only the positions at release.
If a decoder cannot run there, Python draws the image after each release instead.
"""

import functools
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import nn

from betavae_core.models.browser import (
    ImageShape,
    Mode,
    SliderRow,
    UnsupportedDecoder,
    decoder_layers,
    digest_of,
    live_blob,
)
from pages._ui.bundle import bundle

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


@dataclass(frozen=True)
class _Packed:
    """A decoder ready to send; ``versions`` shows whether its weights have changed since."""

    versions: tuple[tuple[int, int], ...]
    layers: list[dict[str, Any]]
    tensors: dict[str, torch.Tensor]
    digest: str


_packed: weakref.WeakKeyDictionary[nn.Module, _Packed] = weakref.WeakKeyDictionary()


def live_sliders(
    decoder: nn.Module | None,
    *,
    rows: Sequence[SliderRow],
    start: np.ndarray,
    start_id: str,
    image_shape: ImageShape,
    key: str,
    initial: np.ndarray | None = None,
    anew: bool = False,
    image: Callable[[np.ndarray], np.ndarray] | None = None,
    max_bytes: int = LIMIT,
) -> LiveState:
    """Show the decoded image beside one slider per latent.

    Args:
        decoder: from (N, D) to logits (N, C, H, W); None if there is only ``image``.
        rows: sliders in display order; latents without a row stay at their start.
        start: latent code (D,) at which the sliders start and to which they return.
        start_id: a name for ``start``; the sliders move to the new start when it changes.
        image_shape: (C, H, W) with C = 1 or 3.
        key: unique on the page.
        initial: positions of the sliders when they are first shown, (D,), e.g. from a link or an
            earlier visit; ``start`` by default.
        anew: move the sliders to ``initial`` now, from any position.
        image: from z (D,) to an image (C, H, W) in [0, 1], used if the decoder cannot run in
            the browser; sigmoid(decoder(z)) by default.
        max_bytes: the maximum size of weights that are sent to a browser.

    Returns:
        The latent code at release, and whether the browser or the server draws.
    """
    start = np.asarray(start, dtype=np.float32)
    if image is None:
        if decoder is None:
            raise ValueError("live_sliders needs a decoder or an image function, got neither.")
        image = functools.partial(_decoded, decoder)
    outside = [row["latent"] for row in rows if not 0 <= row["latent"] < start.size]
    if start.ndim != 1 or outside:
        raise ValueError(f"start has shape {start.shape}, but there are rows for z{outside}.")

    released = _released(st.session_state.get(key))
    begins = start if initial is None else np.asarray(initial, dtype=np.float32)
    visit, first = _visit(key, start_id, bool(released), begins, anew=anew)
    packed, note = _for_browser(decoder, max_bytes)
    if packed is not None:
        made = tuple(packed.layers[-1]["out"])
        if made != tuple(image_shape):
            raise ValueError(f"The decoder makes images of {made}, expected {image_shape}.")
        mode: Mode = "browser"
        layers, tensors, digest = packed.layers, packed.tensors, packed.digest
    else:
        mode, layers, digest = "server", [], ""
        picture = np.asarray(image(_current(released, visit, first)), dtype=np.float32)
        pixels = np.rint(255 * picture.reshape(image_shape).clip(0, 1)).astype(np.uint8)
        tensors = {"image": torch.from_numpy(pixels)}

    blob = live_blob(
        layers,
        tensors,
        rows=rows,
        start=start,
        start_id=start_id,
        image_shape=image_shape,
        initial=first,
        key=key,
        visit=visit,
        digest=digest,
        mode=mode,
        note=note,
    )
    result = _component()(key=key, data=blob, on_z_change=lambda: None)
    return LiveState(z=_current(_released(result), visit, first), mode=mode)


@functools.cache
def _component() -> Callable[..., Any]:
    """Register the component on first use, so that importing this module does nothing."""
    here = Path(__file__)
    return st.components.v2.component(
        "live_decoder",
        html='<div class="live-decoder"></div>',
        css=here.with_suffix(".css").read_text(encoding="utf-8"),
        js=bundle(here.with_suffix(".js")),
    )


def _for_browser(decoder: nn.Module | None, max_bytes: int) -> tuple[_Packed | None, str]:
    """Return the packed decoder, or None and a sentence with the reason."""
    if decoder is None:
        return None, f"This model's decoder cannot run in the browser: {AFTERWARDS}"
    try:
        packed = _pack(decoder)
    except UnsupportedDecoder as problem:
        return None, f"{str(problem).removesuffix('.')}: {AFTERWARDS}"
    size = sum(tensor.nbytes for tensor in packed.tensors.values())
    if size > max_bytes:
        return None, f"{TOO_LARGE.format(size=size / 2**20)}: {AFTERWARDS}"
    return packed, ""


def _pack(decoder: nn.Module) -> _Packed:
    """Describe a decoder once, and again only if its weights were replaced or written to."""
    versions = tuple((p.data_ptr(), p._version) for p in decoder.parameters())
    packed = _packed.get(decoder)
    if packed is None or packed.versions != versions:
        layers, tensors = decoder_layers(decoder)
        packed = _Packed(versions, layers, tensors, digest_of(layers, tensors))
        _packed[decoder] = packed
    return packed


def _decoded(decoder: nn.Module, z: np.ndarray) -> np.ndarray:
    """Return sigmoid(decoder(z)), (C, H, W), on the decoder's device."""
    weight = next(decoder.parameters())
    with torch.inference_mode():
        logits = decoder(torch.from_numpy(z)[None].to(weight.device, weight.dtype))
    return logits[0].sigmoid().float().cpu().numpy()


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
