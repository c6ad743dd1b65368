"""What pictures show and what their files and links say, in a real Chromium."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.drive import CONV, OTHER, browser_page
from tests.browser.pages import open_page, still, wait_for_picture

pytestmark = pytest.mark.slow


def test_dead_latents_are_greyed_and_every_slider_has_its_hill(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={OTHER}")
        wait_for_picture(page)
        rows = page.locator(".live-decoder .row")
        found = rows.evaluate_all(
            """all => all.map(row => [
                row.classList.contains("off"),
                getComputedStyle(row.firstElementChild).opacity,
                row.querySelector("svg path")?.getAttribute("d").length ?? 0,
            ])"""
        )
        assert len(found) == 10
        off = [row for row in found if row[0]]
        assert 0 < len(off) < 10
        for dead, opacity, drawn in found:
            assert opacity == ("0.7" if dead else "1")
            assert drawn > 100


def test_a_linked_position_is_the_one_shown_and_saved(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={CONV}&z=50,0,0,0,0,0,0,0,0,-1.25")
        wait_for_picture(page)
        page.get_by_text("The link asks for z0 = 50").wait_for()
        sliders = page.locator(".live-decoder input[data-latent]")
        shown = dict(sliders.evaluate_all("all => all.map(e => [e.dataset.latent, +e.value])"))
        assert (shown["0"], shown["9"]) == (3, -1.25)
        with page.expect_download() as saved:
            page.get_by_role("button", name="PNG").click()
        about = json.loads(Image.open(saved.value.path()).text["betavae"])  # type: ignore[attr-defined]
        assert about["z"] == [3] + [0] * 8 + [-1.25]
        assert parse_qs(urlsplit(about["link"]).query)["z"] == ["3,0,0,0,0,0,0,0,0,-1.25"]


def test_a_chart_saved_by_its_button_says_what_it_is_of(url: str) -> None:
    """Not on the screen: there the caption stands below."""
    with browser_page() as page:
        open_page(page, f"{url}/disentanglement?run={CONV}")
        chart = page.locator('[data-testid="stPlotlyChart"]').last
        chart.locator(".main-svg").first.wait_for(timeout=60_000)
        chart.scroll_into_view_if_needed()
        note = chart.locator(".annotation", has_text="link: disentanglement")
        assert note.evaluate("e => getComputedStyle(e).opacity") == "0"
        chart.hover()
        with page.expect_download() as saved:
            chart.locator(".modebar-btn").first.click()
        assert saved.value.suggested_filename.endswith(".svg")
        text = Path(saved.value.path()).read_text()
        assert f"run={CONV}" in text
        assert "betavae 0." in text


def test_a_clicked_cell_is_in_the_link(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/disentanglement?run={CONV}")
        cells = page.locator(".js-plotly-plot", has_text="click a cell")
        cells.scroll_into_view_if_needed()
        heading = page.get_by_role("heading", name=re.compile(r"^z\d+ and "))
        before = heading.inner_text()
        box = still(cells.locator("path.point").nth(4 * 5 + 1))
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(heading).not_to_have_text(before, timeout=30_000)
        clicked = heading.inner_text()
        latent, _, factor = clicked.partition(" and ")
        page.wait_for_function("location.search.includes('cell-')", timeout=20_000)
        named = parse_qs(urlsplit(page.url).query)[f"cell-{CONV}-mig"]
        assert named == [f"{latent}, {factor}"]
        open_page(page, page.url)
        page.get_by_role("heading", name=clicked, exact=True).wait_for(timeout=60_000)
