"""Every page after every other in one session."""

from dataclasses import dataclass, field
from itertools import cycle, pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from betavae_core.addresses import PAGES, key_of
from betavae_core.store import load_run
from tests.pages.driving import APP, pick_run, shown_run
from tests.pages.visits.walking import go, name_of, reloaded, shows, stands


def tour(places: tuple[str, ...]) -> list[str]:
    """A closed walk over every ordered pair of places, each once (Hierholzer)."""
    left = {place: [other for other in places if other != place] for place in places}
    stack, walk = [places[0]], []
    while stack:
        if left[stack[-1]]:
            stack.append(left[stack[-1]].pop())
        else:
            walk.append(stack.pop())
    return walk[::-1]


@dataclass
class Control:
    """A widget of a page and what is chosen at it, one after the other."""

    kind: str
    key: str
    values: Any
    chosen: list[Any] = field(default_factory=list)

    def change(self, app: AppTest) -> None:
        """To the next value that is not shown already; nothing where it is not offered now."""
        if self.kind == "run":
            value = next(value for value in self.values if value != shown_run(app))
            self.chosen.append(shown_run(pick_run(app, value)))
            return
        found = [each for each in app.get(self.kind) if each.key == self.key]
        if not found:
            return
        value = next(value for value in self.values if value != found[0].value)
        found[0].set_value(value).run()
        assert not app.exception
        self.chosen.append(value)


@pytest.mark.slow
def test_every_page_after_every_other(runs: Path) -> None:
    """110 transitions in one session, with a control changed on each: the page shows what was
    chosen, here or on another page, and its address opens the same for somebody else."""
    pca = name_of(runs, baseline="pca")
    fours = name_of(runs, dataset="blocks", beta=4.0, seed=2, baseline="")
    ones = name_of(runs, dataset="blocks", beta=1.0, seed=1, baseline="")
    noise = name_of(runs, dataset="noise")
    of = {load_run(path).name: load_run(path).config for path in runs.iterdir()}
    large = Control("toggle", "large", cycle([True, False]))  # where nothing else is in the address
    controls = {
        "lessons": [large],
        "training": [large],
        "overview": [Control("segmented_control", "dataset", cycle(["noise", "blocks", "gone"]))],
        "traversals": [
            Control("run", "run", cycle([fours, noise, ones])),
            Control("slider", "steps", cycle([5, 7, 11])),
        ],
        "latent_space": [Control("selectbox", "map", cycle(["pair", "pca", "aggregate"]))],
        "disentanglement": [
            Control("run", "run", cycle([pca, fours, ones])),
            Control("selectbox", "score", cycle(["mig", "higgins"])),
        ],
        "sensitivity": [
            Control("run", "live", cycle([fours, ones, pca])),
            Control("select_slider", "L", cycle([1, 4, 2])),
        ],
        "reconstruction": [Control("number_input", "draw", cycle([3, 1, 2]))],
        "findings": [Control("selectbox", "table", cycle(["table-2", "rule", "table-3"]))],
        "checkpoint": [Control("segmented_control", "from", cycle(["upload", "here"]))],
        "datasets": [Control("selectbox", "data", cycle(["noise", "blocks", "cifar10"]))],
    }
    walk = tour(PAGES)
    assert len({*pairwise(walk)}) == len([*permutations(PAGES, 2)]) == 110
    app = AppTest.from_file(APP, default_timeout=300).run()
    dataset, run = "", ""  # what goes with the visitor, as far as this test has chosen it
    for number, page in enumerate(walk[1:]):
        go(app, page)
        here = stands(app)
        for control in controls[page]:
            row = key_of(control.key)
            if row is not None and not row.choice and control.key in here and control.chosen:
                assert here[control.key] == control.chosen[-1], (page, control.key)
        told = [info.value for info in app.info]
        for key in ("dataset", "data"):
            if dataset and key in here and here[key] != dataset:
                assert any(dataset in each or "CIFAR10" in each for each in told), (page, dataset)
        for key in ("run", "live"):
            if run and key in here and here[key] != run:
                assert told, (page, run, here[key])
            elif dataset and key in here and of[here[key]].dataset != dataset:
                assert told, (page, dataset, here[key])
        assert shows(reloaded(app, page)) == shows(app), (page, dict(app.query_params))
        control = controls[page][number // 2 % len(controls[page])]
        before = len(control.chosen)
        control.change(app)
        if len(control.chosen) > before:
            assert stands(app)[control.key] == control.chosen[-1]
            if control.key in ("run", "live"):
                run, dataset = control.chosen[-1], of[control.chosen[-1]].dataset
            elif control.key in ("dataset", "data"):
                run = run if run and of[run].dataset == control.chosen[-1] else ""
                dataset = control.chosen[-1]
        assert shows(reloaded(app, page)) == shows(app), (page, dict(app.query_params))
    assert all(control.chosen for several in controls.values() for control in several)
