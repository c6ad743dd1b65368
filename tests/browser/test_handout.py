"""The page to take home in a real Chromium, opened as a file: what it shows is what PyTorch
computes, and it asks for nothing else."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from betavae_core.datasets import Dataset, load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.export.handout import export_handout, handout
from betavae_core.export.handout.maps import shown_images
from betavae_core.models.vae import VAE
from betavae_core.store import Run, load_run
from betavae_core.traversal.starts import varied_images
from tests.browser.drive import CONV, MLP, OF_ALL, OTHER, browser_page, drag

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def images() -> Dataset:
    return load_dataset("2dshapes", "rendered")


@pytest.fixture(scope="module")
def opened(runs: Path) -> list[Run]:
    """Two live runs of one β, one for every β, and one that is too large, with a hostile name."""
    hostile = shutil.copytree(runs / MLP, runs / HOSTILE)
    return [load_run(path) for path in (runs / CONV, hostile, runs / OTHER, runs / OF_ALL)]


@pytest.fixture(scope="module")
def file(opened: list[Run], images: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    others = [run for run in opened if not run.config.multirate]
    out = tmp_path_factory.mktemp("pages") / "page.html"
    return export_handout(handout(opened, images, others=others), out)


@contextmanager
def handout_page(
    file: Path,
    width: int = 1440,
    theme: Literal["light", "dark"] = "light",
    *,
    scripts: bool = True,
) -> Iterator[Page]:
    """The page from its file; on leaving: it asked for nothing but itself, and nothing failed."""
    with browser_page(width, theme, scripts=scripts) as page:
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said_of: said_of.type == "error" and said.append(said_of.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri())
        if scripts:
            page.wait_for_selector("html.live", timeout=60_000)
        yield page
        assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [file.as_uri()]
        assert said == []


def sliders(page: Page, number: int) -> Locator:
    return page.locator(f'[data-run="{number}"] .live-decoder')


def pixels(canvas: Locator) -> np.ndarray:
    """What a canvas shows, (H, W), of a grey image."""
    values = canvas.evaluate(
        "e => Array.from(e.getContext('2d').getImageData(0, 0, e.width, e.height).data)"
    )
    side = round((len(values) / 4) ** 0.5)
    return np.asarray(values, float).reshape(side, side, 4)[..., 0]


def shown(page: Page, number: int) -> np.ndarray:
    page.wait_for_timeout(300)
    return pixels(sliders(page, number).locator("[data-testid=live-canvas]"))


def made(model: VAE, z: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return (255 * model.decode(z)[0, 0]).round().numpy()


def differs(page: Page, number: int, model: VAE, image: torch.Tensor) -> float:
    """The largest difference between what a run shows and its reconstruction of the image."""
    with torch.no_grad():
        mean, _ = model.encode(to_float(image))
    return float(np.abs(shown(page, number) - made(model, mean)).max())


def test_each_start_is_reconstructed_as_by_pytorch(
    file: Path, opened: list[Run], images: Dataset
) -> None:
    chosen = varied_images(images, 8)
    models = {0: opened[0].vae, 2: opened[2].vae, 3: opened[3].multirate.at_beta(1.0)}
    with handout_page(file) as page:
        for start in (0, 3, 7):
            row, label = chosen[start]
            if start:
                page.locator(".starts button").nth(start).click()
            assert page.locator(".start").inner_text() == f"Start: {label}."
            for number, model in models.items():
                assert differs(page, number, model, images.images([row])) <= 2


def test_a_dragged_latent_is_decoded_as_by_pytorch(file: Path, opened: list[Run]) -> None:
    with handout_page(file) as page:
        page.get_by_role("button", name="zero code").click()
        slider = sliders(page, 2).locator("input[data-latent]").first
        drag(slider, 40, 1.5)
        latent, value = slider.evaluate("e => [+e.dataset.latent, +e.value]")
        assert value == pytest.approx(1.5, abs=0.1)
        z = torch.zeros(1, 10)
        others = shown(page, 0)
        assert np.abs(others - made(opened[0].vae, z)).max() <= 2  # it stayed
        z[0, int(latent)] = value
        assert np.abs(shown(page, 2) - made(opened[2].vae, z)).max() <= 2
        assert np.abs(shown(page, 2) - made(opened[2].vae, 0 * z)).max() > 100


def test_what_moves_on_one_input_moves_on_all(file: Path, opened: list[Run]) -> None:
    with handout_page(file) as page:
        sliders(page, 0).get_by_label("Change the shape to a heart").click()
        page.wait_for_timeout(500)
        inputs = [
            pixels(sliders(page, number).locator("[data-testid=input-canvas]"))
            for number in (0, 2, 3)
        ]
        np.testing.assert_array_equal(inputs[0], inputs[1])
        np.testing.assert_array_equal(inputs[0], inputs[2])
        image = torch.from_numpy(inputs[0])[None, None].to(torch.uint8)
        assert differs(page, 2, opened[2].vae, image) <= 2


def test_a_dot_of_the_map_starts_the_sliders(
    file: Path, opened: list[Run], images: Dataset
) -> None:
    """The image is cut out of the picture with all of them, pixel by pixel."""
    visited = shown_images(images)
    with handout_page(file) as page:
        panel = page.locator(".embedding-map svg[tabindex]").first
        panel.focus()
        for _ in range(61):
            panel.press("ArrowRight")
        panel.press("Enter")
        label = visited.labels[60].replace("\n", ", ")
        page.wait_for_function("label => document.querySelector('.start').textContent === label",
                               arg=f"Start: {label}.")  # fmt: skip
        image = images.images([visited.rows[60]])
        canvas = sliders(page, 0).locator("[data-testid=input-canvas]")
        np.testing.assert_array_equal(pixels(canvas), image[0, 0].numpy())
        assert differs(page, 0, opened[0].vae, image) <= 2


def test_beta_is_dragged_as_on_the_pages(file: Path, opened: list[Run], images: Dataset) -> None:
    (row, _), *_ = varied_images(images, 8)
    image, model = images.images([row]), opened[3].multirate
    with handout_page(file) as page:
        slider = sliders(page, 3).locator("[data-testid=beta]")
        for place, beta in ((0, 0.05), (200, 20.0)):
            drag(slider, 40, place)
            assert differs(page, 3, model.at_beta(beta), image) <= 2
        page.locator(".starts button").nth(2).click()  # β stays
        assert sliders(page, 3).locator(".beta-value").inner_text() == "β = 20"
        explorer = page.locator(".beta-explorer")
        explorer.locator("[data-testid=beta]").fill("100")
        page.wait_for_selector('.beta-explorer[data-settled="true"]')
        page.wait_for_timeout(500)
        one = model.at_beta(1.0)
        made_here = pixels(explorer.locator('canvas[aria-label="reconstruction 1"]'))
        with torch.no_grad():
            mean, _ = one.encode(to_float(image))
        assert np.abs(made_here - made(one, mean)).max() <= 2


def test_names_stay_names(file: Path) -> None:
    with handout_page(file) as page:
        expect(page.locator("dd", has_text=HOSTILE)).to_have_count(1, timeout=30_000)
        assert page.locator("img[onerror]").count() == 0
        assert "too large for a page to take home" in page.locator("article > .note").inner_text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_without_scripts_there_are_still_pictures(
    file: Path, theme: Literal["light", "dark"]
) -> None:
    with handout_page(file, theme=theme, scripts=False) as page:
        pictures = page.locator("figure img")
        expect(pictures).to_have_count(4, timeout=30_000)
        for picture in pictures.all():
            box = picture.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) > 100
        for still in page.locator(".still").all():
            name, image = still.locator("ol").bounding_box(), still.locator("img").bounding_box()
            assert name is not None
            assert image is not None
            assert image["x"] - name["x"] < 120  # names stand beside their rows
        assert page.locator(".stills svg circle.dot").first.is_visible()
        assert page.locator("[data-part=still-note]").is_visible()
        assert not page.locator(".live-only").first.is_visible()


def test_a_phone_shows_it_without_scrolling_sideways(file: Path) -> None:
    with handout_page(file, 390) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        picture = sliders(page, 0).locator("[data-testid=live-canvas]").bounding_box()
        first = sliders(page, 0).locator("input[data-latent]").first.bounding_box()
        assert picture is not None
        assert first is not None
        below = first["y"] - picture["y"] - picture["height"]
        assert 0 < below < 150  # the slider is near the picture that it changes


def test_a_page_without_sliders_has_its_map(
    opened: list[Run], images: Dataset, tmp_path: Path
) -> None:
    still = export_handout(handout([opened[1]], images), tmp_path / "still.html")
    with handout_page(still) as page:
        assert page.locator("figure img").is_visible()
        assert page.locator(".starts").count() == 0
        page.locator(".embedding-map svg[tabindex]").focus()
        page.keyboard.press("ArrowRight")
        assert page.locator(".embedding-map .tip").is_visible()
        page.keyboard.press("Enter")  # there is nothing to start
        text = page.locator("body").inner_text()
        assert "Drag a slider" not in text
        assert "click it to start" not in text
