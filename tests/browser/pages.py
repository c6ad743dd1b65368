"""Pages as they stand in the browser: opened, at rest, and their live picture beside PyTorch's."""

from pathlib import Path

import numpy as np
import torch
from playwright.sync_api import FloatRect, Locator, Page

from betavae_core import store
from betavae_core.addresses import PAGES
from tests.browser.drive import (
    canvas_pixels,
)

PATHS = ("", *PAGES[1:])  # the first page has the empty address


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_selector('[data-testid="stStatusWidget"]', state="detached", timeout=60_000)


def wait_for_picture(page: Page) -> None:
    page.wait_for_selector('.live-decoder[data-ready="true"]', timeout=60_000)
    page.wait_for_selector('[data-testid="stStatusWidget"]', state="detached", timeout=60_000)


def positions(page: Page, latents: int = 10) -> np.ndarray:
    sliders = page.locator(".live-decoder input[data-latent]")
    pairs = sliders.evaluate_all("all => all.map(e => [+e.dataset.latent, +e.value])")
    z = np.zeros(latents, np.float32)
    for latent, value in pairs:
        z[int(latent)] = value
    return z


def expected(runs: Path, name: str, z: np.ndarray) -> np.ndarray:
    model = store.load_run(runs / name).model
    with torch.no_grad():
        image = model.decode(torch.from_numpy(z)[None])[0]
    return (image * 255).round().permute(1, 2, 0).numpy()


def difference(page: Page, runs: Path, name: str) -> float:
    """Largest difference in 1/255 between the canvas and PyTorch at the sliders' positions.

    The sliders stand on a grid of 0.01, latents that were not moved are exact: so `zero` starts.
    """
    drawn = expected(runs, name, positions(page))
    shown = canvas_pixels(page)[..., : drawn.shape[2]].astype(float)
    return float(np.abs(shown - drawn).max())


def still(locator: Locator) -> FloatRect:
    """Where it is, once it has stopped moving: charts take their width after they are drawn."""
    seen = None
    for _ in range(40):
        box = locator.bounding_box()
        if box is not None and box == seen:
            return box
        seen = box
        locator.page.wait_for_timeout(500)
    raise AssertionError("it does not come to rest")
