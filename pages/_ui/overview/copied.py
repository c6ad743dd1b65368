"""What a new visitor of the first page sees, and a copy of it: a dashboard that starts shows the
copy until torch is imported and the runs are open."""

import base64
import hashlib
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from betavae_core import __version__
from betavae_core.beta import unbroken
from betavae_core.browser.component import BETA_EXPLORER
from betavae_core.paths import cache_root, runs_root
from betavae_core.story.card import Card
from pages._ui.component import shown
from pages._ui.style import spoken

Rows = list[tuple[str, bytes]]  # label as markdown, PNG
COPY = "overview.json"
SHOWS_MORE = {  # the label of a card's link
    "reconstruction": "See what β costs",
    "traversals": "Drag a latent",
    "latent_space": "Follow the factors",
    "disentanglement": "Compare scores and pictures",
}
FILES = ("config.json", "weights.safetensors", "history.jsonl", "scores.json", "strip.png")

_last: list[tuple[Path, str, "Shown"]] = []  # what this process has kept: the file, the runs, what


@dataclass(frozen=True)
class Shown:
    """What needs models: the explorer of β, as its component takes it (None: there is none), the
    rows of pictures, a label to the left of each, and the story's cards."""

    explorer: bytes | None = None
    rows: Rows = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)


def draw_explorer(data: bytes, place: DeltaGenerator) -> None:
    with place:
        shown(BETA_EXPLORER)(key="beta-explorer", data=data)


def draw_row(label: str, picture: bytes) -> None:
    text_at, picture_at = st.columns([1, 5], vertical_alignment="center", gap="small")
    text_at.markdown(label)
    picture_at.image(picture, width="stretch", output_format="PNG", alt=spoken(label))


def draw_cards(cards: list[Card]) -> None:
    """The cards side by side, as many as fit."""
    if not cards:
        return
    st.header("The story in four pictures" if len(cards) == 4 else "The story in pictures")
    row = st.container(horizontal=True, gap="small")
    for card in cards:
        place = row.container(width=264)
        place.image(card.picture, width="stretch", alt=spoken(card.sentence))
        place.markdown(unbroken(card.sentence))
        place.page_link(
            f"pages/{card.page}.py",
            label=f"**{SHOWS_MORE[card.page]}**",
            icon=":material/arrow_forward:",
            query_params=card.choices,
        )


def copied() -> Shown:
    """What this dashboard showed last to a new visitor, if its runs are still the same and this
    process has drawn nothing yet; otherwise nothing."""
    if "torch" in sys.modules or st.query_params:
        return Shown()
    with suppress(OSError, ValueError, KeyError, TypeError):  # no copy, or a damaged one
        copy = json.loads((cache_root() / COPY).read_bytes())
        if copy["of"] == _state():
            explorer = None if copy["explorer"] is None else base64.b64decode(copy["explorer"])
            rows = [(str(label), base64.b64decode(picture)) for label, picture in copy["rows"]]
            return Shown(explorer, rows, [Card(**card) for card in copy["cards"]])
    return Shown()


def keep_copy(page: Shown) -> None:
    """Keep what a new visitor sees for the next start; a cache folder that cannot be written keeps
    nothing."""
    path, state = cache_root() / COPY, _state()
    if st.query_params or _last == [(path, state, page)]:
        return
    from betavae_core.store.files import write_atomically

    explorer = None if page.explorer is None else base64.b64encode(page.explorer).decode()
    rows = [[label, base64.b64encode(picture).decode()] for label, picture in page.rows]
    cards = [asdict(card) for card in page.cards]
    written = json.dumps({"of": state, "explorer": explorer, "rows": rows, "cards": cards}).encode()
    with suppress(OSError):
        if not path.exists() or path.read_bytes() != written:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, written)
        _last[:] = [(path, state, page)]


def _state() -> str:
    """Changes with any run's settings, weights or measurements, and with this program."""
    found = [__version__, str(runs_root())]
    for folder in sorted(runs_root().glob("[!.]*")):
        found += [f"{folder.name}/{name} {_stamp(folder / name)}" for name in FILES]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def _stamp(path: Path) -> str:
    with suppress(OSError):
        stat = path.stat()
        return f"{stat.st_size} {stat.st_mtime_ns}"
    return "-"
