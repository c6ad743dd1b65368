"""What the charts of image quality say, each claim beside its opposite."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from betavae_core.sentences import (
    against_loss,
    distance_over_beta,
    extrapolated,
    loss_over_beta,
    lowest_over_sigma,
    trained_distance,
    trained_loss,
)


def over_beta(**by_kind: dict[float, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"kind": kind, "beta": beta, "frechet": value, "nll": value}
            for kind, values in by_kind.items()
            for beta, group in values.items()
            for value in group
        ]
    )


def test_reconstructions_and_samples_each_have_their_best_beta() -> None:
    table = over_beta(
        reconstructions={0.1: [20, 21], 4: [40, 41]},
        samples={0.1: [60, 61], 1: [30, 31], 4: [50, 51]},
    )
    assert distance_over_beta(table, "frechet", "FD") == (
        "The FD of reconstructions rises with β, from a median of 20.5 at β = 0.1 to 40.5 at "
        "β = 4; that of prior samples is best at β = 1 (30.5) and worst at β = 0.1 (60.5)."
    )
    samples = table[table["kind"] == "samples"]
    assert distance_over_beta(samples, "frechet", "FD").startswith(
        "The FD of prior samples is best"
    )
    assert distance_over_beta(table[:0], "frechet", "FD") == ""


def test_the_loss_rises_falls_or_is_of_single_seeds() -> None:
    rising = {0.1: [60.0, 61.0], 4: [90.0, 91.0]}
    falling = {0.1: [90.0, 91.0], 4: [60.0, 61.0]}
    assert loss_over_beta(over_beta(reconstructions=rising)).startswith(
        "The reconstruction loss rises with β, from a median of 60.5"
    )
    assert loss_over_beta(over_beta(reconstructions=falling)).startswith(
        "The reconstruction loss falls with β, from a median of 90.5"
    )
    single = {beta: values[:1] for beta, values in rising.items()}
    assert loss_over_beta(over_beta(reconstructions=single)) == (
        "The reconstruction loss lies between 60.0 (β = 0.1) and 90.0 (β = 4), with one seed for "
        "each β: too few to compare."
    )


def counted(*models: tuple[float, float], error: float = 0.1) -> pd.DataFrame:
    """Models by their distance at 2,048 images and its extrapolation."""
    return pd.DataFrame(
        [
            {
                "kind": "reconstructions",
                "by_count": [[1024, 2 * there], [2048, there]],
                "limit": limit,
                "limit_standard_error": error,
            }
            for there, limit in models
        ]
    )


def test_extrapolation_keeps_or_reverses_the_order() -> None:
    assert extrapolated(counted((12, 10), (25, 22))) == (
        "At 2,048 images the distances are 2.00 to 3.00 above their extrapolated values, which "
        "does not clearly change the order of any two models."
    )
    assert extrapolated(counted((12, 10), (15, 6))).endswith(
        "which reverses the order of 1 of 1 pairs of models."
    )
    assert "does not clearly change" in extrapolated(counted((12, 10), (15, 6), error=5.0))
    assert extrapolated(counted((12, 10))) == (
        "At 2,048 images the distance is 2.00 above its extrapolated value."
    )
    unknown = counted((12, 10)).assign(limit=np.nan)
    assert extrapolated(unknown) == ""


def pairs(loss: list[float], distance: list[float]) -> str:
    return against_loss(pd.DataFrame({"nll": loss, "frechet": distance}), "frechet", "FD")


def test_a_distance_follows_the_loss_falls_or_has_nothing_to_do_with_it() -> None:
    loss = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert pairs(loss, loss) == (
        "The FD of reconstructions and the reconstruction loss rise together (6 models)."
    )
    assert pairs(loss, loss[::-1]) == (
        "The FD of reconstructions falls as the reconstruction loss rises (6 models)."
    )
    assert pairs(loss, [3, 1, 4, 1.5, 5, 2]) == (
        "The FD of reconstructions does not clearly follow the reconstruction loss (6 models)."
    )
    few = "cannot tell whether the FD of reconstructions follows the loss."
    assert pairs(loss[:3], loss[:3]) == f"3 models {few}"
    assert pairs(loss[:4], loss[:4]).startswith("The FD of reconstructions does not clearly follow")
    assert pairs(loss, [2.0] * 6) == f"6 models {few}"


def history(*runs: float, points: int = 100, noise: float = 0.05) -> pd.DataFrame:
    """Losses whose last tenth is lower than the tenth before by this number, one run each."""
    random = np.random.default_rng(0)
    tables = []
    for number, fall in enumerate(runs):
        images = np.arange(1, points + 1) * 10
        loss = 100 - fall * (images > images.max() * 0.9) + random.normal(0, noise, points)
        tables.append(pd.DataFrame({"run": f"run {number}", "images": images, "nll": loss}))
    return pd.concat(tables)


@pytest.mark.parametrize(
    ("falls", "expected"),
    [
        ((1.0, 2.0), "The loss of both models still falls at the end of training, by 1.0 % to 2.0"),
        ((1.0,), "The loss of the model still falls at the end of training, by 1.0 %"),
        ((-1.0, -2.0, -1.0), "The loss of all 3 models rises at the end of training."),
        ((0.0,), "The loss of the model no longer falls at the end of training."),
        (
            (1.0, -1.0, 0.0),
            "At the end of training the loss still falls for 1, rises for 1 and no longer changes "
            "for 1 of 3 models.",
        ),
    ],
)
def test_the_end_of_training(falls: tuple[float, ...], expected: str) -> None:
    assert trained_loss(history(*falls)).startswith(expected)


def test_a_fall_within_the_noise_or_of_few_points_is_no_fall() -> None:
    assert "no longer falls" in trained_loss(history(0.2, noise=2.0))
    assert trained_loss(history(1.0, points=20)) == (
        "The histories have too few points to tell whether the loss still falls at the end."
    )


def measured(*runs: list[float]) -> str:
    table = pd.DataFrame(
        [
            {"run": f"run {number}", "images": 10 * (n + 1), "frechet": value}
            for number, values in enumerate(runs)
            for n, value in enumerate(values)
        ]
    )
    return trained_distance(table, "frechet", "FD")


def test_a_distance_falls_to_the_end_or_rises_again() -> None:
    assert measured([50, 30, 20], [60, 20, 20.2]) == (
        "The FD falls until the end of training, or stays near its lowest value, for both models."
    )
    assert measured([50, 20, 25], [60, 30, 20]) == (
        "For 1 of 2 models the FD rises again before the end of training, by up to 25 % above its "
        "lowest value."
    )
    assert measured([20, 30], [20, 40]) == (
        "The FD is higher at the end of training than at its first measurement, for both models."
    )
    assert measured([20]) == (
        "A single measurement does not show how the FD changes during training."
    )


def winners(**losses: Any) -> str:
    sigmas = np.array([0.05, 0.1, 0.2])
    betas = {"a": 1.0, "b": 4.0, "c": 10.0}
    return lowest_over_sigma({k: np.array(v, float) for k, v in losses.items()}, sigmas, betas)


def test_sigma_decides_between_models_or_does_not() -> None:
    assert winners(a=[1, 2, 3], b=[2, 1, 2], c=[3, 3, 1]) == (
        "The larger σ, the larger the β of the model with the lowest loss: a below σ = 0.1, b from "
        "σ = 0.1 and c from σ = 0.2."
    )
    assert winners(a=[2, 1, 1], b=[1, 2, 2]).startswith("The larger σ, the smaller the β")
    assert winners(a=[1, 2, 1], b=[2, 1, 2]).startswith("The model with the lowest loss changes")
    assert winners(a=[1, 1, 1], b=[2, 2, 2]) == (
        "At every σ shown a has the lowest loss: σ does not decide between them."
    )
    assert winners(a=[2, 1, 3]) == "Of the σ shown, a has its lowest loss at σ = 0.1."
