"""The verdict follows the numbers: it turns with them, and says when it cannot tell."""

import numpy as np
import pytest

from betavae_core.errors import InputError
from betavae_core.report.bootstrap import Bootstrap, statistic
from betavae_core.report.claims import read_claim
from betavae_core.report.verdict import (
    CANNOT_TELL,
    NOT,
    NOT_COMPARABLE,
    NOT_COMPUTED,
    PARTLY,
    REPRODUCED,
    judge,
)
from betavae_core.report.words import ours_text
from tests.report.numbered import ONE_PASS, number, recipe, seeds

HIGHER = read_claim("mean higgins of beta=4 > beta=1 on 2dshapes")
BEST = read_claim("mean higgins of beta=4 > other betas on 2dshapes")


@pytest.mark.parametrize(
    ("four", "one", "verdict"),
    [
        ([0.9, 0.92, 0.91], [0.7, 0.72, 0.71], REPRODUCED),
        ([0.7, 0.72, 0.71], [0.9, 0.92, 0.91], NOT),
        ([0.9, 0.7, 0.8], [0.85, 0.75, 0.79], CANNOT_TELL),
        ([0.9], [0.7, 0.71], CANNOT_TELL),
        ([0.9, 0.9], [], NOT_COMPUTED),
    ],
)
def test_two_groups(four: list[float], one: list[float], verdict: str) -> None:
    assert judge(HIGHER, seeds(4.0, four) + seeds(1.0, one)).verdict == verdict


def test_one_seed_says_so() -> None:
    judged = judge(HIGHER, seeds(4.0, [0.9]) + seeds(1.0, [0.1, 0.2]))
    assert judged.why == "β = 4 has one seed; two or more are needed to tell."
    assert judged.evidence is not None
    assert judged.evidence.probability is None


@pytest.mark.parametrize(
    ("ten", "verdict"),
    [([0.5, 0.51], REPRODUCED), ([0.97, 0.98], PARTLY), ([0.91, 0.90], PARTLY)],
)
def test_every_other_beta(ten: list[float], verdict: str) -> None:
    numbers = seeds(4.0, [0.9, 0.91]) + seeds(1.0, [0.7, 0.71]) + seeds(10.0, ten)
    judged = judge(BEST, numbers)
    assert judged.verdict == verdict
    assert judged.evidence is not None
    assert [c.right.name for c in judged.evidence.comparisons] == ["β = 1", "β = 10"]


def test_one_run_of_each_beta_tells_nothing_of_the_spread_over_seeds() -> None:
    """Even if their seeds differ."""
    numbers = [number(4.0, 1, 0.9), number(1.0, 2, 0.8)]
    for line in ("mean higgins of vae > 50%", "mean higgins of beta=4 - beta=1 > 5%"):
        judged = judge(read_claim(f"{line} on 2dshapes"), numbers)
        assert judged.verdict == CANNOT_TELL
        assert "one seed of each model" in judged.why
        assert "2 seeds" in ours_text(judged)
        assert "…" not in ours_text(judged)  # no interval


def test_each_comparison_alone_but_not_all_at_once() -> None:
    """With four independent ones the shares in which they hold multiply."""
    numbers = seeds(4.0, [0.90, 0.905, 0.90, 0.905])
    for beta in (0.1, 1.0, 10.0, 20.0):
        numbers += seeds(beta, [0.7, 0.95, 0.8, 0.8])
    judged = judge(BEST, numbers)
    assert judged.evidence is not None
    assert all(each.probability >= 0.95 for each in judged.evidence.comparisons)
    assert judged.verdict == PARTLY
    assert judged.why.endswith("for all 4 at once; each of them alone")


def test_baselines_have_no_training_length() -> None:
    line = "mean higgins of pca > 50% on 2dshapes | | | passes>=10"
    judged = judge(read_claim(line), [number(None, seed, 0.6, baseline="pca") for seed in (0, 1)])
    assert judged.verdict == NOT_COMPARABLE
    assert judged.why == "Baselines have no training; the claim needs 10 passes or more."


def test_a_beta_is_the_one_that_is_spelled_alike() -> None:
    """As of a grid in equal steps of log β."""
    root = 10**0.5
    numbers = seeds(root, [0.9, 0.91]) + seeds(root / 10, [0.7, 0.71]) + seeds(10.0, [0.5, 0.51])
    judged = judge(read_claim(f"mean higgins of beta={root} > other betas on 2dshapes"), numbers)
    assert judged.verdict == REPRODUCED
    assert judged.evidence is not None
    assert [c.right.name for c in judged.evidence.comparisons] == ["β = 0.316228", "β = 10"]


def test_training_lengths_are_never_mixed() -> None:
    """Neither group has runs of the other's length."""
    long = recipe(10 * ONE_PASS)
    assert judge(HIGHER, seeds(4.0, [0.9, 0.9], long) + seeds(1.0, [0.1, 0.1])).verdict == (
        NOT_COMPUTED
    )


def test_which_recipe_decides() -> None:
    """One with two seeds before a longer one without; then the longest; the others are listed."""
    long, longer = recipe(10 * ONE_PASS), recipe(30 * ONE_PASS)
    numbers = seeds(4.0, [0.9, 0.91]) + seeds(1.0, [0.7, 0.71])
    numbers += seeds(4.0, [0.7], longer) + seeds(1.0, [0.9], longer)
    judged = judge(HIGHER, numbers)
    assert judged.evidence is not None
    assert judged.evidence.recipe == recipe()
    assert [each.recipe for each in judged.others] == [longer]
    numbers += seeds(4.0, [0.7, 0.71], long) + seeds(1.0, [0.9, 0.91], long)
    assert judge(HIGHER, numbers).verdict == NOT


