"""The pages Disentanglement and Sensitivity: choices, guesses, settings, and empty states."""

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from betavae_core import sentences
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.metrics.higgins import higgins
from betavae_core.scoring.codes import code_table
from betavae_core.scoring.scores import score_metrics
from betavae_core.store import load_run
from betavae_core.store.labels import run_words
from betavae_core.tables.draws import higgins_draws, named_draws, over_pairs
from betavae_core.tables.guessing import pairs_to_guess
from betavae_core.tables.mixed import HighButMixed
from betavae_core.tables.scores import (
    baseline_lines,
    chance_level,
    factor_matrix,
    over_seeds,
    score_rows,
    variant,
)
from pages._ui import background
from pages._ui.disentanglement import lesson, score_charts
from pages._ui.sensitivity import charts as sensitivity_charts
from pages._ui.style import plain
from tests.datasets.own.images import class_folder
from tests.oracles import small_config, train_small
from tests.pages.driving import captions, open_page, opened, pick_run, save_run, shown_run


@pytest.fixture
def runs(scored_runs: Path) -> Path:
    return scored_runs


def texts(app: AppTest) -> str:
    return "\n".join(m.value for m in (*app.markdown, *app.caption, *app.info, *app.success))


def test_the_tables_have_a_row_for_every_run_and_score(runs: Path) -> None:
    rows = score_rows(opened(runs))
    usual = rows[
        (rows["score"] == "higgins") & (rows["classifier"] == "linear") & (rows["L"] == 64)
    ]
    assert len(usual) == 6 * 2
    assert set(usual[usual["subset"] == "no-shape"]["factors"]) == {2}
    assert usual["chance"].unique() == pytest.approx([1 / 3, 1 / 2])
    assert set(rows["score"]) == {"higgins", "higgins_scaled", "mig", "mig_exact", "mig_sup", "irs"}
    assert set(rows[rows["baseline"] == "pca"]["beta"].isna()) == {True}
    draws = higgins_draws(opened(runs))
    first = draws[(draws["table"] == usual["run"].iloc[0]) & (draws["L"] == 64)]
    first = first[(first["classifier"] == "linear") & (first["factors"] == "all")]
    assert len(first) == 5
    assert first["score"].mean() == pytest.approx(usual["value"].iloc[0])


def test_baselines_are_told_apart_by_their_settings() -> None:
    usual = RunConfig(model="ica", beta=None, images=2_500)
    assert variant(usual) == ""
    assert variant(replace(usual, images=25_000)) == "full"
    assert variant(replace(usual, fit="fun=cube")) == "fun=cube"
    assert variant(RunConfig(dataset="3dshapes", model="pca", beta=None, images=3_500)) == ""
    assert variant(RunConfig(dataset="3dshapes", model="pca", beta=None, images=14_000)) == "full"
    assert variant(RunConfig(model="noise", beta=None, images=0)) == ""
    rows = pd.DataFrame(
        {
            "baseline": ["pca", "pca", "pca", "", "noise"],
            "variant": ["", "", "full", "", ""],
            "value": [0.4, 0.6, 0.9, 0.8, 0.2],
            "chance": [0.2] * 5,
        }
    )
    assert baseline_lines(rows) == {"PCA": 0.5, "noise": 0.2}
    assert chance_level(rows) == 0.2


def test_the_matrix_is_that_of_the_standard_record(runs: Path) -> None:
    """Though a newer one of part of the grid is there."""
    path = next(run.path for run in opened(runs) if run.config.beta == 4)
    before = factor_matrix(load_run(path), "mig")
    assert before is not None
    matrix, factors = before
    assert matrix.shape == (3, 3)
    assert factors == ["object shape", "x", "y"]
    assert ((matrix >= 0) & (matrix <= 1)).all()
    score_metrics(load_run(path), [("mig", {"points": 20})], limit=8)
    after = factor_matrix(load_run(path), "mig")
    assert after is not None
    assert np.array_equal(after[0], matrix)
    assert factor_matrix(load_run(path), "dci") is None


