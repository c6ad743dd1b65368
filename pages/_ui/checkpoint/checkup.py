"""A checkup on the page: each finding when it is ready, then the card to download."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core.doctor import (
    Finding,
    Label,
    Verdict,
    card_html,
    card_png,
    facts,
    measured_on,
    record,
    worst,
)
from betavae_core.pictures.files import png
from betavae_core.pictures.grids import with_labels
from pages._ui.style import plain

SIGNS = {
    Verdict.FINE: (":material/check_circle:", "green"),
    Verdict.LOOK: (":material/visibility:", "orange"),
    Verdict.NOT_OPENED: (":material/lock:", "orange"),
    Verdict.BROKEN: (":material/error:", "red"),
    Verdict.NOT_COMPUTED: (":material/remove:", "gray"),
}
FOLDED = {Verdict.FINE: "Without a problem", Verdict.NOT_COMPUTED: "Not computed"}
TALL = "traversals"
LETTERS = 24  # how many heights of letters a picture is wide: they are 14 pixels in its column


@dataclass(frozen=True)
class Places:
    """The layout of findings: where their texts are, and where their pictures; those of traversals,
    which are tall, may have a place of their own."""

    words: DeltaGenerator
    pictures: DeltaGenerator
    traversals: DeltaGenerator


def beside() -> Places:
    """The texts in one column, the pictures in the other."""
    words, pictures = st.columns([6, 5], gap="large")
    column = pictures.container(key="labelled-findings")
    return Places(words.container(gap="small"), column, column)


def below() -> Places:
    """The texts above the pictures, in two columns: for texts that are folded."""
    words = st.container(gap="small")
    row = st.container(key="labelled-findings").columns([6, 5], gap="large")
    return Places(words, row[0], row[1])


def show_all(findings: Iterable[Finding], places: Places) -> list[Finding]:
    """Draw each finding as soon as it is ready; returns them all."""
    seen = []
    for finding in findings:
        show_one(finding, places)
        seen.append(finding)
    return seen


def show_one(finding: Finding, places: Places) -> None:
    sign, colour = SIGNS[finding.verdict]
    word = "" if finding.verdict == Verdict.FINE else f" &ensp; :{colour}[{finding.verdict}]"
    text = f":{colour}[{sign}] **{finding.title}**{word}  \n{plain(finding.says)}"
    if finding.cause:
        text += f"  \n:gray[Usual cause: {plain(finding.cause)}]"
    places.words.markdown(text)
    for caption, picture in finding.images.items():
        (places.traversals if finding.key == TALL else places.pictures).image(
            png(named(picture, finding)),
            caption=plain(caption),
            alt=caption,
            output_format="PNG",
            width="stretch",
        )


def named(picture: np.ndarray, finding: Finding) -> np.ndarray:
    """The picture, in that of traversals with the name of its latent beside each row."""
    latents = finding.numbers.get("latents")
    if finding.key != TALL or not latents:
        return picture
    return with_labels(picture, [f"z{d}" for d in latents], picture.shape[1] // LETTERS)


def arranged(findings: list[Finding]) -> None:
    """The findings that matter, the worst first, and folded below them those without a problem and
    those that could not be computed; beside them all pictures in the same order. Where nothing
    matters, the pictures have the whole width."""
    worst_first = list(Verdict)[::-1]
    matters = [finding for finding in findings if finding.verdict not in FOLDED]
    places = beside() if matters else below()
    show_all(sorted(matters, key=lambda f: worst_first.index(f.verdict)), places)
    for verdict, title in FOLDED.items():
        here = [finding for finding in findings if finding.verdict == verdict]
        if here:
            with places.words.expander(f"{title}: {len(here)} of {len(findings)}"):
                show_all(here, replace(places, words=st.container(gap="small")))


def summary(findings: list[Finding], label: Label) -> None:
    """The verdict in one line and the findings behind it, then β, the used latents and the quick
    scores, and what they were measured on."""
    overall = worst(findings)
    named = [finding.title for finding in findings if finding.verdict == overall]
    text = overall.sentence + (f" See: {', '.join(named)}." if overall != Verdict.FINE else "")
    boxes = {
        Verdict.FINE: st.success,
        Verdict.LOOK: st.warning,
        Verdict.NOT_OPENED: st.warning,
        Verdict.BROKEN: st.error,
    }
    boxes[overall](text, icon=SIGNS[overall][0])
    found = facts(findings)
    if found:
        row = st.container(horizontal=True, gap="large")
        for fact in found:
            row.metric(
                fact.title[0].upper() + fact.title[1:] if fact.title.isascii() else fact.title,
                fact.value,
                fact.about or None,
                delta_color="off",
                delta_arrow="off",
                width="content",
            )
        st.caption(plain(measured_on(findings, label)))


def take_away(findings: list[Finding], label: Label) -> None:
    """Downloads: the card as a page and as a picture, and the numbers."""

    def numbers() -> str:
        return json.dumps(record(findings, label), indent=1, ensure_ascii=False)

    row = st.container(horizontal=True)
    for text, data, suffix, mime in (
        ("Checkup as HTML", lambda: card_html(findings, label), "html", "text/html"),
        ("Checkup as PNG", lambda: card_png(findings, label), "png", "image/png"),
        (
            "Numbers as JSON",
            numbers,
            "json",
            "application/json",
        ),
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