def test_what_a_claim_needs() -> None:
    line = "mean higgins of beta=4 > 50% on 2dshapes | | | passes>=10"
    judged = judge(read_claim(line), seeds(4.0, [0.9, 0.91]))
    assert judged.verdict == NOT_COMPARABLE
    assert judged.why == "Trained for 737,280 images; the claim needs 10 passes or more."
    assert judge(read_claim(line), seeds(4.0, [0.9, 0.91], recipe(10 * ONE_PASS))).verdict == (
        REPRODUCED
    )
    official = read_claim("mean higgins of beta=4 > 50% on 2dshapes | | | source=official")
    assert "rendered images" in judge(official, seeds(4.0, [0.9, 0.91])).why
    distance = read_claim("mean distance of beta=4 > 5 on cifar10 | | | features=inception")
    cifar = recipe(source="official", dataset="cifar10")
    for features, verdict in (("lite0", NOT_COMPARABLE), ("inception", REPRODUCED)):
        found = seeds(4.0, [200.0, 201.0], cifar, score="distance", features=features)
        assert judge(distance, found).verdict == verdict
        two = read_claim(
            "mean distance of beta=1 features=inception < beta=4 on cifar10| | | features=inception"
        )
        one = seeds(1.0, [100.0, 101.0], cifar, score="distance", features="inception")
        assert judge(two, [*one, *found]).verdict == verdict


def test_settings_and_baselines() -> None:
    """PCA is compared with every recipe on the same images, and the setting is the asked one."""
    numbers = [number(None, seed, 0.6, baseline="pca") for seed in range(3)]
    numbers += seeds(4.0, [0.9, 0.91]) + seeds(4.0, [0.3, 0.31], L=16)
    assert judge(read_claim("mean higgins of vae > pca on 2dshapes"), numbers).verdict == REPRODUCED
    rises = read_claim("mean higgins of vae > vae L=16 on 2dshapes")
    assert judge(rises, numbers).verdict == REPRODUCED
    change = read_claim("mean higgins of vae - vae L=16 > 55% on 2dshapes")
    assert judge(change, numbers).verdict == REPRODUCED
    only = judge(read_claim("mean higgins of pca > 50% on 2dshapes"), numbers)
    assert only.verdict == REPRODUCED
    assert only.evidence is not None
    assert only.evidence.recipe.title == "baselines, rendered images"


def test_runs_with_a_score() -> None:
    numbers = seeds(4.0, [0.99, 0.99, 0.2])
    numbers += [number(4.0, n, v, score="clean") for n, v in enumerate([0.2, 0.2, 1.0])]
    claim = read_claim("mean clean of higgins>=95% < 50% on 2dshapes")
    assert judge(claim, numbers).verdict == REPRODUCED


def test_the_same_runs_are_compared_in_pairs() -> None:
    """Each run scores a little higher with four factors, and runs differ more than that."""
    values = [0.5, 0.7, 0.9]
    numbers = seeds(4.0, values) + seeds(4.0, [v + 0.01 for v in values], factors="no-shape")
    claim = read_claim("mean higgins of factors=no-shape > factors=all on 2dshapes")
    assert judge(claim, numbers).verdict == REPRODUCED


def test_an_unknown_dataset() -> None:
    with pytest.raises(InputError, match='no dataset "3dshape"'):
        judge(read_claim("mean mig of vae > 0 on 3dshape"), [])


def test_the_bootstrap_of_a_normal_mean() -> None:
    """The resampled means vary as the mean of n seeds does: with s²/n, s² the sample variance."""
    values = np.random.default_rng(3).normal(0, 1, 5)
    runs = {f"run {n}": [float(value)] for n, value in enumerate(values)}
    means = statistic("mean", Bootstrap().values({"4": runs}))
    assert means.std() == pytest.approx(values.std(ddof=1) / 5**0.5, rel=0.05)
    assert means.mean() == pytest.approx(values.mean(), abs=0.02)


def test_draws_are_resampled_within_a_run() -> None:
    draws = [0.0, 1.0, 0.5, 0.5]
    means = Bootstrap().values({"4": {"one run": draws}})
    assert means.std() == pytest.approx(np.std(draws) / 2, rel=0.05)


def test_a_single_run_deviates_as_the_others_of_its_group() -> None:
    """The resampled mean of a lone run has the spread of the runs of the other β, whose single
    values vary by n / (n − 1) of their variance; the same runs are drawn alike under two settings;
    without others there is nothing to borrow."""
    four = {f"four {n}": [value] for n, value in enumerate((0.1, 0.2, 0.4, 0.7, 0.9))}
    lone = {"one": [0.5]}
    bootstrap = Bootstrap()
    values = bootstrap.values({"4": four, "1": lone})[:, -1]
    assert values.std() == pytest.approx(np.std([0.1, 0.2, 0.4, 0.7, 0.9], ddof=1), rel=0.03)
    assert values.mean() == pytest.approx(0.5, abs=0.02)
    higher = {name: [value + 1 for value in draws] for name, draws in four.items()}
    again = bootstrap.values({"1": {"one": [1.5]}, "4": higher})[:, 0]
    assert again - values == pytest.approx(1.0)
    assert not np.ptp(bootstrap.values({"4": {"four 0": [0.1]}, "1": lone}), axis=0).any()
