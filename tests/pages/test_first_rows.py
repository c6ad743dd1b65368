"""A dashboard that starts shows a copy of the first rows until it can draw them, and none that is
not of its runs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.paths import cache_root
from pages._ui.overview import rows
from tests.oracles import small_config, train_small
from tests.pages.driving import open_page

LABELS = ("**original**", "**β = 1**", "**β = 4**")


@pytest.fixture
def shown(own_folders: dict[str, Path]) -> AppTest:
    for beta in (1.0, 4.0):
        train_small(own_folders["RUNS"], small_config(beta=beta))
    return open_page("overview")


def starts_with(monkeypatch: pytest.MonkeyPatch) -> rows.Rows:
    """The copy that a new process would show."""
    monkeypatch.delitem(sys.modules, "torch")
    return rows.copied_rows()


def test_the_next_start_shows_what_this_one_drew(
    shown: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not shown.exception
    assert rows.copied_rows() == [], "this process has drawn them itself"
    found = starts_with(monkeypatch)
    assert [label.split(" :gray")[0].split("  \n")[0] for label, _ in found] == list(LABELS)
    assert all(picture.startswith(b"\x89PNG") for _, picture in found)


@pytest.mark.parametrize("what", ["another run", "new weights", "damaged", "not there"])
def test_a_copy_of_something_else_is_not_shown(
    what: str, shown: AppTest, own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = cache_root() / rows.COPY
    run = next(path for path in own_folders["RUNS"].iterdir() if "beta4" in path.name)
    if what == "another run":
        train_small(own_folders["RUNS"], small_config(beta=2.0))
    elif what == "new weights":
        weights = run / "weights.safetensors"
        weights.write_bytes(weights.read_bytes() + b" ")
    elif what == "damaged":
        copy.write_text(json.dumps({"of": rows._state(), "rows": [["label"]]}))
    else:
        copy.unlink()
    assert starts_with(monkeypatch) == []


def test_first_words_need_no_torch() -> None:
    """Neither torch nor pandas is imported before the page has said what it is about."""
    code = (
        "import sys\n"
        "import pages._ui.style, pages._ui.collector, pages._ui.address, pages._ui.overview.rows\n"
        "print(sorted({'torch', 'pandas', 'sklearn', 'scipy'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
