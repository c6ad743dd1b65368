"""The page to take home: what it contains, its size, and what is refused."""

import json
import re
import shutil
from pathlib import Path

import pytest
import torch

from betavae_core.__main__ import main
from betavae_core.beta import unbroken
from betavae_core.config import RunConfig
from betavae_core.datasets import Dataset, config_dataset, load_dataset
from betavae_core.export.handout import handout, handout_html
from betavae_core.export.handout.images import images_of
from betavae_core.export.handout.live import LARGEST, STARTS
from betavae_core.models import build_model
from betavae_core.store import Run, create_run, load_run, save_weights
from betavae_core.store.labels import run_words
from tests.datasets.own.images import class_folder
from tests.doctor import damage
from tests.export.handouts import Parsed, tensors
from tests.oracles import one_sentence, small_config, train_small

SHIPPED = Path(__file__).parents[2] / "trained_models"
OF_ALL = "2dshapes-conv-multirate-beta0.05to20-seed123-images7372800-klwarmup640000"
COLOUR = [damage.colour(beta) for beta in ("0.1", "1", "4", "10")]


@pytest.fixture(scope="module")
def images() -> Dataset:
    return load_dataset("2dshapes", "rendered")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root, config = tmp_path_factory.mktemp("runs"), small_config()
    train_small(root, config)
    return load_run(root / config.run_id)


def renamed(run: Run, root: Path, name: str) -> Run:
    return load_run(shutil.copytree(run.path, root / name))


def untrained(root: Path, config: RunConfig) -> Run:
    create_run(root / config.run_id, config)
    save_weights(root / config.run_id, build_model(config), 10)
    return load_run(root / config.run_id)


def test_it_needs_no_network_and_makes_no_text_a_program(small: Run, images: Dataset) -> None:
    page = handout_html(handout([small], images))
    parsed = Parsed(page)
    assert {tag for tag, _ in parsed.elements}.isdisjoint({"link", "iframe", "object", "embed"})
    for tag, attributes in parsed.elements:
        for name in {"src", "href", "action", "srcset", "poster", "data"} & set(attributes):
            assert attributes[name].startswith("data:image/png;base64,"), (tag, name)
    assert re.findall(r"url\((?!\$)", page) == []  # the one of the map is a data URL
    assert re.findall(r"@import|@font-face", parsed.files["style"]) == []
    assert re.findall(r"\beval\b|\bFunction\(|\bWorker\b", parsed.files["script"]) == []
    (policy,) = (each["content"] for each in parsed.named("meta") if "http-equiv" in each)
    assert policy.startswith("default-src 'none'; ")
    assert not {"connect-src", "unsafe-eval"} & set(policy.replace(";", "").split())


def test_its_weights_are_the_runs_in_half_precision(small: Run, images: Dataset) -> None:
    parsed = Parsed(handout_html(handout([small], images)))
    found = tensors(parsed.files["run-0"])
    assert {tensor.dtype for tensor in found.values()} == {torch.float16}
    expected = {**small.vae.state_dict()}
    assert sum(t.numel() for t in found.values()) == sum(t.numel() for t in expected.values())
    first = small.vae.decoder[0].weight
    torch.testing.assert_close(found["0.weight"], first.half(), atol=0, rtol=0)
    assert "rounded to float16 here" in parsed.text
    starts = tensors(parsed.files["starts"])["images"]
    assert (starts.dtype, starts.shape) == (torch.uint8, (STARTS, 1, 64, 64))


def test_what_it_says_of_a_run(small: Run, images: Dataset) -> None:
    text = Parsed(handout_html(handout([small], images))).text
    parts = [small.name, "2Dshapes (rendered)", "Images seen 124", small.weights_hash[:16]]
    parts += [f"torch {torch.__version__}", "python -m betavae_core train --preset"]
    for part in parts:
        assert part in text, part
    assert "1,000 randomly drawn images of 2Dshapes (rendered)" in text
    assert "What was measured?" not in text  # nothing was


