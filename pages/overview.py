"""What does β do to a VAE?"""

import streamlit as st

from pages._ui.address import addressed
from pages._ui.overview.rows import copied_rows, draw_row
from pages._ui.style import plain_errors


def first_words() -> None:
    """What needs no model: shown before torch is imported."""
    st.markdown(
        "A VAE compresses an image into a few numbers, its **latents**, and reconstructs the image "
        "from them. **β** is the price of a nat of information in the latents: a low β gives sharp "
        "reconstructions; a high β leaves few latents in use, in the hope that each stands for one "
        "factor of variation."
    )
    st.latex(
        r"\underbrace{\mathbb{E}_{q(z|x)}[\log p(x|z)]}_{\text{reconstruction}}-"
        r"\textcolor{#d55e00}{\boldsymbol{\beta}}\,"
        r"\underbrace{\mathrm{KL}(q(z|x)\|\mathcal{N}(0,I))}_{\text{information in the latents}}"
    )


st.title("What does β do to a VAE?")
with addressed("overview"), plain_errors():
    first_words()
    copy = st.empty()
    with copy.container():
        for row in copied_rows():
            draw_row(*row)

    from pages._ui.overview.story import story
    from pages._ui.runs import all_runs, show_broken, show_no_runs

    runs, broken = all_runs()
    copy.empty()
    show_broken(broken)
    if not runs:
        show_no_runs()
    story(runs)
