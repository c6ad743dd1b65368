"""A page by keyboard alone: Tab reaches its controls and leaves them again, and whoever looks sees
where it stands."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.drive import CONV, browser_page
from tests.browser.judged import at_rest

WIDTH, HEIGHT = 1440, 900
MOST = 90  # controls of a page
TONES = 60  # of 255, by which a pixel must differ to be seen
# what has the focus, in components as well: its name, its box, and for inputs that are not seen
# themselves that of what stands for them
FOCUSED = """
() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  if (at === document.body) return null;
  const drawn = at.matches("input:is([type=checkbox], [type=radio])") ? at.closest("label")
    : at.closest(".stSlider") ?? at;
  const { x, y, width, height } = drawn.getBoundingClientRect();
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent;
  return { name: name.trim(), tag: at.localName, box: [x, y, width, height] };
}
"""
BLUR = """
() => {
  let at = document.activeElement;
  while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  at.blur();
  return at;
}
"""


def around(page: Page, box: list[float]) -> np.ndarray:
    """The screen in and around a box, as integers (height, width, 3)."""
    x, y = max(0.0, box[0] - 8), max(0.0, box[1] - 8)
    right, foot = min(WIDTH, box[0] + box[2] + 8), min(HEIGHT, box[1] + box[3] + 8)
    clip = page.screenshot(clip={"x": x, "y": y, "width": right - x, "height": foot - y})
    return np.asarray(Image.open(io.BytesIO(clip)).convert("RGB"), int)


@pytest.mark.parametrize(
    ("path", "theme"),
    [("lessons", "dark"), (f"traversals?run={CONV}", "light"), ("latent_space", "dark")],
)
def test_each_control_is_reached_named_and_seen(url: str, path: str, theme: str) -> None:
    """A table's cells, which it draws itself, and the page, which is scrolled, are left out."""
    names: list[str] = []
    unseen: list[str] = []
    with browser_page(WIDTH, theme, height=HEIGHT) as page:
        at_rest(page, f"{url}/{path}")
        for _ in range(MOST):
            page.keyboard.press("Tab")
            page.wait_for_timeout(60)
            found = page.evaluate(FOCUSED)
            if found is None or (names and found["name"] == names[0]):
                break  # at the end, or at the first control again
            if found["tag"] in ("canvas", "td", "main", "div"):
                continue
            names.append(found["name"])
            box = found["box"]
            if box[1] + box[3] <= 0 or box[1] >= HEIGHT:
                unseen.append(f"{found['name']}: outside the screen")
                continue
            with_focus = around(page, box)
            control = page.evaluate_handle(BLUR)
            page.wait_for_timeout(60)
            if (abs(with_focus - around(page, box)).max(2) > TONES).sum() < 20:
                unseen.append(found["name"])
            control.evaluate("each => each.focus({ preventScroll: true })")
        else:
            raise AssertionError(f"no end after {MOST} controls: {names[-5:]}")
    assert len(names) > 15
    assert all(names)
    assert unseen == []
