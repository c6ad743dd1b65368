"""Charts, maps and compared pictures in a real Chromium: they answer and give their numbers."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.drive import (
    CONV,
    OTHER,
    browser_page,
    messages_sent,
)
from tests.browser.pages import open_page, still


@pytest.mark.slow
def test_a_click_on_a_cell_explains_it(url: str) -> None:
    """The heading follows the click; of the cells the one in the third row and fourth column."""
    with browser_page() as page:
        open_page(page, f"{url}/disentanglement?run={CONV}")
        cells = page.locator(".js-plotly-plot", has_text="click a cell")
        cells.scroll_into_view_if_needed()
        heading = page.get_by_role("heading", name=re.compile(r"^z\d+ and "))
        before = heading.inner_text()
        marks = cells.locator("path.point")
        expect(marks).to_have_count(50, timeout=30_000)
        box = still(marks.nth(2 * 5 + 3))
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(heading).not_to_have_text(before, timeout=30_000)
        latent = cells.locator("g.ytick text").nth(2).text_content()
        assert heading.inner_text() == f"{latent} and position x"


@pytest.mark.slow
def test_the_live_score_answers_in_about_a_second(url: str) -> None:
    """Measured by the page itself, after the codes are there."""
    with browser_page() as page:
        open_page(page, f"{url}/sensitivity?live={CONV}")
        metrics = page.locator('[data-testid="stMetric"]')
        metrics.first.wait_for(timeout=120_000)
        before = metrics.first.inner_text()
        page.locator(".stSlider", has_text="L, pairs per point").get_by_role("slider").press("Home")
        page.wait_for_function(
            """before => document.querySelector('[data-testid="stMetric"]').innerText !== before""",
            arg=before,
            timeout=60_000,
        )
        took = float(metrics.nth(2).inner_text().split()[-2])
        print(f"live score in {took} s")
        assert took < 10  # on a machine that does other things as well


@pytest.mark.slow
def test_pointing_shows_an_image_in_every_panel_and_a_click_opens_it(url: str) -> None:
    with browser_page() as page:
        page.goto(f"{url}/latent_space")
        page.locator(".embedding-map[data-ready]").wait_for()
        shown = page.locator(".embedding-map .tip")
        assert not shown.is_visible()
        dot = page.locator(".embedding-map svg").first.locator("circle.dot").nth(60)
        dot.scroll_into_view_if_needed()
        dot.hover(force=True)
        shown.wait_for()
        text = shown.inner_text()
        assert text.startswith("shape ")
        assert "sprite" not in text
        assert shown.locator("i").evaluate("e => e.style.backgroundImage").startswith('url("data:')
        rings = page.locator(".embedding-map svg .ring:not(.held)")
        panels = page.locator(".embedding-map svg").count()
        assert [rings.nth(n).is_visible() for n in range(panels)] == [True] * panels
        sent = messages_sent(page)
        page.mouse.move(5, 5)
        page.wait_for_timeout(300)
        assert not shown.is_visible()
        assert messages_sent(page) == sent  # pointing is the browser's own affair
        dot.click(force=True)
        opened = page.get_by_text("Posterior mean ± σ of each latent")
        opened.wait_for()
        position = text.splitlines()[-1].removeprefix("position y ")
        page.get_by_text(f"position y {position}").filter(visible=True).first.wait_for()
        held = page.locator(".embedding-map svg .held")
        assert [held.nth(n).is_visible() for n in range(panels)] == [True] * panels
        page.keyboard.press("Tab")
        page.locator(".embedding-map svg").first.focus()
        page.keyboard.press("ArrowRight")
        shown.wait_for()
        page.keyboard.press("Escape")
        assert not shown.is_visible()


@pytest.mark.slow
def test_a_latent_is_compared_and_followed_through_training(url: str) -> None:
    """From a link to the picture, its choices as the link says, and a download that names it."""
    query = f"run={CONV}&view=same+latent+in+other+models&latent=z2&with-{CONV}={OTHER}"
    with browser_page() as page:
        open_page(page, f"{url}/traversals?{query}")
        picture = page.locator('[class*="st-key-labelled-traversal"] img')
        picture.wait_for(timeout=60_000)
        assert page.locator(".st-key-latent input").input_value() == "z2"
        about = page.get_by_text("Top row: z2 of β = 1, seed 123, 10 passes")
        about.wait_for()
        with page.expect_download() as saved:
            page.get_by_role("button", name="PNG").click()
        picture_file = Image.open(saved.value.path())
        stored = json.loads(picture_file.text["betavae"])
        assert stored["latent"] == 2
        assert set(stored["compared"]) == {CONV, OTHER}
        assert "latent=z2" in stored["link"]
        page.get_by_text("one latent during training", exact=True).click()
        page.get_by_text("From the untrained weights at the top").wait_for(timeout=60_000)
        page.wait_for_url("**view=one+latent+during+training**", timeout=60_000)


@pytest.mark.slow
def test_a_chart_gives_its_numbers(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/latent_space?map=two+latents&across=3&up=6")
        page.locator(".embedding-map[data-ready]").wait_for()
        page.get_by_role("button", name="Images, map and axes").click()
        assert page.locator(".st-key-across input").input_value() == "3"
        assert page.locator(".st-key-up input").input_value() == "6"
        page.keyboard.press("Escape")
        with page.expect_download() as saved:
            page.get_by_role("button", name="CSV").first.click()
        lines = Path(saved.value.path()).read_text().splitlines()
        notes = [line for line in lines if line.startswith("#")]
        assert any("two+latents" in note and "across=3" in note for note in notes)
        table = pd.read_csv(saved.value.path(), comment="#")
        assert set(table["run"]) == {CONV, OTHER}  # not the MLP, whose training length is another
        assert np.allclose(table["map 1"], table["z3"])
        assert np.allclose(table["map 2"], table["z6"])
        with page.expect_download() as saved:
            page.get_by_role("button", name="SVG").first.click()
        assert Path(saved.value.path()).read_text().startswith("<svg")
