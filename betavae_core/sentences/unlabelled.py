"""What the chart of UDR beside a labelled score shows."""

import pandas as pd


def ranked_without_labels(rows: pd.DataFrame, correlation: float | None, name: str) -> str:
    """Whether UDR picks the model that the labels would; rows: of `tables.unlabelled.udr_rows`,
    scored; correlation: of the ranks, or None."""
    by_udr, by_score = rows.loc[rows["udr"].idxmax()], rows.loc[rows["value"].idxmax()]
    if by_udr["run"] == by_score["run"]:
        said = f"UDR picks the model with the highest {name} ({by_udr['label']})"
    else:
        said = (
            f"UDR picks {by_udr['label']}, and {name} {by_score['label']} "
            f"({by_score['value']:.2f} against {by_udr['value']:.2f})"
        )
    if correlation is None:
        return f"{said}; {len(rows)} models are too few to compare the ranks."
    return f"{said}; over {len(rows)} models the ranks correlate by {correlation:.2f}."
