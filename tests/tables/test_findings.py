"""What our runs say of the paper's findings follows from their records: it says the opposite when
the numbers do, and why there is nothing to say."""

import pytest

from betavae_core.store import Run
from betavae_core.tables.findings import (
    HOLDS,
    NOT,
    NOT_COMPARABLE,
    NOT_COMPUTED,
    PARTLY,
    Finding,
    findings,
)
from tests.tables.measured import measured_run

PUBLISHED, BEST, LATENTS, QUALITY = range(4)


def found(number: int, runs: list[Run]) -> Finding:
    return findings(runs)[number]


def mlp(seed: int, score: float, **settings: object) -> Run:
    return measured_run({"no-shape": score}, model="mlp", seed=seed, **settings)


def test_nothing_measured_is_nothing_said() -> None:
    for finding in findings([measured_run(), measured_run(model="mlp")]):
        assert finding.verdict == NOT_COMPUTED, finding.claim
        assert finding.ours


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ([0.8, 0.95, 0.9], HOLDS),
        ([0.9, 0.9001], PARTLY),  # not reached, but the seeds agree
        ([0.98, 1.0, 1.0, 1.0, 1.0], PARTLY),  # reached, but they differ
        ([0.999, 1.0], NOT),
    ],
)
def test_the_published_score(scores: list[float], verdict: str) -> None:
    finding = found(PUBLISHED, [mlp(seed, score) for seed, score in enumerate(scores)])
    assert finding.verdict == verdict
    assert f"over {len(scores)} seeds ({100 * min(scores):.1f}" in finding.ours


def test_one_seed_and_other_recipes_are_not_compared() -> None:
    runs = [mlp(1, 0.8), mlp(2, 0.9, batch_size=256), mlp(3, 0.9, images=1_000)]
    runs.append(measured_run({"no-shape": 0.5}, seed=4))  # another architecture
    assert found(PUBLISHED, runs).verdict == NOT_COMPARABLE
    assert "there is 1" in found(PUBLISHED, runs).ours
    runs.append(mlp(5, 0.7, batch_size=256))
    assert "80.0 ± 14.1 % over 2 seeds" in found(PUBLISHED, runs).ours


@pytest.mark.parametrize(
    ("scores", "verdict"),
    [
        ({0.1: 0.6, 1.0: 0.5, 4.0: 0.4, 10.0: 0.3}, HOLDS),
        ({0.1: 0.6, 1.0: 0.3, 4.0: 0.5, 10.0: 0.4}, PARTLY),
        ({0.1: 0.3, 1.0: 0.4, 4.0: 0.5, 10.0: 0.6}, NOT),
        ({0.1: 0.3, 4.0: 0.5}, NOT_COMPARABLE),
    ],
)
def test_the_best_beta_on_mpi3d(scores: dict[float, float], verdict: str) -> None:
    runs = [
        measured_run({"all": score}, beta=beta, dataset="mpi3d-toy", kl=[0.0 if beta > 4 else 1.0])
        for beta, score in scores.items()
    ]
    finding = found(BEST, runs)
    assert finding.verdict == verdict
    if verdict != NOT_COMPARABLE:
        best = max(scores, key=scores.__getitem__)
        assert finding.ours.startswith(f"{100 * scores[best]:.0f} % at β = {best:g}")
        assert "β = 10 (collapsed)" in finding.ours
        assert "1 seed per β" in finding.ours


@pytest.mark.parametrize(
    ("clean", "verdict"), [([0, 2, 5], HOLDS), ([4, 4, 5], PARTLY), ([5, 5, 0], NOT)]
)
def test_latents_of_nearly_perfect_models(clean: list[int], verdict: str) -> None:
    runs = [
        measured_run({"no-shape": 0.97}, [0.6] * count + [0.1] * (5 - count), seed=seed)
        for seed, count in enumerate(clean)
    ]
    runs.append(measured_run({"no-shape": 0.5}, [0.9] * 5, seed=9))  # not a high score
    finding = found(LATENTS, runs)
    assert finding.verdict == verdict
    assert f"Of {len(clean)} models" in finding.ours
    assert f"the best one {max(clean)}" in finding.ours


CIFAR10 = {0.1: 3.0, 1.0: 1.0, 4.0: 2.0, 10.0: 9.0}
CIFAR100 = {0.1: 1.0, 1.0: 2.0, 4.0: 3.0, 10.0: 4.0}
UPSIDE_DOWN = {0.1: 9.0, 1.0: 5.0, 4.0: 3.0, 10.0: 1.0}


@pytest.mark.parametrize(
    ("ten", "hundred", "verdict"),
    [
        (CIFAR10, CIFAR100, HOLDS),
        (CIFAR100, CIFAR100, PARTLY),
        (CIFAR10, None, PARTLY),
        (UPSIDE_DOWN, UPSIDE_DOWN, NOT),
    ],
)
def test_image_quality(
    ten: dict[float, float], hundred: dict[float, float] | None, verdict: str
) -> None:
    runs = [
        measured_run(
            distances={"reconstructions": value}, beta=beta, dataset=dataset, source="official"
        )
        for dataset, table in (("cifar10", ten), ("cifar100", hundred or {}))
        for beta, value in table.items()
    ]
    finding = found(QUALITY, runs)
    assert finding.verdict == verdict
    best = min(ten, key=ten.__getitem__)
    assert f"CIFAR10: lowest at β = {best:g}" in finding.ours
    assert "FD is not FID" in finding.ours


def test_the_claims_state_the_papers_numbers() -> None:
    claims = " ".join(finding.claim for finding in findings([]))
    for said in (
        "99.23 ± 0.1 %",
        "89.09 ± 15.82 %",
        "0.1, then 1",
        "1 on CIFAR10 and 0.1 on CIFAR100",
    ):
        assert said in claims
