"""The dashboard in a real Chromium: drag, compare pixels with PyTorch, follow links."""

import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from tests.browser.drive import (
    COLOUR,
    CONV,
    MLP,
    OTHER,
    browser_page,
    canvas_pixels,
    drag,
    messages_sent,
)

PATHS = (
    "",
    "traversals",
    "latent_space",
    "disentanglement",
    "sensitivity",
    "reconstruction",
    "checkpoint",
    "datasets",
)


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector("h1", timeout=60_000)
    page.wait_for_selector('[data-testid="stStatusWidget"]', state="detached", timeout=60_000)


def wait_for_picture(page: Page) -> None:
    page.wait_for_selector('.live-decoder[data-ready="true"]', timeout=60_000)
    page.wait_for_selector('[data-testid="stStatusWidget"]', state="detached", timeout=60_000)


def positions(page: Page, latents: int = 10) -> np.ndarray:
    sliders = page.locator(".live-decoder input[data-latent]")
    pairs = sliders.evaluate_all("all => all.map(e => [+e.dataset.latent, +e.value])")
    z = np.zeros(latents, np.float32)
    for latent, value in pairs:
        z[int(latent)] = value
    return z


def expected(runs: Path, name: str, z: np.ndarray) -> np.ndarray:
    model = store.load_run(runs / name).model
    with torch.no_grad():
        image = model.decode(torch.from_numpy(z)[None])[0]
    return (image * 255).round().permute(1, 2, 0).numpy()


def difference(page: Page, runs: Path, name: str) -> float:
    """Largest difference in 1/255 between the canvas and PyTorch at the sliders' positions.

    The sliders stand on a grid of 0.01, latents that were not moved are exact: so `zero` starts.
    """
    drawn = expected(runs, name, positions(page))
    shown = canvas_pixels(page)[..., : drawn.shape[2]].astype(float)
    return float(np.abs(shown - drawn).max())


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


@pytest.mark.parametrize(
    "name", [CONV, *(pytest.param(n, marks=pytest.mark.slow) for n in (COLOUR, MLP))]
)
def test_dragging_redraws_in_the_browser(url: str, runs: Path, name: str) -> None:
    """≥ 30 frames/s over 120 steps, no message before the release, pixels as in PyTorch."""
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={name}&start=zero")
        wait_for_picture(page)
        assert page.locator(".live-decoder").get_attribute("data-mode") == "browser"
        slider = page.locator(".live-decoder input[data-latent]").first
        drag(slider, 30, 1.0)  # the browser compiles the decoder while it warms up
        wait_for_picture(page)
        rates = []
        for to in (-2.0, 2.0, 0.0):  # the best of three: other work on the machine only slows
            seen = drag(slider, 120, to)
            assert seen["messages_sent"] == 0
            rates.append(seen["frames"] / seen["seconds"])
            wait_for_picture(page)
        print(f"{name}: {', '.join(f'{rate:.0f}' for rate in rates)} frames/s")
        assert max(rates) >= 30
        page.wait_for_timeout(300)
        assert difference(page, runs, name) <= 2


def test_every_held_position_matches_pytorch(url: str, runs: Path) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={CONV}&start=zero")
        wait_for_picture(page)
        worst = 0.0
        for slider in page.locator(".live-decoder input[data-latent]").all()[:4]:
            box = slider.bounding_box()
            assert box is not None
            middle = box["y"] + box["height"] / 2
            page.mouse.move(box["x"] + box["width"] / 2, middle)
            page.mouse.down()
            sent = messages_sent(page)
            for step in range(6):
                page.mouse.move(box["x"] + box["width"] * step / 5, middle)
                page.wait_for_timeout(60)
                worst = max(worst, difference(page, runs, CONV))
            assert messages_sent(page) == sent
            page.mouse.up()
        assert worst <= 2


@pytest.mark.slow
def test_a_leaky_decoder_is_drawn_as_by_pytorch(url: str, runs: Path) -> None:
    """Of somebody else's layers, with other slopes below 0."""
    text = "flatten, linear 20 -> linear 64, leaky 200, linear 512, leaky 10, unflatten 32 4 4, "
    text += "upconv 16 4 2 1, leaky 300, upconv 16 4 2 1, relu, upconv 8 4 2 1, leaky 100, "
    config = RunConfig(model="layers", layers=text + "upconv 1 4 2 1")
    store.create_run(runs / "leaky", config)
    model = build_vae(config)
    with torch.no_grad():  # so that it draws something: fresh weights are grey
        model.decoder[-1].weight *= 30  # type: ignore[operator]
    store.save_weights(runs / "leaky", model, 0)
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run=leaky&start=zero")
        wait_for_picture(page)
        assert page.locator(".live-decoder").get_attribute("data-mode") == "browser"
        for number, to in enumerate((2.0, -2.5)):
            drag(page.locator(".live-decoder input[data-latent]").nth(number), 10, to)
            wait_for_picture(page)
        page.wait_for_timeout(300)
        assert np.ptp(canvas_pixels(page).astype(int)) > 50
        assert difference(page, runs, "leaky") <= 2
    shutil.rmtree(runs / "leaky")


