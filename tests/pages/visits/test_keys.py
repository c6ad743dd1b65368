"""The table of keys, against the pages as they run."""

from pathlib import Path

import pytest

from betavae_core import addresses
from betavae_core.addresses import PAGES, Key, key_of, keys_of
from betavae_core.metrics.classifiers import CLASSIFIERS
from tests.pages.driving import open_page
from tests.pages.visits.walking import name_of, widgets


@pytest.mark.slow
def test_every_widget_has_its_one_row(runs: Path) -> None:
    """Of all pages as they run, in several states: no key without a row, none on a page that its
    row does not name, and none on two pages but of one choice."""
    states: dict[str, list[dict[str, str]]] = {page: [{}] for page in PAGES}
    views = (
        "two latents",
        "image to image",
        "factor sweep",
        "same latent in other models",
    )
    name = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    states["traversals"] += [{"view": view, "run": name} for view in views]
    states["traversals"] += [{"start": "prior sample"}, {"run": name_of(runs, dataset="noise")}]
    states["traversals"] += [{"mode": "around the posterior mean"}]
    states["latent_space"] += [{"map": "two latents"}, {"visit": "grid: two factors together"}]
    states["latent_space"] += [{"dataset": "noise"}, {"visit": "random traversals"}]
    states["disentanglement"] += [{"guess": "true"}]
    states["sensitivity"] += [{"blind": "true"}]
    states["findings"] = [{}, {"judge": "true"}]
    states["checkpoint"] += [{"from": "upload"}]
    states["datasets"] += [{"data": "blocks (your own)"}]
    steps = [("what-a-latent-does", "2"), ("a-perfect-score", "5"), ("turning-beta-up", "3")]
    states["lessons"] += [{"lesson": lesson, "step": step} for lesson, step in steps]
    states["lessons"] += [{"lesson": "what-a-latent-does", "print": "true"}]
    found: dict[str, set[str]] = {}
    for page, links in states.items():
        for link in links:
            for each in widgets(open_page("" if page == "overview" else page, **link)):
                row = key_of(each.key)
                assert row is not None, (page, each.key)
                assert page in row.pages, (page, each.key, row)
                found.setdefault(each.key, set()).add(page)
    several = [row for key, on in found.items() if len(on) > 1 and (row := key_of(key)) is not None]
    one_choice = {
        "dataset",
        "pick-*",
        "seed-*",
        "factors-*",
        "*-*",
    }  # and buttons, without values
    assert {row.name for row in several if row.pages != PAGES} <= one_choice
    met = {row.name for key in found if (row := key_of(key)) is not None}
    assert {"pick-*", "view", "column", "row", "across", "up", "from", "upload"} <= met


def test_two_rows_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.table.cache_clear()
    monkeypatch.setattr(addresses, "KEYS", (*addresses.KEYS, Key("view", ("datasets",), "view")))
    with pytest.raises(ValueError, match="Two widgets have the key view"):
        addresses.table()
    addresses.table.cache_clear()


@pytest.mark.parametrize("key", addresses.FORMER_VALUES)
def test_former_values_are_those_of_now(key: str) -> None:
    """Each former value stands for one that is offered, and none of them is offered itself."""
    former = addresses.FORMER_VALUES[key]
    assert key in addresses.table()
    assert not set(former) & set(former.values())
    offered = {
        "start": addresses.STARTS.values(),
        "view": addresses.VIEWS.values(),
        "after-*": [addresses.TRAINED],
        "against": [addresses.FITS_BEST],
        "classifier": CLASSIFIERS,
        "live-classifier": CLASSIFIERS,
        "present": ["true"],
        "print": ["true"],
    }
    assert set(former.values()) <= set(offered[key])
    assert not set(former) & set(offered[key])


def test_every_page_has_rows(runs: Path) -> None:
    for page in PAGES:
        assert keys_of(page)
