"""A page by keyboard alone: Tab reaches its controls and leaves them again, and whoever looks sees
where it stands."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.drive import CONV, browser_page
from tests.browser.judged import at_rest
from tests.browser.pages import PATHS

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
  at.dataset.reached = "true";
  const drawn = at.matches("input:is([type=checkbox], [type=radio])") ? at.closest("label")
    : at.closest(".stSlider") ?? at;
  const { x, y, width, height } = drawn.getBoundingClientRect();
  const name = at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent;
  return { name: name.trim(), tag: at.localName, box: [x, y, width, height] };
}
"""
# the controls that Tab should have reached, and has not; of those of a group that arrow keys walk
# through, it reaches one
MISSED = """
() => {
  const missed = [], all = "a[href], button, input, select, textarea, summary, [role=slider]";
  const left = (each) => each.disabled || each.tabIndex < 0 || each.dataset.reached
    || ["radio", "hidden", "file"].includes(each.type) || !each.checkVisibility()
    || each.closest("[role=radiogroup], [role=toolbar]")?.querySelector("[data-reached]");
  const look = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.shadowRoot) look(each.shadowRoot);
      if (each.matches(all) && !left(each)) missed.push(each.outerHTML.slice(0, 120));
    }
  };
  look(document);
  return missed;
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
    [
        ("lessons", "dark"),
        (f"traversals?run={CONV}", "light"),
        ("latent_space", "dark"),
        ("", "light"),
        ("disentanglement", "dark"),
        ("sensitivity", "light"),
        ("reconstruction", "dark"),
        ("findings", "light"),
        ("checkpoint", "dark"),
        ("datasets", "light"),
        ("training", "dark"),
        ("lessons?lesson=turning-beta-up&step=1", "light"),
    ],
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
        assert page.evaluate(MISSED) == []
    assert len(names) > 15
    assert all(names)
    assert unseen == []


SLIDERS = '[role="slider"], input[type="range"]'
STANDS = "e => e.getAttribute('aria-valuenow') ?? e.value"


@pytest.mark.parametrize("path", [path for path in PATHS if path not in ("lessons", "findings")])
def test_each_slider_moves_by_arrow_keys(url: str, path: str) -> None:
    """Also where the page is drawn anew after each step; one at its end moves back."""
    with browser_page(WIDTH, height=HEIGHT) as page:
        at_rest(page, f"{url}/{path}")
        count = page.locator(SLIDERS).count()
        stuck = []
        for number in range(count):
            slider = page.locator(SLIDERS).nth(number)
            if not slider.is_visible():
                continue
            before = slider.evaluate(STANDS)
            slider.focus()
            for key in ("ArrowRight", "ArrowLeft", "ArrowLeft"):
                page.keyboard.press(key)
                page.wait_for_timeout(200)
                if slider.evaluate(STANDS) != before:
                    break
            else:
                stuck.append(slider.get_attribute("aria-label") or f"slider {number}")
            if page.locator(SLIDERS).count() != count:
                break  # the choice has changed what is offered
        assert stuck == []
