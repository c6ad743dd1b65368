"""What the chart of several objectives shows."""

import pandas as pd


def score_by_objective(rows: pd.DataFrame, name: str) -> str:
    """Which objective has the highest score and which the lowest; rows: of
    `tables.objectives.by_objective`; name: of the score. "" with fewer than two scored."""
    middles = rows.dropna(subset="value").groupby("label", sort=False)["value"].median()
    if len(middles) < 2:
        return ""
    best, worst = str(middles.idxmax()), str(middles.idxmin())
    said = f"{name} is highest for {best} ({middles[best]:.2f}) and lowest for {worst}"
    said += f" ({middles[worst]:.2f})"
    if rows.groupby("label")["seed"].nunique().max() == 1:
        return said + ", with one seed for each objective: too few to say which is better."
    return said + ", as medians over the seeds."
