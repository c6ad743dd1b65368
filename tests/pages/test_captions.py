"""Captions name a run in words, as a sentence does, and not by its folder."""

import shutil
from pathlib import Path

import pytest

from tests.pages.driving import as_read, captions, open_page

ROOT = Path(__file__).parents[2]
NAME = "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000"


@pytest.fixture
def one(own_folders: dict[str, Path]) -> None:
    shutil.copytree(ROOT / "trained_models" / NAME, own_folders["RUNS"] / NAME)


@pytest.mark.parametrize("page", ["traversals", "disentanglement", "training"])
def test_a_run_is_named_in_words(one: None, page: str) -> None:
    app = open_page(page, **({"guess": "false"} if page == "disentanglement" else {}))
    words = captions(app) + as_read("\n".join(each.value for each in app.markdown))
    assert "β = 4, seed 123, 10 passes" in words
    assert NAME not in words


def test_a_lesson_names_it_so(own_folders: dict[str, Path]) -> None:
    shutil.copytree(ROOT / "trained_models" / NAME, own_folders["RUNS"] / NAME)
    app = open_page("lessons", lesson="what-a-latent-does")
    assert "β = 4, seed 123, 10 passes" in captions(app)
    assert NAME not in captions(app)
