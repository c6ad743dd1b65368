"""Lines become claims, and a line that is none says what was expected."""

from pathlib import Path

import pytest

from betavae_core.errors import InputError
from betavae_core.report.claims import Limit, read_claim, read_claims, read_file
from betavae_core.report.the_paper import THE_PAPER


def test_every_part_of_a_line() -> None:
    claim = read_claim(
        "median higgins with model=mlp L=16 of pca L=256 - pca > beta=4 clean>=50% on 2dshapes"
        " | Table 9 | PCA gains more. | passes>=10 source=official"
    )
    assert (claim.statistic, claim.score, claim.sign) == ("median", "higgins", ">")
    left, less, right = claim.groups
    assert (left.baseline, left.conditions) == ("pca", (("L", "256"),))
    assert (less.baseline, less.conditions) == ("pca", (("L", "16"),))
    assert right.conditions == (("L", "16"), ("beta", "4"), ("model", "mlp"))
    assert right.limits == (Limit("clean", ">=", 0.5),)
    assert (claim.place, claim.says) == ("Table 9", "PCA gains more.")
    assert claim.needs == ("passes>=10", "source=official")


@pytest.mark.parametrize(
    ("score", "text", "value"), [("mig", "95%", 0.95), ("mig", "95 %", 0.95), ("nll", "29.3", 29.3)]
)
def test_numbers(score: str, text: str, value: float) -> None:
    assert read_claim(f"mean {score} of vae < {text} on 3dshapes").right.number == value


def test_the_other_betas_are_a_side() -> None:
    claim = read_claim("mean mig of beta=0.1 > other betas on mpi3d-toy")
    assert claim.right.others
    assert claim.says == claim.line


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("beta 4 is best", 'expected a line such as "mean higgins of beta=4 > beta=1 on 2dshapes"'),
        ("best mig of vae > 0 on 2dshapes", "the choices are: mean, median, spread"),
        ("mean mug of vae > 0 on 2dshapes", 'no number "mug"; the choices are: higgins'),
        ("mean mig of bate=4 > 0 on 2dshapes", 'no condition "bate"; the choices are: beta, L'),
        ("mean mig of vea > 0 on 2dshapes", 'no group "vea"; the choices are: vae, pca'),
        ("mean mig of beta=high > 0 on 2dshapes", '"beta=high" needs a number, got "high"'),
        ("mean higgins of classifier=svm > 0 on 2dshapes", "the choices are: linear, mlp"),
        ("mean mig of L=16 > 0 on 2dshapes", 'The metric "mig" has no setting "L"'),
        ("mean mig of 0.5 > vae on 2dshapes", "left side of a claim is a group"),
        ("mean mig of vae > other betas on 2dshapes", '"other betas" needs a β on the left'),
        ("mean mig of pca - ica - vae > 0 on 2dshapes", "more than two groups"),
        ("mean mig of mug>=1 > 0 on 2dshapes", 'no number "mug"'),
        ("mean mig of beta=4 - beta=1 > other betas on 2dshapes", "and no change"),
        ("mean mig of beta=4 beta=1 > 0 on 2dshapes", '"beta=4 beta=1" is no group of runs'),
        ("mean mig of pca ica > 0 on 2dshapes", "it can have only one of pca, ica"),
        ("mean mig of pca beta=4 > 0 on 2dshapes", "it can have no beta"),
        ("mean higgins of vae > 95 on 2dshapes", "higgins is at most 100% (a share, such as 95%"),
        (
            "mean mig of higgins>=95 > 0 on 2dshapes",
            "higgins is at most 100% (a share, such as 95%",
        ),
        ("mean higgins of L=64% > 0 on 2dshapes", 'L must be a whole number, got "64%"'),
        ("mean higgins of L=16.5 > 0 on 2dshapes", 'L must be a whole number, got "16.5"'),
        ("mean distance of vae > 0 on cifar10 | | | features=mine", "the choices are: inception"),
        ("mean mig of vae > 0 on 2dshapes | a | b | epochs>=3", "passes>=…, source=…"),
    ],
)
def test_what_is_wrong_with_a_line(line: str, says: str) -> None:
    with pytest.raises(InputError) as refused:
        read_claim(line)
    assert says in str(refused.value)


def test_the_beta_of_the_other_side_is_not_that_of_a_baseline() -> None:
    left, right = read_claim("mean mig with beta=4 model=conv of vae > pca on 2dshapes").groups
    assert (left.value("beta"), right.conditions) == ("4", ())


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "mine.claims"
    path.write_text("mean\tmig of vae > 0 on 2dshapes\r\n", encoding="utf-8-sig")
    assert read_file(path)[0].line == "mean mig of vae > 0 on 2dshapes"


def test_a_file_has_comments_and_continuations(tmp_path: Path) -> None:
    path = tmp_path / "mine.claims"
    path.write_text(
        "# mine\n\nmean mig of vae > 0 on 2dshapes\n   | here\n   | Above\n     zero.\n"
    )
    (claim,) = read_file(path)
    assert (claim.place, claim.sentence) == ("here", "Above zero.")
    path.write_text("mean mig of vae > 0 on 2dshapes\n   | here\n   # not sure\n   | Yes.\n")
    (claim,) = read_file(path)
    assert (claim.place, claim.sentence) == ("here", "Yes.")
    path.write_text("mean mig of vae > 0 on 2dshapes\n\nmean mug of vae > 0\n  on 2dshapes\n")
    with pytest.raises(InputError, match=r"mine\.claims, line 3: There is no number"):
        read_file(path)
    path.write_text("# nothing\n")
    with pytest.raises(InputError, match="has no claims"):
        read_file(path)
    with pytest.raises(InputError, match="does not exist"):
        read_file(tmp_path / "none.claims")


def test_the_claims_of_the_paper() -> None:
    claims = read_claims(THE_PAPER, "the paper")
    assert len(claims) >= 20
    assert all(claim.place and claim.sentence.endswith(".") for claim in claims)
    assert sum(claim.place.startswith("Introduction") for claim in claims) >= 4
    assert any(claim.place.startswith("Higgins et al.") for claim in claims)
    assert len({claim.line for claim in claims}) == len(claims)
