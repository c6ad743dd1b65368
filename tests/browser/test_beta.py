"""The slider of β and the encoder in a real Chromium: what they show is what PyTorch computes."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import Page

from betavae_core import store
from betavae_core.models.multirate import MultiRateVAE
from tests.browser.drive import CONV, OF_ALL, THUMB, browser_page, canvas_pixels, drag
from tests.browser.pages import open_page, positions, wait_for_picture

STEPS = 200  # of the slider of β
BETAS = {0: 0.05, STEPS // 2: 1.0, STEPS: 20.0}


@pytest.fixture
def of_all(runs: Path) -> MultiRateVAE:
    return store.load_run(runs / OF_ALL).multirate


def posterior(page: Page) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each latent, as the rows of the sliders have them."""
    pairs = page.locator(".live-decoder [data-row]").evaluate_all(
        "all => all.map(e => [+e.dataset.row, ...e.dataset.posterior.split(' ').map(Number)])"
    )
    mean, sd = np.zeros(len(pairs)), np.zeros(len(pairs))
    for latent, mu, sigma in pairs:
        mean[int(latent)], sd[int(latent)] = mu, sigma
    return mean, sd


def input_image(page: Page) -> torch.Tensor:
    """What the canvas of the input shows, (1, 1, 64, 64) in [0, 1]."""
    values = page.locator('canvas[data-testid="input-canvas"]').evaluate(
        "e => Array.from(e.getContext('2d').getImageData(0, 0, e.width, e.height).data)"
    )
    pixels = np.asarray(values, np.uint8).reshape(64, 64, 4)[..., 0]
    return torch.from_numpy(pixels)[None, None].float() / 255


def test_dragging_beta_redraws_as_pytorch_does(url: str, of_all: MultiRateVAE) -> None:
    """From a dataset image, at both ends and the middle: the picture within 2/255, the posterior
    within 1e-3, and no message before the release."""
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={OF_ALL}")
        wait_for_picture(page)
        slider = page.locator('.live-decoder [data-testid="beta"]')
        for place, beta in BETAS.items():
            seen = drag(slider, 60, place)
            assert seen["messages_sent"] == 0
            print(f"β to {beta:g}: {seen['frames'] / seen['seconds']:.0f} frames/s")
            wait_for_picture(page)
            page.wait_for_timeout(300)
            assert page.locator(".live-decoder .beta-value").inner_text() == f"β = {beta:g}"
            with torch.no_grad():
                mean, log_var = of_all.encode(input_image(page), beta)
                drawn = of_all.decode(mean, beta)[0, 0]
            shown_mean, shown_sd = posterior(page)
            assert np.abs(shown_mean - mean[0].numpy()).max() <= 1e-3
            assert np.abs(shown_sd - (log_var[0] / 2).exp().numpy()).max() <= 1e-3
            shown = canvas_pixels(page)[..., 0].astype(float)
            assert np.abs(shown - (255 * drawn).round().numpy()).max() <= 2
            told = "!" if beta == 1 else ""  # 1 is the default
            page.wait_for_function(f"{told}location.search.includes('beta=')", timeout=20_000)


def test_a_link_restores_beta_and_arrow_keys_step_it(url: str) -> None:
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={OF_ALL}&beta=4")
        wait_for_picture(page)
        slider = page.locator('.live-decoder [data-testid="beta"]')
        value = page.locator(".live-decoder .beta-value")
        assert value.inner_text() == "β = 4"
        slider.focus()
        page.keyboard.press("ArrowRight")
        assert float(value.inner_text().removeprefix("β = ")) > 4
        page.wait_for_function("!location.search.includes('beta=4&')", timeout=20_000)
        page.keyboard.press("End")
        assert value.inner_text() == "β = 20"
        page.wait_for_function("location.search.includes('beta=20')", timeout=20_000)


