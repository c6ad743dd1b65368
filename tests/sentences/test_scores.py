"""What the charts of scores say, from tables that make them say each thing and its opposite."""

import numpy as np
import pandas as pd
import pytest

from betavae_core.sentences import (
    latent_over_factor,
    latent_per_factor,
    mixing_noticed,
    profile_beside,
    score_over_beta,
    score_over_length,
)

TITLES = {"conv": "Conv VAE", "mlp": "MLP VAE"}
LATENTS, FACTORS = ["z0", "z1", "z2"], ["shape", "x", "y"]


def rows(**by_model: dict[float, list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"model": model, "beta": beta, "value": value}
            for model, values in by_model.items()
            for beta, group in values.items()
            for value in group
        ]
    )


def test_one_architecture_needs_no_name() -> None:
    table = rows(conv={1: [0.2, 0.22], 4: [0.5, 0.52]})
    assert score_over_beta(table, "MIG", TITLES) == (
        "MIG rises with β, from a median of 0.21 at β = 1 to 0.51 at β = 4."
    )
    assert "a mean of 0.21" in score_over_beta(table, "MIG", TITLES, "mean")


def test_each_architecture_is_judged_by_its_own_seeds() -> None:
    table = rows(mlp={1: [0.2, 0.5], 4: [0.3, 0.6]}, conv={1: [0.9], 4: [0.1]})
    assert score_over_beta(table, "MIG", TITLES) == (
        "MIG of the MLP VAEs does not clearly depend on β (medians 0.35 to 0.45, seeds up to 0.30 "
        "apart); that of the Conv VAEs lies between 0.10 (β = 4) and 0.90 (β = 1), with one seed "
        "for each β: too few to compare."
    )
    assert score_over_beta(table[:0], "MIG", TITLES) == ""


def trained(short: dict[float, list[float]], long: dict[float, list[float]]) -> str:
    table = pd.DataFrame(
        [
            {"beta": beta, "images": images, "value": value}
            for images, by_beta in ((10, short), (100, long))
            for beta, values in by_beta.items()
            for value in values
        ]
    )
    return score_over_length(table, "MIG", {10: "1 pass", 100: "10 passes"})


def test_a_score_over_the_length_of_training() -> None:
    short = {0.1: [0.3, 0.32, 0.31], 1: [0.3, 0.32, 0.31], 4: [0.3, 0.32, 0.31]}
    assert trained(short, {0.1: [0.1], 1: [0.33], 4: [0.6]}) == (
        "From 1 pass to 10 passes of training MIG rises at β = 4 (0.31 to 0.60), falls at β = 0.1 "
        "(0.31 to 0.10) and does not clearly change at β = 1."
    )
    assert trained(short, {0.1: [0.1], 1: [0.1]}) == (
        "From 1 pass to 10 passes of training MIG falls at β = 0.1 (0.31 to 0.10) and β = 1 (0.31 "
        "to 0.10)."
    )
    assert trained({1: [0.3, 0.3]}, {1: [0.3]}).endswith("MIG does not clearly change at β = 1.")
    assert trained({1: [0.3], 4: [0.5]}, {1: [0.6], 4: [0.4]}) == (
        "From 1 pass to 10 passes of training MIG changes by −0.10 to 0.30, with one model for "
        "each β and length: too few to compare."
    )
    assert trained({1: [0.3]}, {4: [0.6]}) == ""


