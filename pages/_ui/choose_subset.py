"""The choice of factors for Higgins' metric."""

import streamlit as st

from pages._ui.linked import one_of


def choose_subset(sizes: dict[str, int]) -> str:
    """ "all" or "no-shape", if they have scores; addresses have the number of factors."""
    labels = {f"{count}": subset for subset, count in sorted(sizes.items(), key=lambda i: -i[1])}
    if len(labels) < 2:
        return next(iter(sizes), "all")
    picked = one_of(
        st.segmented_control,
        "Factors",
        list(labels),
        required=True,
        wrap=True,
        format_func=lambda count: (
            f"All {count} factors" if labels[count] == "all" else "without shape"
        ),
        spell=str,
        key="factors-" + "-".join(labels),
        help="Higgins et al. (2017) left out shape without stating it.",
    )
    return labels[picked]
