"""A class on the page: the lecturer's controls and join link, the students' view, the histogram."""

import io
import secrets
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

import segno
import streamlit as st
from streamlit import config, net_util

from betavae_core import plots
from betavae_core.addresses import link
from betavae_core.errors import InputError
from betavae_core.lessons import Facts, InOrder, Lesson, OneOf, OnScale, Prediction
from betavae_core.lessons.predictions import lettered
from pages._ui.address import say, want
from pages._ui.charts import Drawn, chart, drawn
from pages._ui.lessons.classes import Class, Classes, is_lecturer
from pages._ui.lessons.presenting import LEAST
from pages._ui.lessons.progress import Progress, go_to, linked_text, open_lesson, told_key
from pages._ui.lessons.projector import GAP, HEIGHT, for_projector

CLASS, LECTURER = "class", "lecturer"
VISITOR = "_class_visitor"  # in the session: a random number
REFUSED = "_class_refused"  # in the session: why no class was opened
OWN_NAMES = ("localhost", "127.0.0.1")  # of every machine, for itself
BASE = "_class_base"  # in the session: the dashboard's address for the class
SCANNED = 370  # pixels of the QR code on a projector
POLL = 2.0  # seconds between two looks at the class
SHOWN_ORDERS = 6  # the most frequent ones


@st.cache_resource
def classes() -> Classes:
    """The classes of this server."""
    return Classes()


def joined() -> tuple[Class | None, bool]:
    """The class of the address, and whether the visitor is its lecturer."""
    if refused := st.session_state.pop(REFUSED, None):
        say(refused)
    code, token = linked_text(CLASS), linked_text(LECTURER)
    if code is None:
        return None, False
    found = classes().find(code)
    if found is None:
        for name in (CLASS, LECTURER):
            want(name, None)
        say("The class of this link has ended, or never was on this server.")
        return None, False
    return found, is_lecturer(found, token)


def open_class(lesson: Lesson, step: int, told: frozenset[int]) -> None:
    """Called by the button: open a class and become its lecturer."""
    try:
        opened = classes().open(lesson.key)
    except InputError as error:
        st.session_state[REFUSED] = str(error)
        return
    classes().move(opened.code, step, set(told))
    want(CLASS, [opened.code])
    want(LECTURER, [opened.token])


def close_class(found: Class) -> None:
    """Called by the lecturer's button: the class ends, the lesson stays open."""
    classes().close(found.code)
    leave_class(found)


def leave_class(found: Class) -> None:
    """Go on alone, at the step of the class."""
    open_lesson(found.lesson)
    go_to(found.step)
    for name in (CLASS, LECTURER):
        want(name, None)


def send(found: Class, step: int, text: str) -> None:
    """Called by the button of a student: keep the guess, one for each session."""
    visitor = st.session_state.setdefault(VISITOR, secrets.token_hex(8))
    sent = classes().guess(found.code, step, visitor, text)
    st.session_state[_sent(found, step)] = text if sent else None


def sent_guess(found: Class, step: int) -> str | None:
    """The guess that this visitor has sent at a step, if the class still holds it."""
    visitor = st.session_state.get(VISITOR)
    return found.guesses.get(step, {}).get(visitor) if visitor else None


def refused_guess(found: Class, step: int) -> bool:
    """Whether the class did not take this visitor's last guess."""
    return st.session_state.get(_sent(found, step), "") is None


def _sent(found: Class, step: int) -> str:
    return f"_class_sent_{found.code}_{step}"


def join_address(found: Class, base: str) -> str:
    """The link that students open."""
    return f"{base}/{link('lessons', {CLASS: found.code})}"


def usual_base() -> str:
    """The dashboard's address for the class: that of the lecturer's browser or, if that is this
    machine's own name for itself while the server listens to the network, its address there."""
    place = urlsplit(st.context.url or "http://localhost:8501")
    base = place.path.removesuffix("/").removesuffix("lessons").rstrip("/")
    host, listens = place.netloc, config.get_option("server.address")
    if place.hostname in OWN_NAMES and listens not in OWN_NAMES:
        inside = net_util.get_internal_ip()
        host = f"{inside}:{place.port}" if inside and place.port else host
    return urlunsplit((place.scheme, host, base, "", ""))


def qr_code(address: str) -> bytes:
    """The address as a QR code, SVG, dark on white in both themes."""
    file = io.BytesIO()
    segno.make(address, error="m").save(
        file, kind="svg", border=3, dark="#000", light="#fff", xmldecl=False, scale=8
    )
    return file.getvalue()


