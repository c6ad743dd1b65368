"""The prediction of a step: its question, the controls for a guess, and the gap to the answer."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from betavae_core.beta import unbroken
from betavae_core.lessons import Facts, InOrder, OneOf, OnScale, Prediction, View, WhichLatent
from betavae_core.lessons.predictions import lettered
from betavae_core.lessons.units import Unit
from pages._ui.address import wish
from pages._ui.lessons.progress import Progress
from pages._ui.linked import number, one_or_none, several

MOST_COLUMNS = 3  # of pictures to choose from


def ask(
    progress: Progress,
    facts: Facts,
    picture: Callable[[str, View], None],
    *,
    guessing: bool = True,
) -> str | None:
    """Draw the question with its controls; returns the guess as a text, None if it is not complete.
    picture: draws the view of an option by its letter; guessing: whether there are controls. When
    the answer is shown, the guess stands still."""
    step = progress.lesson.steps[progress.step - 1]
    asked = step.predict
    assert asked is not None, "only for steps with a prediction"
    label = progress.lesson.said(asked.ask, facts)
    st.markdown(f"**{unbroken(label)}**")
    if isinstance(asked, OneOf) and any(option.view for option in asked.options):
        _pictures(asked, picture)
    if not guessing:
        _named_options(asked)
        return None
    return guess_of(progress, facts, asked, label, frozen=progress.is_told)


def _named_options(asked: Prediction) -> None:
    """What there is to choose from, without controls."""
    if not isinstance(asked, OnScale) and not any(option.view for option in asked.options):
        st.markdown(
            " &emsp; ".join(
                f"**{letter}** {option.label}" for letter, option in lettered(asked.options).items()
            )
        )


def _pictures(asked: OneOf, picture: Callable[[str, View], None]) -> None:
    """Beside each other; rows of images, which are wide and low, below each other."""
    if all(option.view and option.view.name == "traversal" for option in asked.options):
        for letter, option in lettered(asked.options).items():
            letter_at, picture_at = st.columns([1, 24], vertical_alignment="center")
            letter_at.markdown(f"**{letter}**")
            with picture_at:
                assert option.view is not None, "asked above"
                picture(letter, option.view)
        return
    columns = st.columns(min(len(asked.options), MOST_COLUMNS))
    for n, (letter, option) in enumerate(lettered(asked.options).items()):
        with columns[n % len(columns)]:
            st.markdown(f"**{letter}**")
            if option.view is not None:
                picture(letter, option.view)


def guess_now(progress: Progress, facts: Facts) -> str | None:
    """The guess of the address, without its controls."""
    asked = progress.lesson.steps[progress.step - 1].predict
    assert asked is not None, "only for steps with a prediction"
    keys = [progress.said()]
    if isinstance(asked, WhichLatent):
        keys = [f"{progress.said()}-{n}" for n in range(1, len(asked.options) + 1)]
    found = [",".join(wish(key) or []) for key in keys]
    text = ",".join(found)
    return text if asked.guess(text, facts) is not None else None


def guess_of(
    progress: Progress, facts: Facts, asked: Prediction, label: str, *, frozen: bool
) -> str | None:
    """The controls of a guess, and the guess."""
    key = progress.said()
    if isinstance(asked, OnScale):
        return _on_scale(asked, facts, label, key, frozen=frozen)
    if isinstance(asked, OneOf):
        return _one_of(asked, label, key, frozen=frozen)
    if isinstance(asked, InOrder):
        return _in_order(asked, label, key, frozen=frozen)
    return _which_latent(asked, facts, key, frozen=frozen)


def _on_scale(asked: OnScale, facts: Facts, label: str, key: str, *, frozen: bool) -> str:
    true = facts.numbers[asked.truth]
    value = number(
        st.slider,
        label,
        asked.low,
        asked.high,
        asked.opening(facts),
        key=key,
        step=asked.step,
        format=_format(true.unit, asked.step, difference=true.difference),
        disabled=frozen,
        label_visibility="collapsed",
    )
    return f"{value:g}"


def _format(unit: Unit, step: float, *, difference: bool) -> str:
    digits = max(0, len(f"{step:g}".partition(".")[2]))
    after = unit.apart if difference else unit.after
    return f"%.{digits}f{after.replace('%', '%%')}"


def _buttons(label: str, options: list[str], index: None = None, **how: Any) -> None:
    """Buttons of which one or none is pressed."""
    st.segmented_control(label, options, **how)


def _one_of(asked: OneOf, label: str, key: str, *, frozen: bool) -> str | None:
    named = lettered(asked.options)
    pictured = any(option.view for option in asked.options)
    return one_or_none(
        _buttons,
        label,
        list(named),
        key=key,
        format_func=lambda letter: letter if pictured else f"{letter} · {named[letter].label}",
        disabled=frozen,
        label_visibility="collapsed",
        wrap=True,
    )


def _in_order(asked: InOrder, label: str, key: str, *, frozen: bool) -> str | None:
    named = lettered(asked.options)
    chosen = several(
        st.pills,
        label,
        list(named),
        [],
        key=key,
        selection_mode="multi",
        format_func=lambda letter: f"{letter} · {named[letter].label}",
        disabled=frozen,
        label_visibility="collapsed",
        wrap=True,
    )
    ordered = [letter for letter in wish(key) or [] if letter in chosen]
    if ordered:
        st.caption("Your order: " + " → ".join(named[letter].label for letter in ordered))
    else:
        st.caption("Press them in your order.")
    return ",".join(ordered) if len(ordered) == len(asked.options) else None


def _which_latent(asked: WhichLatent, facts: Facts, key: str, *, frozen: bool) -> str | None:
    latents = asked.latents(facts)
    row, chosen = st.container(horizontal=True, gap="medium"), []
    for n, option in enumerate(asked.options, 1):
        how = {"disabled": frozen, "wrap": True}
        with row.container(width="content"):
            name = f"{key}-{n}"
            chosen.append(one_or_none(_buttons, option.label, latents, key=name, **how))
    whole = [latent for latent in chosen if latent is not None]
    return ",".join(whole) if len(whole) == len(chosen) else None