def test_draws_are_named_by_beta_and_by_other_models(runs: Path) -> None:
    draws = higgins_draws(opened(runs))
    other = draws[draws["table"] == draws["table"].iloc[0]].assign(table="other", model="mlp")
    named = named_draws(pd.concat([draws, other]))
    assert set(named["name"]) >= {"β = 1", "β = 4", "PCA"}
    assert set(named[named["table"] == "other"]["name"]) == {"β = 1, MLP VAE"}
    assert set(named[~named["usual_model"]]["table"]) == {"other"}
    assert "noise" not in set(named["baseline"])
    linear = named[(named["factors"] == "all") & (named["name"] == "β = 4")]
    found = over_pairs(linear).set_index("L")
    per_run = linear[linear["L"] == 64].groupby("table")["score"].mean()
    assert found.loc[64, "median"] == pytest.approx(per_run.median())
    assert found.loc[64, "lowest"] == pytest.approx(per_run.min())
    assert found.loc[64, "highest"] == pytest.approx(per_run.max())


def test_over_seeds_by_hand() -> None:
    rows = pd.DataFrame({"beta": [1.0] * 4 + [4.0], "value": [0.1, 0.9, 0.5, 0.6, 0.3]})
    found = over_seeds(rows).set_index("beta")
    assert found.loc[1.0, "best_half"] == pytest.approx(0.75)
    assert found.loc[1.0, "median"] == pytest.approx(0.55)
    assert found.loc[1.0, "mean"] == pytest.approx(0.525)
    assert (found.loc[1.0, "lowest"], found.loc[1.0, "highest"]) == (0.1, 0.9)
    assert found.loc[4.0, "best_half"] == 0.3
    assert np.isnan(found.loc[4.0, "std"])


def test_the_headline_is_that_of_the_seeds(runs: Path) -> None:
    app = open_page("disentanglement")
    rows = score_rows(opened(runs))
    rows = rows[(rows["score"] == "higgins") & (rows["classifier"] == "linear") & (rows["L"] == 64)]
    for subset, label in (("all", "3"), ("no-shape", "2")):
        app.segmented_control(key="factors-3-2").set_value(label).run()
        assert not app.exception
        trained = rows[(rows["subset"] == subset) & (rows["baseline"] == "")]
        best = over_seeds(trained).sort_values("median").iloc[-1]
        assert f"**{best['median']:.3f}** over 2 seeds" in texts(app)
        assert f"**{best['best_half']:.3f}**" in texts(app)
        said = sentences.score_over_beta(trained, "Higgins' metric", {})
        assert plain(said) in texts(app)
    app.segmented_control(key="middle").set_value("mean").run()
    assert "The highest mean is" in texts(app)
    app.selectbox(key="score").select("mig").run()
    assert not app.exception
    app.selectbox(key="score").select("dci").run()
    assert "not computed yet" in texts(app)


def test_every_chart_has_its_sentence_and_how_it_was_measured(runs: Path) -> None:
    """In bold above the chart, and folded beside it; never one without the other."""
    for page, names in (
        ("disentanglement", {"over-beta", "matrix", "along", "profile"}),
        ("sensitivity", {"ranks", "table-2", "boxes"}),
    ):
        app = open_page(page)
        folded = [each for each in app.expander if each.label == "How measured"]
        assert len(folded) >= len(names)
        assert all(len(each.caption) == 1 and each.caption[0].value for each in folded)
        bold = [each.value for each in app.markdown if re.fullmatch(r"\*\*[^*]+\.\*\*", each.value)]
        assert len(bold) == len(folded), page


