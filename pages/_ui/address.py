"""The address of a page: read when a visitor arrives, written to describe the page's contents.

All choices are remembered in the words of addresses, for the whole session: a page that is left and
opened again follows its own address. If the address names something that the page does not offer, a
sentence says so.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx

from betavae_core.addresses import PAGES, Key, key_of, keys_of, link, value_now
from betavae_core.choice import Choice
from betavae_core.datasets.titles import TITLES

Texts = list[str]
SESSION = "_visit"

# Streamlit adds a step to the browser's history whenever the server changes an address; here that
# only completes the step that led to the page, so Back restores the previous page.
ONE_STEP_A_PAGE = """
<script>
if (!window.oneStepAPage) {
  window.oneStepAPage = true;
  const push = history.pushState.bind(history);
  history.pushState = (state, title, address) => {
    const samePage = new URL(address ?? "", location.href).pathname === location.pathname;
    (samePage ? history.replaceState.bind(history) : push)(state, title, address);
  };
}
</script>
"""


# during one execution of a page: the place of messages
_sentences: ContextVar[DeltaGenerator | None] = ContextVar("sentences", default=None)


@dataclass
class Visit:
    """The visitor's choices in this session, and those shown on the open page."""

    page: str = ""
    choice: Choice = field(default_factory=Choice)
    wishes: dict[str, Texts] = field(default_factory=dict)  # by key, offered or not
    shown: dict[str, Any] = field(default_factory=dict)  # by key, since the page opened
    asked: dict[str, Texts] = field(default_factory=dict)  # requests of the address
    came: dict[str, Texts] | None = None  # the address, until the choice follows it
    back: bool = False  # whether that address came from the browser's history
    addresses: list[dict[str, Texts]] = field(default_factory=list)  # since the page was opened
    standing: dict[str, Texts] | None = None  # the address as it was last seen or written
    last: dict[str, dict[str, Texts]] = field(default_factory=dict)  # of each page
    noted: dict[str, Texts] = field(default_factory=dict)  # values in links
    named: dict[str, Texts] = field(default_factory=dict)  # without defaults


def visit() -> Visit:
    """The state of this session."""
    if SESSION not in st.session_state:
        st.session_state[SESSION] = Visit()
    found: Visit = st.session_state[SESSION]
    return found


class PageEnds(Exception):
    """Raised to end the page."""


def end_page() -> NoReturn:
    """End the page here. After `st.stop` no address could be written."""
    raise PageEnds


@contextmanager
def addressed(page: str) -> Iterator[None]:
    """Wrap a page: take in its address before, and update the address after."""
    st.html(ONE_STEP_A_PAGE, unsafe_allow_javascript=True)
    now = visit()
    _arrive(now, page)
    now.noted, now.named = {}, {}
    drawing = _sentences.set(st.container())
    try:
        _take_in_hidden()
        yield
        for name in list(now.asked):
            _unanswered(now, name)
        now.came = None
        _write(now, now.named)
    except PageEnds:  # the page ended before the remaining requests, which still hold
        _write(now, {**now.asked, **now.named})
    finally:
        _sentences.reset(drawing)


def _arrive(now: Visit, page: str) -> None:
    """Take in the address, unless this page wrote it."""
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    context = get_script_run_ctx()
    back = context is not None and context.is_history_navigation
    opened = now.page != page
    own = given == now.standing if opened else given in now.addresses
    now.standing = given
    if opened or back:
        now.page, now.shown, now.asked, now.came = page, {}, {}, None
        now.addresses = [given]
    if opened and page not in now.last:
        now.last[page] = {name: t for name, t in now.wishes.items() if _is_of(page, key_of(name))}
    if own and not back:  # no link was followed: the page keeps its earlier choices
        return
    now.addresses.append(given)
    now.came, now.back = {**(now.came or {}), **given}, back
    if back:  # values missing from an address have their defaults
        for name in [name for name in now.wishes if _is_of(page, key_of(name))]:
            del now.wishes[name]
    former = {row.former: row.name for row in keys_of(page) if row.former}
    for given_name, texts in given.items():
        name = former.get(given_name, given_name)
        row = key_of(name)
        if row is None or not row.linked:
            continue
        texts = [value_now(name, text) for text in texts]
        now.wishes[name] = texts
        if page in row.pages or row.choice:
            now.asked[name] = texts
    now.last[page] = dict(now.asked) if back else {**now.last.get(page, {}), **now.asked}


def _is_of(page: str, row: Key | None) -> bool:
    return row is not None and page in row.pages


def _to_come(now: Visit) -> dict[str, Texts]:
    """The part of the page's address that this execution has not reached."""
    return {name: t for name, t in now.last.get(now.page, {}).items() if name not in now.noted}


def _write(now: Visit, named: dict[str, Texts]) -> None:
    now.last[now.page] = now.standing = named
    standing = {name: st.query_params.get_all(name) for name in st.query_params}
    if standing != named:
        st.query_params.from_dict(named)
    if named not in now.addresses:
        now.addresses.append(named)


