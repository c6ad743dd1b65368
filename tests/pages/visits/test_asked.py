"""What links ask for: in vain, and it is said; in former words, and it works."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.driving import APP, open_page, shown_run
from tests.pages.visits.walking import name_of


@pytest.mark.slow
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


@pytest.mark.parametrize("name", ["mpi3d-toy", "3dshapes"])
def test_a_dataset_may_be_named_as_on_the_command_line(runs: Path, name: str) -> None:
    app = AppTest.from_file(APP, default_timeout=300)
    app.switch_page("pages/datasets.py")
    app.query_params["data"] = name
    app.run()
    assert not app.exception
    assert not app.warning
    assert app.selectbox(key="data").value == name


def test_a_dataset_and_a_run_of_another_are_told_apart(runs: Path) -> None:
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    app = AppTest.from_file(APP, default_timeout=300)
    app.switch_page("pages/disentanglement.py")
    app.query_params.update({"dataset": "noise", "run": name})
    app.run()
    assert "which was trained on blocks; showing the model" in app.warning[0].value
    assert shown_run(app) == name


def test_links_in_their_former_words_work(runs: Path) -> None:
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    link = {"run": name, "view": "two latents", "across": "z1", "down": "z2"}
    app = AppTest.from_file(APP, default_timeout=300)
    app.switch_page("pages/traversals.py")
    app.query_params.update(link)
    app.run()
    assert (app.selectbox(key="column").value, app.selectbox(key="row").value) == (1, 2)
    assert not app.warning


def test_a_link_in_the_words_of_an_earlier_address_is_followed(runs: Path) -> None:
    """The page that is left had that address once, and has another now."""
    app = open_page(dataset="blocks")
    app.segmented_control(key="dataset").set_value("noise").run()
    app.segmented_control(key="dataset").set_value("blocks").run()
    app.query_params.clear()
    app.query_params["dataset"] = "noise"
    app.switch_page("pages/reconstruction.py").run()
    assert app.segmented_control(key="dataset").value == "noise"
