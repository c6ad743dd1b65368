"""A visitor's way from page to page, and what each shows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from betavae_core.addresses import key_of
from betavae_core.store import load_run
from tests.pages.driving import APP, shown_run

KINDS = (
    "selectbox", "segmented_control", "select_slider", "slider", "number_input", "toggle",
    "multiselect", "pills", "text_input", "button", "file_uploader",
)  # fmt: skip


def name_of(runs: Path, **facts: Any) -> str:
    """The run whose settings are these."""
    found = [
        path.name
        for path in sorted(runs.iterdir())
        if all(getattr(load_run(path).config, key) == value for key, value in facts.items())
    ]
    assert found, facts
    return found[0]


def go(app: AppTest, page: str) -> AppTest:
    """As the navigation does: to the page, without an address."""
    app.query_params.clear()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception, (page, app.exception)
    return app


def reloaded(app: AppTest, page: str) -> AppTest:
    """Somebody else opens the address."""
    other = AppTest.from_file(APP, default_timeout=300)
    for name, value in app.query_params.items():
        other.query_params[name] = value
    other.switch_page(f"pages/{page}.py").run()
    assert not other.exception
    return other


def widgets(app: AppTest) -> Iterator[Any]:
    for kind in KINDS:
        yield from (each for each in app.get(kind) if each.key)


def stands(app: AppTest) -> dict[str, Any]:
    """What every widget shows whose value stands in addresses, and the run, which several widgets
    show together."""
    noted = app.session_state["_visit"].noted
    runs = {key: shown_run(app) for key in ("run", "live") if key in noted}
    return runs | {
        each.key: each.value
        for each in widgets(app)
        if (row := key_of(each.key)) is not None and row.linked
    }


def shows(app: AppTest) -> tuple[dict[str, Any], list[str]]:
    """Widgets and captions, which say what is pictured."""
    return stands(app), [caption.value for caption in app.caption]
