"""One slider per factor of variation."""

import numpy as np
import streamlit as st

from betavae_core.factors import FactorSpace


def value_text(space: FactorSpace, factor: int, position: int) -> str:
    """What a position of a factor stands for: "heart", "0.7"; angles in degrees."""
    value = space.values[factor][position]
    if isinstance(value, (str, int)):
        return str(value)
    number = float(value)  # type: ignore[arg-type]
    text = f"{number:.0f}°" if space.names[factor] == "orientation" else f"{number:.3g}"
    return text.replace("-", "−")


def factor_sliders(dataset: str, space: FactorSpace, *, median_hues: bool = False) -> np.ndarray:
    """Sliders over positions, bound to the link; returns the factor values (K,). The name of the
    dataset keeps factors of the same name and another size apart. They start at the median of every
    factor, but for hues, which are spread out unless `median_hues`. A factor of one value is named
    without a slider."""
    median = space.median()
    hues = [number for number, name in enumerate(space.names) if name.endswith("hue")]
    hues = [] if median_hues else hues
    prefix = f"base-{dataset}" if median_hues else dataset
    for place, number in enumerate(hues):  # not all the same colour
        median[number] = place * space.sizes[number] // len(hues)
    chosen = []
    for number, (name, size) in enumerate(zip(space.names, space.sizes, strict=True)):
        if size == 1:  # a slider needs two ends
            st.markdown(f"**{name}** &ensp; {value_text(space, number, 0)} :gray[one value only]")
            chosen.append(0)
            continue
        key = f"{prefix}-{name}".replace(" ", "-")
        now = int(st.session_state.get(key, median[number]))
        position = st.slider(
            f"**{name}** &ensp; {value_text(space, number, min(now, size - 1))}",
            0,
            size - 1,
            int(median[number]),
            key=key,
            bind="query-params",
            help=f"position 0 to {size - 1} of {size}",
        )
        chosen.append(position)
    return np.array(chosen)
