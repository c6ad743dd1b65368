"""What each page opens on, and how a run is chosen."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.addresses import PAGES
from betavae_core.config import RunConfig
from betavae_core.store import load_run
from betavae_core.store.labels import run_words
from tests.pages.driving import captions, open_page, pick_run, save_run, shown_run

PASS = 737_280
TEN: dict[str, Any] = {"images": 10 * PASS, "kl_warmup": 640_000}
LONG = {beta: RunConfig(beta=beta, **TEN) for beta in (0.1, 1.0, 4.0, 10.0)}
SHORT = [RunConfig(beta=beta, seed=seed) for beta in (1.0, 4.0) for seed in (5, 6)]
MLP = RunConfig(model="mlp", **TEN)
OWN = "my run, tried twice"


@pytest.fixture
def shelf(own_folders: dict[str, Path]) -> Path:
    """Four long runs, four short ones, a long MLP, an import, and one with a name of its own."""
    root = own_folders["RUNS"]
    for config in (*LONG.values(), *SHORT, MLP):
        save_run(root, config, score=False)
    save_run(root, RunConfig(beta=None, origin="elsewhere"), score=False)
    save_run(root, RunConfig(beta=4.0, seed=5, batch_size=32), score=False)
    (root / RunConfig(beta=4.0, seed=5, batch_size=32).run_id).rename(root / OWN)
    return root


def labels(app: AppTest) -> dict[str, str]:
    """What the selectors of a run's parts show."""
    return {box.label: box.value for box in app.selectbox if str(box.key).startswith("pick-")}


@pytest.mark.parametrize("view", ["every latent", "same latent in other models"])
def test_traversals_open_on_beta_4_of_the_longest_training(shelf: Path, view: str) -> None:
    app = open_page("traversals", view=view)
    assert shown_run(app) == LONG[4.0].run_id
    assert "run" not in app.query_params, "it is the default"
    assert labels(app) == {
        "Model": "Conv VAE", "Training length": "10 passes, KL warm-up", "β": "4",
        "Random seed": "123",
    }  # fmt: skip
    if view != "every latent":
        others = app.multiselect(key=f"with-{LONG[4.0].run_id}").value
        assert others == [LONG[beta].run_id for beta in (0.1, 1.0, 10.0)]


@pytest.mark.parametrize("page", ["overview", "latent_space", "reconstruction"])
def test_four_values_of_beta_without_the_mlp(shelf: Path, page: str) -> None:
    app = open_page("" if page == "overview" else page)
    (control,) = [group for group in app.button_group if group.label == "Architectures"]
    assert (list(control.options), control.value) == (["Conv VAE", "MLP VAE"], ["Conv VAE"])
    noted = app.session_state["_visit"].noted["runs"]
    imported = RunConfig(beta=None, origin="elsewhere").run_id
    assert [name for name in noted if name != imported] == [c.run_id for c in LONG.values()]
    control.set_value(["Conv VAE", "MLP VAE"]).run()
    assert not app.exception
    assert MLP.run_id in app.session_state["_visit"].noted["runs"]
    assert app.query_params["architecture-2dshapes"] == ["Conv VAE", "MLP VAE"]


def test_a_link_that_names_an_mlp_shows_it(shelf: Path) -> None:
    app = open_page("latent_space", runs=MLP.run_id)
    assert app.session_state["_visit"].noted["runs"] == [MLP.run_id]
    assert not app.warning


def test_every_run_is_reached_by_its_parts(shelf: Path) -> None:
    """A name of one's own and an import as well; each is linked by its name."""
    app = open_page("traversals")
    for name in (SHORT[1].run_id, OWN, MLP.run_id, RunConfig(beta=None, origin="elsewhere").run_id):
        pick_run(app, name)
        assert app.query_params["run"] == name
        assert run_words(load_run(shelf / name)).replace("_", r"\_") in captions(app)
        assert shown_run(open_page("traversals", run=name)) == name
    pick_run(app, LONG[4.0].run_id)
    assert "run" not in app.query_params


def test_a_name_is_offered_only_where_nothing_else_tells_runs_apart(shelf: Path) -> None:
    app = open_page("traversals", run=OWN)
    assert app.selectbox(key="pick-name").options == [SHORT[2].run_id, OWN]
    app.selectbox(key="pick-seed").select("6").run()
    assert shown_run(app) == SHORT[3].run_id
    assert "Name" not in labels(app)


def test_a_changed_part_keeps_the_others(shelf: Path) -> None:
    app = open_page("traversals", run=SHORT[3].run_id)
    app.selectbox(key="pick-beta").select("1").run()
    assert shown_run(app) == SHORT[1].run_id, "length and seed stay"
    app.selectbox(key="pick-length").select("10 passes, KL warm-up").run()
    assert shown_run(app) == LONG[1.0].run_id


def test_a_choice_follows_and_opens_its_length(shelf: Path) -> None:
    app = open_page("traversals", run=SHORT[0].run_id)
    app.switch_page("pages/disentanglement.py").run()
    assert shown_run(app) == SHORT[0].run_id
    assert not [box.value for box in app.info if SHORT[0].run_id in box.value]
    assert app.query_params["length-2dshapes"] == "1 pass"
    (length,) = [group for group in app.button_group if group.label == "Training length"]
    assert length.value.images == PASS


@pytest.mark.slow
def test_a_link_to_a_run_of_another_length_opens_it(shelf: Path) -> None:
    for page in ("disentanglement", "sensitivity"):
        app = open_page(page, run=SHORT[0].run_id)
        assert shown_run(app) == SHORT[0].run_id
        assert not app.warning


@pytest.mark.parametrize("page", PAGES)
def test_large_text_is_a_switch_of_every_page(shelf: Path, page: str) -> None:
    app = open_page("" if page == "overview" else page, large="true")
    assert app.toggle(key="large").value
    assert app.query_params["large"] == "true"
    assert any("html:root" in each.proto.body for each in app.get("html"))
    app.toggle(key="large").set_value(False).run()
    assert "large" not in app.query_params
    assert not any("html:root" in each.proto.body for each in app.get("html"))


def test_what_a_page_opens_on_is_no_choice_that_follows(own_folders: dict[str, Path]) -> None:
    """From Overview, which opens on 2Dshapes, one comes to the CIFAR10 of Reconstruction; a dataset
    that was chosen goes along."""
    for config in (LONG[1.0], RunConfig(dataset="cifar10", beta=1.0)):
        save_run(own_folders["RUNS"], config, score=False)
    app = open_page("")
    assert app.button_group(key="dataset").value == "2dshapes"
    app.switch_page("pages/reconstruction.py").run()
    assert app.button_group(key="dataset").value == "cifar10"
    app.button_group(key="dataset").set_value("2dshapes").run()
    app.switch_page("pages/overview.py").run()
    assert app.button_group(key="dataset").value == "2dshapes"
    app.switch_page("pages/reconstruction.py").run()
    assert app.button_group(key="dataset").value == "2dshapes"


@pytest.mark.slow
def test_the_models_to_measure_have_readable_names(scored_runs: Path) -> None:
    app = open_page("sensitivity")
    (models,) = [each for each in app.multiselect if each.key == "more-runs"]
    assert any(each.startswith("Conv VAE, ") and ", seed 1" in each for each in models.options)
    assert not {path.name for path in scored_runs.iterdir()} & set(models.options)
