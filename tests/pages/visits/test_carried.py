"""What goes with the visitor from page to page."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.addresses import PAGES
from tests.pages.driving import APP, open_page, pick_run, shown_run
from tests.pages.visits.walking import go, name_of, reloaded, stands


@pytest.mark.slow
def test_sliders_and_their_panel_are_told_apart(runs: Path) -> None:
    """Traversals failed for the rest of a session in which Sensitivity had been used."""
    app = open_page("sensitivity")
    app.select_slider(key="L").set_value(4).run()
    go(app, "traversals")
    go(app, "sensitivity")
    assert app.select_slider(key="L").value == 4


def test_a_baseline_is_kept_though_a_page_cannot_show_it(runs: Path) -> None:
    pca = name_of(runs, baseline="pca")
    app = open_page("disentanglement")
    pick_run(app, pca)
    go(app, "traversals")
    assert f"{pca} is a baseline" in app.info[0].value
    shown = shown_run(app)
    assert shown in app.info[0].value
    assert shown_run(reloaded(app, "traversals")) == shown
    go(app, "disentanglement")
    assert shown_run(app) == pca


def test_a_change_of_dataset_or_seed_takes_the_run_along(
    runs: Path,
) -> None:
    one, two = (name_of(runs, dataset="blocks", beta=4.0, seed=s, baseline="") for s in (1, 2))
    noise = name_of(runs, dataset="noise")
    app = open_page("traversals", run=two)
    go(app, "overview")
    assert app.segmented_control(key="seed-blocks").value == 2
    app.segmented_control(key="seed-blocks").set_value(1).run()
    go(app, "traversals")
    assert shown_run(app) == one
    go(app, "overview")
    app.segmented_control(key="dataset").set_value("noise").run()
    go(app, "traversals")
    assert shown_run(app) == noise
    assert app.query_params["run"] == noise
    go(app, "disentanglement")
    assert "noise" in app.info[0].value
    assert "run" not in app.query_params
    assert app.segmented_control(key="dataset").value == "blocks"


def test_a_seed_that_a_page_cannot_show_stays_chosen(runs: Path, unseen_seed: int) -> None:
    app = open_page(dataset="blocks")
    app.segmented_control(key="seed-blocks").set_value(unseen_seed).run()
    for page in ("latent_space", "traversals", "disentanglement"):
        go(app, page)
        assert any(f"seed {unseen_seed} is kept without" in each.value for each in app.info), page
        go(app, "overview")
        assert app.segmented_control(key="seed-blocks").value == unseen_seed


def test_the_address_names_a_choice_before_the_page_is_drawn(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A visitor may leave sooner than that."""
    one = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    app = open_page("traversals")
    monkeypatch.setattr("pages._ui.traversals.choose_start.image_start", _never)
    app.selectbox(key="pick-seed").select("2").run()
    assert app.query_params["run"] == one


def _never(*_: Any, **__: Any) -> None:
    raise RuntimeError("not so far")


def test_a_run_without_images_leaves_the_start_as_it_was(runs: Path) -> None:
    gone = name_of(runs, dataset="gone")
    app = open_page("traversals")
    assert app.segmented_control(key="start").value == "image"
    pick_run(app, gone)
    assert app.segmented_control(key="start").value == "prior"
    assert "start" not in app.query_params
    pick_run(app, name_of(runs, dataset="noise"))
    assert app.segmented_control(key="start").value == "image"
    assert "start" not in app.query_params


@pytest.mark.parametrize("page", PAGES)
def test_a_run_means_the_same_on_every_page(runs: Path, page: str) -> None:
    """Also where the page has no choice of runs, and where the page calls it otherwise."""
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    app = AppTest.from_file(APP, default_timeout=300)
    app.query_params["run"] = name
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    here = stands(app)
    assert not app.warning
    assert here.get("dataset", "blocks") == "blocks"
    assert here.get("data", "blocks") == "blocks"
    assert here.get("run", name) == name
    assert here.get("live", name) == name
    assert here.get("seed-blocks", 2) == 2


def test_dragged_positions_are_there_again(runs: Path) -> None:
    app = open_page("traversals", z="1,-1,0.5")
    assert app.query_params["z"] == "1,-1,0.5"
    go(app, "overview")
    go(app, "traversals")
    assert app.query_params["z"] == "1,-1,0.5"
    app.segmented_control(key="start").set_value("zero code").run()
    assert "z" not in app.query_params


def test_pages_are_led_to_with_the_choice(runs: Path) -> None:
    app = open_page()
    app.segmented_control(key="dataset").set_value("noise").run()
    asked = {link.proto.page: link.proto.query_string for link in app.get("page_link")}
    assert any(f"run={name_of(runs, dataset='noise')}" in query for query in asked.values())


def test_a_caption_speaks_only_of_what_is_there(runs: Path) -> None:
    app = open_page("", dataset="gone")
    said = "\n".join(caption.value for caption in app.caption)
    assert "originals" not in said
    assert "prior samples" in said
    app.segmented_control(key="dataset").set_value("blocks").run()
    said = "\n".join(caption.value for caption in app.caption)
    assert "originals above" in said
    assert "prior" not in said


def test_reconstruction_names_no_place_of_the_server(
    runs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "hub"))
    monkeypatch.delenv("BETAVAE_INCEPTION", raising=False)
    app = open_page("reconstruction")
    said = "\n".join(caption.value for caption in app.caption)
    assert "fid --fetch" in said
    assert str(tmp_path) not in said
    assert "checkpoints" not in said
