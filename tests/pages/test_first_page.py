"""A dashboard that starts shows a copy of its first page until it can draw it, and none that is not
of its runs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.paths import cache_root
from pages._ui.overview import copied
from tests.browser.drive import OF_ALL, ROOT
from tests.oracles import small_config, train_small
from tests.pages.driving import APP, open_page

LABELS = ("**original**", "**β = 1**", "**β = 4**")


@pytest.fixture
def shown(own_folders: dict[str, Path]) -> AppTest:
    """The page with two small models, and one for every β."""
    for beta in (1.0, 4.0):
        train_small(own_folders["RUNS"], small_config(beta=beta))
    shutil.copytree(ROOT / "trained_models" / OF_ALL, own_folders["RUNS"] / OF_ALL)
    return open_page("overview")


def starts_with(monkeypatch: pytest.MonkeyPatch) -> copied.Shown:
    """The copy that a new process would show."""
    monkeypatch.delitem(sys.modules, "torch")
    return copied.copied()


def test_the_next_start_shows_what_this_one_drew(
    shown: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not shown.exception
    assert copied.copied() == copied.Shown(), "this process has drawn it itself"
    found = starts_with(monkeypatch)
    labels = [label.split(" :gray")[0].split("  \n")[0] for label, _ in found.rows]
    assert labels == list(LABELS)
    assert all(picture.startswith(b"\x89PNG") for _, picture in found.rows)
    assert found.explorer is not None
    assert b'"live"' in found.explorer
    assert [card.page for card in found.cards] == ["reconstruction", "traversals", "latent_space"]


@pytest.mark.slow
def test_a_start_draws_the_slider_of_beta_once_and_before_torch(shown: AppTest) -> None:
    """In a process of its own: from the copy, and what is drawn later agrees with it."""
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
from pages._ui.overview import copied
draw, drawn = copied.draw_explorer, []
def watched(data, place):
    drawn.append("torch" in sys.modules)
    draw(data, place)
copied.draw_explorer = watched
for _ in range(2):
    app = AppTest.from_file({APP!r}, default_timeout=120).run()
    assert not app.exception, app.exception
    assert len(app.get("bidi_component")) == 1
    print(drawn)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert found.stdout.splitlines() == ["[False]", "[False, True]"], found.stderr


@pytest.mark.parametrize("what", ["another run", "new weights", "scored", "damaged", "not there"])
def test_a_copy_of_something_else_is_not_shown(
    what: str, shown: AppTest, own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = cache_root() / copied.COPY
    run = next(path for path in own_folders["RUNS"].iterdir() if "beta4" in path.name)
    if what == "another run":
        train_small(own_folders["RUNS"], small_config(beta=2.0))
    elif what == "new weights":
        weights = run / "weights.safetensors"
        weights.write_bytes(weights.read_bytes() + b" ")
    elif what == "scored":
        (run / "scores.json").write_text("[]")
    elif what == "damaged":
        copy.write_text(json.dumps({"of": copied._state(), "rows": [["label"]]}))
    else:
        copy.unlink()
    assert starts_with(monkeypatch) == copied.Shown()


@pytest.mark.slow
def test_a_copy_that_no_longer_agrees_is_drawn_anew(shown: AppTest) -> None:
    """As after a change of the program that kept its version."""
    path = cache_root() / copied.COPY
    other = json.loads(path.read_text()) | {"explorer": "AAAA"}
    path.write_text(json.dumps(other))
    code = f"""
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({APP!r}, default_timeout=120).run()
assert not app.exception, app.exception
assert len(app.get("bidi_component")) == 1
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    assert json.loads(path.read_text())["explorer"] != "AAAA"


def test_first_words_need_no_torch() -> None:
    """Neither torch nor pandas is imported before the page has said what it is about."""
    code = (
        "import sys\n"
        "import pages._ui.style, pages._ui.collector, pages._ui.address\n"
        "import pages._ui.overview.copied\n"
        "print(sorted({'torch', 'pandas', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
