"""Helpers that drive the dashboard in a real Chromium."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import numpy as np
from playwright.sync_api import Locator, Page, WebSocket, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ROOT = ".live-decoder"


class BrowserPage:
    """A page that remembers what it sent to the server.

    Attributes:
        page: the Playwright page.
        messages: payload sizes of all websocket messages sent so far, in bytes.
        errors: messages of JavaScript exceptions so far.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.messages: list[int] = []
        self.errors: list[str] = []
        page.on("websocket", self._listen)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda payload: self.messages.append(len(payload)))
