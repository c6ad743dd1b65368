"""Panels of the latent space as Chromium draws them: names, scale, ellipses, the opened image."""

from typing import Any

import pytest

from betavae_core.datasets import load_dataset
from tests.browser.drive import browser_page

pytestmark = pytest.mark.slow


DRAWN = """map => [...map.querySelectorAll("figure")].map(figure => {
  const box = node => { const r = node.getBoundingClientRect();
                        return [r.left, r.top, r.right, r.bottom]; };
  const outline = node => { // of what is turned, which its rectangle is too large for
    const toScreen = node.getScreenCTM(), length = node.getTotalLength();
    const points = [...Array(90).keys()].map(
      n => node.getPointAtLength(length * n / 90).matrixTransform(toScreen));
    const [xs, ys] = [points.map(p => p.x), points.map(p => p.y)];
    return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  };
  const all = kind => [...figure.querySelectorAll(kind)];
  return {
    frame: box(figure.querySelector("svg")),
    names: all(".name text").map(node => [node.textContent, box(node)]),
    bar: box(figure.querySelector(".scale i")),
    length: figure.querySelector(".scale span").textContent,
    small: [...all("small"), ...all("p")].map(n => parseFloat(getComputedStyle(n).fontSize)),
    ellipses: all("ellipse").map(outline),
    held: getComputedStyle(figure.querySelector(".held")).display !== "none",
  };
})"""


def inside(box: list[float], frame: list[float]) -> bool:
    return (
        box[0] >= frame[0] - 1
        and box[1] >= frame[1] - 1
        and box[2] <= frame[2] + 1
        and box[3] <= frame[3] + 1
    )


def overlap(one: list[float], two: list[float]) -> bool:
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    return wide > 1 and high > 3  # boxes of text are a little higher than its letters


@pytest.mark.parametrize("width", [1440, 800])
def test_panels_are_named_to_scale_and_open_what_the_link_says(
    url: str,
    width: int,
) -> None:
    space = load_dataset("2dshapes", "rendered").space
    assert space is not None
    row = int(space.sweep(space.median(), 1)[5])
    with browser_page(width) as page:
        page.goto(f"{url}/latent_space?widths=true&opened={row}")
        map_ = page.locator(".embedding-map[data-ready]")
        map_.wait_for(timeout=60_000)
        page.get_by_text("Posterior mean ± σ of each latent").wait_for(timeout=60_000)
        panels: list[dict[str, Any]] = map_.evaluate(DRAWN)
        assert len(panels) == 2, "the MLP has another training length"
        for panel in panels:
            frame = panel["frame"]
            assert {name for name, _ in panel["names"]} == set(space.names)
            boxes = [box for _, box in panel["names"]]
            for number, box in enumerate(boxes):
                assert inside(box, frame)
                assert box[3] - box[1] >= 14
                assert not any(overlap(box, other) for other in boxes[:number])
            share = (panel["bar"][2] - panel["bar"][0]) / (frame[2] - frame[0])
            assert 0.15 < share < 0.41
            assert panel["length"].endswith(" σ")
            assert min(panel["small"]) >= 14
            assert panel["ellipses"]
            assert all(inside(box, frame) for box in panel["ellipses"])
            assert panel["held"]
        page.get_by_text(f"Image {row:,}").first.wait_for()
        map_.locator("svg").first.locator("circle.dot").nth(3).click(force=True)
        page.wait_for_function("row => !location.search.includes(`opened=${row}`)", arg=row)
        assert "opened=" in page.url
