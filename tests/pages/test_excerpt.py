"""Runs on CIFAR as they ship, on a machine without CIFAR's files: the pages show the excerpt, and
say so wherever its images are."""

import json
import shutil
from pathlib import Path

import pytest

from tests.pages.driving import captions, open_page
from tests.pages.reconstruction.shown import texts

SHIPPED = Path(__file__).parents[2] / "trained_models"
PART = "excerpt, 256 official test images"


@pytest.fixture
def cifar(own_folders: dict[str, Path]) -> Path:
    """β = 1 and 4 on CIFAR10."""
    for beta in (1, 4):
        name = f"cifar10-conv-beta{beta}-seed4723"
        shutil.copytree(SHIPPED / name, own_folders["RUNS"] / name)
    return own_folders["RUNS"]


def test_reconstructions_and_errors_are_shown_and_nothing_is_missing(cifar: Path) -> None:
    app = open_page("reconstruction")
    told = captions(app)
    assert f"Images of CIFAR10 ({PART}) and their reconstructions" in told
    assert "4,096 images of each model against 50,000 of CIFAR10 (official)" in told
    assert f"256 images of CIFAR10 ({PART})" in told  # the panel of σ
    assert not [info.value for info in app.info]
    assert "not computed" not in "".join(texts(app))
    app.segmented_control(key="show").set_value("both").run()
    assert not app.exception
    assert "Error maps: black is 0" in captions(app)
    assert not [button.label for button in app.button if "Compute" in button.label]


def test_the_distances_stand_above_the_pictures(cifar: Path) -> None:
    app = open_page("reconstruction")
    headings = [heading.value for heading in app.header]
    assert headings[:2] == [
        "How realistic are the images? (FD, KD)",
        "The same images at several β",
    ]


def test_traversals_start_from_its_images(cifar: Path) -> None:
    app = open_page("traversals", image="7")
    assert f"Start: image 7 ({PART})" in captions(app).replace("\\", "")
    assert app.number_input(key="image").max == 255


def test_the_latent_space_shows_its_classes(cifar: Path) -> None:
    app = open_page("latent_space")
    told = captions(app)
    assert "25 to 26 images of each of 10 classes of CIFAR10" in told
    assert f"({PART}), posterior means of 256 images" in told


def test_the_overview_reconstructs_them_and_names_rows_of_other_images(
    cifar: Path,
) -> None:
    """A run without weights has a strip of the images that were there when it was kept."""
    app = open_page()
    told = captions(app)
    assert f"The images are of CIFAR10 ({PART}), the first ones of classes" in told
    assert "other images" not in told
    labels = "".join(each.value for each in app.markdown)
    assert "reconstructions of other images" not in labels
    kept = "cifar100-conv-beta1-seed1263"
    for path in cifar.iterdir():
        shutil.rmtree(path)
    shutil.copytree(SHIPPED / kept, cifar / kept)
    app = open_page()
    assert f"The images are of CIFAR100 ({PART})" in captions(app)
    assert "stored with it" in captions(app)
    assert "reconstructions of other images" in "".join(each.value for each in app.markdown)
    record = json.loads((cifar / kept / "record.json").read_text())
    record["strip"] = "prior samples"
    (cifar / kept / "record.json").write_text(json.dumps(record))
    app = open_page()
    assert "prior samples" in "".join(each.value for each in app.markdown)


def test_the_page_of_datasets_shows_it_and_how_to_get_the_rest(cifar: Path) -> None:
    app = open_page("datasets", data="CIFAR100")
    assert "shown is an excerpt" in app.info[0].value
    assert "data fetch cifar100" in app.code[0].value
    assert "56 of 256 images (256 official test images)" in captions(app)
