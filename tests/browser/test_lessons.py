"""The page Lessons in a real Chromium: keys and remotes, a projector, a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from betavae_core.lessons import Lesson, list_lessons
from tests.browser.drive import ROOT, browser_page
from tests.browser.judged import at_rest, broken, pale_text
from tests.browser.pages import still

LESSONS = {each.key: each for each in list_lessons() if isinstance(each, Lesson)}
LATENT, BETA, TRUST = "what-a-latent-does", "turning-beta-up", "can-you-trust-one-seed"
LEAST = 24  # pixels of a letter on a projector
# every visible text with its height on the screen; icons are letters of their font, and what has no
# opacity is for screen readers and files
LETTERS = """
() => {
  const found = [];
  const look = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walk.currentNode; node; node = walk.nextNode()) {
      if (node.shadowRoot) look(node.shadowRoot);
      const text = node.textContent.trim();
      if (node.nodeType !== Node.TEXT_NODE || !text) continue;
      const around = node.parentElement;
      if (!around || around.closest("style, script, annotation, noscript")) continue;
      if (!around.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width < 2 || box.height < 2) continue;
      const style = getComputedStyle(around);
      if (style.fontFamily.includes("Material")) continue;
      const svg = around.ownerSVGElement;
      const scale = svg ? svg.getScreenCTM().a : 1;
      found.push([text.slice(0, 60), parseFloat(style.fontSize) * scale]);
    }
  };
  look(document.body);
  return found;
}
"""

# the height on the screen of the letters left of a picture's first row; names stand on nothing
FIRST_NAME = """
(image) => {
  const { naturalWidth: width, naturalHeight: height } = image;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const alpha = (x, y) => data[4 * (y * width + x) + 3];
  let margin = 0;
  while (alpha(margin, 0) === 0) margin++;
  const rows = Array.from({ length: height }, (_, y) => y)
    .map((y) => Array.from({ length: margin }, (_, x) => alpha(x, y)).some((a) => a > 127));
  const first = rows.indexOf(true), last = rows.indexOf(false, first);
  return (last - first) * image.getBoundingClientRect().height / height;
}
"""
# where the lowest text or picture above the buttons ends, those inside components included
LOWEST = """
() => {
  const parts = "p, img, canvas, svg, .live-decoder, .latent, [data-testid=stSliderTickBar]";
  const all = (root) => [...root.querySelectorAll("*")]
    .flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  return Math.max(...all(document.querySelector(".stMainBlockContainer"))
    .filter((e) => e.matches(parts) && e.checkVisibility() && !e.closest(".st-key-turning"))
    .map((e) => e.getBoundingClientRect().bottom));
}
"""


@pytest.fixture(scope="module")
def runs() -> Path:
    """All runs that come with the lab, which the lessons name."""
    return ROOT / "trained_models"


@pytest.fixture(scope="module", params=["light", "dark"])
def projector(request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser_page(1280, request.param, height=720) as page:
        yield page


def title(page: Page, text: str) -> None:
    """Wait for the title of a step."""
    page.get_by_role("heading", name=text, exact=True).wait_for(timeout=60_000)


def test_keys_and_remotes_turn_the_steps(url: str) -> None:
    steps = LESSONS[TRUST].steps
    with browser_page() as page:
        at_rest(page, f"{url}/lessons?lesson={TRUST}")
        page.wait_for_selector('.step-keys[data-ready="true"]', state="attached")
        page.keyboard.press("ArrowRight")
        title(page, steps[1].title)
        page.keyboard.press("PageDown")
        title(page, steps[2].title)
        page.keyboard.press("ArrowLeft")
        title(page, steps[1].title)
        slider = page.get_by_role("slider").first
        slider.focus()
        before = slider.input_value()
        page.keyboard.press("ArrowRight")  # moves the slider that has the focus
        page.wait_for_function("location.search.includes('said-')", timeout=20_000)
        assert slider.input_value() != before
        title(page, steps[1].title)
        assert "step=2" in page.url


def test_a_remote_shows_the_answer_before_the_next_step(url: str) -> None:
    steps = LESSONS[TRUST].steps
    with browser_page(1280, height=720) as page:
        at_rest(page, f"{url}/lessons?lesson={TRUST}&present")
        assert not page.locator('[data-testid="stHeader"]').is_visible()
        page.keyboard.press("PageDown")
        page.wait_for_function(f"location.search.includes('told-{TRUST}=1')", timeout=20_000)
        title(page, steps[0].title)
        page.keyboard.press("PageDown")
        title(page, steps[1].title)
        page.keyboard.press("PageUp")
        title(page, steps[0].title)


def test_no_key_is_lost_while_a_step_is_drawn(url: str) -> None:
    """Each key waits for the step that the key before it has asked for."""
    steps = LESSONS[TRUST].steps
    with browser_page() as page:
        at_rest(page, f"{url}/lessons?lesson={TRUST}")
        page.wait_for_selector('.step-keys[data-ready="true"]', state="attached")
        for _ in range(3):
            page.keyboard.press("PageDown")
        title(page, steps[3].title)
        for key in ("PageUp", "PageUp", "ArrowRight"):
            page.keyboard.press(key)
        title(page, steps[2].title)
        page.wait_for_timeout(1_000)
        title(page, steps[2].title)


@pytest.mark.parametrize(
    ("lesson", "step", "told"),
    [
        (LATENT, 1, False), (LATENT, 2, False), (LATENT, 2, True), (LATENT, 3, False),
        (LATENT, 4, False), ("a-perfect-score", 1, False),
        (BETA, 2, True), (BETA, 4, False), (BETA, 4, True), (BETA, 5, True),
        (TRUST, 2, True), (TRUST, 3, False), ("how-to-get-99-percent", 1, True),
        ("how-to-get-99-percent", 3, True), ("the-price-in-pictures", 4, True),
        ("a-perfect-score", 5, True),
    ],
)  # fmt: skip
def test_a_projector_shows_one_figure_in_large_letters(
    url: str, projector: Page, lesson: str, step: int, told: bool
) -> None:
    """Nothing but the step, no letter below 24 pixels, nothing too pale; axe finds nothing."""
    answer = f"&told-{lesson}={step}" * told
    at_rest(projector, f"{url}/lessons?lesson={lesson}&step={step}&present{answer}")
    projector.wait_for_timeout(1_500)
    small = [
        (text, round(size, 1)) for text, size in projector.evaluate(LETTERS) if size < LEAST - 0.05
    ]
    assert small == []
    assert projector.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert projector.locator('[data-testid="stTopNavLink"]:visible').count() == 0
    buttons = projector.locator(".st-key-turning").bounding_box()
    assert buttons is not None  # fixed to the bottom
    assert projector.evaluate(LOWEST) <= buttons["y"]
    for question in projector.locator(".st-key-prediction").all():
        asked = question.bounding_box()
        assert asked is not None
        assert asked["y"] + asked["height"] <= buttons["y"]
    assert broken(projector) == []
    assert pale_text(projector) == []


def test_the_map_fills_a_projector(url: str, projector: Page) -> None:
    """From the text above it to the question below it; what its panels say stands beside them."""
    at_rest(projector, f"{url}/lessons?lesson={BETA}&step=4&present")
    panels = projector.locator(".embedding-map svg")
    expect(panels).to_have_count(2)
    still(panels.last)
    for panel in panels.all():
        box = panel.bounding_box()
        assert box is not None
        assert box["height"] == pytest.approx(box["width"], abs=1)
        assert box["height"] > 720 / 2
    bar = projector.locator(".embedding-map .scale i").first.bounding_box()
    assert bar is not None
    assert 20 < bar["width"] < box["width"] / 2
    assert not projector.locator(".embedding-map .legend").count()


@pytest.mark.parametrize(("lesson", "step"), [(LATENT, 2), (LATENT, 6), ("a-perfect-score", 2)])
def test_a_projector_shows_the_reason_at_arrow_down(
    url: str, projector: Page, lesson: str, step: int
) -> None:
    """The question stands below the figure; its answer takes the place of the other words."""
    told = f"&told-{lesson}={step}"
    at_rest(projector, f"{url}/lessons?lesson={lesson}&step={step}&present{told}")
    question = LESSONS[lesson].steps[step - 1].why
    assert projector.locator(".st-key-go-why").inner_text() == question
    asked = projector.locator("strong", has_text=question)
    assert asked.count() == 0
    projector.keyboard.press("ArrowDown")
    projector.wait_for_function("location.search.includes('why=true')", timeout=20_000)
    projector.wait_for_timeout(1_500)
    assert asked.is_visible()
    small = [(text, size) for text, size in projector.evaluate(LETTERS) if size < LEAST - 0.05]
    assert small == []
    bar = projector.locator(".st-key-turning").bounding_box()
    assert bar is not None
    assert projector.evaluate(LOWEST) <= bar["y"]
    projector.keyboard.press("ArrowDown")
    projector.wait_for_function("!location.search.includes('why')", timeout=20_000)


@pytest.mark.parametrize(("step", "told"), [(4, False), (6, True)])
def test_names_in_pictures_are_as_large(url: str, projector: Page, step: int, told: bool) -> None:
    """Of a star of traversals: a digit is seven tenths of a letter's size."""
    answer = f"&told-{LATENT}={step}" * told
    at_rest(projector, f"{url}/lessons?lesson={LATENT}&step={step}&present{answer}")
    digit = projector.locator("[class*=st-key-labelled] img").evaluate(FIRST_NAME)
    assert digit >= 0.68 * LEAST