def test_beside_its_title_stands_what_the_title_leaves_out(small: Run, images: Dataset) -> None:
    (live,) = handout([small], images).runs
    words = run_words(small)
    assert words.startswith(f"{live.title}, seed ")
    assert live.details == words.removeprefix(f"{live.title}, ")
    page = handout_html(handout([small], images))
    assert f"<h3>{unbroken(live.title)} <small>{live.details}</small></h3>" in page
    assert "@media screen and (prefers-color-scheme: dark)" in page, "paper is white"


def test_stored_measurements_come_with_how_they_were_measured(images: Dataset) -> None:
    run = load_run(SHIPPED / "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000")
    text = Parsed(handout_html(handout([run], images))).text
    record = run.score("higgins")
    assert record is not None
    assert (
        f"the latents move? {record['value']:.3f} ± {record['details']['standard_error']:.3f}"
        in text
    )
    assert "all 737,280 images of 2Dshapes (rendered), 5 factors; L 64, points 1,000" in text


def test_names_are_escaped(small: Run, images: Dataset, tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)>\"&'{{ 7 * 7 }}<script>alert(2)"
    usual = Parsed(handout_html(handout([small, renamed(small, tmp_path, "plain")], images)))
    page = Parsed(handout_html(handout([small, renamed(small, tmp_path, hostile)], images)))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in usual.elements]
    assert hostile in page.text
    assert not any("onerror" in attributes for _, attributes in page.elements)


def test_a_class_of_a_folder_is_escaped(tmp_path: Path) -> None:
    """Class names become labels of images, of groups and of the map."""
    classes = ["<b>cats", 'dogs"', "c&d"]
    folder = class_folder(tmp_path / "pictures", classes, 4)
    dataset = load_dataset("folder", root=folder)
    channels, size = dataset.shape[0], dataset.shape[1]
    config = RunConfig(dataset=dataset.name, source="own", channels=channels, image_size=size)
    page = handout_html(handout([untrained(tmp_path, config)], dataset))
    parsed = Parsed(page)
    assert "<b>cats" not in page
    groups = json.loads(parsed.files["data"])["maps"][0]["groups"]
    assert {group["name"] for group in groups} == set(classes)


@pytest.mark.slow
def test_sizes_of_shipped_runs(images: Dataset) -> None:
    one = load_run(SHIPPED / "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000")
    assert len(handout_html(handout([one], images)).encode()) <= 2e6
    four = [load_run(SHIPPED / name) for name in COLOUR]
    dataset = config_dataset(four[0].config)
    assert len(handout_html(handout(four[:1], dataset)).encode()) <= 2e6
    assert len(handout_html(handout(four, dataset)).encode()) <= 6e6
    natural = [load_run(SHIPPED / f"cifar10-conv-beta{beta}-seed4723") for beta in (0.1, 1, 4, 10)]
    excerpt = load_dataset("cifar10", "excerpt")
    assert len(handout_html(handout(natural[:1], excerpt)).encode()) <= 2e6
    assert len(handout_html(handout(natural, excerpt)).encode()) <= 6e6


def test_a_model_for_every_beta(images: Dataset) -> None:
    run = load_run(SHIPPED / OF_ALL)
    ten_passes = SHIPPED.glob("2dshapes-conv-beta[0-9]*images7372800-klwarmup*")
    others = [load_run(path) for path in sorted(ten_passes)]
    contents = handout([run], images, others=others)
    page = handout_html(contents)
    assert len(page.encode()) <= 2e6
    data = json.loads(Parsed(page).files["data"])
    (explorer,), (map_of_all,) = data["explorers"], data["maps"]
    assert explorer["settings"]["marks"] == [0.1, 1, 4, 10]
    assert len(explorer["settings"]["separate"]) == len(others) == 4
    assert len(map_of_all["morph"]["betas"]) == 25
    beta = contents.runs[0].settings["beta"]
    assert beta is not None
    assert (beta["value"], beta["marks"]) == (1.0, [0.1, 1, 4, 10])
    assert "What does β do?" in page