@pytest.mark.parametrize("name", [CONV, pytest.param(OF_ALL, marks=pytest.mark.slow)])
def test_the_posterior_follows_the_shape(url: str, runs: Path, name: str) -> None:
    """Dragged by the pointer, turned by keys, and drawn on."""
    run = store.load_run(runs / name)
    with browser_page() as page:
        open_page(page, f"{url}/traversals?run={name}")
        wait_for_picture(page)
        canvas = page.locator('canvas[data-testid="input-canvas"]')
        canvas.scroll_into_view_if_needed()
        before = input_image(page)

        def compare() -> None:
            wait_for_picture(page)
            page.wait_for_timeout(300)
            image = input_image(page)
            with torch.no_grad():
                beta = {"beta": 1.0} if name == OF_ALL else {}
                model = run.multirate if beta else run.vae
                mean, log_var = model.encode(image, **beta)
            shown_mean, shown_sd = posterior(page)
            assert np.abs(shown_mean - mean[0].numpy()).max() <= 1e-3
            assert np.abs(shown_sd - (log_var[0] / 2).exp().numpy()).max() <= 1e-3
            inside = np.abs(mean[0].numpy()) < 3  # beyond it, a slider stands at its end
            assert inside.sum() >= 5
            differ = np.abs(positions(page) - mean[0].numpy())[inside]
            assert differ.max() <= 0.0051 + 1e-3  # the sliders stand on a grid of 0.01

        box = canvas.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 25, y - 20, steps=8)
        page.mouse.up()
        assert (input_image(page) != before).any()
        compare()
        page.get_by_role("button", name="Change the shape to a heart").click()
        compare()
        page.wait_for_function("location.search.includes('z=')", timeout=20_000)
        page.wait_for_timeout(1000)
        linked = parse_qs(urlsplit(page.url).query)["z"][0].split(",")  # what is shown now
        assert np.abs(np.array(linked, float) - posterior(page)[0]).max() <= 1e-3
        canvas.focus()
        for key in (".", ".", "+", "ArrowLeft", "s"):
            page.keyboard.press(key)
        compare()
        page.get_by_role("button", name="Draw on the image").click()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 60, box["y"] + 20, steps=6)
        page.mouse.up()
        compare()
        page.get_by_role("button", name="Back to start").click()
        page.wait_for_timeout(500)
        assert torch.equal(input_image(page), before)
        compare()
        z = positions(page)
        page.get_by_role("button", name="Sample from the posterior").click()
        assert (positions(page) != z).any()


def test_overview_follows_beta(url: str, of_all: MultiRateVAE) -> None:
    """The reconstructions of all images, compared with PyTorch's at both ends and the middle."""
    with browser_page() as page:
        open_page(page, url)
        explorer = page.locator('.beta-explorer[data-settled="true"]')
        explorer.wait_for(timeout=60_000)
        pixels = """all => all.map(e => Array.from(
            e.getContext("2d").getImageData(0, 0, e.width, e.height).data))"""
        slider = explorer.locator('[data-testid="beta"]')
        remarks = set()
        for place, beta in BETAS.items():
            box = slider.bounding_box()
            assert box is not None
            at = box["x"] + THUMB / 2 + place / STEPS * (box["width"] - THUMB)
            page.mouse.click(at, box["y"] + box["height"] / 2)
            page.wait_for_timeout(200)
            explorer.wait_for(timeout=20_000)
            assert explorer.locator(".beta-value").inner_text() == f"β = {beta:g}"
            remarks.add(explorer.locator(".remark").inner_text())
            shown = np.array(explorer.locator("canvas").evaluate_all(pixels), np.uint8)
            shown = shown.reshape(2, 8, 64, 64, 4)[..., 0]
            images = torch.from_numpy(shown[0])[:, None].float() / 255
            with torch.no_grad():
                made = of_all.decode(of_all.encode(images, beta)[0], beta)[:, 0]
            differ = np.abs(shown[1].astype(float) - (255 * made).round().numpy())
            assert differ.max() <= 2
        assert len(remarks) == 3
        page.get_by_role("button", name="Sweep β").click()
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Stop").click()
        assert explorer.locator(".beta-value").inner_text() != "β = 20"


def test_the_map_of_latent_space_moves_with_beta_by_keys(url: str) -> None:
    """Its points move, its axes and its scale stay."""
    places = "all => all.map(e => [e.getAttribute('cx'), e.getAttribute('cy')].map(Number))"
    kept = """map => ["path.prior", ".scale i", ".scale span"].map(part => {
        const node = map.querySelector(part), { x, y, width } = node.getBoundingClientRect();
        return [node.getAttribute("d"), node.textContent, x, y, width]; })"""
    seen, axes = [], []
    with browser_page() as page:
        open_page(page, f"{url}/latent_space?every=true")
        map_ = page.locator(".embedding-map[data-ready]")
        map_.wait_for(timeout=60_000)
        map_.locator('[data-testid="beta"]').focus()
        for key, beta in (("Home", "0.05"), ("End", "20"), ("ArrowLeft", "19.4")):
            page.keyboard.press(key)
            map_.locator(f'svg[data-beta="{beta}"]').wait_for(timeout=20_000)
            seen.append(np.array(map_.locator("circle.dot").evaluate_all(places)))
            axes.append(map_.evaluate(kept))
    far, near = (np.hypot(*(seen[n] - seen[1]).T) for n in (0, 2))
    side = np.ptp(seen[0])
    assert far.max() > 0.05 * side
    assert 0 < near.max() < 0.2 * far.max()
    assert axes[0] == axes[1] == axes[2]


def test_who_leaves_the_overview_leaves_no_errors(url: str) -> None:
    """A chart that is no longer on the page has no size, and is not drawn."""
    errors: list[str] = []
    with browser_page() as page:
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        open_page(page, url)
        page.wait_for_selector('.beta-explorer[data-settled="true"]', timeout=60_000)
        page.locator('[data-testid="stTopNavLink"]', has_text="Lessons").click()
        page.get_by_role("heading", name="Where do you want to begin?").wait_for(timeout=60_000)
        page.locator(".beta-explorer").wait_for(state="detached", timeout=60_000)
        page.wait_for_timeout(500)
    assert [error for error in errors if "NaN" in error] == []
