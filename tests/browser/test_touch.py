"""Sliders under a finger, on a phone: they follow it, and the page stays where it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from betavae_core.datasets import load_dataset
from betavae_core.export.handout import export_handout, handout
from betavae_core.store import load_run
from tests.browser.drive import CONV, browser_page
from tests.browser.judged import at_rest, broken
from tests.browser.pages import still, wait_for_picture

FINGER = 24  # pixels, the least side of what a finger can meet (WCAG 2.2 AA)
SLIDERS = ".live-decoder input[data-latent]"
# how far the page and all that scrolls in it are scrolled
SCROLLED = """() => [...document.querySelectorAll("*")].reduce((sum, e) => sum + e.scrollTop, 0)"""


@pytest.fixture
def phone() -> Iterator[Page]:
    with browser_page(390, height=844, touch=True) as page:
        yield page


def touch(slider: Locator, across: float, down: float) -> None:
    """Put a finger on the middle of a slider, move it in small steps and lift it."""
    page, box = slider.page, still(slider)
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = page.context.new_cdp_session(page)
    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at(x, y)]})
    for share in range(1, 21):
        to = at(x + across * share / 20, y + down * share / 20)
        fingers.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [to]})
        page.wait_for_timeout(16)
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


def at(x: float, y: float) -> dict[str, float]:
    return {"x": x, "y": y}


def follow(page: Page) -> None:
    """Sliders follow a finger that does not move quite straight, and the page does not."""
    slider = page.locator(SLIDERS).first
    slider.scroll_into_view_if_needed()
    place = page.evaluate(SCROLLED)
    for across, down in ((50, 4), (-50, 12)):
        before = float(slider.input_value())
        touch(slider, across, down)
        assert (float(slider.input_value()) - before) * across > 0
        assert page.evaluate(SCROLLED) == place
    for each in page.locator(SLIDERS).all():
        box = each.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER
        assert box["width"] >= 7 * FINGER
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_latents_follow_a_finger(url: str, phone: Page) -> None:
    at_rest(phone, f"{url}/traversals?run={CONV}")
    wait_for_picture(phone)
    follow(phone)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        (f"traversals?run={CONV}", "labelled-traversal"),
        ("lessons?lesson=turning-beta-up&step=3", "labelled-step"),
    ],
)
def test_names_in_a_picture_are_readable_and_it_moves_sideways(
    url: str, phone: Page, address: str, key: str
) -> None:
    """Letters are 20 pixels high in the picture itself; the page beside it does not move."""
    at_rest(phone, f"{url}/{address}")
    picture = phone.locator(f"[class*=st-key-{key}] img")
    picture.scroll_into_view_if_needed()
    box = still(picture)
    assert box["width"] >= 0.6 * picture.evaluate("image => image.naturalWidth")
    assert box["width"] > 390
    around = picture.locator('xpath=ancestor::*[contains(@class, "st-key-labelled")]')
    around.evaluate("each => each.scrollTo({ left: each.scrollWidth })")
    assert around.evaluate("each => each.scrollLeft") > 100
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert broken(phone) == []


def test_a_page_to_take_home_follows_a_finger(runs: Path, tmp_path: Path, phone: Page) -> None:
    contents = handout([load_run(runs / CONV)], load_dataset("2dshapes", "rendered"))
    file = export_handout(contents, tmp_path / "handout.html")
    phone.goto(file.as_uri())
    phone.wait_for_selector("html.live", timeout=60_000)
    follow(phone)
    for name in phone.locator(".embedding-map .legend span").all():
        box = name.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER
