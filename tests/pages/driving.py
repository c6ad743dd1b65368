"""Pages opened without a browser, and runs for them."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

from betavae_core import store
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_model
from betavae_core.paths import runs_root
from betavae_core.scoring.elbo import score_elbo
from betavae_core.store import Run, list_runs, load_run
from betavae_core.tables.parts import PARTS

APP = str(Path(__file__).parents[2] / "app.py")


def save_run(root: Path, config: RunConfig, score: bool = True) -> Path:
    """A run with freshly initialised weights and one line of history."""
    path = root / config.run_id
    store.create_run(path, config)
    store.save_weights(path, build_model(config), config.images)
    record = {"images": config.images, "nll": 500.0, "kl": [0.5] + [0.0] * (config.latents - 1)}
    store.append_history(path, record)
    if score:
        score_elbo(store.load_run(path), load_dataset("2dshapes", "rendered"), images=16)
    return path


def open_page(page: str = "", **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in link.items():
        app.query_params[name] = value
    if page:
        app.switch_page(f"pages/{page}.py")
    app.run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    """All captions as visitors read them: without the marks that escape markdown."""
    return as_read("\n".join(caption.value for caption in app.caption))


def as_read(text: str) -> str:
    """A text of a page without the marks that escape markdown, and with plain spaces."""
    return re.sub(r"\\(\W)", r"\1", text).replace("\u00a0", " ")


def opened(root: Path) -> list[Run]:
    return [run for run in list_runs(root) if isinstance(run, Run)]


def shown_run(app: AppTest) -> str:
    """The name of the run in the page's links; the selectors show its parts."""
    noted = app.session_state["_visit"].noted
    (name,) = [noted[key][0] for key in ("run", "live") if key in noted]
    run, boxes = load_run(runs_root() / name), {box.key: box.value for box in app.selectbox}
    for part in PARTS:
        assert boxes.get(f"pick-{part.name}", part.of(run)) == part.of(run)
    return str(name)


def pick_run(app: AppTest, name: str) -> AppTest:
    """Choose a run by its parts, as visitors do."""
    run = load_run(runs_root() / name)
    for part in PARTS:  # each choice may change which selectors come next
        found = [box for box in app.selectbox if box.key == f"pick-{part.name}"]
        if found and found[0].value != part.of(run):
            found[0].select(part.of(run)).run()
            assert not app.exception
    assert shown_run(app) == name
    return app


def buttons(app: AppTest) -> set[str]:
    """The keys of the page's buttons."""
    return {str(button.key) for button in app.button}
