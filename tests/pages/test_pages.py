"""Interactions with every page, without a browser."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from betavae_core import store
from betavae_core.browser.model import BrowserModel
from betavae_core.config import RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.models import build_model
from betavae_core.traversal.pictures import Picture
from pages._ui import live_decoder
from pages._ui.traversals import views as traversal_views
from tests.datasets.own.images import GRID, class_folder, numbered, write
from tests.pages.driving import APP, captions, open_page, pick_run, save_run, shown_run


@pytest.mark.parametrize(
    "page",
    [
        "",
        "traversals",
        "latent_space",
        "disentanglement",
        "sensitivity",
        "reconstruction",
        "findings",
        "datasets",
    ],
)
def test_every_page_opens_with_its_question(runs: Path, page: str) -> None:
    assert open_page(page).title[0].value.endswith("?")


def test_overview_lists_runs_with_what_was_measured(runs: Path) -> None:
    app = open_page()
    table = app.dataframe[0].value
    assert table["β"].tolist() == [1.0, 4.0]
    score = store.load_run(runs / RunConfig(beta=1.0).run_id).score("elbo")
    assert table["Reconstruction loss"][0] == pytest.approx(score["nll"])
    assert table["KL"][0] == pytest.approx(sum(score["kl"]))
    assert table["Normalised β"][1] == pytest.approx(4 * 10 / 4096)
    assert table["Model"].tolist() == ["Conv VAE", "Conv VAE"]
    assert table["Folder"][1] == RunConfig(beta=4.0).run_id
    assert "16 random images" in captions(app)
    assert "rendered" in captions(app)


def test_other_objectives_are_listed_behind_the_beta_vaes(runs: Path) -> None:
    config = RunConfig(objective="beta-tcvae", beta=None)
    save_run(runs, config, score=False)
    table = open_page().dataframe[0].value
    assert table["Model"].tolist()[-1] == f"Conv VAE, β-TCVAE (β = {config.strength:g})"
    assert table["β"].tolist()[:2] == [1.0, 4.0]


def test_a_new_run_appears_without_restart(runs: Path) -> None:
    app = open_page()
    save_run(runs, RunConfig(beta=10.0), score=False)
    app.run()
    table = app.dataframe[0].value
    assert table["β"].tolist() == [1.0, 4.0, 10.0]
    assert table["Reconstruction loss"][2] == 500.0  # not scored: its last training record


def test_no_runs_explains_how_to_train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BETAVAE_RUNS", str(tmp_path / "nothing"))
    for page in ("", "traversals"):
        app = open_page(page)
        assert "no trained models" in app.info[0].value
        assert "betavae_core train" in app.code[0].value


def break_run(path: Path, how: str) -> None:
    if how == "nan":
        model = build_model(store.read_config(path))
        with torch.no_grad():
            model.decoder[0].bias[0] = torch.nan
        store.save_weights(path, model, 1)
    elif how == "newer":
        data = json.loads((path / store.CONFIG).read_text()) | {"format": 99}
        (path / store.CONFIG).write_text(json.dumps(data))
    else:
        file = path / {"truncated": store.WEIGHTS, "missing": store.CONFIG}[how]
        if how == "missing":
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:1000])


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("nan", "decoder.0.bias"),
        ("newer", "newer version"),
        ("truncated", "truncated"),
        ("missing", "no config.json"),
    ],
)
def test_a_broken_run_is_named_and_the_others_shown(runs: Path, how: str, reason: str) -> None:
    break_run(save_run(runs, RunConfig(beta=2.0), score=False), how)
    for page in ("", "traversals"):
        app = open_page(page)
        told = [text.value for text in app.markdown if reason in text.value]
        assert len(told) == 1
        assert "beta2" in told[0]
    assert app.selectbox(key="pick-beta").options == ["1", "4"]


def test_a_damaged_run_recovers_when_mended(runs: Path) -> None:
    path = runs / RunConfig(beta=4.0).run_id
    kept = (path / store.WEIGHTS).read_bytes()
    break_run(path, "truncated")
    app = open_page("traversals")
    assert len(app.selectbox(key="pick-beta").options) == 1
    (path / store.WEIGHTS).write_bytes(kept)
    app.run()
    assert len(app.selectbox(key="pick-beta").options) == 2


def test_choosing_run_start_and_columns(runs: Path) -> None:
    app = open_page("traversals")
    second = RunConfig(beta=4.0).run_id
    pick_run(app, second)
    assert "β = 4, seed 123, 1 pass, trained on" in captions(app)
    app.selectbox(key="mode").select("around").run()
    app.slider(key="reach").set_value(3.0).run()
    assert "posterior mean ± 3" in captions(app)
    app.selectbox(key="mode").select("posterior").run()
    assert "posterior" in captions(app)
    app.slider(key="2dshapes-shape").set_value(2).run()
    assert "shape heart" in captions(app)
    assert not app.exception


def test_posterior_quantiles_need_an_image(runs: Path) -> None:
    app = open_page("traversals", start="zero code")
    assert "Start: zero" in captions(app)
    assert "posterior quantiles" not in app.selectbox(key="mode").options


def test_a_link_restores_the_settings(runs: Path) -> None:
    second = RunConfig(beta=4.0).run_id
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page("pages/traversals.py")
    link = {"run": second, "mode": "around the posterior mean", "steps": "5"}
    for name, value in (link | {"2dshapes-shape": "2"}).items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    assert shown_run(app) == second
    assert app.slider(key="steps").value == 5
    assert app.selectbox(key="mode").value == "around"
    assert "shape heart" in captions(app)


@pytest.mark.parametrize(("asked", "stands"), [("50", 3.0), ("-4", -3.0), ("2.5", 2.5)])
def test_a_linked_position_is_one_that_the_slider_has(
    runs: Path, monkeypatch: pytest.MonkeyPatch, asked: str, stands: float
) -> None:
    """What is shown is what is exported: nothing beyond the end of a slider."""
    shown: list[dict[str, object]] = []
    pack = live_decoder.packed

    def remember(model: BrowserModel, settings: dict[str, object], **more: torch.Tensor) -> bytes:
        shown.append(settings)
        return pack(model, settings, **more)

    drawn: list[Picture] = []
    monkeypatch.setattr(live_decoder, "packed", remember)
    monkeypatch.setattr(traversal_views, "show", lambda shown, *_: drawn.append(shown[0]))
    app = open_page("traversals", start="zero code", z=f"{asked},0,0,0,0,0,0,0,0,0.1234")
    assert list(shown[-1]["initial"]) == [stands] + [0] * 8 + [pytest.approx(0.1234)]  # type: ignore[call-overload]
    assert drawn[-1].about["z"] == [stands] + [0] * 8 + [pytest.approx(0.1234)]
    assert app.query_params["z"].startswith(f"{stands:g},0,")
    told = [warning.value for warning in app.warning]
    if stands == float(asked):
        assert not told
    else:
        assert told == [
            f"The link asks for z0 = {asked}, beyond the slider's end; it shows the end instead."
        ]


def test_sliders_know_dead_latents_and_where_the_codes_lie(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a trained run the latents below 0.1 nats are off and come last; every one has its hill."""
    config = RunConfig(beta=8.0)
    save_run(runs, config, score=False)  # its record: z0 has 0.5 nats, the others none
    rows: list[list[dict[str, object]]] = []
    pack = live_decoder.packed

    def remember(model: BrowserModel, settings: dict[str, object], **more: torch.Tensor) -> bytes:
        rows.append(settings["rows"])  # type: ignore[arg-type]
        return pack(model, settings, **more)

    monkeypatch.setattr(live_decoder, "packed", remember)
    open_page("traversals", run=config.run_id)
    assert [(row["latent"], row["active"]) for row in rows[-1]] == [
        (0, True),
        *((d, False) for d in range(1, 10)),
    ]
    for row in rows[-1]:
        hill = row["density"]
        assert len(hill) == 48  # type: ignore[arg-type]
        assert (min(hill), max(hill)) == (pytest.approx(0, abs=0.2), 1)  # type: ignore[call-overload]


