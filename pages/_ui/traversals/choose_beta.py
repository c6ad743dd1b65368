"""β of a multi-rate run: dragged in the browser, or named by a link."""

import math
from typing import Any

import streamlit as st

from betavae_core.beta import beta_number
from betavae_core.browser.live import BetaSettings
from betavae_core.scoring.rate_distortion import measured_rate_distortion
from betavae_core.store import Run
from pages._ui.address import answered, harmless, note, say, want, wished
from pages._ui.live_decoder import released_beta

DIALLED = "_dialled"  # in the session: the run, its β, as a link
USUAL = 1.0


def choose_beta(run: Run, key: str, marks: list[float]) -> tuple[BetaSettings, bool]:
    """The settings of the slider of β, and whether it must go there now because a link says so.

    key: of the live sliders, which have released a β before; marks: below the slider.
    """
    low, high = run.multirate.low, run.multirate.high
    usual = min(max(USUAL, low), high)
    of, last, text = st.session_state.get(DIALLED, (None, None, None))
    last = last if of == run.name else None
    asked, wish = answered("beta"), wished("beta")
    linked = None
    if wish is not None and (asked is not None or wish != text):
        linked = _read(wish, low, high)
    value = linked or released_beta(key, run.weights_hash) or last or usual
    value = min(max(value, low), high)
    written = f"{value:.6g}"
    st.session_state[DIALLED] = run.name, value, written
    want("beta", None if value == usual else [written])
    note("beta", [written], usual=value == usual)
    return {"value": value, "marks": marks, "measured": measured(run)}, linked is not None


def refuse_beta() -> None:
    """A sentence if a link names β for a model that was trained for one β only."""
    asked, wish = answered("beta"), wished("beta")
    own = wish == st.session_state.get(DIALLED, (None, None, None))[2]
    if asked is not None or (wish is not None and not own):
        want("beta", None)
        say("The link names a β, but this model was trained for one β only; it shows this one.")


def _read(text: str, low: float, high: float) -> float | None:
    """A β of a link, moved to the end of the range if it lies beyond it, with a sentence."""
    reach = f"This model was trained for β from {beta_number(low)} to {beta_number(high)}"
    try:
        beta = float(text)
    except ValueError:
        beta = math.nan
    if not math.isfinite(beta):
        say(f'{reach}; the link asks for "{harmless(text)}", which is not a finite number.')
        return None
    if not low <= beta <= high:
        beta = min(max(beta, low), high)
        say(f"{reach}; the link asks for {harmless(text)}. It shows {beta_number(beta)} instead.")
    return beta


def measured(run: Run) -> dict[str, Any] | None:
    """Rate and distortion over β, if they were measured."""
    record = measured_rate_distortion(run)
    return None if record is None else {key: record[key] for key in ("beta", "nll", "kl")}
