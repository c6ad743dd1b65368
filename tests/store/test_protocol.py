"""Which record is meant by the name of a score."""

from typing import Any

import pytest

from betavae_core.config import RunConfig
from betavae_core.errors import InputError
from betavae_core.factors import FactorSpace
from betavae_core.metrics import METRICS, STATISTICS
from betavae_core.paths import runs_root
from betavae_core.scoring.elbo import latest_elbo, measured_elbo
from betavae_core.scoring.scores import standard_scores
from betavae_core.store import add_score, load_run
from betavae_core.store.protocol import (
    LATER,
    STANDARD,
    differing,
    full_settings,
    records_of,
    standard_settings,
    the_record,
    whole_grid,
)
from tests.oracles import one_sentence, small_config, train_small

CONFIG = RunConfig(dataset="2dshapes", source="rendered")
SPACE = FactorSpace(("shape", "x", "y"), (3, 4, 5))


def measured(name: str, value: float, data: dict[str, Any] | None = None, **settings: Any) -> Any:
    """A record as the verb evaluate stores it."""
    asked = full_settings(name, settings) | (data or whole_grid(CONFIG))
    shown = asked | {"factors": ["x", "y"]} if name == "higgins" else asked
    return {"score": name, "value": value, "settings": shown, "asked": asked}


def every() -> list[dict[str, Any]]:
    """All of the standard protocol, in its order; the value is the place in it."""
    return [
        measured(name, place, **settings)
        for place, (name, settings) in enumerate(standard_scores(SPACE))
    ]


@pytest.mark.parametrize("name", [*METRICS, *STATISTICS])
@pytest.mark.parametrize("order", [1, -1])
def test_a_name_alone_means_the_standard_whatever_is_newest(name: str, order: int) -> None:
    record = the_record(every()[::order], name, CONFIG, {})
    assert record is not None
    assert record["value"] == [each for each, _ in standard_scores(SPACE)].index(name)


def test_the_standard_of_scores_with_several_settings() -> None:
    higgins = standard_settings("higgins", CONFIG)
    wanted = {"L": 64, "classifier": "linear", "factors": "all", "points": 1000, "draws": 5}
    assert {key: higgins[key] for key in wanted} == wanted
    assert standard_settings("mig", CONFIG)["points"] == 10_000
    assert standard_settings("dci", CONFIG)["points"] == 2_000
    assert standard_settings("frechet", CONFIG) == {}


@pytest.mark.parametrize("place", range(len(STANDARD)))
def test_every_other_setting_is_had_by_naming_what_differs(place: int) -> None:
    name, settings = STANDARD[place]
    usual = standard_settings(name, CONFIG)
    named = {key: value for key, value in settings.items() if usual[key] != value}
    record = the_record(every(), name, CONFIG, named)
    assert record is not None
    assert record["value"] == place


def test_of_the_same_settings_the_newest() -> None:
    records = [measured("mig", 0.1), measured("mig", 0.2), measured("mig", 0.3, points=60)]
    record = the_record(records, "mig", CONFIG, {})
    assert record is not None
    assert record["value"] == 0.2


@pytest.mark.parametrize(
    "other",
    [
        measured("mig", 0.9, points=60),
        measured("mig", 0.9, whole_grid(CONFIG) | {"source": "official"}),
        measured("mig", 0.9, whole_grid(CONFIG) | {"dataset": "3dshapes"}),
        measured("mig", 0.9, whole_grid(CONFIG) | {"most": 100}),
    ],
    ids=["points", "source", "dataset", "part"],
)
def test_others_are_not_the_standard(other: dict[str, Any]) -> None:
    record = the_record([measured("mig", 0.2), other], "mig", CONFIG, {})
    assert record is not None
    assert record["value"] == 0.2
    with one_sentence("mig", "not with the standard settings", "points="):
        the_record([other], "mig", CONFIG, {})


