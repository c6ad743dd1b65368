"""The paper's four findings, and what our runs say of each in one line."""

from pathlib import Path

from betavae_core.report.findings import findings
from betavae_core.report.numbers import numbers
from betavae_core.report.the_paper import CONTRIBUTIONS, THE_FINDINGS
from betavae_core.report.verdict import CANNOT_TELL, NOT, NOT_COMPUTED, REPRODUCED
from betavae_core.store import Run, list_runs
from tests.report.numbered import recipe, seeds

SHIPPED = Path(__file__).parents[2] / "trained_models"
FITS = 105  # letters beside the name at a width of 1280 pixels
CIFAR10 = recipe(source="official", dataset="cifar10")
CIFAR100 = recipe(source="official", dataset="cifar100")


def test_each_claim_belongs_to_one_finding() -> None:
    found = findings([])
    assert [each.name for each in found] == [name for name, _ in CONTRIBUTIONS.values()]
    claims = [claim for each in found for claim in each.claims]
    assert [number for number, _ in claims] == [*range(1, THE_FINDINGS.count("mean ") + 1)]
    for number, judged in claims:
        assert judged.claim.place.startswith(list(CONTRIBUTIONS)[min(number, 4) - 1])
        assert judged.verdict == NOT_COMPUTED


def test_two_claims_share_a_verdict_only_if_it_is_the_same() -> None:
    low = seeds(0.1, [100.0, 101.0], CIFAR10, score="nll")
    low += seeds(0.1, [200.0, 201.0], CIFAR100, score="nll")
    rest = seeds(1.0, [110.0, 111.0], CIFAR10, score="nll")
    rest += seeds(4.0, [120.0, 121.0], CIFAR10, score="nll")
    better = seeds(1.0, [210.0, 211.0], CIFAR100, score="nll")
    worse = seeds(1.0, [150.0, 151.0], CIFAR100, score="nll")
    (judged, text), *more = findings(low + rest + better)[3].ours
    assert not more
    assert judged.verdict == REPRODUCED
    assert text == "CIFAR10: 100.5 nats (110.5 at β = 1); CIFAR100: 200.5 nats (210.5 at β = 1)"
    both = findings(low + rest + worse)[3].ours
    assert [judged.verdict for judged, _ in both] == [REPRODUCED, NOT]
    assert both[1][1] == "CIFAR100: 200.5 nats (150.5 at β = 1)"


def test_a_verdict_that_the_numbers_do_not_decide_has_its_reason() -> None:
    toy = recipe(dataset="mpi3d-toy")
    told = seeds(0.1, [0.5], toy) + seeds(1.0, [0.4], toy) + seeds(4.0, [0.45], toy)
    (judged, text), = findings(told)[1].ours  # fmt: skip
    assert judged.verdict == CANNOT_TELL
    assert text == "MPI3DToy: 50.00 % at β = 0.1 (45.00 % at β = 4); too few seeds"


def test_what_the_shipped_runs_say_fits_on_a_line() -> None:
    runs = [run for run in list_runs(SHIPPED) if isinstance(run, Run)]
    for finding in findings(numbers(runs)):
        assert len(finding.name) <= 45
        badges = sum(len(judged.verdict) + 2 for judged, _ in finding.ours)
        assert sum(len(text) for _, text in finding.ours) + badges <= FITS, finding.ours
        assert all(judged.verdict != NOT_COMPUTED for judged, _ in finding.ours)
        for (_, judged), text in zip(finding.claims, finding.measured, strict=True):
            assert judged.claim.place in text
            assert judged.evidence is not None
            assert judged.evidence.recipe.title in text
