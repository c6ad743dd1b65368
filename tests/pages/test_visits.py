"""Visits: every page after every other in one session, what goes with the visitor, what links that
ask in vain say; and the table of keys, against the pages as they run."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle, pairwise, permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from betavae_core import addresses
from betavae_core.addresses import PAGES, Key, key_of, keys_of
from betavae_core.config import RunConfig
from betavae_core.shipping.recorded import record_run
from betavae_core.store import load_run
from tests.datasets.own.test_own import write
from tests.oracles import small_config, train_small
from tests.pages.driving import APP, open_page, save_run

BLOCKS = [f"blocks-conv-beta{beta}-seed{seed}-images16" for beta in (1, 4) for seed in (1, 2)]
KINDS = (
    "selectbox", "segmented_control", "select_slider", "slider", "number_input", "toggle",
    "multiselect", "pills", "text_input", "button", "file_uploader",
)  # fmt: skip


@pytest.fixture
def runs(scored_runs: Path, own_folders: dict[str, Path]) -> Path:
    """Four runs and two baselines on images with factors, one run on images without, and one whose
    images are not here."""
    images = np.random.default_rng(1).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    write(own_folders["DATA"] / "noise.npz", images=images)
    plain = {"source": "own", "channels": 3, "image_size": 32, "images": 8}
    train_small(scored_runs, small_config(dataset="noise", **plain))
    save_run(scored_runs, RunConfig(dataset="gone", latents=3, **plain), score=False)
    return scored_runs


def name_of(runs: Path, **facts: Any) -> str:
    """The run whose settings are these."""
    found = [
        path.name
        for path in sorted(runs.iterdir())
        if all(getattr(load_run(path).config, key) == value for key, value in facts.items())
    ]
    assert found, facts
    return found[0]


def tour(places: tuple[str, ...]) -> list[str]:
    """A closed walk over every ordered pair of places, each once (Hierholzer)."""
    left = {place: [other for other in places if other != place] for place in places}
    stack, walk = [places[0]], []
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            walk.append(stack.pop())
    return walk[::-1]


def go(app: AppTest, page: str) -> AppTest:
    """As the navigation does: to the page, without an address."""
    app.query_params.clear()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, (page, app.exception)
    return app


def reloaded(app: AppTest, page: str) -> AppTest:
    """Somebody else opens the address."""
    other = AppTest.from_file(APP, default_timeout=300)
    for name, value in app.query_params.items():
        other.query_params[name] = value
    other.switch_page(f"pages/{page}.py").run()
    assert not other.exception
    return other


def widgets(app: AppTest) -> Iterator[Any]:
    for kind in KINDS:
        yield from (each for each in app.get(kind) if each.key)


def stands(app: AppTest) -> dict[str, Any]:
    """What every widget shows whose value stands in addresses."""
    return {
        each.key: each.value
        for each in widgets(app)
        if (row := key_of(each.key)) is not None and row.linked
    }


def shows(app: AppTest) -> tuple[dict[str, Any], list[str]]:
    """Widgets and captions, which say what is pictured."""
    return stands(app), [caption.value for caption in app.caption]


@dataclass
class Control:
    """A widget of a page and what is chosen at it, one after the other."""

    kind: str
    key: str
    values: Any
    chosen: list[Any] = field(default_factory=list)

    def change(self, app: AppTest) -> None:
        """To the next value that is not shown already; nothing where it is not offered now."""
        found = [each for each in app.get(self.kind) if each.key == self.key]
        if not found:
            return
        value = next(value for value in self.values if value != found[0].value)
        found[0].set_value(value).run()
        assert not app.exception
        self.chosen.append(value)


@pytest.mark.slow
def test_every_page_after_every_other(runs: Path) -> None:
    """56 transitions in one session, with a control changed on each: the page shows what was
    chosen, here or on another page, and its address opens the same for somebody else."""
    pca = name_of(runs, baseline="pca")
    fours = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    ones = name_of(runs, dataset="blocks", beta=1.0, seed=1, baseline="")
    noise = name_of(runs, dataset="noise")
    of = {load_run(path).name: load_run(path).config for path in runs.iterdir()}
    controls = {
        "overview": [Control("segmented_control", "dataset", cycle(["noise", "blocks", "gone"]))],
        "traversals": [
            Control("selectbox", "run", cycle([fours, noise, ones])),
            Control("slider", "steps", cycle([5, 7, 11])),
        ],
        "latent_space": [Control("selectbox", "map", cycle(["pair", "pca", "aggregate"]))],
        "disentanglement": [
            Control("selectbox", "run", cycle([pca, fours, ones])),
            Control("selectbox", "score", cycle(["mig", "higgins"])),
        ],
        "sensitivity": [
            Control("selectbox", "live", cycle([fours, ones, pca])),
            Control("select_slider", "L", cycle([1, 4, 2])),
        ],
        "reconstruction": [Control("number_input", "draw", cycle([3, 1, 2]))],
        "checkpoint": [Control("segmented_control", "from", cycle(["upload", "here"]))],
        "datasets": [Control("selectbox", "data", cycle(["noise", "blocks", "cifar10"]))],
    }
    walk = tour(PAGES)
    assert len({*pairwise(walk)}) == len([*permutations(PAGES, 2)]) == 56
    app = AppTest.from_file(APP, default_timeout=300).run()
    dataset, run = "", ""  # what goes with the visitor, as far as this test has chosen it
    for number, page in enumerate(walk[1:]):
        go(app, page)
        here = stands(app)
        for control in controls[page]:
            row = key_of(control.key)
            if row is not None and not row.choice and control.key in here and control.chosen:
                assert here[control.key] == control.chosen[-1], (page, control.key)
        told = [info.value for info in app.info]
        for key in ("dataset", "data"):
            if dataset and key in here and here[key] != dataset:
                assert any(dataset in each or "CIFAR10" in each for each in told), (page, dataset)
        for key in ("run", "live"):
            if run and key in here and here[key] != run:
                assert told, (page, run, here[key])
            elif dataset and key in here and of[here[key]].dataset != dataset:
                assert told, (page, dataset, here[key])
        assert shows(reloaded(app, page)) == shows(app), (page, dict(app.query_params))
        control = controls[page][number // 2 % len(controls[page])]
        before = len(control.chosen)
        control.change(app)
        if len(control.chosen) > before:
            assert stands(app)[control.key] == control.chosen[-1]
            if control.key in ("run", "live"):
                run, dataset = control.chosen[-1], of[control.chosen[-1]].dataset
            elif control.key in ("dataset", "data"):
                run = run if run and of[run].dataset == control.chosen[-1] else ""
                dataset = control.chosen[-1]
        assert shows(reloaded(app, page)) == shows(app), (page, dict(app.query_params))
    assert all(control.chosen for several in controls.values() for control in several)


def test_every_widget_has_its_one_row(runs: Path) -> None:
    """Of all pages as they run, in several states: no key without a row, none on a page that its
    row does not name, and none on two pages but of one choice."""
    states: dict[str, list[dict[str, str]]] = {page: [{}] for page in PAGES}
    views = (
        "two latents",
        "image to image",
        "factor sweep",
        "same latent in other models",
    )
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    states["traversals"] += [{"view": view, "run": name} for view in views]
    states["traversals"] += [{"start": "prior sample"}, {"run": name_of(runs, dataset="noise")}]
    states["traversals"] += [{"mode": "around the posterior mean"}]
    states["latent_space"] += [{"map": "two latents"}, {"visit": "grid: two factors together"}]
    states["latent_space"] += [{"dataset": "noise"}, {"visit": "random traversals"}]
    states["disentanglement"] += [{"guess": "true"}]
    states["sensitivity"] += [{"blind": "true"}]
    states["checkpoint"] += [{"from": "upload"}]
    states["datasets"] += [{"data": "blocks (your own)"}]
    found: dict[str, set[str]] = {}
    for page, links in states.items():
        for link in links:
            for each in widgets(open_page("" if page == "overview" else page, **link)):
                row = key_of(each.key)
                assert row is not None, (page, each.key)
                assert page in row.pages, (page, each.key, row)
                found.setdefault(each.key, set()).add(page)
    several = [row for key, on in found.items() if len(on) > 1 and (row := key_of(key)) is not None]
    one_choice = {"dataset", "run", "seed-*", "factors-*", "*-*"}  # and buttons, which hold nothing
    assert {row.name for row in several if row.pages != PAGES} <= one_choice
    met = {row.name for key in found if (row := key_of(key)) is not None}
    assert {"run", "live", "view", "column", "row", "across", "up", "from", "upload"} <= met


def test_two_rows_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.table.cache_clear()
    monkeypatch.setattr(addresses, "KEYS", (*addresses.KEYS, Key("view", ("datasets",), "view")))
    with pytest.raises(ValueError, match="Two widgets have the key view"):
        addresses.table()
    addresses.table.cache_clear()


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
    app.selectbox(key="run").select(pca).run()
    go(app, "traversals")
    assert f"{pca} is a baseline" in app.info[0].value
    shown = app.selectbox(key="run").value
    assert shown in app.info[0].value
    assert reloaded(app, "traversals").selectbox(key="run").value == shown
    go(app, "disentanglement")
    assert app.selectbox(key="run").value == pca


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
    assert app.selectbox(key="run").value == one
    go(app, "overview")
    app.segmented_control(key="dataset").set_value("noise").run()
    go(app, "traversals")
    assert app.selectbox(key="run").value == noise
    assert app.query_params["run"] == noise
    go(app, "disentanglement")
    assert "noise" in app.info[0].value
    assert "run" not in app.query_params
    assert app.segmented_control(key="dataset").value == "blocks"


@pytest.fixture
def unseen_seed(runs: Path, tmp_path: Path) -> int:
    """A seed of which every run is kept without its weights."""
    about = {"source": "own", "channels": 3, "image_size": 32, "images": 16}
    train_small(tmp_path, small_config(dataset="blocks", seed=3, **about))
    (path,) = tmp_path.glob("blocks-*")
    record_run(load_run(path), runs / path.name, None)
    return 3


def test_a_seed_that_a_page_cannot_show_stays_chosen(runs: Path, unseen_seed: int) -> None:
    app = open_page(dataset="blocks")
    app.segmented_control(key="seed-blocks").set_value(unseen_seed).run()
    for page in ("latent_space", "traversals", "disentanglement"):
        go(app, page)
        assert any(f"seed {unseen_seed} is kept without" in each.value for each in app.info), page
        go(app, "overview")
        assert app.segmented_control(key="seed-blocks").value == unseen_seed


def test_a_seed_of_a_link_that_a_page_cannot_show(runs: Path, unseen_seed: int) -> None:
    app = open_page("latent_space", dataset="blocks", **{"seed-blocks": str(unseen_seed)})
    assert f"seed {unseen_seed} is kept without" in app.info[0].value
    assert not app.warning


def test_runs_of_a_link_that_are_not_shown_are_named(runs: Path) -> None:
    noise = name_of(runs, dataset="noise")
    app = open_page(dataset="blocks", runs=noise)
    assert noise in app.warning[0].value
    assert "runs" not in app.query_params
    app = open_page(dataset="noise", **{"seed-blocks": "2"})
    assert "seed" in app.warning[0].value
    assert "noise" in app.warning[0].value


def test_the_address_names_a_choice_before_the_page_is_drawn(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A visitor may leave sooner than that."""
    one = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    app = open_page("traversals")
    monkeypatch.setattr("pages._ui.traversals.choose_start.image_start", _never)
    app.selectbox(key="run").select(one).run()
    assert app.query_params["run"] == one