def test_a_cell_is_explained_and_what_is_missing_is_named(runs: Path) -> None:
    app = open_page("disentanglement")
    model = shown_run(app)
    cell = app.selectbox(key=f"cell-{model}-mig")
    assert f"### {cell.value.replace(', ', ' and ')}" in [m.value for m in app.markdown]
    other = next(each for each in cell.options if each != cell.value)
    cell.select(other).run()
    assert not app.exception
    assert f"### {other.replace(', ', ' and ')}" in [m.value for m in app.markdown]
    assert app.query_params[f"cell-{model}-mig"] == other
    app.segmented_control(key="matrix").set_value("dci").run()
    assert not app.exception
    assert "not computed yet for this model" in texts(app)
    name = next(run.name for run in opened(runs) if run.config.baseline == "pca")
    pick_run(app, name)
    assert not app.exception
    assert "baseline, PCA" in captions(app)
    assert "Noise" not in app.selectbox(key="pick-model").options


def button(app: AppTest, label: str) -> Button:
    return next(each for each in app.button if each.label == label)


def test_a_game_of_guesses_keeps_a_record_and_names_nobody_before(runs: Path) -> None:
    """Every round hides both names until one side is chosen; after the last one it is summed up."""
    everything = opened(runs)
    drawing = [run.name for run in everything if hasattr(run.model, "decode")]
    pairs = pairs_to_guess(score_rows(everything), tuple(drawing), 0)
    assert 2 <= len(pairs) <= 10
    app = open_page("disentanglement", guess="true")
    assert app.toggle(key="guess").value
    right = 0
    for number, pair in enumerate(pairs):
        hidden = [words for run in everything for words in (run.name, plain(run_words(run)))]
        assert not any(words in texts(app) for words in hidden)
        assert f"Round {number + 1} of {len(pairs)}. Right so far: {right} of {number}." in texts(
            app
        )
        assert not {"Best β", "highest median"} & set(texts(app).split("  "))
        side = number % 2
        right += pair.higher == side
        button(app, f"{'AB'[side]} scores higher").click().run()
        assert not app.exception
        said = "\n".join(each.value for each in (*app.success, *app.error))
        assert said.startswith("Right" if pair.higher == side else "Wrong")
        assert f"A scores **{pair.scores[0]:.0%}** and B scores **{pair.scores[1]:.0%}**" in said
        assert f"Right so far: {right} of {number + 1}." in said
        named = [plain(run_words(run)) for run in everything if run.name in pair.runs]
        assert all(words in texts(app) for words in named)
        if number + 1 < len(pairs):
            button(app, "Next round").click().run()
    assert f"**You were right in {right} of {len(pairs)} rounds.**" in texts(app)
    button(app, "New game").click().run()
    assert not app.exception
    assert "Right so far: 0 of 0." in texts(app)


