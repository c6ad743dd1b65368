"""What was measured on runs, a row per quantity and a column per run, with how it was measured."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..datasets import dataset_title
from ..fid import FEATURES
from ..metrics import ALL_METRICS
from ..scoring.elbo import active_latents, measured_elbo
from ..scoring.scores import is_usual, standard_records
from ..store import Run
from .distances import comparable, stored_distances
from .scores import APART, SCALED, SHOWN_SCORES

UNKNOWN = "not computed"
LIKELIHOODS = {"bernoulli": "Bernoulli", "gaussian": "Gaussian", "sigma-vae": "σ-VAE"}
KINDS = {"reconstructions": "reconstructions", "samples": "prior samples"}
IMAGES = ("dataset", "source", "part", "images", "most", "factor_sizes")  # settings of the images


@dataclass(frozen=True)
class Quantity:
    """One measured quantity."""

    title: str
    meaning: str  # its unit and direction, or the question that it answers
    numbers: list[float | None]  # of each run; None: not computed
    values: list[str]  # the same as texts
    how: list[str]  # each way in which it was measured
    better: str = ""  # "low" or "high", if one of them is
    score: str = ""  # its key, if it is a disentanglement score: from 0 to 1


def quantities(runs: Sequence[Run]) -> list[Quantity]:
    """Loss, KL and used latents; the scores of the standard protocol; comparable distances of
    reconstructions and prior samples. Those that no run has are left out."""
    rows = [*_terms(runs), *_scores(runs), *_distances(runs)]
    return [row for row in rows if any(number is not None for number in row.numbers)]


def _terms(runs: Sequence[Run]) -> list[Quantity]:
    """The terms of the ELBO."""
    found = [measured_elbo(run) for run in runs]
    how = _each(
        f"Means over {record['settings']['images']:,} random images of "
        f"{_source(record['settings'])}, with one posterior sample for each; "
        f"{LIKELIHOODS[record['settings']['likelihood']]} likelihood."
        for record in found
        if record
    )

    def row(
        title: str,
        meaning: str,
        of: Callable[[dict[str, Any]], float],
        form: str = "{:.2f}",
        better: str = "",
    ) -> Quantity:
        numbers = [of(record) if record else None for record in found]
        values = [
            UNKNOWN if number is None else form.format(number, latents=run.config.latents)
            for run, number in zip(runs, numbers, strict=True)
        ]
        return Quantity(title, meaning, numbers, values, how, better)

    def used(record: dict[str, Any]) -> float:
        return sum(active_latents(record))

    return [
        row(
            "Reconstruction loss",
            "−log p(x|z) in nats per image; lower is better",
            lambda record: record["nll"],
            better="low",
        ),
        row(
            "KL",
            "Information in the code, in nats per image, summed over all latents",
            lambda record: sum(record["kl"]),
        ),
        row("Used latents", "Those with a KL above 0.1 nats", used, "{:.0f} of {latents}"),
    ]


def _scores(runs: Sequence[Run]) -> list[Quantity]:
    """The disentanglement scores, each with its usual settings on all factors: in [0, 1], higher is
    better; with the standard error over the draws, if there are several."""
    found = [_scored(run) for run in runs]
    rows = []
    for name, (title, question) in SHOWN_SCORES.items():
        here = [scores.get(name) for scores in found]
        numbers = [None if each is None else each[0] for each in here]
        values = [UNKNOWN if each is None else each[1] for each in here]
        how = _each(each[2] for each in here if each is not None)
        asks = question[0].upper() + question[1:]
        rows.append(Quantity(title, asks, numbers, values, how, "high", name))
    return rows


def _scored(run: Run) -> dict[str, tuple[float, str, str]]:
    """Every score of a run by its name in `SHOWN_SCORES`: its value, the same as text, and how it
    was measured."""
    found = {}
    for record, asked in standard_records(run):
        if asked.get("factors", "all") != "all":
            continue
        for name, value in ALL_METRICS[record["score"]].parts(record).items():
            if is_usual(record["score"], asked) or name == APART:
                error = record["details"].get("standard_error") if name not in SCALED else None
                text = f"{value:.3f}" + (f" ± {error:.3f}" if error else "")
                found[name] = value, text, _how_scored(record["settings"])
    return found


def _how_scored(settings: dict[str, Any]) -> str:
    factors = len(settings.get("factors", settings["factor_sizes"]))
    named = ", ".join(
        f"{key.replace('_', ' ')} {'all' if value is None else _number(value)}"
        for key, value in settings.items()
        if key not in (*IMAGES, "factors")
    )
    return (
        f"Posterior means of all {settings['images']:,} images of {_source(settings)}, {factors} "
        f"factors; {named}."
    )


def _distances(runs: Sequence[Run]) -> list[Quantity]:
    """The distances of the comparable group with the most runs."""
    groups = comparable(stored_distances(runs))
    if not groups:
        return []
    group, rows = groups[0], []
    first = group.iloc[0]
    features = FEATURES[first["features"]]
    how = [
        f"Features of {features.title}; {first['images']:,} images of the model against "
        f"{first['reference_images']:,} images of {_source(first)}."
    ]
    for kind, title in KINDS.items():
        of_kind = group[group["kind"] == kind].set_index("run")["frechet"]
        numbers = [float(of_kind[run.name]) if run.name in of_kind.index else None for run in runs]
        values = [UNKNOWN if number is None else f"{number:.1f}" for number in numbers]
        meaning = f"Fréchet distance of the {title} to the dataset; lower is better"
        rows.append(
            Quantity(f"{features.distance} of {title}", meaning, numbers, values, how, "low")
        )
    return rows


def _source(settings: Any) -> str:
    """The dataset and source in a record's settings."""
    part = f", {settings['part']}" if settings.get("part") else ""
    return f"{dataset_title(settings['dataset'])} ({settings['source']}{part})"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _each(texts: Any) -> list[str]:
    """Every text once, in order."""
    return list(dict.fromkeys(texts))
