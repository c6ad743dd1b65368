"""Every page for visitors who use no mouse or no screen, or who need contrast: axe finds nothing,
the text in pictures made of SVG is legible, and the keyboard alone suffices."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.drive import CONV, browser_page
from tests.browser.pages import PATHS, open_page
from tests.contrast import contrast

STATES = (  # that the pages do not show at first
    "disentanglement?guess=true",
    f"checkpoint?checkpoint=RUNS%2F{CONV}",
    "latent_space?every=true",
    "sensitivity?blind=true",
    f"traversals?run={CONV}&view=two+latents",
    "lessons?lesson=turning-beta-up&step=1",
    "lessons?lesson=turning-beta-up&step=1&present=true",
    "?large=true",
)
# axe's rule → selector of the elements of Streamlit's own widgets that break it and that we cannot
# change, and the reason. Nothing else is left out.
LEFT_OUT: dict[str, dict[str, str]] = {}
AA = 4.5  # the contrast of text that WCAG 2.2 AA asks for
SVG_TEXT = """
() => {
  const found = [], page = getComputedStyle(document.querySelector('[data-testid="stApp"]'));
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (node.tagName.toLowerCase() !== "text" || !node.textContent.trim()) continue;
      if (node.closest(".hoverlayer") || !node.checkVisibility({ opacityProperty: true })) continue;
      let shown = 1;
      for (let at = node; at; at = at.parentElement ?? at.getRootNode().host)
        shown *= Number(getComputedStyle(at).opacity);
      const style = getComputedStyle(node);
      found.push([node.textContent, style.fill, shown * Number(style.fillOpacity)]);
    }
  };
  look(document);
  return [page.backgroundColor, found];
}
"""


def broken(page: Page) -> list[str]:
    """What axe finds, a line for each element, without what is left out."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    lines = []
    for rule in found:
        for node in rule["nodes"]:
            target = node["target"][-1]
            target = target[-1] if isinstance(target, list) else target
            known = LEFT_OUT.get(rule["id"], {})
            if not any(
                page.locator(target).first.evaluate("(e, s) => e.matches(s)", s) for s in known
            ):
                lines.append(f"{rule['id']}: {node['html'][:120]} {node['failureSummary'][:200]}")
    return lines


def pale_text(page: Page) -> list[str]:
    """Texts in SVG whose contrast with the page is too low: axe does not look at them."""
    ground, texts = page.evaluate(SVG_TEXT)
    behind = [float(number) for number in re.findall(r"[\d.]+", ground)[:3]]
    lines = []
    for text, fill, opacity in texts:
        tone = [float(number) for number in re.findall(r"[\d.]+", fill)[:3]]
        shown = [opacity * one + (1 - opacity) * two for one, two in zip(tone, behind, strict=True)]
        if opacity > 0.01 and contrast(shown, behind) < AA:
            lines.append(f"{text}: {fill} × {opacity:.2f}, {contrast(shown, behind):.2f}")
    return lines


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A high window: axe judges the contrast of what is in view."""
    with browser_page(1440, request.param) as opened:
        opened.set_viewport_size({"width": 1440, "height": 3000})
        yield opened


def at_rest(page: Page, address: str) -> None:
    open_page(page, address)
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=120_000
    )
    page.wait_for_timeout(1_500)  # charts and components draw themselves


@pytest.mark.parametrize("path", [*PATHS, *STATES])
def test_axe_finds_nothing(url: str, runs: Path, page: Page, path: str) -> None:
    at_rest(page, f"{url}/{path.replace('RUNS', runs.name)}")
    assert page.locator('[data-testid="stException"]').count() == 0
    assert broken(page) == []
    assert pale_text(page) == []


def test_what_is_folded_is_read_and_printed(url: str) -> None:
    """ "How measured" opens with the keyboard, and paper shows it without."""
    with browser_page() as page:
        at_rest(page, f"{url}/disentanglement")
        folded = page.locator('[class*="st-key-measured-over-beta"]')
        text = folded.locator('[data-testid="stCaptionContainer"]')
        assert not text.is_visible()
        folded.locator("summary").focus()
        page.keyboard.press("Enter")
        text.wait_for(state="visible")
        assert "Tukey" in text.inner_text()
        page.keyboard.press("Enter")
        text.wait_for(state="hidden")
        page.emulate_media(media="print")
        for each in page.locator('[class*="st-key-measured-"]').all():
            box = each.locator('[data-testid="stCaptionContainer"]').bounding_box()
            assert box is not None
            assert box["height"] > 15


def test_charts_pictures_and_sliders_have_names(url: str) -> None:
    with browser_page() as page:
        at_rest(page, f"{url}/disentanglement")
        sentence = page.locator(".st-key-said-over-beta strong").inner_text()
        assert page.get_by_role("figure", name=sentence).locator(".js-plotly-plot").count() == 1
        at_rest(page, f"{url}/traversals?run={CONV}")
        sliders = page.locator(".live-decoder input[data-latent]")
        sliders.first.wait_for()
        names = [each.get_attribute("aria-label") or "" for each in sliders.all()]
        assert all(re.fullmatch(r"latent z\d+ \((used|unused)\)", name) for name in names)
        assert len(set(names)) == 10


def test_a_cell_is_chosen_and_a_game_is_played_by_keyboard(url: str) -> None:
    with browser_page() as page:
        at_rest(page, f"{url}/disentanglement?run={CONV}")
        box = page.locator('[class*="st-key-cell-"] input').first
        box.focus()
        page.keyboard.type("z1, scale")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="z1 and scale").wait_for(timeout=30_000)
        page.get_by_text("Guess first").locator("xpath=ancestor::label").locator("input").focus()
        page.keyboard.press("Space")
        guess = page.get_by_role("button", name="A scores higher")
        guess.wait_for(timeout=60_000)
        guess.focus()
        page.keyboard.press("Enter")
        page.get_by_text("Round 1 of", exact=False).first.wait_for(timeout=30_000)
        page.get_by_text(re.compile(r"(Right|Wrong): A scores")).wait_for(timeout=30_000)


def test_a_latent_returns_to_its_start_by_keyboard(url: str) -> None:
    with browser_page() as page:
        at_rest(page, f"{url}/traversals?run={CONV}")
        slider = page.locator(".live-decoder input[data-latent]").first
        slider.wait_for()
        start = slider.input_value()
        slider.focus()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        assert slider.input_value() != start
        page.keyboard.press("Delete")
        page.wait_for_function(
            "([e, start]) => e.value === start", arg=[slider.element_handle(), start]
        )