def test_the_lesson_leads_to_a_model_of_high_score_and_mixed_latents(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = next(run for run in opened(runs) if run.config.beta == 4 and run.config.seed == 2)
    found = HighButMixed(chosen.name, 0.9, 0.05, 0.1)
    monkeypatch.setattr(lesson, "high_but_mixed", lambda *_: found)
    monkeypatch.setattr(lesson, "kept", lambda make, *arguments: make(*arguments))
    app = open_page("disentanglement")
    assert shown_run(app) != chosen.name
    app.button(key="start-mixed").click().run()
    assert not app.exception
    assert shown_run(app) == chosen.name
    assert app.query_params["run"] == chosen.name
    scripts = [each.proto.body for each in app.get("html") if "scrollIntoView" in each.proto.body]
    assert len(scripts) == 1
    app.segmented_control(key="middle").set_value("mean").run()
    assert not any("scrollIntoView" in each.proto.body for each in app.get("html"))


def test_the_live_panel_is_the_metric(runs: Path) -> None:
    app = open_page("sensitivity")
    run = next(run for run in opened(runs) if run.config.beta == 4 and run.config.seed == 2)
    pick_run(app, run.name)
    app.select_slider(key="L").set_value(4).run()
    app.select_slider(key="B").set_value(100).run()
    app.pills(key="live-blocks").set_value(["x", "y"]).run()
    assert not app.exception
    dataset = load_dataset("blocks")
    table = code_table(run.model, run.weights_hash, dataset)
    settings: dict[str, Any] = {"L": 4, "points": 100, "test_points": 1_000, "draws": 5}
    expected = higgins(table.mean, table.space, factors=["x", "y"], **settings).score
    assert app.metric[0].value == f"{expected:.1%}"
    assert app.metric[1].value == "50.0%"
    app.pills(key="live-blocks").set_value(["x"]).run()
    assert "two or more factors" in texts(app)


def test_k_minus_one_factors_suffice(runs: Path) -> None:
    app = open_page("sensitivity", L="256")
    app.toggle(key="blind").set_value(True).run()
    app.selectbox(key="missing-blocks").select("y").run()
    assert not app.exception
    assert float(app.metric[0].value.rstrip("%")) > 99
    assert "No latent carries information about **y**" in texts(app)


def test_tables_are_saved_with_what_they_are_of(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines that begin with # say it; a reader that leaves them out finds the whole table."""
    files: dict[str, str] = {}

    def keep(label: str, data: Any, file: str, *_: Any, **__: Any) -> None:
        files[file] = data() if callable(data) else data

    for module in (score_charts, sensitivity_charts):
        monkeypatch.setattr(module, "download", keep)
    open_page("disentanglement")
    open_page("sensitivity")
    rows = score_rows(opened(runs))
    rows = rows[(rows["score"] == "higgins") & (rows["classifier"] == "linear") & (rows["L"] == 64)]
    for file, page, count in (
        ("higgins-blocks.csv", "sensitivity", None),
        ("scores-higgins-blocks.csv", "disentanglement", len(rows[rows["subset"] == "all"])),
    ):
        notes = [line for line in files[file].splitlines() if line.startswith("#")]
        assert any(line.startswith("# link: ") and "dataset=blocks" in line for line in notes), page
        assert any("Higgins' metric" in line for line in notes)
        assert any("torch" in line for line in notes)
        table = pd.read_csv(io.StringIO(files[file]), comment="#")
        assert count is None or len(table) == count
        assert set(table.columns) >= {"score"}


def test_without_scores_the_pages_say_so(runs: Path) -> None:
    for run in opened(runs):
        (run.path / "scores.json").unlink()
    assert "is not computed yet" in texts(open_page("disentanglement"))
    assert "No scores are computed yet" in texts(open_page("sensitivity"))


def test_without_factors_there_is_nothing_to_score(own_folders: dict[str, Path]) -> None:
    own_folders["DATA"].mkdir()
    class_folder(own_folders["DATA"] / "photos")
    config = small_config(dataset="photos", source="own", channels=3, image_size=32, images=8)
    train_small(own_folders["RUNS"], config)
    for page in ("disentanglement", "sensitivity"):
        assert "nothing to score" in texts(open_page(page))


@pytest.mark.slow
def test_what_is_missing_is_computed_by_a_process_of_its_own(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started with a click, watched, and its result on disk."""
    app = open_page("sensitivity")
    before = len(load_run(opened(runs)[0].path).scores)
    app.multiselect(key="more-l").set_value([4]).run()
    app.multiselect(key="more-b").set_value([200]).run()
    app.button(key="start-sensitivity-blocks").click().run()
    assert not app.exception
    work = background._running()["sensitivity-blocks"]
    assert work.process.wait(120) == 0
    app.run()
    assert not app.exception
    assert not app.error
    assert len(load_run(opened(runs)[0].path).scores) > before


@pytest.mark.slow
def test_work_that_fails_says_why(runs: Path, own_folders: dict[str, Path]) -> None:
    app = open_page("sensitivity")
    app.multiselect(key="more-l").set_value([4]).run()
    (own_folders["DATA"] / "blocks.npz").unlink()
    app.button(key="start-sensitivity-blocks").click().run()
    work = background._running()["sensitivity-blocks"]
    assert work.process.wait(120) == 2
    app.run()
    assert not app.exception
    assert 'There is no dataset "blocks"' in app.error[0].value
    save_run(own_folders["RUNS"], RunConfig())
    other = open_page("sensitivity", dataset="2Dshapes")
    assert other.button(key="start-sensitivity-2dshapes")
    assert not [each.value for each in other.error]