def test_releasing_updates_the_link_and_the_link_restores(url: str, runs: Path) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={CONV}&start=zero&steps=5")
        wait_for_picture(page)
        drag(page.locator(".live-decoder input[data-latent]").first, 20, 1.5)
        page.wait_for_function("location.search.includes('z=')", timeout=20_000)
        link, z = page.url, positions(page)
        assert np.abs(z).max() == pytest.approx(1.5, abs=0.1)
    with browser_page() as page:
        open_page(page, link)
        wait_for_picture(page)
        assert np.allclose(positions(page), z)
        assert difference(page, runs, CONV) <= 2
        page.get_by_text("Start: zero").first.wait_for()


def test_reset_and_keyboard(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={CONV}&start=zero")
        wait_for_picture(page)
        slider = page.locator(".live-decoder input[data-latent]").first
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert float(slider.input_value()) == pytest.approx(0.01)
        page.get_by_role("button", name="Back to start").click()
        assert float(slider.input_value()) == 0


def test_narrow_pages_do_not_overflow(url: str) -> None:
    with browser_page(800) as page:
        for path in PATHS:
            open_page(page, f"{url}/{path}")
            main = page.locator('[data-testid="stMain"]')
            assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


def still(locator: Locator) -> FloatRect:
    """Where it is, once it has stopped moving: charts take their width after they are drawn."""
    seen = None
    for _ in range(40):
        box = locator.bounding_box()
        if box is not None and box == seen:
            return box
        seen = box
        locator.page.wait_for_timeout(500)
    raise AssertionError("it does not come to rest")


@pytest.mark.slow
def test_a_click_on_a_cell_explains_it(url: str) -> None:
    """The heading follows the click; of the cells the one in the third row and fourth column."""
    with browser_page() as page:
        open_page(page, f"{url}/disentanglement?run={CONV}")
        cells = page.locator(".js-plotly-plot", has_text="click a cell")
        cells.scroll_into_view_if_needed()
        headings = page.get_by_role("heading", level=4)
        before = headings.first.inner_text()
        marks = cells.locator("path.point")
        assert marks.count() == 50
        box = still(marks.nth(2 * 5 + 3))
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_function(
            "before => document.querySelector('h4').innerText !== before", arg=before
        )
        latent = cells.locator("g.ytick text").nth(2).text_content()
        assert headings.first.inner_text() == f"{latent} and position x"


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
        about = page.get_by_text(f"Top row: z2 of {CONV}")
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
def test_a_state_of_training_is_shown_and_linked(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={CONV}")
        wait_for_picture(page)
        trained = canvas_pixels(page)
        page.locator(".stSlider", has_text="State of training").get_by_role("slider").press("Home")
        # Of the two captions that say so, the one that comes first.
        page.get_by_text(f"{CONV} after 0 images: β = 1").wait_for(timeout=60_000)
        page.wait_for_function("location.search.includes('untrained')", timeout=20_000)
        wait_for_picture(page)
        assert np.abs(canvas_pixels(page).astype(int) - trained.astype(int)).max() > 50


@pytest.mark.slow
def test_a_chart_gives_its_numbers(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/latent_space?map=two+latents&across=3&up=6")
        page.locator(".embedding-map[data-ready]").wait_for()
        assert page.locator(".st-key-across input").input_value() == "3"
        assert page.locator(".st-key-up input").input_value() == "6"
        with page.expect_download() as saved:
            page.get_by_role("button", name="CSV").first.click()
        lines = Path(saved.value.path()).read_text().splitlines()
        notes = [line for line in lines if line.startswith("#")]
        assert any("two+latents" in note and "across=3" in note for note in notes)
        table = pd.read_csv(saved.value.path(), comment="#")
        assert set(table["run"]) == {CONV, OTHER, MLP}
        assert np.allclose(table["map 1"], table["z3"])
        assert np.allclose(table["map 2"], table["z6"])
        with page.expect_download() as saved:
            page.get_by_role("button", name="SVG").first.click()
        assert Path(saved.value.path()).read_text().startswith("<svg")


@pytest.mark.slow
def test_an_upload_is_examined_kept_and_traversed(url: str, runs: Path, tmp_path: Path) -> None:
    """The third use of the lab, from a file of somebody else's names to dragging its latents."""
    shipped = store.load_run(runs / CONV)
    torch.save(shipped.vae.state_dict(), tmp_path / "brought.pt")
    with browser_page() as page:
        open_page(page, f"{url}/checkpoint?from=upload&against=2Dshapes")
        page.locator('input[type="file"]').set_input_files(tmp_path / "brought.pt")
        page.get_by_text("No problem was found.").wait_for(timeout=180_000)
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
        assert difference(page, runs, "brought") <= 2
    shutil.rmtree(runs / "brought")
