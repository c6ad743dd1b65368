"""A visitor of the dashboard without a browser: a websocket client that speaks Streamlit's
protocol, keeps what a page shows, and answers with the values of its controls."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from websockets.asyncio.client import ClientConnection, connect

from betavae_core.addresses import PAGES

LARGEST = 200 * 2**20  # bytes of one message


@dataclass
class Rerun:
    """One run of a page's script, as the browser would have seen it."""

    seconds: float  # from the request to the end of the script
    received: int  # bytes
    errors: list[str] = field(default_factory=list)
    connecting: float = 0.0  # seconds before the request, of a visitor who arrives
    first_words: float | None = None  # seconds until the first text below the title
    first_picture: float | None = None  # seconds until the first image or chart
    first_live: float | None = None  # seconds until the first component that runs in the browser
    announced: bool = False  # the page said that it computes, with its progress


@dataclass
class Visitor:
    """One session. `elements` has what the page shows at the moment, by its place."""

    url: str  # of the server, "localhost:8501"
    elements: dict[tuple[int, ...], Any] = field(default_factory=dict)
    widgets: dict[str, WidgetState] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)  # address → script hash
    page: str = ""
    query: str = ""
    cached: dict[str, ForwardMsg] = field(default_factory=dict)
    socket: ClientConnection | None = None

    async def enter(self, page: str = "", **choices: str) -> Rerun:
        """Open the dashboard at an address."""
        began = time.perf_counter()
        self.socket = await connect(
            f"ws://{self.url}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=LARGEST,
            origin=f"http://{self.url}",  # type: ignore[arg-type]
        )
        connecting = time.perf_counter() - began
        rerun = await self.go(page, **choices)
        rerun.connecting = connecting
        return rerun

    async def go(self, page: str, **choices: str) -> Rerun:
        """Change to another page, by its address."""
        self.page = "" if page == PAGES[0] else page  # the start page has the short address
        self.query = urlencode(choices)
        self.widgets.clear()
        return await self.rerun()

    async def leave(self) -> None:
        if self.socket is not None:
            await self.socket.close()

    async def choose(self, widget: Any, value: str | int | float | bool) -> Rerun:
        """Set a control to a value and wait for what follows; a control that stands in a fragment
        runs only that."""
        place = next(p for p, each in self.elements.items() if each[0] is widget)
        state = WidgetState(id=widget.id)
        kind = type(widget).__name__
        if kind == "Selectbox":
            state.string_value = str(value)
        elif kind == "ButtonGroup":
            state.string_array_value.data.append(str(value))
        elif kind == "Slider":
            if widget.options:
                state.string_array_value.data.append(str(value))
            else:
                state.double_array_value.data.append(float(value))
        elif kind == "NumberInput":
            state.double_value = float(value)
        elif kind == "Checkbox":
            state.bool_value = bool(value)
        elif kind == "Button":
            state.trigger_value = bool(value)
        else:
            raise ValueError(f"A {kind} cannot be set.")
        self.widgets[widget.id] = state
        rerun = await self.rerun(self.elements[place][1])
        if kind == "Button":  # pressed once
            del self.widgets[widget.id]
        return rerun

    async def rerun(self, fragment: str = "") -> Rerun:
        """Ask for a run of the page, or of one fragment, and take in what comes until its end."""
        assert self.socket is not None, "enter comes first"
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = self.query
        asked.widget_states.CopyFrom(WidgetStates(widgets=list(self.widgets.values())))
        asked.page_script_hash = self.pages.get(self.page, "")
        asked.page_name = "" if asked.page_script_hash else self.page
        asked.fragment_id = fragment
        asked.cached_message_hashes.extend(self.cached)
        began, seen = time.perf_counter(), Rerun(0.0, 0)
        await self.socket.send(message.SerializeToString())
        touched: set[tuple[int, ...]] = set()
        started = False
        while True:
            data = await self.socket.recv()
            assert isinstance(data, bytes), "the protocol is binary"
            seen.received += len(data)
            came = ForwardMsg()
            came.ParseFromString(data)
            if came.WhichOneof("type") == "ref_hash":
                metadata, came = came.metadata, self.cached[came.ref_hash]
                came.metadata.CopyFrom(metadata)
            elif came.metadata.cacheable and came.hash:
                self.cached[came.hash] = came
            kind = came.WhichOneof("type")
            if kind == "new_session":
                started = True
            elif kind == "navigation":
                for page in came.navigation.app_pages:
                    self.pages[page.url_pathname] = page.page_script_hash
                    if page.is_default:
                        self.pages[""] = page.page_script_hash
            elif kind == "page_info_changed":
                self.query = came.page_info_changed.query_string
            elif kind == "delta":
                self._take(came, touched, seen, time.perf_counter() - began)
            elif kind == "page_not_found":
                seen.errors.append(f"no page {self.page}")
            elif kind == "script_finished" and started:
                if came.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                    seen.errors.append("the script does not compile")
                if came.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    break
        if not fragment:  # what this run did not draw is gone
            self.elements = {p: each for p, each in self.elements.items() if p in touched}
        seen.seconds = time.perf_counter() - began
        return seen

    def _take(
        self, came: ForwardMsg, touched: set[tuple[int, ...]], seen: Rerun, now: float
    ) -> None:
        place = tuple(came.metadata.delta_path)
        touched.add(place)
        if came.delta.WhichOneof("type") != "new_element":
            self.elements.pop(place, None)  # a container stands there now
            return
        element = came.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        inner = getattr(element, kind)
        said = f"{getattr(inner, 'body', '')} {getattr(inner, 'icon', '')}"
        seen.announced |= kind == "progress" or "hourglass_top" in said
        if kind == "exception":
            seen.errors.append(f"{inner.type}: {inner.message}")
        if kind == "markdown" and seen.first_words is None:
            seen.first_words = now
        if kind in ("imgs", "plotly_chart") and seen.first_picture is None:
            seen.first_picture = now
        if kind == "bidi_component" and seen.first_live is None:
            seen.first_live = now
        self.elements[place] = (inner, came.delta.fragment_id)

    def words(self) -> str:
        """All that the page says."""
        texts = [each for each, _ in self.elements.values()]
        return "\n".join(str(text.body) for text in texts if hasattr(text, "body"))

    def controls(self, *kinds: str) -> list[Any]:
        """The controls of these kinds (by default all) that can be used, in order of their
        place."""
        there = sorted(self.elements.items())
        return [
            each
            for _, (each, _) in there
            if (type(each).__name__ in kinds or (not kinds and hasattr(each, "id")))
            and not getattr(each, "disabled", False)
        ]