def test_what_is_too_large_stands_still(small: Run, images: Dataset, tmp_path: Path) -> None:
    large = untrained(tmp_path, RunConfig(model="mlp"))
    contents = handout([large, small], images)
    assert [each.model is None for each in contents.runs] == [True, False]
    page = handout_html(contents)
    parsed = Parsed(page)
    assert set(parsed.files) >= {"run-1", "starts", "data"}
    assert "run-0" not in parsed.files
    assert "This decoder is too large for a page to take home (16 MB, at most 2 MB fit)." in page
    hosts = [each for each in parsed.named("div") if each.get("data-part") == "live"]
    assert [each["data-run"] for each in hosts] == ["1"]
    assert len(page.encode()) < 2 * LARGEST


def test_a_decoder_that_fits_without_its_encoder_is_live(tmp_path: Path, images: Dataset) -> None:
    wide = "flatten, linear 400, relu, linear 20 -> linear 64, relu, linear 4096, unflatten 1 64 64"
    run = untrained(tmp_path, RunConfig(model="layers", layers=wide))
    (live,) = handout([run], images).runs
    assert live.model is not None
    assert live.model.encoder == []
    assert len(live.codes) == STARTS


def test_without_the_images_it_says_so(tmp_path: Path) -> None:
    config = RunConfig(dataset="mine", source="own", channels=3, image_size=32, latents=12)
    dataset, missing = images_of(config, tmp_path)
    assert dataset is None
    contents = handout([untrained(tmp_path, config)], dataset, missing=missing)
    assert (contents.starts, contents.maps) == (None, [])
    text = Parsed(handout_html(contents)).text
    assert "The images of mine were not on the machine that made this page" in text
    assert "density" not in contents.runs[0].settings["rows"][0]


@pytest.mark.parametrize(
    ("config", "source"),
    [
        (RunConfig(source="official"), "rendered"),
        (RunConfig(dataset="cifar10", source="official"), "excerpt, 256 official test images"),
    ],
)
def test_what_stands_in_for_a_missing_file_is_named(
    tmp_path: Path, config: RunConfig, source: str
) -> None:
    dataset, missing = images_of(config, tmp_path)
    assert dataset is not None
    assert missing == ""
    text = Parsed(handout_html(handout([untrained(tmp_path, config)], dataset))).text
    assert f"{dataset.title} ({source}), posterior means" in text
    assert f"1,000 randomly drawn images of {dataset.title} ({source})" in text


def test_refusals(small: Run, images: Dataset, tmp_path: Path) -> None:
    with one_sentence("is a baseline (pca) and not a VAE"):
        handout([load_run(SHIPPED / "2dshapes-pca-seed123-images25000")], images)
    recorded = next(path for path in SHIPPED.iterdir() if (path / "record.json").exists())
    with one_sentence("is kept without its weights", "train"):
        handout([load_run(recorded)], None)
    with one_sentence("need the same images", "3dshapes-conv"):
        handout([small, load_run(SHIPPED / COLOUR[0])], images)
    with one_sentence("1 to 8 runs, got 9"):
        handout([small] * 9, images)


def test_the_verb(small: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "new" / "page.html"
    options = ["--runs", str(small.path.parent), "--progress", "none"]
    assert main(["export", "handout", small.name, "--out", str(file), "--json", *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == [{"runs": [small.name], "kind": "handout", "file": str(file)}]
    assert Parsed(file.read_text()).files["title"].startswith("2Dshapes: β = 4")
    folder = tmp_path / "exports"
    assert main(["export", "handout", small.name, "--out", str(folder), *options]) == 0
    assert [path.name for path in folder.iterdir()] == [f"handout-{small.name}.html"]
    capsys.readouterr()
    assert main(["export", "handout", small.name, "--steps", "5", *options]) == 2
    assert "does not have the option --steps" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    out = str(tmp_path / "file" / "page.html")
    assert main(["export", "handout", small.name, "--out", out, *options]) == 2
    assert "page.html" in capsys.readouterr().err
