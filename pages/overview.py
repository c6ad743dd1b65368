"""What does β do to a VAE?"""

import streamlit as st

from pages._ui.address import addressed
from pages._ui.overview.copied import copied, draw_cards, draw_explorer, draw_row
from pages._ui.style import plain_errors
from pages._ui.text_size import letters


def first_words() -> None:
    """What needs no model: shown before torch is imported."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    row.container(width=letters(680)).markdown(
        "A VAE compresses an image into a few numbers, its **latents**, and reconstructs the image "
        "from them. **β** is the price of a nat of information in the latents: a low β gives sharp "
        "reconstructions; a high β leaves few latents in use, in the hope that each stands for one "
        "factor of variation."
    )
    row.container(width=letters(392)).latex(
        r"\underbrace{\mathbb{E}_{q(z|x)}[\log p(x|z)]}_{\text{reconstruction}}-"
        r"\textcolor{#d55e00}{\boldsymbol{\beta}}\,"
        r"\underbrace{\mathrm{KL}(q(z|x)\|\mathcal{N}(0,I))}_{\text{information in the latents}}"
    )


st.title("What does β do to a VAE?")
with addressed("overview"), plain_errors():
    first_words()
    chosen_at = st.container(key="overview-choice")
    explorer_at = st.container()
    copy, copied_rows = copied(), st.empty()
    if copy.explorer is not None:
        draw_explorer(copy.explorer, explorer_at)
    with copied_rows.container():
        for row in copy.rows:
            draw_row(*row)
        draw_cards(copy.cards)

    from pages._ui.overview.story import story
    from pages._ui.runs import all_runs, show_broken, show_no_runs

    runs, broken = all_runs()
    copied_rows.empty()
    show_broken(broken)
    if not runs:
        show_no_runs()
    story(runs, chosen_at, explorer_at, copy)
