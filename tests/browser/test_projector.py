"""On a projector of 1280 × 720: what matters is in sight without scrolling, and text is legible
from the back row."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.drive import CONV, browser_page
from tests.browser.pages import PATHS, open_page, still, wait_for_picture

WIDTH, HEIGHT = 1280, 720
LEGIBLE = 14  # pixels
# text in the drawing, its height on the screen; what is invisible is left out
TEXTS = """all => all.filter(e => e.textContent.trim() && e.getBoundingClientRect().width
    && getComputedStyle(e.closest(".annotation") ?? e).opacity !== "0").map(e => [
    e.textContent.trim(),
    parseFloat(getComputedStyle(e).fontSize)
      * (e.ownerSVGElement ? e.ownerSVGElement.getScreenCTM().a : 1)])"""


@pytest.fixture
def projector() -> Iterator[Page]:
    with browser_page(WIDTH, height=HEIGHT) as page:
        yield page


def in_sight(found: Locator, count: int) -> None:
    """So many are there, all of them wholly on the screen."""
    expect(found).to_have_count(count, timeout=30_000)
    still(found.last)
    for each in found.all():
        box = each.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= HEIGHT
        assert box["x"] + box["width"] <= WIDTH


def sizes(found: Locator) -> dict[str, float]:
    """The height of each text on the screen."""
    found.first.wait_for(timeout=60_000)
    seen: dict[str, float] = dict(found.evaluate_all(TEXTS))
    assert seen
    return seen


def test_traversals_show_original_decoded_image_and_all_sliders(url: str, projector: Page) -> None:
    open_page(projector, f"{url}/traversals?run={CONV}")
    wait_for_picture(projector)
    in_sight(projector.locator(".live-decoder canvas"), 2)
    in_sight(projector.locator(".live-decoder input[data-latent]"), 10)


def test_latent_space_shows_whole_panels(url: str, projector: Page) -> None:
    open_page(projector, f"{url}/latent_space")
    projector.wait_for_selector(".embedding-map svg", timeout=60_000)
    in_sight(projector.locator(".embedding-map svg"), 2)


def test_sensitivity_shows_the_lines_of_its_first_chart(url: str, projector: Page) -> None:
    open_page(projector, f"{url}/sensitivity?dataset=2Dshapes")
    lines = projector.locator(".st-key-over-l .js-line")
    lines.first.wait_for(timeout=60_000)
    in_sight(lines, lines.count())


def test_overview_shows_the_slider_of_beta_and_its_images(url: str, projector: Page) -> None:
    open_page(projector, url)
    projector.wait_for_selector('.beta-explorer[data-settled="true"]', timeout=60_000)
    in_sight(projector.locator(".beta-explorer input"), 1)
    in_sight(projector.locator(".beta-explorer canvas"), 16)


@pytest.mark.parametrize("step", [1, 5])
def test_no_name_of_an_axis_is_cut_off(url: str, projector: Page, step: int) -> None:
    """In presenter mode those of vertical axes are longer than the chart above a question is
    high."""
    open_page(projector, f"{url}/lessons?lesson=can-you-trust-one-seed&step={step}&present")
    chart = projector.locator(".js-plotly-plot")
    chart.locator(".ytitle").wait_for(timeout=60_000)
    whole, name = still(chart), still(chart.locator(".ytitle"))
    assert name["y"] >= whole["y"]
    assert name["y"] + name["height"] <= whole["y"] + whole["height"]
    assert name["x"] >= whole["x"]


def test_each_finding_of_the_paper_takes_one_line(url: str, projector: Page) -> None:
    open_page(projector, url)
    links = projector.locator(".st-key-paper-findings [data-testid=stPageLink]")
    links.first.wait_for(timeout=120_000)
    expect(links).to_have_count(4, timeout=30_000)
    for part in (links.locator("p"), projector.locator(".st-key-paper-findings p")):
        heights = part.evaluate_all(
            "all => all.map(e => e.getBoundingClientRect().height"
            " / parseFloat(getComputedStyle(e).lineHeight))"
        )
        assert len(heights) >= 4
        assert max(heights) < 1.5


@pytest.mark.parametrize("width", [1440, WIDTH, 390])
def test_the_sentence_of_the_slider_of_beta_is_bold(url: str, width: int) -> None:
    with browser_page(width) as page:
        open_page(page, f"{url}/?dataset=2Dshapes")
        page.wait_for_selector('.beta-explorer[data-settled="true"]', timeout=60_000)
        remark = page.locator(".beta-explorer .remark")
        assert remark.is_visible()
        assert remark.evaluate("e => +getComputedStyle(e).fontWeight") >= 600


def text_of_components(page: Page, url: str, more: str = "") -> dict[str, float]:
    """Of labels, legends, marks and numbers in the components of three pages; more: for their
    addresses."""
    open_page(page, f"{url}/traversals?run={CONV}{more}")
    wait_for_picture(page)
    parts = ("name b", "mark", "value", "kl span", "head span", "status", "help")
    found = sizes(page.locator(", ".join(f".live-decoder .{part}" for part in parts)))
    open_page(page, f"{url}/latent_space?map=PCA of these codes{more}")
    parts = (".legend span", ".name text", ".scale", "figcaption", "figure p")
    found |= sizes(page.locator(", ".join(f".embedding-map {part}" for part in parts)))
    open_page(page, f"{url}/?dataset=2Dshapes{more}")
    page.wait_for_selector('.beta-explorer[data-settled="true"]', timeout=60_000)
    parts = (".tradeoff text", ".beta-marks span", ".nats", ".latent b", ".remark", ".images span")
    return found | sizes(page.locator(", ".join(f".beta-explorer {part}" for part in parts)))


def text_of_charts(page: Page, url: str, more: str = "") -> dict[str, float]:
    """Of axes, legends and the digits of a matrix."""
    open_page(page, f"{url}/disentanglement?run={CONV}{more}")
    page.locator(".js-plotly-plot", has_text="click a cell").wait_for(timeout=120_000)
    return sizes(page.locator(".js-plotly-plot text"))


def row_labels(page: Page, url: str, more: str = "") -> tuple[int, float]:
    """The width of a grid of pictures whose labels are drawn 20 pixels high, in its own pixels, and
    the height of the labels on the screen."""
    open_page(page, f"{url}/traversals?run={CONV}{more}")
    picture = page.locator(".st-key-labelled-traversal img")
    picture.wait_for(timeout=60_000)
    still(picture)
    own = int(picture.evaluate("e => e.naturalWidth"))
    shown = float(picture.evaluate("e => e.getBoundingClientRect().width"))
    return own, 20 * shown / own


def test_text_is_legible(url: str, projector: Page) -> None:
    for found in (text_of_components(projector, url), text_of_charts(projector, url)):
        assert len(found) > 20
        small = {text: size for text, size in found.items() if size < LEGIBLE - 0.05}
        assert small == {}
    assert row_labels(projector, url)[1] >= LEGIBLE


LARGE = "&large=true"


@pytest.mark.parametrize("texts", [text_of_components, text_of_charts])
def test_large_text_enlarges_components_and_charts(
    url: str, projector: Page, texts: Callable[..., dict[str, float]]
) -> None:
    usual, large = texts(projector, url), texts(projector, url, LARGE)
    both = usual.keys() & large.keys()
    assert len(both) > 20
    apart = {text: large[text] / usual[text] for text in both}
    assert {text for text, ratio in apart.items() if ratio < 1.15} == set()
    assert np.median([*apart.values()]) == pytest.approx(1.25, abs=0.05)


def test_large_text_enlarges_the_labels_of_pictures(url: str, projector: Page) -> None:
    (usual, _), (large, _) = row_labels(projector, url), row_labels(projector, url, LARGE)
    assert large > usual  # by the labels' margin; the images are the same


def test_the_switch_goes_along_and_is_in_the_address(url: str, projector: Page) -> None:
    page = projector

    def root() -> float:
        element = page.locator("html")
        return float(element.evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))

    def switch() -> None:
        page.locator(".st-key-large label").first.click()

    open_page(page, f"{url}/datasets")
    assert root() == 17  # theme.baseFontSize
    switch()
    page.wait_for_function("location.search.includes('large=true')", timeout=60_000)
    assert root() == 1.25 * 17
    page.locator('[data-testid="stTopNavLink"]', has_text="Sensitivity").click()
    page.wait_for_function("location.pathname === '/sensitivity'")
    page.wait_for_function("location.search.includes('large=true')", timeout=60_000)
    assert root() == 1.25 * 17
    page.wait_for_selector('[data-testid="stStatusWidget"]', state="detached", timeout=120_000)
    switch()
    page.wait_for_function("!location.search.includes('large')", timeout=60_000)
    assert root() == 17


def test_every_page_is_named_on_a_projector(url: str) -> None:
    """None is behind "more"."""
    with browser_page(1280) as page:
        open_page(page, f"{url}/datasets")
        icon = page.locator('[data-testid="stTopNavLink"] [data-testid="stIconMaterial"]')
        icon.first.wait_for(state="hidden", timeout=60_000)
        links = page.locator('[data-testid="stTopNavLink"]:visible')
        titles = ["Overview", *(path.replace("_", " ").capitalize() for path in PATHS[1:])]
        assert [link.inner_text() for link in links.all()] == titles
        assert page.locator('[data-testid="stTopNavSection"]:visible').count() == 0


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_the_switch_covers_nothing_on_any_page(url: str, width: int) -> None:
    with browser_page(width) as page:
        for path in PATHS:
            open_page(page, f"{url}/{path}")
            label = page.locator(".st-key-large label").first
            box = label.bounding_box()
            assert box is not None
            assert box["x"] + box["width"] <= width
            links = page.locator('[data-testid="stTopNavLink"]:visible, h1')
            for other in links.all():
                there = other.bounding_box()
                assert there is not None
                below = there["y"] >= box["y"] + box["height"]
                assert below or there["x"] + there["width"] <= box["x"], (path, other.inner_text())