def page_link() -> str:
    """Page and choices, relative to the dashboard: "traversals?run=…&view=…". Defaults are
    included: they depend on the existing runs, and a link is also followed on other machines."""
    now = visit()
    page = "" if now.page == PAGES[0] else now.page  # the start page
    choices = {**_to_come(now), **now.noted}
    return link(page, {n: t for n, t in choices.items() if (row := key_of(n)) and not row.secret})


HIDE = "hide"


def hidden(key: str) -> bool:
    """Whether the link hides this control, by its key or by that of all controls of its form:
    `hide=seed-2dshapes` or `hide=seed`. Its value stays that of the link."""
    row, names = key_of(key), wish(HIDE) or []
    return key in names or (row is not None and row.name.removesuffix("-*") in names)


def _take_in_hidden() -> None:
    """The controls that the link hides, on every page: `hide=run,view`. Names that are none get a
    sentence."""
    asked = answered(HIDE)
    names = [part.strip() for text in asked or wish(HIDE) or [] for part in text.split(",")]
    found = [name for name in dict.fromkeys(names) if _is_control(name)]
    want(HIDE, found or None)
    if found:
        note(HIDE, found, usual=False)
    unknown = [harmless(name) for name in dict.fromkeys(names) if name and name not in found]
    if unknown:
        is_none = "is not the name of a control" if len(unknown) == 1 else "are no controls' names"
        say(f"The link hides {', '.join(unknown[:4])}, which {is_none}.")


def _is_control(name: str) -> bool:
    """Whether the table has this key, or this form of keys; a hyphen alone makes no factor's."""
    row = key_of(name) or key_of(f"{name}-*")
    if row is None or not row.linked:
        return False
    return row.name != "*-*" or any(name.startswith(f"{dataset}-") for dataset in TITLES)


def wish(name: str) -> Texts | None:
    """The request of a visitor or a link, whether or not it is offered now."""
    return visit().wishes.get(name)


def wished(name: str) -> str | None:
    """A request that is one text."""
    texts = wish(name)
    return texts[-1] if texts else None


def want(name: str, texts: Sequence[str] | None) -> None:
    """Set the choice; None: the default."""
    now = visit()
    if texts is None:
        now.wishes.pop(name, None)
    else:
        now.wishes[name] = list(texts)


def respell(name: str, texts: Sequence[str]) -> None:
    """Replace a former spelling of the request by the present one."""
    now = visit()
    now.wishes[name] = list(texts)
    if name in now.asked:
        now.asked[name] = list(texts)


def note(name: str, texts: Sequence[str], *, usual: bool) -> None:
    """Record the value that the page shows. Addresses leave out defaults, links in files include
    them. Writes a sentence if the address asked for something else."""
    row = key_of(name)
    assert row is not None, f"{name} has no row in the table of keys"
    assert row.linked, f"{name} is not part of addresses"
    now = visit()
    now.noted[name] = list(texts) or [""]
    if not usual:
        now.named[name] = now.noted[name]
    if row.choice and now.last.get(now.page, {}).get(name) != now.named.get(name):
        _write(now, dict(now.named))  # at once: a visitor may leave before the page is drawn
    asked = now.asked.pop(name, None)
    if asked is not None and not _same(asked, now.noted[name]):
        now.wishes.pop(name, None)
        shown = ", ".join(harmless(text) for text in texts) or "none"
        missing = [text for text in asked if not any(_same([text], [one]) for one in texts)]
        named = ", ".join(harmless(text) for text in (missing or asked)[:4])
        say(f'There is no {row.noun} "{named}" here; showing {shown} instead.')


def answered(name: str) -> Texts | None:
    """The request of the address, which the page itself will answer."""
    return visit().asked.pop(name, None)


def say(sentence: str) -> None:
    """Show a message about an unfulfilled request of a link, above the page."""
    (_sentences.get() or st).warning(sentence, icon=":material/link:")


def cannot_follow(sentence: str) -> None:
    """Show a message about a choice that follows the visitor but is not available on this page."""
    (_sentences.get() or st).info(sentence, icon=":material/alt_route:")


def harmless(name: str) -> str:
    """Text from a link, without markdown, which could load a picture from any site."""
    return "".join(c if c.isalnum() or c in "-_. " else "?" for c in name)[:80]


def _same(asked: Texts, shown: Texts) -> bool:
    return len(asked) == len(shown) and all(
        one == other
        or one.lower() == other
        or ((_number(one) is not None) and _number(one) == _number(other))
        for one, other in zip(sorted(asked), sorted(shown), strict=True)
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _unanswered(now: Visit, name: str) -> None:
    """Report a request that no widget on the page takes."""
    texts = now.asked.pop(name)
    now.wishes.pop(name, None)
    row = key_of(name)
    if row is None:
        return
    named = ", ".join(harmless(text) for text in texts[:4])
    if row.choice:
        say(f'There is no {row.noun} "{named}" here.')
    else:
        say(f'The link asks for the {row.noun} "{named}", which this page does not offer now.')