def test_a_phone_begins_a_step_at_its_title_and_shows_the_answer(url: str) -> None:
    steps = LESSONS[BETA].steps
    with browser_page(390, height=844) as page:
        at_rest(page, f"{url}/lessons?lesson={BETA}&step=5")
        page.locator(".st-key-go-tell button").click()
        gap = page.locator(".st-key-gap")
        gap.wait_for(timeout=60_000)
        still(gap)
        expect(gap).to_be_in_viewport(ratio=1)
        page.locator(".st-key-go-next button").click()
        title(page, steps[5].title)
        heading = page.get_by_role("heading", name=steps[5].title, exact=True)
        still(heading)
        expect(heading).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_phone_has_nothing_beyond_its_edge(url: str, lesson: str) -> None:
    with browser_page(390, height=844) as page:
        for step in range(1, len(LESSONS[lesson].steps) + 1):
            for answer in ("", f"&told-{lesson}={step}"):
                at_rest(page, f"{url}/lessons?lesson={lesson}&step={step}{answer}")
                beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert beyond <= 0, (lesson, step, answer)
                assert page.locator('[data-testid="stException"]').count() == 0


def test_a_phone_shows_the_view_before_the_question(url: str) -> None:
    with browser_page(390, height=844) as page:
        at_rest(page, f"{url}/lessons?lesson={LATENT}&step=2")
        view = page.locator(".live-decoder").bounding_box()
        question = page.locator(".st-key-prediction").bounding_box()
        assert view is not None
        assert question is not None
        assert view["y"] + view["height"] <= question["y"]


