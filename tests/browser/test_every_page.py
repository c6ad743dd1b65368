"""Every page in a real Chromium: no errors, no overflow; from an upload to its traversals."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import torch

from betavae_core import store
from tests.browser.drive import (
    CONV,
    browser_page,
)
from tests.browser.pages import PATHS, difference, open_page, wait_for_picture


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_opens_without_errors(url: str, theme: str) -> None:
    with browser_page(1440, theme) as page:  # type: ignore[arg-type]
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        asked: set[str] = set()  # hosts: a classroom may have no internet
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
        grounds = set()
        for path in PATHS:
            open_page(page, f"{url}/{path}")
            assert page.locator('[data-testid="stException"]').count() == 0
            grounds.add(
                page.locator('[data-testid="stApp"]').evaluate(
                    "e => getComputedStyle(e).backgroundColor"
                )
            )
        assert problems == []
        assert asked <= {"localhost", ""}
        assert grounds == {"rgb(255, 255, 255)" if theme == "light" else "rgb(20, 23, 28)"}


def test_narrow_pages_do_not_overflow(url: str) -> None:
    with browser_page(800) as page:
        for path in PATHS:
            open_page(page, f"{url}/{path}")
            main = page.locator('[data-testid="stMain"]')
            assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


@pytest.mark.slow
def test_an_upload_is_examined_kept_and_traversed(url: str, runs: Path, tmp_path: Path) -> None:
    """The third use of the lab, from a file of somebody else's names to dragging its latents."""
    shipped = store.load_run(runs / CONV)
    torch.save(shipped.vae.state_dict(), tmp_path / "brought.pt")
    with browser_page() as page:
        open_page(page, f"{url}/checkpoint?from=upload&against=2Dshapes")
        page.locator('input[type="file"]').set_input_files(tmp_path / "brought.pt")
        page.get_by_text("No problem was found.").wait_for(timeout=180_000)
        page.get_by_text("Without a problem: 17 of 17").click()
        page.get_by_text("502,005 parameters").first.wait_for()
        assert page.locator(".st-key-labelled-findings img").count() >= 3
        with page.expect_download() as saved:
            page.get_by_role("button", name="Checkup as HTML").click()
        card = Path(saved.value.path()).read_text()
        assert "brought.pt" in card
        assert str(tmp_path) not in card
        page.get_by_text("Training dataset (if known)").scroll_into_view_if_needed()
        page.locator('[class*="st-key-trained-on"] input').click()
        page.get_by_role("option", name="2Dshapes").click()
        page.get_by_role("button", name="Keep", exact=True).click()
        page.get_by_role("link", name="Show its traversals").click()
        wait_for_picture(page)
        assert "run=brought" in page.url
        open_page(page, f"{page.url}&start=zero")
        wait_for_picture(page)
        assert difference(page, runs, "brought") <= 2
    shutil.rmtree(runs / "brought")
