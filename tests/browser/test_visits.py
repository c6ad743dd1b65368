"""From page to page and back in a real Chromium: page, address and a reload of it agree."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, TimeoutError

from tests.browser.drive import browser_page, drag
from tests.browser.pages import PATHS, positions, wait_for_picture

pytestmark = pytest.mark.slow


READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def settle(page: Page) -> None:
    """Until the page has run, and run again if it asked for that."""
    page.wait_for_selector("h1", timeout=180_000)
    for _ in range(2):
        page.wait_for_timeout(400)
        page.wait_for_selector(READY, timeout=120_000)


def go(page: Page, path: str) -> None:
    title = path.replace("_", " ").capitalize() or "Overview"
    page.locator('[data-testid="stTopNavLink"]', has_text=title).first.click()
    page.wait_for_function("path => location.pathname === '/' + path", arg=path)
    settle(page)


def choose(page: Page, key: str, option: str) -> None:
    """Again if the list closes: it does when the page runs once more for a picture that arrived."""
    box = page.locator(f".st-key-{key} input").first
    for _ in range(3):
        box.click()
        box.fill(option)
        try:
            page.get_by_role("option", name=option, exact=True).first.click(timeout=10_000)
            break
        except TimeoutError:
            settle(page)
    settle(page)
    assert box.input_value() == option


def shown(page: Page) -> tuple[list[str], list[str]]:
    """What is chosen at the widgets of the page, and its sentences below pictures."""
    assert page.locator('[data-testid="stException"]').count() == 0
    boxes = page.locator('[data-testid="stMain"] [data-testid="stSelectbox"] input')
    chosen = [box.input_value() for box in boxes.all()]
    pressed = page.locator('[data-testid="stMain"] [aria-checked="true"]')
    return chosen + pressed.all_inner_texts(), [
        re.sub(r"[\d.]+ s\b", "", text)
        for text in page.locator('[data-testid="stCaptionContainer"]').all_inner_texts()
    ]


def change(page: Page, path: str, number: int) -> None:
    """Another choice at a control of the page, where it has one that is quick."""
    if path == "traversals":
        now = page.locator(".st-key-pick-dataset input").first.input_value()
        choose(page, "pick-dataset", next(name for name in ("3Dshapes", "2Dshapes") if name != now))
    elif path == "datasets":
        now = page.locator(".st-key-data input").first.input_value()
        choose(page, "data", next(name for name in ("3Dshapes", "2Dshapes") if name != now))
    elif path == "disentanglement":
        choose(page, "score", "MIG")
    elif path == "reconstruction":
        page.locator(".st-key-draw input").fill(str(number + 1))
        page.locator(".st-key-draw input").press("Enter")
        settle(page)


@pytest.mark.parametrize("step", [1, 3])
def test_page_address_and_reload_agree(url: str, step: int) -> None:
    """Round all pages, in two orders, with a control changed on the way."""
    order = [PATHS[(step * number) % len(PATHS)] for number in range(len(PATHS) + 1)]
    assert len({*pairwise(order)}) == len(PATHS)
    with browser_page() as page:
        other = page.context.new_page()  # somebody else: a session of its own
        page.goto(url)
        settle(page)
        for number, path in enumerate(order[1:]):
            go(page, path)
            change(page, path, number)
            other.goto(page.url)
            settle(other)
            assert shown(other) == shown(page), page.url
            assert other.url == page.url


def test_back_shows_the_page_as_it_was_left(url: str) -> None:
    with browser_page() as page:
        page.goto(f"{url}/traversals")
        settle(page)
        steps = page.evaluate("history.length")
        choose(page, "pick-beta", "1")
        wait_for_picture(page)
        drag(page.locator(".live-decoder input[data-latent]").first, 20, 1.5)
        page.wait_for_function("location.search.includes('z=')", timeout=20_000)
        settle(page)
        left, z = page.url, positions(page)
        go(page, "sensitivity")
        choose(page, "pick-beta", "10")
        assert page.evaluate("history.length") == steps + 1  # one for every page
        go(page, "disentanglement")
        assert page.locator(".st-key-pick-beta input").input_value() == "10"
        page.go_back()
        settle(page)
        assert page.locator(".st-key-pick-beta input").input_value() == "10"
        page.go_back()
        settle(page)
        wait_for_picture(page)
        assert page.url == left
        assert page.locator(".st-key-pick-beta input").input_value() == "1"
        assert (positions(page) == z).all()
        go(page, "datasets")
        go(page, "traversals")
        wait_for_picture(page)
        assert page.url == left
        assert (positions(page) == z).all()


def test_the_former_answer_goes_at_once(url: str) -> None:
    """It never stands beside the next question."""
    with browser_page() as page:
        page.goto(f"{url}/disentanglement?guess=true")
        settle(page)
        page.get_by_role("button", name="A scores higher").click()
        page.get_by_text(re.compile("Round 1 of")).wait_for()
        page.locator('[data-testid="stAlert"]').wait_for()
        settle(page)
        page.evaluate(
            """() => {
                const buttons = () => [...document.querySelectorAll("button")];
                const named = (name) => buttons().find((each) => each.innerText.includes(name));
                const alerts = () => [...document.querySelectorAll('[data-testid="stAlert"]')];
                window.seen = [];
                const look = () => {
                    const answer = alerts().some((each) => each.innerText.includes("Round"));
                    const question = named("A scores higher") !== undefined;
                    window.seen.push([answer, question]);
                    if (!question) requestAnimationFrame(look);
                };
                (named("Next round") ?? named("New game")).click();
                requestAnimationFrame(look);
            }"""
        )
        page.wait_for_function("window.seen.at(-1)?.[1]", timeout=60_000)
        seen = page.evaluate("window.seen")
        assert seen[0] == [True, False]
        assert seen[-1] == [False, True]
