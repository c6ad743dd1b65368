"""Training lengths are never mixed on a page, and runs without weights stand where numbers do."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.command_line import command_for
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.shipping.recorded import record_run
from betavae_core.store import load_run
from betavae_core.store.labels import training_words
from pages._ui import choose_length
from tests.pages.driving import captions, open_page, save_run

PASS = 737_280
SHORT = [RunConfig(beta=beta, seed=seed) for beta in (1.0, 4.0) for seed in (5, 6)]
LONG = [RunConfig(beta=beta, seed=5, images=10 * PASS, kl_warmup=640_000) for beta in (1.0, 4.0)]


@pytest.fixture
def lengths(own_folders: dict[str, Path]) -> Path:
    """Two values of β after one pass, two seeds, and after ten passes, one seed."""
    for config in SHORT + LONG:
        save_run(own_folders["RUNS"], config)
    return own_folders["RUNS"]


def lengths_offered(app: AppTest) -> tuple[list[str], str]:
    [control] = [c for c in app.button_group if c.label == "Training length"]
    return list(control.options), control.value.title(PASS)


def pictured(app: AppTest) -> str:
    return "\n".join(text.value for text in app.markdown)


@pytest.mark.parametrize("page", ["", "disentanglement", "sensitivity", "reconstruction"])
def test_the_longest_is_shown_and_the_others_offered(lengths: Path, page: str) -> None:
    app = open_page(page)
    assert lengths_offered(app) == (["10 passes, KL warm-up", "1 pass"], "10 passes, KL warm-up")


def test_the_choice_decides_which_runs_are_shown(
    lengths: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[list[str]] = []
    inside = choose_length.of_length

    def seen(*arguments: object) -> object:
        found = inside(*arguments)  # type: ignore[arg-type]
        shown.append([run.name for run in found[0]])
        return found

    monkeypatch.setattr(choose_length, "of_length", seen)
    app = open_page(**{"length-2dshapes": "1 pass"})
    assert sorted(shown[-1]) == sorted(config.run_id for config in SHORT)
    assert lengths_offered(app)[1] == "1 pass"
    app = open_page()
    assert sorted(shown[-1]) == sorted(config.run_id for config in LONG)
    assert "seed 6" not in pictured(app)


def test_a_link_to_a_short_run_shows_its_length(lengths: Path) -> None:
    app = open_page(runs=SHORT[0].run_id)
    assert lengths_offered(app)[1] == "1 pass"
    link = {name: "".join(texts) for name, texts in app.query_params.items()}
    again = open_page(**link)
    assert lengths_offered(again)[1] == "1 pass"


def test_one_length_needs_no_choice(own_folders: dict[str, Path]) -> None:
    for config in SHORT:
        save_run(own_folders["RUNS"], config)
    assert not [c for c in open_page().button_group if c.label == "Training length"]


@pytest.fixture
def kept(own_folders: dict[str, Path], tmp_path: Path) -> Path:
    """β = 1 whole, β = 4 without its weights."""
    save_run(own_folders["RUNS"], SHORT[0])
    whole = load_run(save_run(tmp_path, SHORT[2]))
    dataset = load_dataset("2dshapes", "rendered")
    record_run(whole, own_folders["RUNS"] / whole.name, dataset)
    return own_folders["RUNS"]


@pytest.mark.parametrize(
    "page",
    ["", "traversals", "latent_space", "disentanglement", "sensitivity", "reconstruction"],
)
def test_every_page_opens_beside_a_run_without_weights(kept: Path, page: str) -> None:
    app = open_page(page)
    assert app.title[0].value.endswith("?")
    assert not [each.value for each in app.error]


def test_overview_shows_the_stored_pictures(kept: Path) -> None:
    app = open_page()
    assert app.dataframe[0].value["β"].tolist() == [1.0, 4.0]
    assert "**β = 4**" in pictured(app)


def test_a_link_to_traversals_of_it_says_how_to_get_the_weights(kept: Path) -> None:
    app = open_page("traversals", run=SHORT[2].run_id)
    said = "\n".join(warning.value for warning in (*app.warning, *app.info))
    assert "without its weights" in said
    assert command_for(SHORT[2]) in [code.value for code in app.code]
    assert training_words(SHORT[0]) in captions(app)


def test_pages_that_need_weights_say_so_where_there_are_none(kept: Path) -> None:
    shutil.rmtree(kept / SHORT[0].run_id)
    for page in ("traversals", "latent_space"):
        app = open_page(page)
        assert "without their weights" in app.info[0].value
        assert app.code[0].value == command_for(SHORT[2])


@pytest.mark.parametrize("page", ["disentanglement", "sensitivity"])
def test_a_run_of_another_length_is_not_called_unable(lengths: Path, page: str) -> None:
    """The run chosen on Traversals decodes and has codes; only its length is not shown."""
    app = open_page("traversals", run=SHORT[0].run_id)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert lengths_offered(app)[1] == "1 pass", "the length of the visitor's run"
    assert not [box.value for box in app.info if SHORT[0].run_id in box.value]
    [control] = [c for c in app.button_group if c.label == "Training length"]
    control.set_value(control.options[0]).run()
    assert not app.exception
    said = " ".join(box.value for box in [*app.info, *app.warning])
    assert f"{SHORT[0].run_id} was not trained for the training length chosen above" in said
