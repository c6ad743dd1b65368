"""What was measured on runs, as text: the stored numbers, and how they were measured."""

from pathlib import Path

import pytest

from betavae_core.scoring.elbo import active_latents, measured_elbo
from betavae_core.store import load_run
from betavae_core.tables.scores import SHOWN_SCORES, score_rows, usual
from betavae_core.tables.summary import Quantity, quantities

SHIPPED = Path(__file__).parents[2] / "trained_models"
LONG = "2dshapes-conv-beta4-seed123-images7372800-klwarmup640000"
SHORT = "2dshapes-conv-beta1-seed427"
LATER = ("infom", "infoc", "infoe", "snc", "nk", "axis_ratio", "linear_ratio", "axis_alignment")
CIFAR = "cifar10-conv-beta4-seed4723"


def of(*names: str) -> dict[str, Quantity]:
    return {row.title: row for row in quantities([load_run(SHIPPED / name) for name in names])}


def test_the_terms_are_those_of_the_record() -> None:
    run = load_run(SHIPPED / LONG)
    record, rows = measured_elbo(run), of(LONG, SHORT)
    assert record is not None
    assert rows["Reconstruction loss"].values[0] == f"{record['nll']:.2f}"
    assert rows["KL"].numbers[0] == pytest.approx(sum(record["kl"]))
    assert rows["Used latents"].values[0] == f"{sum(active_latents(record))} of 10"
    (how,) = rows["KL"].how  # the same for both
    assert "10,000 random images of 2Dshapes (rendered)" in how
    assert "Bernoulli likelihood" in how


def test_the_scores_are_those_of_the_tables() -> None:
    rows = of(SHORT, LONG)
    table = usual(score_rows([load_run(SHIPPED / SHORT)])).set_index("score")["value"]
    for key, (title, _) in SHOWN_SCORES.items():
        row = rows[title]
        assert row.score == key
        if key in LATER:  # came after this run's weights were left out
            assert row.values[0] == "not computed"
            assert row.values[1] != "not computed"
            continue
        assert row.numbers[0] == pytest.approx(table[key])
        assert row.values[0].startswith(f"{table[key]:.3f}")
        assert "737,280 images of 2Dshapes (rendered), 5 factors" in row.how[0]
    assert "L 64, points 1,000" in rows["Higgins' metric"].how[0]
    assert " ± " in rows["Higgins' metric"].values[0]
    assert "points all" in rows["MIG, whole grid"].how[0]


def test_what_only_one_run_has_is_not_computed_for_the_other() -> None:
    rows = of(CIFAR, LONG)
    assert rows["MIG"].values[0] == "not computed"
    assert rows["MIG"].numbers[0] is None
    assert "FD (EfficientNet-Lite0) of reconstructions" in rows
    assert set(of(CIFAR)) & {title for title, _ in SHOWN_SCORES.values()} == set()


def test_nothing_measured_gives_no_rows() -> None:
    assert quantities([]) == []