def _never(*_: Any, **__: Any) -> None:
    raise RuntimeError("not so far")


def test_a_run_without_images_leaves_the_start_as_it_was(runs: Path) -> None:
    gone = name_of(runs, dataset="gone")
    app = open_page("traversals")
    assert app.segmented_control(key="start").value == "image"
    app.selectbox(key="run").select(gone).run()
    assert app.segmented_control(key="start").value == "prior"
    assert "start" not in app.query_params
    app.selectbox(key="run").select(name_of(runs, dataset="noise")).run()
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


@pytest.mark.parametrize(
    ("page", "link", "said"),
    [
        ("overview", {"dataset": "moon"}, 'no dataset "moon" here; showing blocks instead'),
        ("datasets", {"data": "moon"}, 'no dataset "moon" here; showing 2Dshapes instead'),
        ("disentanglement", {"dataset": "moon"}, 'no dataset "moon"'),
        ("disentanglement", {"score": "fame"}, 'no metric "fame" here; showing Higgins'),
        ("traversals", {"view": "![x](y)"}, 'no view "??x??y?" here; showing every latent'),
        ("traversals", {"steps": "99"}, 'no number of steps "99" here; showing 15 instead'),
        ("traversals", {"z": "1,2"}, "3 numbers are expected, one for each latent, got 2 numbers"),
        ("traversals", {"after-RUN": "5 images"}, 'the state of training "5 images"'),
        ("sensitivity", {"live": "moon"}, 'no model "moon" here'),
        ("latent_space", {"opened": "![x](y)"}, 'opens the image "??x??y?"'),
        ("overview", {"run": "moon"}, 'no model "moon" here'),
        ("latent_space", {"seed-blocks": "77"}, 'no random seed "77" here; showing 1 instead'),
        ("checkpoint", {"checkpoint": "moon.pt"}, 'no checkpoint "moon.pt" here'),
        ("reconstruction", {"sigma": "moon"}, 'no value of σ "moon" here'),
    ],
)
def test_what_a_link_asks_for_in_vain_is_said(
    runs: Path, page: str, link: dict[str, str], said: str
) -> None:
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    app = AppTest.from_file(APP, default_timeout=300)
    app.switch_page(f"pages/{page}.py")
    if page == "traversals":
        app.query_params["run"] = name
    for key, value in link.items():
        app.query_params[key.replace("RUN", name)] = value
    app.run()
    assert not app.exception
    (told,) = [warning.value for warning in app.warning]
    assert said in told
    for key, value in link.items():
        assert app.query_params.get(key.replace("RUN", name)) != value


