"""One slider per factor of variation."""

from typing import Any

import numpy as np
import streamlit as st

from betavae_core.factors import FactorSpace, value_text
from pages._ui.linked import number


def factor_sliders(dataset: str, space: FactorSpace, *, median_hues: bool = False) -> np.ndarray:
    """Sliders over positions, bound to the link; returns the factor values (K,). The name of the
    dataset distinguishes factors of the same name and another size. The sliders start at the median
    of every factor, except hues, which are spread out unless `median_hues`. A factor of one value
    is named without a slider."""
    median = space.median()
    hues = [factor for factor, name in enumerate(space.names) if name.endswith("hue")]
    hues = [] if median_hues else hues
    prefix = f"base-{dataset}" if median_hues else dataset
    for place, factor in enumerate(hues):  # not all the same colour
        median[factor] = place * space.sizes[factor] // len(hues)
    chosen = []
    for factor, (name, size) in enumerate(zip(space.names, space.sizes, strict=True)):
        if size == 1:  # a slider needs two ends
            st.markdown(f"**{name}** &ensp; {value_text(space, factor, 0)} :gray[only one value]")
            chosen.append(0)
            continue
        chosen.append(_position(space, factor, f"{prefix}-{name}".replace(" ", "-"), median))
    return np.array(chosen)


def _position(space: FactorSpace, factor: int, key: str, usual: np.ndarray) -> int:
    """A slider whose label states the meaning of its position."""
    last = space.sizes[factor] - 1

    def draw(label: str, low: int, high: int, **how: Any) -> None:
        at = value_text(space, factor, int(st.session_state[key]))
        st.slider(f"{label}: {at}", low, high, **how)  # its name is read aloud as it is written

    return number(
        draw,
        space.names[factor],
        0,
        last,
        int(usual[factor]),
        key=key,
        help=f"{last + 1} values, numbered from 0 to {last}",
    )
