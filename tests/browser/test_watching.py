"""A training that is watched, in a real Chromium: its charts follow it and do not disappear."""

from pathlib import Path

import pytest

from betavae_core.store import append_history, read_history
from tests.browser.drive import browser_page
from tests.browser.pages import open_page
from tests.oracles import train_small
from tests.pages.training.mini import MINI

# for each frame: new charts that are not drawn yet, whose former ones stand beside them, and those
# of these that are hidden
LOOK = """() => {
  window.looked = { waiting: 0, hidden: 0 };
  const chart = '[data-testid="stElementContainer"]:has([data-testid="stPlotlyChart"])';
  const frame = () => {
    for (const place of document.querySelectorAll(chart)) {
      const former = place.nextElementSibling;
      const isFormer = former && former.dataset.stale === "true"
        && former.className.includes("st-key-chart") && former.querySelector("svg.main-svg");
      if (place.querySelector("svg.main-svg") || !isFormer) continue;
      window.looked.waiting += 1;
      if (former.getBoundingClientRect().height < 50) window.looked.hidden += 1;
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


@pytest.mark.slow
def test_a_chart_stands_until_its_next_state_is_drawn(url: str, runs: Path) -> None:
    """On a machine that is busy with trainings, where a new chart takes its time."""
    train_small(runs, MINI, watched=True)
    last = next(r for r in reversed(read_history(runs / MINI.run_id)[0]) if "nll" in r)
    with browser_page(height=2_400) as page:
        open_page(page, f"{url}/training?watched={MINI.run_id}")
        page.locator(".js-plotly-plot .xtick").first.wait_for(timeout=60_000)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 3})
        page.evaluate(LOOK)
        looked = {"waiting": 0, "hidden": 0}
        for step in range(1, 20):
            record = last | {"images": MINI.images + step, "nll": last["nll"] + step}
            append_history(runs / MINI.run_id, record)
            page.wait_for_timeout(3_000)
            looked = page.evaluate("window.looked")
            if looked["waiting"] >= 3:
                break
        assert looked["waiting"] >= 3
        assert looked["hidden"] == 0
