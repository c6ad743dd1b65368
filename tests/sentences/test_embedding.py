"""What the panels of the latent space say."""

import pytest

from betavae_core.sentences import codes_apart

FEW = "; these are single models: other seeds may differ."


def said(one_model: bool = False, **separations: float | None) -> str:
    return codes_apart(
        {name: {"separation": value} for name, value in separations.items()}, one_model=one_model
    )


def test_the_furthest_and_the_closest_codes_are_named() -> None:
    assert said(a=9.0, b=3.0, c=0.5) == (
        "The codes of a lie furthest apart (9.0 posterior σ to the nearest other code: separate) "
        f"and those of c closest together (0.5 σ: overlapping){FEW}"
    )
    assert said(a=0.5, b=9.0).startswith("The codes of b lie furthest apart")
    assert "(1.9 posterior σ to the nearest other code) and" in said(a=1.9, b=1.2)


def test_of_one_model_at_several_beta_no_seed_differs() -> None:
    assert said(one_model=True, a=9.0, b=3.0).endswith("closest together (3.0 σ: separate).")


def test_equal_distances_are_equal() -> None:
    assert said(a=3.0, b=3.1) == (
        "The codes of a and b lie about equally far apart (3.0 to 3.1 posterior σ to the nearest "
        f"other code){FEW}"
    )
    assert "The codes of these 4 models lie about" in said(a=3.0, b=3.1, c=3.05, d=3.02)


@pytest.mark.parametrize(
    ("separation", "expected"),
    [
        (5.0, "The posteriors of a are separate: 5.0 posterior σ to the nearest other code."),
        (1.5, "The posteriors of a touch: 1.5 posterior σ to the nearest other code."),
        (0.3, "The posteriors of a overlap: 0.3 posterior σ to the nearest other code."),
        (None, "A gives every image the same code."),
    ],
)
def test_a_single_model(separation: float | None, expected: str) -> None:
    assert said(a=separation) == expected


def test_collapsed_models_are_named() -> None:
    assert said(a=3.0, b=1.5, c=None).endswith(
        "; c gives every image the same code; these are single models: other seeds may differ."
    )
    assert said(a=None, b=None) == "A and b give every image the same code."