def test_a_dataset_and_a_run_of_another_are_told_apart(runs: Path) -> None:
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    app = AppTest.from_file(APP, default_timeout=300)
    app.switch_page("pages/disentanglement.py")
    app.query_params.update({"dataset": "noise", "run": name})
    app.run()
    assert "which was trained on blocks; showing the model" in app.warning[0].value
    assert app.selectbox(key="run").value == name


def test_links_in_their_former_words_work(runs: Path) -> None:
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    link = {"run": name, "view": "two latents", "across": "z1", "down": "z2"}
    app = AppTest.from_file(APP, default_timeout=300)
    app.switch_page("pages/traversals.py")
    app.query_params.update(link)
    app.run()
    assert (app.selectbox(key="column").value, app.selectbox(key="row").value) == (1, 2)
    assert not app.warning


@pytest.mark.parametrize("key", addresses.FORMER_VALUES)
def test_former_values_are_those_of_now(key: str) -> None:
    """Each former value stands for one that is offered, and none of them is offered itself."""
    former = addresses.FORMER_VALUES[key]
    assert key in addresses.table()
    assert not set(former) & set(former.values())
    offered = {
        "start": addresses.STARTS.values(),
        "view": addresses.VIEWS.values(),
        "after-*": [addresses.TRAINED],
        "against": [addresses.FITS_BEST],
    }
    assert set(former.values()) <= set(offered[key])
    assert not set(former) & set(offered[key])


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


def test_every_page_has_rows(runs: Path) -> None:
    for page in PAGES:
        assert keys_of(page)