def lecture(found: Class, progress: Progress) -> None:
    """The lecturer's controls, which no projector shows: the address for the class, and buttons."""
    base = st.text_input(
        "Address of this dashboard for the class",
        usual_base(),
        key=_base_key(found),
        help="What students must be able to open. By default the dashboard listens on this "
        "machine only; docs/classroom.md says how to open it to a network.",
    ).rstrip("/")
    st.session_state[BASE] = base
    if urlsplit(base).hostname in OWN_NAMES:
        st.caption(
            "Only this machine can open this address: the dashboard listens to no network yet. "
            "docs/classroom.md says how it does."
        )
    row = st.container(horizontal=True)
    row.button(
        "Clear the guesses of this step",
        key="go-clear",
        icon=":material/mop:",
        on_click=_clear,
        args=(found.code, progress),
    )
    row.button(
        "Close the class",
        key="go-close",
        icon=":material/logout:",
        on_click=close_class,
        args=(found,),
    )


def invite(found: Class, progress: Progress) -> None:
    """The join link and the number of guesses in one line; the QR code opens over the figure, as
    large as a phone at the back needs it."""
    typed = st.session_state.get(_base_key(found)) or st.session_state.get(BASE)
    address = join_address(found, (typed or usual_base()).rstrip("/"))
    row = st.container(horizontal=True, vertical_alignment="center", key="invitation")
    with row.popover("QR code", icon=":material/qr_code_2:"):
        st.image(qr_code(address).decode(), width=SCANNED, alt="QR code of the join link")
    row.markdown(f"**Join the class:** {address}", width="content")
    with row.container(width="content"):
        _count(found.code, progress.step)


def _base_key(found: Class) -> str:
    return f"join-{found.code}"


def _clear(code: str, progress: Progress) -> None:
    classes().clear(code, progress.step)
    want(told_key(progress.lesson), [str(n) for n in sorted(progress.told - {progress.step})])


@st.fragment(run_every=POLL)
def _count(code: str, step: int) -> None:
    found = classes().find(code)
    if found is None:
        st.rerun()
        return
    guesses, visitors = found.counted(step).total(), len(found.visitors)
    st.markdown(f"**{guesses}** guesses at this step, {visitors} visitors so far.")


@st.fragment(run_every=POLL)
def follow(code: str, step: int, told: bool, cleared: bool) -> None:
    """A student's page looks whether the lecturer has gone on; it draws nothing."""
    found = classes().find(code)
    if found is None:
        st.rerun()
        return
    visitor = st.session_state.get(VISITOR, "")
    gone = visitor not in found.guesses.get(step, {})
    if (found.step, found.step in found.told, gone) != (step, told, cleared):
        st.rerun()


def histogram(
    counts: Counter[str], asked: Prediction, facts: Facts, name: str, *, large: bool
) -> None:
    """The guesses of the class beside the true answer; large: for a projector."""
    if not counts:
        st.caption("Nobody in the class has guessed at this step.")
        return
    made = _guesses(counts, asked, facts)
    chart(
        for_projector(made, LEAST, HEIGHT - GAP) if large else made,
        f"class-{name}",
        "One guess of each visitor of the class, kept in the memory of this server.",
        says=f"The class made {counts.total()} guesses.",
    )


def _guesses(counts: Counter[str], asked: Prediction, facts: Facts) -> Drawn:
    true = asked.answer(facts)
    if isinstance(asked, OnScale):
        number = facts.numbers[asked.truth]
        values = [float(text) for text in counts.elements()]
        return drawn(
            plots.guessed_numbers,
            *(sorted(values), number.value, number.text),
            *(asked.low, asked.high, asked.step),
        )
    if isinstance(asked, OneOf):
        each = lettered(asked.options)
        labels = [
            letter if option.view else f"{letter} · {option.label}"
            for letter, option in each.items()
        ]
        right = [letter == true for letter in each]
        return drawn(plots.guessed_options, labels, [counts[letter] for letter in each], right)
    if isinstance(asked, InOrder):
        most = [order for order, _ in counts.most_common(SHOWN_ORDERS)]
        most += [true] if true is not None and true not in most else []
        labels = [order.replace(",", " ") for order in most]
        return drawn(
            plots.guessed_options,
            labels,
            [counts[order] for order in most],
            [order == true for order in most],
        )
    rights = Counter[int]()
    answer = [""] * len(asked.options) if true is None else true.split(",")
    for text, count in counts.items():
        pairs = zip(text.split(","), answer, strict=True)
        rights[sum(one == other for one, other in pairs)] += count
    each_count = range(len(asked.options) + 1)
    return drawn(
        plots.guessed_options,
        [f"{n} right" for n in each_count],
        [rights[n] for n in each_count],
        [n == len(asked.options) for n in each_count],
    )
