"""The address of a page: read where somebody arrives, written to say what the page shows.

Everything that was chosen is remembered in the words of addresses, for the whole session: a page
that is left and opened again follows its own address. What the address names and the page does not
offer is said in a sentence.
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

Texts = list[str]
SESSION = "_visit"

# Streamlit adds a step to the browser's history whenever the server changes an address; here that
# only completes the step that led to the page, so Back leads to the page before, as it was left.
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


# of the run of a page: where sentences go
_sentences: ContextVar[DeltaGenerator | None] = ContextVar("sentences", default=None)


@dataclass
class Visit:
    """What a visitor has chosen in this session, and what the page that is open shows of it."""

    page: str = ""
    choice: Choice = field(default_factory=Choice)
    wishes: dict[str, Texts] = field(default_factory=dict)  # by key, also those not offered now
    shown: dict[str, Any] = field(default_factory=dict)  # at each widget since the page was opened
    asked: dict[str, Texts] = field(default_factory=dict)  # by the address, and not yet answered
    came: dict[str, Texts] | None = None  # the address that led here, until the choice follows it
    back: bool = False  # whether that was one of the browser's history
    addresses: list[dict[str, Texts]] = field(default_factory=list)  # since the page was opened
    last: dict[str, dict[str, Texts]] = field(default_factory=dict)  # of each page
    noted: dict[str, Texts] = field(default_factory=dict)  # in this run, what a link names
    named: dict[str, Texts] = field(default_factory=dict)  # of these, what is not as usual


def visit() -> Visit:
    """Of this session."""
    if SESSION not in st.session_state:
        st.session_state[SESSION] = Visit()
    found: Visit = st.session_state[SESSION]
    return found


class PageEnds(Exception):
    """There is no more to show on the page."""


def end_page() -> NoReturn:
    """End the page here. Not `st.stop`, after which no address can be written."""
    raise PageEnds


@contextmanager
def addressed(page: str) -> Iterator[None]:
    """Around a page: what its address asks for is there before, and its address is true after."""
    st.html(ONE_STEP_A_PAGE, unsafe_allow_javascript=True)
    now = visit()
    _arrive(now, page)
    now.noted, now.named = {}, {}
    drawing = _sentences.set(st.container())
    try:
        yield
        for name in list(now.asked):
            _unanswered(now, name)
        now.came = None
        _write(now, now.named)
    except PageEnds:  # it did not come to the rest of what it was asked for, which still holds
        _write(now, {**now.asked, **now.named})
    finally:
        _sentences.reset(drawing)


def _arrive(now: Visit, page: str) -> None:
    """Take in the address, unless it is one that this page wrote itself."""
    given = {name: st.query_params.get_all(name) for name in st.query_params}
    context = get_script_run_ctx()
    back = context is not None and context.is_history_navigation
    opened = now.page != page
    own = given == now.addresses[-1:][0] if opened and now.addresses else given in now.addresses
    if opened or back:
        now.page, now.shown, now.asked, now.came = page, {}, {}, None
        now.addresses = [given]
    if opened and page not in now.last:
        now.last[page] = {name: t for name, t in now.wishes.items() if _is_of(page, key_of(name))}
    if own and not back:  # no link was followed: the page is as it was left
        return
    now.addresses.append(given)
    now.came, now.back = {**(now.came or {}), **given}, back
    if back:  # what an address does not name is as usual
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
    """Of the page's address what it has not come to in this run."""
    return {name: t for name, t in now.last.get(now.page, {}).items() if name not in now.noted}


def _write(now: Visit, named: dict[str, Texts]) -> None:
    now.last[now.page] = named
    standing = {name: st.query_params.get_all(name) for name in st.query_params}
    if standing != named:
        st.query_params.from_dict(named)
    if named not in now.addresses:
        now.addresses.append(named)


def page_link() -> str:
    """Page and choices, relative to the dashboard: "traversals?run=…&view=…". Also what stands at
    its default: that depends on which runs are there, and a link is followed elsewhere, too."""
    now = visit()
    page = "" if now.page == PAGES[0] else now.page  # where the dashboard opens
    return link(page, {**_to_come(now), **now.noted})


def wish(name: str) -> Texts | None:
    """What a visitor or a link asked for, whether or not it is offered now."""
    return visit().wishes.get(name)


def wished(name: str) -> str | None:
    """Of a wish that is one text."""
    texts = wish(name)
    return texts[-1] if texts else None


def want(name: str, texts: Sequence[str] | None) -> None:
    """From now on; None: as usual."""
    now = visit()
    if texts is None:
        now.wishes.pop(name, None)
    else:
        now.wishes[name] = list(texts)


def note(name: str, texts: Sequence[str], *, usual: bool) -> None:
    """What the page shows. Addresses leave out what is as usual, links in files name it. A sentence
    where the address asked for something else."""
    row = key_of(name)
    assert row is not None, f"{name} has no row in the table of keys"
    assert row.linked, f"{name} does not stand in addresses"
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
    """What the address asked for, of which the page itself says what becomes of it."""
    return visit().asked.pop(name, None)


def say(sentence: str) -> None:
    """Of what a link asked for and did not get, above the page."""
    (_sentences.get() or st).warning(sentence, icon=":material/link:")


def cannot_follow(sentence: str) -> None:
    """Of what goes with the visitor from page to page, but is not on this one."""
    (_sentences.get() or st).info(sentence, icon=":material/alt_route:")


def harmless(name: str) -> str:
    """Of a link: no markdown, which could fetch a picture from anywhere."""
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
    """Nothing on the page takes it."""
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