def test_a_link_to_an_unknown_run_says_so(runs: Path) -> None:
    app = AppTest.from_file(APP, default_timeout=60)
    app.switch_page("pages/traversals.py")
    app.query_params["run"] = "gone"
    app.run()
    assert not app.exception
    assert 'no model "gone"' in app.warning[0].value


def test_a_run_of_a_foreign_dataset_traverses_from_the_prior(runs: Path) -> None:
    shutil.rmtree(runs)
    config = replace(RunConfig(), dataset="mnist", channels=1, image_size=32, origin="elsewhere")
    save_run(runs, config, score=False)
    assert "prior" in captions(open_page())
    app = open_page("traversals")
    assert "prior sample 0" in captions(app)


def test_dataset_sliders_choose_the_image(runs: Path) -> None:
    app = open_page("datasets")
    for key, value in (("shape", 2), ("scale", 5), ("position-x", 0)):
        app.slider(key=f"2dshapes-{key}").set_value(value).run()
    assert not app.exception
    assert "heart" in app.slider(key="2dshapes-shape").label
    assert "rendered" in app.markdown[0].value


def test_what_changes_when_a_factor_steps(runs: Path) -> None:
    """The last value steps back; the caption counts the pixels, as the images do."""
    app = open_page("datasets")
    app.slider(key="2dshapes-scale").set_value(5).run()
    app.selectbox(key="factor").select("scale").run()
    dataset = load_dataset("2dshapes", "rendered")
    assert dataset.space is not None
    base = dataset.space.median()
    base[1] = 5
    images = dataset.images(dataset.space.sweep(base, 1)[[5, 4]])
    changed = int((images[0] != images[1]).sum())
    assert changed > 10
    assert f"scale 1 → 0.9: {changed:,} of 4,096 pixels change" in captions(app)


