"""What the component `beta_explorer` shows of a model for every β, beside its images: the measured
numbers over β, sentences about them, and the separate models of one β each."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from ..beta import beta_number, beta_text, unbroken
from ..datasets import dataset_title
from ..scoring.elbo import ACTIVE_KL
from ..scoring.rate_distortion import measured_rate_distortion
from ..store import Run
from .every_beta import separate_betas, separate_rows

FIRST = 4.0  # β at the start, if it is in the range
TERMS = (
    "Rate: the KL of all latents together, the information that a code carries about its image. "
    "Distortion: the reconstruction loss, −log p(x|z). In training a nat of rate counts as much as "
    "β nats of distortion."
)


def explorer_settings(run: Run, runs: Sequence[Run]) -> tuple[dict[str, Any], pd.DataFrame]:
    """The settings of the component and the table of the separate models among `runs`, which are
    its dots; for a run whose rate and distortion were measured."""
    record = measured_rate_distortion(run)
    assert record is not None, "chosen by model_for_every_beta"
    separate = separate_rows(run, runs)
    low, high = run.multirate.low, run.multirate.high
    settings = {
        "image_shape": list(run.config.shape),
        "value": min(max(FIRST, low), high),
        "marks": separate_betas(run, runs),
        "separate": separate[["beta", "rate", "distortion"]].to_dict("records"),
        "measured": {key: record[key] for key in ("beta", "nll", "kl")},
        "remarks": [each | {"text": unbroken(each["text"])} for each in remarks(record)],
    }
    return settings, separate


def explorer_table(run: Run, separate: pd.DataFrame) -> pd.DataFrame:
    """The numbers that the component draws, a row per β: model (the run, or the separate model of
    this β), beta, rate and distortion in nats per image, and for the run the KL of each latent in
    nats."""
    record = measured_rate_distortion(run)
    assert record is not None, "chosen by model_for_every_beta"
    kl = pd.DataFrame(record["kl"], columns=[f"KL of z{d}" for d in range(run.config.latents)])
    curve = {"model": run.name, "beta": record["beta"], "rate": kl.sum(axis=1)}
    table = pd.DataFrame({**curve, "distortion": record["nll"]}).join(kl)
    dots = separate.rename(columns={"run": "model"})[["model", "beta", "rate", "distortion"]]
    return pd.concat([table, dots], ignore_index=True) if len(dots) else table


def explorer_caption(run: Run, separate: pd.DataFrame) -> str:
    """What the component shows, and what it was measured on."""
    record = measured_rate_distortion(run)
    assert record is not None, "chosen by model_for_every_beta"
    low, high = run.multirate.low, run.multirate.high
    measured = record["settings"]
    return (
        f"One model of seed {run.config.seed}, trained with a β between {beta_number(low)} and "
        f"{beta_number(high)} drawn for each of its {run.config.images:,} images of "
        f"{dataset_title(run.config.dataset)} ({run.config.source}); the reconstructions are "
        "computed in your browser. KL, rate and distortion: means over "
        f"{measured['images']:,} random images at {len(record['beta'])} values of β, interpolated "
        "between them. "
        + (
            f"Circles: {len(separate)} models trained for one β each, on as many images. "
            + comparison(separate)
            if len(separate)
            else "No model for one β was trained on as many images."
        )
    )


def comparison(separate: pd.DataFrame) -> str:
    """How the loss of the one model compares with that of each separate model, in a sentence; empty
    if there is nothing to compare."""
    known = separate[separate["ratio"].notna()]
    pairs = zip(known["ratio"], known["beta"], strict=True)
    said = ", ".join(f"{ratio:.2f} at {beta_text(beta)}" for ratio, beta in pairs)
    if not said:
        return ""
    return (
        f"The loss of the one model divided by that of a model for one β: {said}. Above 1, the "
        "one model is worse."
    )


def remarks(record: dict[str, Any]) -> list[dict[str, Any]]:
    """For the low, the middle and the high third of the measured range of log β, up to which β it
    reaches and a sentence about what was measured in it."""
    betas, last = record["beta"], len(record["beta"]) - 1
    ends = [0, round(last / 3), round(2 * last / 3), last]
    return [
        {"up_to": betas[high] * (1 + 1e-9), "text": _change(record, low, high)}
        for low, high in pairwise(ends)
    ]


def _change(record: dict[str, Any], low: int, high: int) -> str:
    """What changes from one measured β to another."""
    first, second = f"{record['beta'][low]:.3g}", f"{record['beta'][high]:.3g}"
    rates = [sum(record["kl"][n]) for n in (low, high)]
    losses = [record["nll"][n] for n in (low, high)]
    used = [sum(kl > ACTIVE_KL for kl in record["kl"][n]) for n in (low, high)]
    saved, lost = rates[0] - rates[1], losses[1] - losses[0]
    latents = f"{used[0]} {'latent is' if used[0] == 1 else 'latents are'} in use at " + (
        "both ends" if used[0] == used[1] else f"β = {first}, {used[1]} at β = {second}"
    )
    price = ""
    if saved > 0 and lost > 0:
        price = f": {lost / saved:.2g} nats of distortion for each nat of rate"
    return (
        f"From β = {first} to {second} the rate {_moves(rates)} and the distortion "
        f"{_moves(losses)}{price}. {latents}."
    )


def _moves(values: list[float]) -> str:
    """ "falls from 8.0 to 4.0 nats", as the numbers do."""
    first, second = (f"{value:.1f}" for value in values)
    if first == second:
        return f"stays at {first} nats"
    return f"{'falls' if values[1] < values[0] else 'rises'} from {first} to {second} nats"
