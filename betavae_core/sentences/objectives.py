"""What the chart of several objectives shows."""

import pandas as pd


def score_by_objective(rows: pd.DataFrame, name: str) -> str:
    """Which objective has the highest score and which the lowest; rows: of
    `tables.objectives.by_objective`; name: of the score. "" if none is scored."""
    middles = rows.dropna(subset="value").groupby("label", sort=False)["value"].median()
    if middles.empty:
        return ""
    if len(middles) == 1:
        return (
            f"{name} is {middles.iloc[0]:.2f} for {middles.index[0]}; no other model that saw as "
            "many images is scored, so there is nothing to compare it with."
        )
    best, worst = str(middles.idxmax()), str(middles.idxmin())
    said = f"{name} is highest for {best} ({middles[best]:.2f}) and lowest for {worst}"
    said += f" ({middles[worst]:.2f})"
    if rows.groupby("label")["seed"].nunique().max() == 1:
        return said + ", with one seed for each objective: too few to say which is better."
    return said + ", as medians over the seeds."


def rate_by_objective(rows: pd.DataFrame) -> str:
    """Which objective reconstructs best, which has the lowest KL, and whether that is the same one;
    rows: of `tables.objectives.by_objective`. "" if nothing is measured."""
    middles = rows.dropna(subset=["nll", "kl"]).groupby("label", sort=False)[["nll", "kl"]].median()
    if middles.empty:
        return ""
    if len(middles) == 1:
        only = middles.iloc[0]
        return (
            f"{middles.index[0]} has a reconstruction loss of {only['nll']:.1f} nats and a KL of "
            f"{only['kl']:.1f} nats."
        )
    sharp, short = str(middles["nll"].idxmin()), str(middles["kl"].idxmin())
    nll, kl = middles.loc[sharp, "nll"], middles.loc[short, "kl"]
    if sharp == short:
        return f"{sharp} reconstructs best ({nll:.1f} nats) and has the lowest KL ({kl:.1f} nats)."
    return (
        f"{sharp} reconstructs best ({nll:.1f} nats) with a KL of {middles.loc[sharp, 'kl']:.1f} "
        f"nats; {short} has the lowest KL ({kl:.1f} nats) and a reconstruction loss of "
        f"{middles.loc[short, 'nll']:.1f} nats."
    )
