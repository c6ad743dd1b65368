"""A lesson as a hand-out: the page Lessons, printed by a real Chromium."""

import io
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from betavae_core.lessons import Lesson, list_lessons
from tests.browser.drive import ROOT, browser_page
from tests.browser.judged import at_rest

LATENT, BETA = "what-a-latent-does", "turning-beta-up"
PAPER = 681  # pixels across A4 without its margins


@pytest.fixture(scope="module")
def runs() -> Path:
    """All runs that come with the lab, which the lessons name."""
    return ROOT / "trained_models"


def test_a_lesson_on_paper(url: str) -> None:
    """Every step with its pictures, without what belongs to the screen."""
    with browser_page(1280) as page:
        at_rest(page, f"{url}/lessons?lesson={LATENT}&print")
        page.emulate_media(media="print")
        lesson = next(each for each in list_lessons() if each.key == LATENT)
        assert isinstance(lesson, Lesson)
        for step in lesson.steps:
            assert page.get_by_text(step.title).first.is_visible()
        assert page.locator('[data-testid="stImage"] img:visible').count() >= 8
        for name in ("stHeader", "stDownloadButton", "stButton"):
            assert page.locator(f'[data-testid="{name}"]:visible').count() == 0
        paper = page.pdf(format="A4")
        assert paper.count(b"/Type /Page\n") >= 4 or paper.count(b"/Type /Page ") >= 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paper_is_white_and_cuts_nothing(url: str, theme: Literal["light", "dark"]) -> None:
    """Charts are as wide as the paper, and what would have to be dragged is a picture."""
    with browser_page(1280, theme) as page:
        at_rest(page, f"{url}/lessons?lesson={BETA}&print")
        charts = page.locator(".js-plotly-plot .main-svg:first-child")
        expect(charts).to_have_count(3, timeout=60_000)
        page.emulate_media(media="print")
        for part in (*charts.all(), *page.locator("[class*=st-key-labelled] img").all()):
            box = part.bounding_box()
            assert box is not None
            assert box["width"] <= PAPER
        assert page.locator(".beta-explorer").count() == 0
        for name in ("large-text", "not-printed-head"):
            assert page.locator(f".st-key-{name}:visible").count() == 0
        drawn = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("L"))
        assert (drawn > 250).mean() > 0.5
