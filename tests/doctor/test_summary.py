"""The line that a checkup leads with."""

from typing import Any

import pytest

from betavae_core.doctor import Finding, Label, Verdict, facts, in_short, record

FINE, LOOK, NONE, BROKEN = Verdict.FINE, Verdict.LOOK, Verdict.NOT_COMPUTED, Verdict.BROKEN


def found(key: str, verdict: Verdict, **numbers: Any) -> Finding:
    return Finding(key, key.title(), verdict, "It says so.", "", numbers)


SCORES = found(
    "scores",
    FINE,
    higgins={"score": 0.871, "half_interval": 0.02},
    mig={"score": 0.3, "half_interval": 0.015},
)
LATENTS = found("latents", FINE, active=[0, 3], kl_per_latent=[1.0, 0.0, 0.0, 2.0])


def test_everything_in_one_line() -> None:
    beta = found("beta", FINE, claimed=4.0, beta=3.876)
    assert in_short([LATENTS, SCORES, beta]) == (
        "No problem was found. β 4 (3.88 by the weights); latents used 2 of 4; Higgins' metric "
        "0.871 (± 0.020); MIG 0.300 (± 0.015)."
    )
    told = record([beta, LATENTS, SCORES], Label("a"))
    assert list(told)[:4] == ["name", "sha256", "verdict", "summary"]
    assert told["summary"].startswith("No problem was found. β 4")


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (found("beta", LOOK, claimed=None, beta=2.0), "β not stated (2 by the weights)"),
        (found("beta", NONE, claimed=4.0), "β 4 (not shown by the weights)"),
        (found("beta", NONE, claimed=4.0, beta=9.0), "β 4 (not shown by the weights)"),  # unsure
        (found("beta", NONE), "β not computed (not shown by the weights)"),
        (found("latents", NONE), "latents used not computed"),
        (found("latents", BROKEN, active=[], kl_per_latent=[0.0]), "latents used 0 of 1"),
    ],
)
def test_what_is_unknown_is_said(finding: Finding, expected: str) -> None:
    assert str(facts([finding])[0]) == expected


def test_without_scores_both_are_not_computed() -> None:
    assert [str(fact) for fact in facts([found("scores", NONE)])] == [
        "Higgins' metric not computed",
        "MIG not computed",
    ]


def test_the_verdict_names_its_findings() -> None:
    assert in_short([found("terms", LOOK), found("weights", BROKEN), found("units", BROKEN)]) == (
        "This checkpoint is broken. See: Weights, Units."
    )
    assert in_short([found("file", Verdict.NOT_OPENED)]) == (
        "This checkpoint cannot be opened here. See: File."
    )