def test_the_mosaic_is_reshuffled(runs: Path) -> None:
    app = open_page("datasets")
    assert "56 of 737,280 images" in captions(app)
    app.button[0].click().run()
    assert app.query_params["mosaic"] == "1"
    assert not app.exception


def test_a_dataset_that_is_not_here_says_how_to_get_it(runs: Path) -> None:
    app = open_page("datasets")
    app.selectbox(key="data").select("mpi3d-real").run()
    assert not app.exception
    assert "no rendered source" in app.info[0].value
    assert "data fetch mpi3d-real" in app.code[0].value


def test_own_images_with_and_without_factors(runs: Path, own_folders: dict[str, Path]) -> None:
    """A picture that cannot be read is named; without factors the page says so."""
    own_folders["DATA"].mkdir()
    folder = class_folder(own_folders["DATA"] / "photos")
    (folder / "class0" / "1.png").write_bytes(b"no picture")
    write(own_folders["DATA"] / "blocks.npz", images=numbered(), **GRID)
    app = open_page("datasets")
    app.selectbox(key="data").select("photos").run()
    assert not app.exception
    assert "no known factors" in app.info[0].value
    assert "class0/1.png" in app.warning[0].value
    app.selectbox(key="data").select("blocks").run()
    assert not app.exception
    assert app.slider(key="blocks-shade").max == 3


def test_a_run_on_own_images_starts_from_one_of_them(
    runs: Path, own_folders: dict[str, Path]
) -> None:
    class_folder(own_folders["DATA"] / "photos")
    config = RunConfig(dataset="photos", source="own", channels=3, image_size=32)
    save_run(runs, config, score=False)
    app = open_page("traversals")
    pick_run(app, config.run_id)
    app.number_input(key="image").set_value(5).run()
    assert not app.exception
    assert "image 5 (own)" in captions(app)


def test_overview_shows_one_dataset_and_seed_at_a_time(runs: Path) -> None:
    """The table has all runs; the pictures those of the chosen dataset and seed."""

    def pictured(app: AppTest) -> list[str]:
        return [m.value for m in app.markdown if m.value.startswith("**β = ")]

    save_run(runs, RunConfig(beta=4.0, seed=427))
    foreign = RunConfig(dataset="faces", channels=1, image_size=64, beta=1.0)
    save_run(runs, foreign, score=False)
    app = open_page()
    assert len(pictured(app)) == 2
    assert len(app.dataframe[0].value) == 4
    app.segmented_control(key="seed-2dshapes").set_value(427).run()
    assert len(pictured(app)) == 1
    assert "seed 427" in pictured(app)[0]
    app.segmented_control(key="dataset").set_value("faces").run()
    assert not app.exception
    assert "prior samples" in pictured(app)[0]


def test_names_of_folders_are_not_read_as_markdown(runs: Path) -> None:
    """A picture from anywhere in a name would be fetched by the browser."""
    (runs / "![p](x.png)").mkdir()
    app = open_page()
    shown = [m.value for m in app.markdown if "x.png" in m.value]
    assert shown
    assert all(r"\!\[p\]\(x.png\)" in value for value in shown)
    assert not any("![p]" in value for value in shown)
