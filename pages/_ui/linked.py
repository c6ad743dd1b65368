"""Widgets with a value in the address: each shows the requested value if it is offered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from pages._ui.address import Texts, hidden, note, respell, visit, want, wish

V = TypeVar("V")
N = TypeVar("N", int, float)
NOTHING: Any = object()


def taken(key: str) -> Any:
    """The visitor's new choice at a widget that was drawn before, otherwise `NOTHING`."""
    now = visit()
    if key not in now.shown or key not in st.session_state:
        return NOTHING
    value = st.session_state[key]
    return NOTHING if value == now.shown[key] else value


def put(key: str, value: Any) -> None:
    """Set the widget's value for the next time it is drawn."""
    now = visit()
    drawn = key in now.shown and key in st.session_state
    if not drawn or st.session_state[key] != value:
        st.session_state[key] = value
    now.shown[key] = list(value) if isinstance(value, list) else value


def draw(widget: Callable[..., Any], *what: Any, key: str, **how: Any) -> None:
    """Draw a widget, unless the link hides it."""
    if not hidden(key):
        widget(*what, key=key, **how)


def _settled(
    key: str, default: V, read: Callable[[Texts], V | None], spell: Callable[[V], Texts]
) -> V:
    """The value of a widget before it is drawn; read: turns the address's text into a value, or
    None if that is not offered."""
    just = taken(key)
    if just is not NOTHING:
        want(key, spell(just))
    asked = wish(key)
    found = None if asked is None else read(asked)
    value = default if found is None else found
    put(key, value)
    note(key, spell(value), usual=value == default)
    return value


def one_of(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[V],
    *,
    key: str,
    default: V | None = None,
    format_func: Callable[[V], str] = str,
    spell: Callable[[V], str] | None = None,
    former: Mapping[str, V] | None = None,
    **how: Any,
) -> V:
    """One of the options, by default the first. spell: an option's spelling in addresses, if it
    differs from its label. former: former spellings, which still work; those that do not depend on
    the options are in `addresses.FORMER_VALUES`."""
    spell = format_func if spell is None else spell
    if former and (texts := wish(key)) and texts[-1] in former:
        respell(key, [spell(former[texts[-1]])])
    usual = options[0] if default is None else default
    value = _settled(
        key,
        usual,
        lambda texts: next((one for one in options if [spell(one)] == texts), None),
        lambda one: [spell(one)],
    )
    draw(widget, label, options, key=key, format_func=format_func, **how)
    return value


def one_or_none(
    widget: Callable[..., Any], label: str, options: Sequence[str], *, key: str, **how: Any
) -> str | None:
    """One of the options, or none of them (the default)."""
    value = _settled(
        key,
        None,
        lambda texts: next((one for one in options if [one] == texts), None),
        lambda one: [] if one is None else [one],
    )
    draw(widget, label, options, index=None, key=key, **how)
    return value


def number(
    widget: Callable[..., Any],
    label: str,
    low: N,
    high: N,
    default: N,
    *,
    key: str,
    **how: Any,
) -> N:
    """A number in the range; values beyond an end become that end."""
    kind = type(low)

    def read(texts: Texts) -> N | None:
        try:
            asked = float(texts[-1])
            return None if asked != asked else min(max(kind(asked), low), high)
        except (ValueError, OverflowError):
            return None

    value = _settled(key, default, read, lambda one: [f"{one:g}" if kind is float else str(one)])
    draw(widget, label, low, high, key=key, **how)
    return value


def flag(widget: Callable[..., Any], label: str, *, key: str, **how: Any) -> bool:
    """On or off, by default off."""
    spelled = {"true": True, "false": False}
    value = _settled(
        key,
        False,
        lambda texts: spelled.get(texts[-1].lower()),
        lambda one: [str(one).lower()],
    )
    draw(widget, label, key=key, **how)
    return value


def several(
    widget: Callable[..., Any],
    label: str,
    options: Sequence[str],
    default: Sequence[str],
    *,
    key: str,
    most: int | None = None,
    **how: Any,
) -> list[str]:
    """Any of the options, up to a maximum number."""

    def read(texts: Texts) -> list[str] | None:
        found = [one for one in dict.fromkeys(texts) if one in options][:most]
        return found if found or texts == [""] else None

    value = _settled(key, list(default), read, lambda chosen: list(chosen) or [""])
    limit = {} if most is None else {"max_selections": most}
    draw(widget, label, options, key=key, **limit, **how)
    return list(value)


def text(widget: Callable[..., Any], label: str, *, key: str, **how: Any) -> str:
    """Any text, by default empty."""
    value = _settled(key, "", lambda texts: texts[-1], lambda one: [one])
    draw(widget, label, key=key, **how)
    return value
