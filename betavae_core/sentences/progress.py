"""What the charts of a training under way show, as sentences made from the same numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..penalties import OBJECTIVES

CLOSE = 0.1  # standard deviations of the prior: codes within it differ by next to nothing
USED = 0.1  # nats above which a latent counts as used
NAMED = 6  # latents in a sentence


def so_far(history: Sequence[Mapping[str, Any]], budget: int) -> str:
    """Images seen, reconstruction and used latents at the last record."""
    found = [record for record in history if "nll" in record]
    if not found:
        return "Nothing is measured yet."
    last = found[-1]
    used = sum(kl > USED for kl in last["kl"])
    return (
        f"After {last['images']:,} of {budget:,} images, reconstruction costs {last['nll']:.1f} "
        f"nats and {used} of {len(last['kl'])} latents are used."
    )


def woken(history: Sequence[Mapping[str, Any]]) -> str:
    """Since when the latents that are used now have been used without a break."""
    found = [record for record in history if "nll" in record]
    if not found:
        return "No KL is measured yet."
    since: dict[int, int] = {}
    for record in found:
        for latent, kl in enumerate(record["kl"]):
            if kl <= USED:
                since.pop(latent, None)
            else:
                since.setdefault(latent, record["images"])
    if not since:
        return f"After {found[-1]['images']:,} images no latent is used."
    order = sorted(since.items(), key=lambda each: each[1])
    told = ", ".join(f"z{latent} since {images:,}" for latent, images in order[:NAMED])
    more = f", and {len(order) - NAMED} more" if len(order) > NAMED else ""
    return f"In use: {told} images{more}."


def quick(history: Sequence[Mapping[str, Any]]) -> str:
    """The last quick scores with their intervals."""
    found = [record for record in history if "quick_scores" in record]
    if not found:
        return "No score is measured yet."
    last = found[-1]["quick_scores"]
    told = [
        f"{name} {last[key]['value']:.2f} ± {last[key]['half_interval']:.2f}"
        for key, name in (("higgins", "Higgins' metric"), ("mig", "MIG"))
    ]
    return (
        f"{told[0]} (guessing: {last['chance']:.2f}) and {told[1]} after "
        f"{found[-1]['images']:,} images."
    )


def star(shown: Mapping[str, Any]) -> str:
    """How much of the star two axes show, or that there is nothing to show yet. shown: its factors,
    points in standard deviations of the prior, and share of the variance that they explain."""
    points = [point for path in shown["points"] for point in path]
    reach = max((max(v) - min(v) for v in zip(*points, strict=True)), default=0.0)
    if reach < CLOSE:
        return (
            f"All codes along the factors lie within {CLOSE:g} standard deviations of the prior of "
            "one another: they tell next to nothing of the factors."
        )
    return f"Two axes hold {shown['explained']:.0%} of the variance of the codes along the factors."


def losses(objectives: Sequence[str]) -> str:
    """The formula of the loss of each objective, once."""
    told = [
        f"{OBJECTIVES[name].title}: loss = {OBJECTIVES[name].loss}"
        for name in dict.fromkeys(objectives)
    ]
    return f"{'; '.join(told)} (NLL: the reconstruction)."
