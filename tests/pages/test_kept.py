"""What is kept is what would be computed: any difference in the arguments makes another key."""

import json
import pickle
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from betavae_core import plots, store
from betavae_core.datasets import load_dataset
from betavae_core.store import load_run
from pages._ui.charts import described, drawn
from pages._ui.kept import kept, key_of
from pages._ui.runs import all_runs, stamp_of
from tests.oracles import small_config, train_small

calls: list[int] = []


def double(number: int) -> list[int]:
    calls.append(number)
    return [2 * number]


def test_equal_arguments_are_computed_once() -> None:
    calls.clear()
    first = kept(double, 3)
    assert kept(double, 3) is first == [6]
    assert kept(double, number=3) == [6]
    assert kept(double, 4) == [8]
    assert calls == [3, 3, 4]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (torch.zeros(2, 3), torch.zeros(3, 2)),
        (torch.zeros(2), torch.tensor([0.0, 1e-7])),
        (torch.zeros(1), torch.zeros(1, dtype=torch.int32)),
        (np.zeros(2), np.zeros(2, np.float32)),
        (pd.DataFrame({"a": [1.0]}), pd.DataFrame({"b": [1.0]})),
        (pd.DataFrame({"a": [1.0, 2.0]}), pd.DataFrame({"a": [1.0, 2.5]})),
        ({"a": 1}, {"a": 1.0}),
        (1, True),
        (None, ""),
        (partial(double, 1), partial(double, 2)),
        (plots.score_over_l, plots.rank_table),
    ],
)
def test_different_arguments_have_different_keys(one: object, other: object) -> None:
    assert key_of(one) != key_of(other)
    assert key_of(one) == key_of(one)


def test_what_has_no_name_is_refused() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError)):
        key_of(lambda: 1)


def test_a_dataset_is_told_by_its_images() -> None:
    assert key_of(load_dataset("2dshapes")) == key_of(load_dataset("2dshapes"))


def test_a_run_is_told_by_its_state(tmp_path: Path, own_folders: dict[str, Path]) -> None:
    """As the pages open it, and as others do: a new score, or other settings, make another key."""
    path = own_folders["RUNS"] / "run"
    train_small(own_folders["RUNS"], small_config(), name="run")
    (seen,), _ = all_runs()
    assert stamp_of(seen) is not None
    loaded = load_run(path)
    assert stamp_of(loaded) is None
    before = key_of(seen), key_of(loaded)
    assert before == (key_of(seen), key_of(load_run(path)))
    store.add_score(path, {"score": "elbo", "nll": 1.0, "kl": [0.0] * 3, "settings": {"seed": 9}})
    (again,), _ = all_runs()
    assert key_of(again) != before[0]
    assert key_of(load_run(path)) != before[1]
    assert key_of(seen) not in (before[0], key_of(again))  # no longer the newest: by its content
    settings = json.loads((path / store.CONFIG).read_text())
    (path / store.CONFIG).write_text(json.dumps(settings | {"beta": 9.0}))
    assert len({key_of(load_run(path)), key_of(loaded)}) == 2


def test_a_figure_is_shown_with_the_notes_of_its_visitor() -> None:
    """The figure is shared, and the description that a page adds is not."""
    table = pd.DataFrame(
        {"name": ["a", "b"], "L": [1, 2], "table": ["a", "b"], "median": [0.5, 0.6]}
    ).assign(lowest=0.4, highest=0.7)
    styles = {name: plots.LineStyle("#112233", "solid") for name in "ab"}
    figure = drawn(plots.score_over_l, table, styles, 0.2)
    before = figure.figure().to_json()
    one, other = (kept(described, figure, [note]) for note in ("link: a", "link: b"))
    assert "link: a" in one.to_json()
    assert "link: b" in other.to_json()
    assert "link: a" not in other.to_json()
    assert figure.figure().to_json() == before
    assert drawn(plots.score_over_l, table.copy(), styles, 0.2).figure() is figure.figure()
