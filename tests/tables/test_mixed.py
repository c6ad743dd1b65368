"""The model of high score and mixed latents."""

import pandas as pd
import pytest

from betavae_core.tables.mixed import HighButMixed, high_but_mixed


def table(**runs: tuple[float, float, float]) -> pd.DataFrame:
    """Scores by Higgins' metric, MIG and DCI; a name that begins with p is a baseline's."""
    return pd.DataFrame(
        [
            {
                "run": name,
                "score": score,
                "value": value,
                "baseline": "pca" * name.startswith("p"),
                "usual": True,
                "subset": "all",
                "chance": 0.2 if score == "higgins" else None,
            }
            for name, values in runs.items()
            for score, value in zip(("higgins", "mig", "dci"), values, strict=True)
        ]
    )


def test_the_highest_score_among_the_mixed_ones() -> None:
    rows = table(a=(0.9, 0.4, 0.1), b=(0.8, 0.05, 0.1), c=(0.7, 0.01, 0.0), p=(0.95, 0.0, 0.0))
    assert high_but_mixed(rows, ["a", "b", "c", "p"]) == HighButMixed("b", 0.8, 0.05, 0.1)
    assert high_but_mixed(rows, ["a", "c"]) == HighButMixed("c", 0.7, 0.01, 0.0)


@pytest.mark.parametrize(
    "rows",
    [
        table(a=(0.9, 0.4, 0.1), b=(0.9, 0.1, 0.4)),  # none is mixed
        table(a=(0.55, 0.0, 0.0)),  # nearer to chance than to 1
        table(p=(0.9, 0.0, 0.0)),
        table(a=(0.9, 0.0, 0.0))[:2],  # DCI is not computed
        table(a=(0.9, 0.0, 0.0))[:0],
    ],
)
def test_otherwise_there_is_none(rows: pd.DataFrame) -> None:
    assert high_but_mixed(rows, ["a", "b", "p"]) is None
