"""Links that hide controls: they are gone, and the page shows what it would show with them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.addresses import PAGES, key_of
from tests.pages.driving import APP, captions
from tests.pages.visits.walking import widgets


def opened(page: str, **link: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    if page != PAGES[0]:
        app.switch_page(f"pages/{page}.py")
    for name, value in link.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str]:
    """Of the controls whose values addresses contain."""
    return {
        each.key for each in widgets(app) if (row := key_of(each.key)) is not None and row.linked
    }


@pytest.mark.parametrize("page", PAGES)
def test_all_controls_of_a_page_can_be_hidden(runs: Path, page: str) -> None:
    whole = opened(page)
    there = keys(whole)
    bare = opened(page, hide=",".join(sorted(there)))
    assert keys(bare) == set()
    assert not bare.warning
    assert captions(bare) == captions(whole)
    bare.run()
    assert keys(bare) == set()
    assert captions(bare) == captions(whole)
    if there:
        assert bare.query_params["hide"] == sorted(there) or set(there) == {
            bare.query_params["hide"]
        }


def test_a_hidden_control_keeps_the_value_of_the_link(runs: Path) -> None:
    link = {"view": "two latents", "start": "zero code"}
    shown = opened("traversals", **link)
    assert {"view", "start", "column"} <= keys(shown)
    hiding = opened("traversals", **link, hide="view,start")
    assert keys(hiding) == keys(shown) - {"view", "start"}
    assert captions(hiding) == captions(shown)
    hiding.selectbox(key="column").set_value(1).run()  # another control is used
    assert captions(hiding) != captions(shown)
    assert "Start: zero" in captions(hiding)
    assert "view" not in keys(hiding)


def test_a_name_stands_for_all_controls_of_its_form(runs: Path) -> None:
    sliders = {key for key in keys(opened("traversals")) if key.startswith("2dshapes-")}
    assert len(sliders) == 5
    one = opened("traversals", hide="2dshapes-scale")
    assert keys(one) == keys(opened("traversals")) - {"2dshapes-scale"}
    assert not one.warning
    assert "factor-2dshapes" not in keys(opened("traversals", view="factor sweep", hide="factor"))


def test_it_is_kept_from_page_to_page(runs: Path) -> None:
    app = opened("traversals", hide="run,score")
    app.switch_page("pages/disentanglement.py").run()
    assert not app.exception
    assert not {"run", "score"} & keys(app)
    assert "classifier" in keys(app)


@pytest.mark.parametrize(
    ("hide", "said"),
    [
        ("colour", "The link hides colour, which is not the name of a control."),
        ("run,foo-bar,baz", "The link hides foo-bar, baz, which are no controls' names."),
        ("<b>", "The link hides ?b?, which is not the name of a control."),
        ("save-x", "The link hides save-x, which is not the name of a control."),
        ("", ""),
    ],
)
def test_unknown_names_get_one_sentence(runs: Path, hide: str, said: str) -> None:
    app = opened("traversals", hide=hide)
    assert [warning.value for warning in app.warning] == ([said] if said else [])
    app.run()
    assert not app.warning
