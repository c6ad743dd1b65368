"""What happens to a dashboard while people use it: full disks, folders that cannot be written,
caches of another version, runs that are deleted or replaced. One sentence, and nobody else notices.
"""

import errno
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from betavae_core import disk_cache, store
from betavae_core.config import RunConfig
from betavae_core.datasets.rendered import shapes3d
from betavae_core.datasets.rendered.shapes3d import Rendered3DShapes
from betavae_core.disk_cache import is_prepared
from betavae_core.factors import FactorSpace
from betavae_core.paths import cache_root
from pages._ui import live_decoder
from pages._ui import runs as shared
from tests.pages.driving import captions, open_page, save_run, shown_run

ONE, FOUR = (RunConfig(beta=beta).run_id for beta in (1.0, 4.0))


def shown_weights(name: str) -> str:
    """The hash of the weights that pages show under this name."""
    return next(run.weights_hash for run in shared.all_runs()[0] if run.name == name)


def says(app: AppTest) -> str:
    """All that is said in boxes."""
    boxes = [*app.error, *app.warning, *app.info]
    return "\n".join(box.value for box in boxes)


@pytest.mark.parametrize("page", ["traversals", "disentanglement", "checkpoint"])
def test_a_run_is_deleted_while_it_is_shown(runs: Path, page: str) -> None:
    app, other = open_page(page, run=FOUR), open_page("traversals", run=ONE)
    shutil.rmtree(runs / FOUR)
    app.run()
    assert not app.exception
    assert FOUR not in [box.value for box in app.selectbox]
    other.run()
    assert not other.exception
    assert shown_run(other) == ONE
    assert not says(other)


def test_a_run_is_replaced_while_it_is_shown(runs: Path) -> None:
    """By another training under the same name: the page shows the new one."""
    app = open_page("traversals", run=FOUR)
    before = shown_weights(FOUR)
    shutil.rmtree(runs / FOUR)
    path = save_run(runs, RunConfig(beta=4.0, seed=7))
    path.rename(runs / FOUR)
    app.run()
    assert not app.exception
    assert "β = 4" in captions(app)
    assert shown_weights(FOUR) != before


def test_weights_that_are_cut_off_meanwhile_are_named(runs: Path) -> None:
    app = open_page("traversals", run=FOUR)
    weights = runs / FOUR / store.WEIGHTS
    weights.write_bytes(weights.read_bytes()[:1000])
    app.run()
    assert not app.exception
    assert "1 model does not open" in [box.label for box in app.expander]
    assert shown_run(app) == ONE


class Small(Rendered3DShapes):
    """Prepared in an instant, in the place of the real one."""

    key, views = "small", FactorSpace(("scale", "shape"), (2, 2))
    row = ((2,), np.uint8)

    def render(self, view: tuple[int, ...]) -> np.ndarray:
        return np.ones(2, np.uint8)


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_sentence(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Small()
    monkeypatch.setattr(disk_cache, "_fill", full)
    app = AppTest.from_function(prepare_page)
    app.session_state["dataset"] = dataset
    app.run()
    assert not app.exception
    assert "No space left on device" in app.error[0].value
    assert "BETAVAE_CACHE" in app.error[0].value
    other = open_page("traversals", run=ONE)
    assert not says(other)
    monkeypatch.undo()
    app.run()  # there is room again
    assert not app.error
    assert "prepared" in [each.value for each in app.markdown]


def prepare_page() -> None:
    import streamlit as st

    from betavae_core.errors import InputError
    from pages._ui.runs import prepare

    try:
        prepare(st.session_state["dataset"])
        st.write("prepared")
    except InputError as error:
        st.error(str(error))


def test_a_cache_folder_that_cannot_be_made(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file stands where the folder should be: what needs no cache works."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("BETAVAE_CACHE", str(tmp_path / "file"))
    for page in ("", "traversals", "disentanglement"):
        app = open_page(page)
        assert not app.error, page


def test_a_cache_of_another_version_is_made_again(runs: Path) -> None:
    """Arrays of another shape, and a copy of first rows that is none."""
    folder = cache_root()
    folder.mkdir(parents=True)
    np.save(folder / "small.npy", np.zeros((9, 9), np.int64))
    (folder / "small.part").write_bytes(b"of another version")
    (folder / "overview.json").write_text(json.dumps({"rows": "other"}))
    assert (Small().whole_table() == 1).all()
    assert np.load(folder / "small.npy").shape == (4, 2)
    assert not open_page().error


def test_two_who_need_the_same_work_do_it_once(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Slow(Small):
        def prepare(self, progress: Any = None, indices: Any = None) -> None:
            made.append(1)
            threading.Event().wait(0.2)
            super().prepare(progress, indices)

    dataset = Slow()
    monkeypatch.setattr(shared, "_prepared", lambda found=set(): found)
    both = [threading.Thread(target=shared.prepare, args=(dataset,)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert made == [1]


def test_sliders_do_not_wait_for_the_distribution_of_the_codes(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are there first, without it, while the images are prepared that it needs."""
    black = np.zeros((5, 64, 64), np.float16)
    monkeypatch.setattr(shapes3d, "render_maps", lambda *view: black)
    drawn: list[tuple[bool, bool]] = []
    sliders = live_decoder.live_sliders

    def seen(*parts: Any, **settings: Any) -> Any:
        drawn.append(("density" in settings["rows"][0], is_prepared(Rendered3DShapes.key)))
        return sliders(*parts, **settings)

    monkeypatch.setattr(live_decoder, "live_sliders", seen)
    save_run(runs, config := RunConfig(dataset="3dshapes"), score=False)
    app = open_page("traversals", run=config.run_id)
    assert not says(app)
    assert drawn[0] == (False, False)
    assert drawn[-1] == (True, True)
    assert "Blue: where" in captions(app)