def test_what_was_not_computed_and_what_does_not_exist() -> None:
    assert the_record([], "higgins", CONFIG, {}) is None
    assert the_record(every(), "higgins", CONFIG, {"L": 99}) is None
    for records in (every(), []):
        with one_sentence("higgins", '"l"'):
            the_record(records, "higgins", CONFIG, {"l": 16})
        for name in ("hggins", "", "value"):
            with one_sentence(f'no metric "{name}"', "higgins", "elbo", "frechet"):
                the_record(records, name, CONFIG, {})
    for name in ("elbo", "frechet"):
        assert the_record([], name, CONFIG, {}) is None
    theirs = [{"score": "of a later version", "value": 1.0}]
    assert the_record(theirs, "of a later version", CONFIG, {}) == theirs[0]
    only = [each for each in every() if each.get("asked", {}).get("L") in (16, 128)]
    with one_sentence("L=16, factors='all'", "L=128, factors='no-shape'"):
        the_record(only, "higgins", CONFIG, {})


def distance(kind: str, value: float, **settings: Any) -> dict[str, Any]:
    about = {"dataset": "2dshapes", "source": "rendered", "kind": kind, "features": "lite0"}
    return {"score": "frechet", "value": value, "settings": about | {"images": 2048} | settings}


def test_a_score_without_a_standard_must_be_named_where_there_are_several() -> None:
    two = [distance("reconstructions", 1.0), distance("samples", 2.0)]
    assert the_record(two[:1], "frechet", CONFIG, {}) == two[0]
    assert the_record(two, "frechet", CONFIG, {"kind": "samples"}) == two[1]
    assert the_record(two, "frechet", CONFIG, {"kind": "drawings"}) is None
    with one_sentence("kind='reconstructions'; kind='samples'"):
        the_record(two, "frechet", CONFIG, {})
    three = [*two, distance("samples", 3.0, images=4096)]
    with one_sentence("images=2048; images=4096"):
        the_record(three, "frechet", CONFIG, {"kind": "samples"})


def elbo(nll: float, **settings: Any) -> dict[str, Any]:
    return {"score": "elbo", "nll": nll, "kl": [1.0, 0.0, 0.0], "settings": settings}


def test_the_elbo_is_that_of_the_own_dataset_by_the_most_images() -> None:
    records = [
        elbo(1.0, dataset="2dshapes", source="rendered", images=64),
        elbo(2.0, dataset="2dshapes", source="rendered", images=10_000),
        elbo(3.0, dataset="2dshapes", source="official", images=20_000),
        elbo(4.0, dataset="3dshapes", source="rendered", images=30_000),
        elbo(5.0, dataset="2dshapes", source="rendered", images=40),
    ]
    assert [r["nll"] for r in records_of(records, "elbo", CONFIG, {})] == [3, 5, 1, 2]
    of_other = records_of(records, "elbo", CONFIG, {"dataset": "3dshapes"})
    assert [r["nll"] for r in of_other] == [4]
    with pytest.raises(InputError, match="3dshapes"):
        the_record(records[3:4], "elbo", CONFIG, {})


def test_an_elbo_of_another_dataset_is_not_the_runs(tmp_path: Any) -> None:
    train_small(tmp_path, small_config(), name="run")
    add_score(tmp_path / "run", elbo(9.0, dataset="3dshapes", source="rendered", images=64))
    run = load_run(tmp_path / "run")
    assert measured_elbo(run) is None
    latest = latest_elbo(run)
    assert latest is not None
    assert latest["nll"] == run.history[-1]["nll"]
    with one_sentence("elbo", "dataset='3dshapes'"):
        run.score("elbo")


def test_settings_that_agree_are_not_listed() -> None:
    assert differing([{"a": 1, "b": 2}, {"a": 1, "b": 3}]) == "b=2; b=3"
    assert differing([{"a": 1}]) == "a=1"


def test_a_shipped_run() -> None:
    """The newest record is 0.997, of a forest without shape."""
    run = load_run(runs_root("trained_models") / "2dshapes-conv-beta4-seed123")
    found = {name: run.score(name) for name in (*METRICS, *STATISTICS)}
    assert [name for name, record in found.items() if record is None] == [*LATER]
    values = {name: record["value"] for name, record in found.items() if record}
    assert values["higgins"] == pytest.approx(0.83692)
    assert values["mig"] == pytest.approx(0.171836, abs=1e-6)
    forest = run.score("higgins", classifier="forest", factors="no-shape")
    assert forest is not None
    assert forest["value"] == pytest.approx(0.99676)