@pytest.mark.parametrize(("step", "told", "count"), [(2, "", 5), (1, f"&told-{LATENT}=1", 10)])
def test_a_lecturer_sees_the_picture_and_all_sliders(
    url: str, step: int, told: str, count: int
) -> None:
    with browser_page(1280, height=720) as page:
        at_rest(page, f"{url}/lessons?lesson={LATENT}&step={step}{told}")
        page.locator(".live-decoder canvas").first.wait_for()
        still(page.locator(".live-decoder"))
        sliders = page.locator(".live-decoder input[data-latent]")
        expect(sliders).to_have_count(count, timeout=30_000)
        for each in (page.locator(".live-decoder canvas:visible").first, *sliders.all()):
            expect(each).to_be_in_viewport(ratio=1)


def test_a_phone_has_room_for_fingers_and_headings(url: str) -> None:
    """Sliders of a lesson are as wide as those of Traversals, and no heading is cut off."""
    with browser_page(390, height=844, touch=True) as page:
        at_rest(page, f"{url}/lessons?lesson={LATENT}&step=2")
        for each in page.locator(".live-decoder input[data-latent]").all():
            box = each.bounding_box()
            assert box is not None
            assert box["width"] >= 96
        headings = page.locator(".live-decoder .head span")
        assert headings.evaluate_all("all => all.filter(e => e.scrollWidth > e.clientWidth)") == []
        at_rest(page, f"{url}/lessons?lesson={BETA}&step=4&told-{BETA}=4")
        page.wait_for_selector('.beta-explorer[data-settled="true"]', timeout=60_000)
        box = page.locator(".beta-explorer input").bounding_box()
        assert box is not None
        assert box["width"] >= 180


def test_a_phone_shows_the_names_of_a_matrix(url: str) -> None:
    """Slanted where they are too long beside each other, and none of them cut off."""
    with browser_page(390, height=844) as page:
        at_rest(page, f"{url}/lessons?lesson={LATENT}&step=2&told-{LATENT}=2")
        chart = page.locator(".js-plotly-plot")
        whole = still(chart)
        names = chart.locator(".xtick text")
        expect(names).to_have_count(5, timeout=30_000)
        what = chart.locator("text.annotation-text", has_text="mutual information").first
        for name in (*names.all(), what):
            box = name.bounding_box()
            assert box is not None
            assert box["y"] >= whole["y"]
            assert box["x"] + box["width"] <= whole["x"] + whole["width"]
        slanted = names.evaluate_all("all => all.map(e => e.getAttribute('transform'))")
        assert all("rotate(-40" in each for each in slanted)


def test_a_projector_shows_the_whole_qr_code_of_a_class(url: str) -> None:
    with browser_page(1280, height=720) as page:
        at_rest(page, f"{url}/lessons?lesson={BETA}")
        page.get_by_role("button", name="Open a class").first.click()
        page.wait_for_function("location.search.includes('lecturer=')", timeout=20_000)
        page.get_by_role("button", name="Present").first.click()
        opens = page.locator(".st-key-invitation button")
        opens.click(timeout=60_000)
        code = page.get_by_alt_text("QR code of the join link")
        code.wait_for()
        still(code)
        expect(code).to_be_in_viewport(ratio=1)
        box = code.bounding_box()
        assert box is not None
        assert box["width"] >= 350
        link = page.get_by_text("Join the class:").bounding_box()
        assert link is not None
        assert link["y"] + link["height"] < 640
