"""The site in a real Chromium, from the web server that comes with Python: every page is reached by
its links and runs its models."""

import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.export.site import export_site
from betavae_core.store import Run, list_runs, load_run
from betavae_core.traversal.starts import varied_images
from tests.browser.drive import CONV, browser_page, canvas_pixels

LESSON = """# A lesson

```toml
minutes = 5
order = 1

[runs]
model = {dataset = "2dshapes", model = "conv", beta = 1}
every = {dataset = "2dshapes", model = "conv-multirate"}

[numbers]
used = {what = "used latents", of = "model"}
```

Three steps.

## Sliders

```toml
[view]
name = "sliders"
of = "model"
latents = ["all"]
image = {"position x" = 31}

[predict]
kind = "number"
ask = "How many latents are used?"
low = 0
high = 10
truth = "used"

[answer]
name = "map"
of = "model"
```

Drag them.

### Answer

There are {used}.

## The slider of β

```toml
[view]
name = "beta slider"
of = "every"

[predict]
kind = "choice"
ask = "Which is it?"
right = "this"
options = [{label = "that"}, {label = "this"}]

[answer]
name = "matrix"
of = "model"
```

Drag β.

### Answer

This.
"""


@pytest.fixture(scope="module")
def site(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = [run for run in list_runs(runs) if isinstance(run, Run)]
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "own.md").write_text(LESSON)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BETAVAE_LESSONS", str(folder))
        return export_site(found, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def host(site: Path) -> Iterator[str]:
    """The site's address on a free port."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    server = subprocess.Popen(
        command, cwd=site, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert server.stdout is not None
        port = server.stdout.readline().split(" port ")[1].split()[0]
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(10)


def test_every_page_is_reached_by_links_and_is_alive(host: str, site: Path) -> None:
    with browser_page() as page:
        said: list[str] = []
        asked: set[str] = set()
        page.on("console", lambda message: message.type == "error" and said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.add(request.url))
        waiting, reached = [host], {host}
        while waiting:
            address = waiting.pop()
            answer = page.goto(address)
            assert answer is not None
            assert answer.ok, address
            if page.locator("[data-part=still-note]").count():
                page.wait_for_selector("html.live", timeout=60_000)
            for link in page.locator("a[href]").evaluate_all("all => all.map(a => a.href)"):
                whole, part = urldefrag(link)
                assert whole.startswith(host)
                if whole not in reached:
                    reached.add(whole)
                    waiting.append(whole)
                if part:
                    assert f'id="{unquote(part)}"' in urllib.request.urlopen(whole).read().decode()
            assert said == [], address
        pages = {unquote(urlsplit(address).path).lstrip("/") for address in reached}
        assert pages - {""} == {str(path.relative_to(site)) for path in site.rglob("*.html")}
        assert all(url.startswith((host, "data:", "blob:")) for url in asked)


def test_a_run_is_reconstructed_as_by_pytorch(host: str, runs: Path) -> None:
    images, model = load_dataset("2dshapes", "rendered"), load_run(runs / CONV).vae
    row, _ = varied_images(images, 8)[2]
    with browser_page() as page:
        page.goto(f"{host}runs/{CONV}.html")
        page.wait_for_selector("html.live", timeout=60_000)
        page.locator(".starts button").nth(2).click()
        page.wait_for_timeout(500)
        with torch.no_grad():
            mean, _ = model.encode(to_float(images.images([row])))
            made = (255 * model.decode(mean)[0, 0]).round().numpy()
        shown = canvas_pixels(page)[..., 0].astype(float)
        assert np.abs(shown - made).max() <= 2


def test_from_a_file_it_says_what_is_needed(site: Path) -> None:
    with browser_page() as page:
        page.goto((site / "runs" / f"{CONV}.html").as_uri())
        note = page.locator("[data-part=still-note]")
        page.wait_for_function("note => note.textContent.includes('web server')",
                               arg=note.element_handle())  # fmt: skip
        assert note.is_visible()
        assert page.locator("figure img").first.is_visible()


def test_a_lesson_asks_before_it_shows(host: str, runs: Path) -> None:
    """With live sliders, whose picture is that of PyTorch, and the gap of the guess."""
    images, model = load_dataset("2dshapes", "rendered"), load_run(runs / CONV).vae
    assert images.space is not None
    place = images.space.median()
    place[3] = 31
    with browser_page() as page:
        page.goto(f"{host}lessons/own.html")
        page.wait_for_selector("html.live", timeout=60_000)
        with torch.no_grad():
            mean, _ = model.encode(to_float(images.images(images.space.index(place[None]))))
            made = (255 * model.decode(mean)[0, 0]).round().numpy()
        assert np.abs(canvas_pixels(page)[..., 0].astype(float) - made).max() <= 2
        answers = page.locator("details.answer")
        assert not answers.first.is_visible()
        page.locator("input[type=range][name^=guess]").first.fill("9")
        assert page.locator("form output").first.inner_text() == "9"
        show = page.get_by_role("button", name="Show the answer")
        show.first.click()
        assert answers.first.locator("[data-part=gap]").inner_text().startswith("You said 9; it is")
        assert answers.first.locator(".embedding-map svg[tabindex]").is_visible()
        expect(page.locator('.beta-explorer[data-ready="true"]')).to_have_count(1, timeout=30_000)
        show.last.click()  # without a guess
        assert page.locator("[data-part=refusal]").last.inner_text().startswith("Guess first")
        assert not answers.last.is_visible()
        page.get_by_label("B · this").check()
        show.last.click()
        assert answers.last.locator("[data-part=gap]").inner_text().startswith("B is right.")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_phone_shows_a_whole_matrix(host: str) -> None:
    with browser_page(390, height=844) as page:
        page.goto(f"{host}lessons/own.html")
        page.wait_for_selector("html.live", timeout=60_000)
        page.get_by_label("B · this").check()
        page.get_by_role("button", name="Show the answer").last.click()
        matrix = page.locator("table.matrix")
        assert matrix.is_visible()
        expect(matrix.locator("thead th")).to_have_count(5, timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_scripts_a_lesson_has_its_answers(host: str) -> None:
    with browser_page(scripts=False) as page:
        page.goto(f"{host}lessons/own.html")
        assert page.locator("[data-part=still-note]").is_visible()
        summary = page.locator("details.answer summary").first
        summary.click()
        assert page.get_by_text("There are ").is_visible()
        assert page.locator("img.picture").first.is_visible()
