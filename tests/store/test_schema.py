"""A damaged record is named when its run is opened, whichever field is damaged."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from betavae_core import store
from betavae_core.errors import InputError
from betavae_core.store import load_run
from betavae_core.store import schema as records

SHIPPED = Path(__file__).resolve().parents[2] / "trained_models"
DISTANCED = SHIPPED / "cifar10-conv-beta1-seed4723"
SCORED = SHIPPED / "2dshapes-conv-beta4-seed123"
WHOLE = SHIPPED / "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000"  # with its weights
DAMAGE: list[Any] = [None, "text", float("nan"), [], {}, [[0, 1.0, 2.0]]]


def stored(path: Path, score: str) -> dict[str, Any]:
    found = json.loads((path / store.SCORES).read_text())
    return next(record for record in found if record["score"] == score)


def damaged(record: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    *way, last = place.split(".")
    inner = changed
    for name in way:
        inner = inner[name]
    inner[last] = value
    return changed


def test_every_shipped_record_is_whole() -> None:
    paths = [path for path in sorted(SHIPPED.iterdir()) if path.is_dir()]
    seen = set()
    for path in paths:
        run = load_run(path)
        seen |= {record["score"] for record in run.scores}
    assert set(records.SCORE_FIELDS) <= seen  # each row of the table was tried on real records


@pytest.mark.parametrize("score", records.SCORE_FIELDS)
def test_a_damaged_field_is_named(score: str) -> None:
    whole = stored(
        {"frechet": DISTANCED, "infomec": WHOLE, "axis_ratio": WHOLE}.get(score, SCORED), score
    )
    assert records.score_fault(whole, 10) == ""
    for place, (_, holds) in (records.COMMON | records.SCORE_FIELDS[score]).items():
        wrong = [value for value in DAMAGE if not holds(value)]
        assert len(wrong) >= 3, place
        for value in wrong:
            assert records.score_fault(damaged(whole, place, value), 10).startswith(place)
        *way, last = place.split(".")
        missing = copy.deepcopy(whole)
        inner = missing
        for name in way:
            inner = inner[name]
        del inner[last]
        if holds(None):
            continue
        assert records.score_fault(missing, 10).startswith(place)


def test_a_damaged_distance_of_training_is_named() -> None:
    history, _ = store.read_history(DISTANCED)
    whole = next(record for record in history if "distances" in record)
    assert records.history_fault(whole, 128) == ""
    for place in records.DISTANCES:
        assert records.history_fault(damaged(whole, place, [1]), 128).startswith(place)
    assert records.history_fault(damaged(whole, "distances", 3), 128)


def test_such_a_run_does_not_open_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "run"
    shutil.copytree(DISTANCED, path)
    record = damaged(stored(path, "frechet"), "details.by_count", [[0, 1.0]])
    (path / store.SCORES).write_text(json.dumps([record]))
    with pytest.raises(InputError, match=r"run: scores\.json has a record whose details\.by_count"):
        load_run(path)
