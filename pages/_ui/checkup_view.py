"""A checkup as a visitor sees it: each finding as it comes, then the card to take away."""

import json
from collections.abc import Iterable

import streamlit as st

from betavae_core.doctor import Finding, Label, card_html, card_png, worst
from betavae_core.figures import png
from pages._ui.style import plain

SIGNS = {
    "fine": (":material/check_circle:", "green"),
    "look": (":material/visibility:", "orange"),
    "broken": (":material/error:", "red"),
    "not computed": (":material/remove:", "gray"),
}
WORDS = {
    "fine": "Nothing is wrong with it.",
    "look": "Worth a look.",
    "broken": "Something is broken.",
}


def show_all(findings: Iterable[Finding]) -> list[Finding]:
    """Draw findings one after the other, as soon as each is there; returns them."""
    seen = []
    for finding in findings:
        show_one(finding)
        seen.append(finding)
    return seen


def show_one(finding: Finding) -> None:
    sign, colour = SIGNS[finding.verdict]
    st.markdown(
        f":{colour}[{sign}] **{finding.title}** &ensp; :{colour}[{finding.verdict}]  \n"
        f"{plain(finding.says)}"
    )
    if finding.cause:
        st.caption(f"Usual cause: {plain(finding.cause)}")
    if finding.images:
        row = st.container(horizontal=True, gap="medium", key=f"labelled-{finding.key}")
        for caption, picture in finding.images.items():
            row.image(png(picture), caption=plain(caption), output_format="PNG", width="content")
    if finding.numbers:
        with st.expander("Numbers"):
            st.json(finding.to_json()["numbers"])


def verdict(findings: list[Finding]) -> None:
    """The whole in one line, and what is behind it."""
    overall = worst(findings)
    named = [finding.title for finding in findings if finding.verdict == overall]
    text = WORDS[overall] + (f" See: {', '.join(named)}." if overall != "fine" else "")
    {"fine": st.success, "look": st.warning, "broken": st.error}[overall](
        text, icon=SIGNS[overall][0]
    )


def take_away(findings: list[Finding], label: Label) -> None:
    """The card as a page and as a picture, and the numbers."""
    row = st.container(horizontal=True)
    for text, data, suffix, mime in (
        ("Card as a page", lambda: card_html(findings, label), "html", "text/html"),
        ("as a picture", lambda: card_png(findings, label), "png", "image/png"),
        ("as JSON", lambda: as_json(findings), "json", "application/json"),
    ):
        row.download_button(
            text,
            data,
            f"checkup-{label.short_name}.{suffix}",
            mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"card-{suffix}",
        )


def as_json(findings: list[Finding]) -> str:
    return json.dumps([finding.to_json() for finding in findings], indent=1, ensure_ascii=False)