def test_a_profile_counts_only_scores_outside_the_baselines_seeds() -> None:
    values = {"a": 0.9, "b": 0.5, "c": 0.1, "d": None}
    pca = {"a": (0.7, 0.8), "b": (0.4, 0.6), "c": (0.2, 0.3), "d": (0.0, 0.1)}
    assert profile_beside(values, {"PCA": pca}) == (
        "This model scores higher than PCA by 1 of 3 metrics and lower by 1."
    )
    low = dict.fromkeys(pca, (0.0, 0.01))
    high = dict.fromkeys(pca, (0.95, 1.0))
    same = {"a": (0.9, 0.9), "b": (0.5, 0.5), "c": (0.0, 0.2)}
    assert profile_beside(values, {"PCA": low, "an untrained encoder": high}) == (
        "This model scores higher than PCA by all 3 metrics; it scores lower than an untrained "
        "encoder by all 3 metrics."
    )
    assert profile_beside(values, {"PCA": same}) == ("This model scores like PCA by all 3 metrics.")
    assert profile_beside({"a": None}, {"PCA": pca}) == ""
    assert profile_beside(values, {"PCA": {}}) == ""


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.eye(3), "All 3 factors have a latent of their own."),
        (
            [[0.9, 0, 0], [0, 0.2, 0.1], [0, 0.2, 0.1]],
            "z0 stands for shape; x and y have no latent of their own.",
        ),
        (
            [[0.9, 0, 0], [0, 0.8, 0], [0, 0, 0.1]],
            "z0 stands for shape and z1 stands for x; y has no latent of its own.",
        ),
        (np.full((3, 3), 0.02), "No latent tells much about any factor: at most 0.02 of it."),
        (
            [[0.25, 0, 0], [0, 0.1, 0], [0, 0, 0.1]],
            "No factor has a latent of its own; the clearest is z0 for shape (0.25).",
        ),
        (
            [[0.9, 0.8, 0], [0, 0, 0.1], [0, 0, 0.1]],
            "No factor has a latent of its own; the clearest is z0 for shape (0.90, but it also "
            "tells x).",
        ),
        (
            [[0.9, 0, 0], [0.8, 0, 0], [0, 0, 0.1]],
            "No factor has a latent of its own; the clearest is z0 for shape (0.90, but it shares "
            "it with z1).",
        ),
        (
            np.full((3, 3), 0.7),
            "No factor has a latent of its own; the clearest is z0 for shape (0.70, but it also "
            "tells x and y and shares it with z1).",
        ),
    ],
)
def test_latents_of_their_own(matrix: np.ndarray, expected: str) -> None:
    assert latent_per_factor(np.asarray(matrix, float), LATENTS, FACTORS) == expected


@pytest.mark.parametrize(
    ("values", "deviation", "expected"),
    [
        ([-1, 0, 1.5], 0.1, "z3 rises with x, from −1.00 to 1.50."),
        ([1.5, 0, -1], None, "z3 falls with x, from 1.50 to −1.00."),
        ([0, 1, 0], 0.1, "z3 turns along x: it moves between 0.00 and 1.00"),
        ([0, 0.1, 0.2], 1.0, "z3 does not tell x: over all its values it moves by 0.20, less than"),
        ([0.5, 0.5, 0.5], None, "z3 stays the same over all values of x."),
        ([0.5, 0.5, 0.5], 0.2, "z3 does not tell x"),
    ],
)
def test_a_latent_along_a_factor(
    values: list[float], deviation: float | None, expected: str
) -> None:
    spread = None if deviation is None else np.full(3, deviation)
    assert latent_over_factor(np.array(values), spread, "z3", "x").startswith(expected)


@pytest.mark.parametrize(
    ("higgins", "mig", "expected"),
    [
        (
            0.99,
            0.2,
            "A high score by Higgins' metric does not show disentangled latents: a perfect",
        ),
        (0.5, 0.9, "A high score by MIG does not show disentangled latents: a perfect code"),
        (
            0.5,
            0.2,
            "A perfect code whose factors are all mixed by a rotation scores 0.50 by Higgins",
        ),
        (
            0.99,
            0.9,
            "A perfect code whose factors are all mixed by a rotation scores 0.99 by Higgins",
        ),
    ],
)
def test_which_metric_notices_a_rotation(higgins: float, mig: float, expected: str) -> None:
    names = ("Higgins' metric", "MIG")
    pure = dict(zip(names, (1.0, 0.9), strict=True))
    said = mixing_noticed(pure, dict(zip(names, (higgins, mig), strict=True)))
    assert said.startswith(expected)
    assert said.endswith(": the metrics notice the mixing.") == (higgins < 0.7 and mig < 0.6)
    assert said.endswith(": the metrics do not notice the mixing.") == (higgins > 0.9 and mig > 0.8)
    assert f"{higgins:.2f} by Higgins' metric (before: 1.00) and {mig:.2f} by MIG" in said
