"""What pages owe to screen readers and keyboards, as their sources show it; the browser's tests ask
axe about the pages themselves."""

import ast
import re
from pathlib import Path

import pytest

from pages._ui.style import spoken

PAGES = sorted((Path(__file__).parents[2] / "pages").rglob("*.py"))
NAMED = {".image": "alt", ".dataframe": "alt", ".plotly_chart": "alt", "chart": "says"}


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]


def called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return f".{call.func.attr}"
    return call.func.id if isinstance(call.func, ast.Name) else ""


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_picture_table_and_chart_has_a_name(path: Path) -> None:
    for call in calls(path):
        wanted = NAMED.get(called(call))
        if wanted is None:
            continue
        given = {each.arg for each in call.keywords}
        spread = [each.value for each in call.keywords if each.arg is None]
        inside = {
            key.value for each in spread for key in ast.walk(each) if isinstance(key, ast.Constant)
        }
        assert wanted in given | inside, f"{path}:{call.lineno}: {called(call)} without {wanted}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_headings_go_down_one_level_at_a_time(path: Path) -> None:
    """Below the title (level 1) `st.header` has level 2 and `###` in markdown level 3; Streamlit's
    subheader would leave out a level."""
    assert ".subheader" not in {called(call) for call in calls(path)}
    texts = [n.value for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)]
    headings = [text for text in texts if isinstance(text, str) and re.match("##+ ", text)]
    assert all(text.startswith("### ") for text in headings)


def test_names_are_spoken_without_marks() -> None:
    assert spoken("**β = 4** :gray[prior samples  \nConv VAE]") == "β = 4 prior samples Conv VAE"
    assert spoken("a\\_b, \\[1\\]") == "a_b, [1]"
