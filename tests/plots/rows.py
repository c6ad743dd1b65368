"""Rows that plots and tables are made of."""

import pandas as pd

ROWS = pd.DataFrame(
    {
        "run": list("abcde"),
        "model": ["conv"] * 4 + ["mlp"],
        "beta": [0.1, 0.1, 4.0, 4.0, 4.0],
        "seed": [1, 2, 1, 2, 1],
        "value": [0.5, 0.7, 0.9, 0.8, 0.65],
    }
)
