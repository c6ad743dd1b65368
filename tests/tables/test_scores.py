"""Tables of many runs: which of them are empty, and scores on the scale of chance."""

from pathlib import Path

import pytest

from betavae_core.metrics.metric import beyond_chance
from betavae_core.store import add_score, load_run
from betavae_core.tables.scores import chance_level, collapsed, score_rows, usual
from tests.oracles import small_config, train_small
from tests.tables.measured import measured_run

SHIPPED = Path(__file__).parents[2] / "trained_models" / "2dshapes-conv-beta4-seed123"
ORACLE = SHIPPED.parent / "2dshapes-oracle-seed123"


def test_a_run_without_active_latents_is_collapsed(tmp_path: Path) -> None:
    found = []
    for beta, kl in ((1.0, [2.0, 0.0, 0.0]), (4.0, [0.09, 0.05, 0.0])):
        config = small_config(beta=beta, images=16)
        train_small(tmp_path, config)
        path = tmp_path / config.run_id
        add_score(path, {"score": "elbo", "nll": 50.0, "kl": kl, "settings": {}})
        found.append(load_run(path))
    assert collapsed(found) == [found[1]]
    assert collapsed([]) == []


def test_scores_of_guesses_are_also_scaled_from_chance_to_perfect() -> None:
    """Of 5 factors 0.6 is half of what lies beyond chance, of 4 factors 0.25 is chance."""
    run = measured_run({"all": 0.6, "no-shape": 0.25})
    for record, count in zip(run.scores, (5, 4), strict=True):
        record["details"] = {"chance": 1 / count, "standard_error": 0.08}
    rows = score_rows([run]).set_index(["score", "subset"])
    assert rows.loc[("higgins", "all"), "value"] == 0.6
    scaled = rows.loc[("higgins_scaled", "all")]
    assert scaled["value"] == pytest.approx(0.5)
    assert scaled["standard_error"] == pytest.approx(0.1)
    assert scaled["chance"] == 0
    assert rows.loc[("higgins_scaled", "no-shape"), "value"] == 0
    assert set(rows["usual"]) == {True}


def test_a_scaled_score_has_the_settings_of_its_score() -> None:
    """Only the first setting of the protocol is the usual one, of both."""
    rows = score_rows([load_run(SHIPPED)])
    counts = rows[rows["usual"].astype(bool)].groupby("score").size()
    assert counts["higgins"] == counts["higgins_scaled"] == 2  # all factors, and without shape
    assert counts["mig_exact"] == counts["factor_vae_scaled"] == 1
    high = usual(rows).set_index("score")["value"]
    assert high["higgins_scaled"] == pytest.approx((high["higgins"] - 0.2) / 0.8)
    assert high["factor_vae_scaled"] == pytest.approx((high["factor_vae"] - 0.2) / 0.8)


def test_only_scores_of_guesses_have_a_chance_level() -> None:
    """SNC and NK have one for each factor, and are scaled already."""
    rows = score_rows([load_run(ORACLE)])
    assert set(rows[rows["chance"] == 0.2]["score"]) == {"higgins", "factor_vae"}
    for score in ("snc", "nk", "mig", "axis_ratio"):
        assert chance_level(rows[rows["score"] == score]) is None
        assert rows[rows["score"] == score]["value"].iloc[0] > 0.8


@pytest.mark.parametrize(
    ("value", "chance", "scaled"), [(1, 0.25, 1), (0.25, 0.25, 0), (0.1, 0.2, 0), (0.75, 0.5, 0.5)]
)
def test_beyond_chance(value: float, chance: float, scaled: float) -> None:
    assert beyond_chance(value, chance) == pytest.approx(scaled)
