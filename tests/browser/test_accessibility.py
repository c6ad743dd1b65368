"""Every page for visitors who use no mouse or no screen, or who need contrast: axe finds nothing,
the text in pictures made of SVG is legible, and the keyboard alone suffices."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.drive import CONV, browser_page
from tests.browser.judged import PICTURES, SVG_TEXT, at_rest, broken, pale_text
from tests.browser.pages import PATHS

STATES = (  # that the pages do not show at first
    "disentanglement?guess=true",
    "findings?judge=true",
    f"checkpoint?checkpoint=RUNS%2F{CONV}",
    "latent_space?every=true",
    "sensitivity?blind=true",
    f"traversals?run={CONV}&view=two+latents",
    "lessons?lesson=turning-beta-up&step=1",
    "lessons?lesson=turning-beta-up&step=1&present=true",
    "?large=true",
)


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A high window: axe judges the contrast of what is in view."""
    with browser_page(1440, request.param) as opened:
        opened.set_viewport_size({"width": 1440, "height": 3000})
        yield opened


@pytest.mark.parametrize("path", [*PATHS, *STATES])
def test_axe_finds_nothing(url: str, runs: Path, page: Page, path: str) -> None:
    at_rest(page, f"{url}/{path.replace('RUNS', runs.name)}")
    assert page.locator('[data-testid="stException"]').count() == 0
    assert broken(page) == []
    assert pale_text(page) == []


def test_names_in_the_pictures_of_the_story_are_judged(url: str, page: Page) -> None:
    """They are files, whose text follows the theme."""
    at_rest(page, url)
    pictures = "document.querySelectorAll('img[src^=\"data:image/svg\"]').length >= 3"
    page.wait_for_function(pictures, timeout=60_000)
    assert page.evaluate(PICTURES) >= 3
    texts = page.evaluate(SVG_TEXT)[1]
    assert {"original", "z0"} <= {text for text, _, _ in texts}
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
        page.get_by_role("figure", name=sentence).locator(".js-plotly-plot").wait_for()  # one
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
