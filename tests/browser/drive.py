"""Helpers that drive the dashboard in a real Chromium."""

import atexit
import shutil
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict

import numpy as np
from playwright.sync_api import Locator, Page, Playwright, sync_playwright

from betavae_core.config import RunConfig

ROOT = Path(__file__).parents[2]
CONV = "2dshapes-conv-beta1-seed123-images7372800-klwarmup640000"
COLOUR = "3dshapes-conv-beta1-seed123-learningrate0.0005-images1440000-klwarmup640000"
OTHER = "2dshapes-conv-beta10-seed123-images7372800-klwarmup640000"
OF_ALL = "2dshapes-conv-multirate-beta0.05to20-seed123-images7372800-klwarmup640000"
MLP = RunConfig(model="mlp").run_id
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
THUMB = 16  # width of a slider's thumb in CSS pixels; its centre travels the rest of the track

_sent: weakref.WeakKeyDictionary[Page, list[int]] = weakref.WeakKeyDictionary()


class Drag(TypedDict):
    """What happened between press and release."""

    frames: int
    seconds: float
    messages_sent: int


def chromium_path() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@cache
def driver() -> Playwright:
    """Playwright, started once: a page may be opened while another is, and a second driver in one
    thread is refused."""
    started = sync_playwright().start()
    atexit.register(started.stop)
    return started


@contextmanager
def browser_page(
    width: int = 1440,
    theme: Literal["light", "dark"] = "light",
    *,
    height: int = 900,
    scripts: bool = True,
    touch: bool = False,
) -> Iterator[Page]:
    """Open an empty page of that size in a fresh browser and close both afterwards; scripts:
    whether they run; touch: on a phone, which has fingers and no mouse."""
    browser = driver().chromium.launch(executable_path=chromium_path(), args=FLAGS)
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        java_script_enabled=scripts,
        has_touch=touch,
        is_mobile=touch,
    )
    page = context.new_page()
    sent = _sent.setdefault(page, [])
    # Listening must begin before the page opens its socket.
    page.on(
        "websocket",
        lambda socket: socket.on("framesent", lambda payload: sent.append(len(payload))),
    )
    try:
        yield page
    finally:
        browser.close()


def messages_sent(page: Page) -> int:
    """Return how many websocket messages the page has sent since ``browser_page`` opened it."""
    return len(_sent[page])


def drag(slider: Locator, steps: int = 120, to: float = 0.0) -> Drag:
    """Press on a live slider's thumb, move to the value ``to`` in small steps and let go.

    The counts end before the release, which is the one moment when a message is due.
    """
    page = slider.page
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None, "the slider is not visible"
    low, high, value = slider.evaluate("e => [+e.min, +e.max, +e.value]")
    begin, end = (
        box["x"] + THUMB / 2 + (v - low) / (high - low) * (box["width"] - THUMB)
        for v in (value, to)
    )
    y = box["y"] + box["height"] / 2
    page.mouse.move(begin, y)
    page.mouse.down()
    frames, sent, clock = _frames(slider), messages_sent(page), time.perf_counter()
    for step in range(1, steps + 1):
        page.mouse.move(begin + (end - begin) * step / steps, y)
    seconds = time.perf_counter() - clock
    result = Drag(
        frames=_frames(slider) - frames,
        seconds=seconds,
        messages_sent=messages_sent(page) - sent,
    )
    page.mouse.up()
    return result


def _frames(slider: Locator) -> int:
    """Return how many frames the slider's component has decoded."""
    return int(slider.evaluate("e => e.closest('.live-decoder').dataset.frames"))


def canvas_pixels(page: Page) -> np.ndarray:
    """Return what the live canvas shows, uint8 (H, W, C); C is 3, for grey images three equal."""
    height, width, values = page.locator('canvas[data-testid="live-canvas"]').evaluate(
        """e => [e.height, e.width,
                 Array.from(e.getContext("2d").getImageData(0, 0, e.width, e.height).data)]"""
    )
    return np.asarray(values, dtype=np.uint8).reshape(height, width, 4)[..., :3]
