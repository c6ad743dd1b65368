"""What a lesson can say of runs: the table of measures, each read from the runs' records."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from ..beta import beta_number
from ..datasets import dataset_title
from ..fid import FEATURES
from ..metrics.classifiers import CLASSIFIERS
from ..scoring.distances import IMAGE_KINDS
from ..scoring.elbo import active_latents, measured_elbo
from ..store import Run
from ..store.labels import run_words
from ..tables.distances import comparable, distance_rows
from ..tables.scores import SHOWN_SCORES, score_rows
from .latents import CLEAN, best_latent, clean_latents, matrices
from .units import COUNT, DISTANCE, NATS, PERCENT, POINTS, SCORE, Unit

Values = list[tuple[Run, float]]
Settings = Mapping[str, Any]


class Records:
    """The runs of a selection, and their records as tables, made once."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = list(runs)

    @cached_property
    def scores(self) -> pd.DataFrame:
        return score_rows(self.runs)

    @cached_property
    def distances(self) -> pd.DataFrame:
        """The distances that the pages show first for these runs; empty if none was computed."""
        rows = distance_rows(self.runs)
        groups = comparable(rows)
        return groups[0] if groups else rows


@dataclass(frozen=True)
class Setting:
    """One setting of a measure: its values with the words for them (any text if there are none),
    and the one that it has unless given; None: it must be given."""

    choices: Mapping[Any, str] = field(default_factory=dict)
    usual: Any = None

    def said(self, value: Any) -> str:
        return self.choices.get(value, str(value))


@dataclass(frozen=True)
class Measure:
    """A row of the table. `values` gives the value of each of the runs (some of those of the
    records) that has one."""

    title: str
    unit: Unit
    values: Callable[[Sequence[Run], Records, Settings], Values]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    lower_is_better: bool = False


def _found(runs: Sequence[Run], rows: pd.DataFrame, column: str) -> Values:
    """A column of a table with one row for each run."""
    by_run = rows.dropna(subset=[column]).set_index("run")[column]
    return [(run, float(by_run[run.name])) for run in runs if run.name in by_run.index]


def _scores(
    runs: Sequence[Run], records: Records, settings: Settings, score: str, column: str = "value"
) -> Values:
    rows = records.scores
    rows = rows[(rows["score"] == score) & (rows["subset"] == settings.get("factors", "all"))]
    if "L" in settings:
        rows = rows[(rows["L"] == settings["L"]) & (rows["classifier"] == settings["classifier"])]
    else:
        rows = rows[rows["usual"].astype(bool)]
    return _found(runs, rows, column)


def _recognised(runs: Sequence[Run], records: Records, settings: Settings) -> Values:
    """How often the classifier of Higgins' metric recognises one factor."""
    asked = {name: settings[name] for name in HIGGINS}
    found = []
    for run in runs:
        record = run.score("higgins", **asked)
        factors = [] if record is None else record["settings"]["factors"]
        if record is not None and settings["factor"] in factors:
            place = factors.index(settings["factor"])
            found.append((run, float(record["details"]["confusion"][place][place])))
    return found


def _elbo(
    runs: Sequence[Run],
    records: Records,
    settings: Settings,
    of: Callable[[dict[str, Any]], float],
) -> Values:
    return [(run, of(record)) for run in runs if (record := measured_elbo(run)) is not None]


def _clean(runs: Sequence[Run], records: Records, settings: Settings) -> Values:
    found = [(run, matrices([run]), measured_elbo(run)) for run in runs]
    return [
        (run, float(clean_latents(of_run[0][1], active_latents(record))))
        for run, of_run, record in found
        if of_run and record is not None
    ]


def _information(runs: Sequence[Run], records: Records, settings: Settings) -> Values:
    return [(run, float(m[:, k].max())) for run, m, k in matrices(runs, settings["factor"])]


def _others(runs: Sequence[Run], records: Records, settings: Settings) -> Values:
    found = matrices(runs, settings["factor"])
    rows = [(run, np.delete(m[m[:, k].argmax()], k)) for run, m, k in found]
    return [(run, float(row.max())) for run, row in rows if len(row)]


def _latent_kl(runs: Sequence[Run], records: Records, settings: Settings) -> Values:
    found = []
    for run in runs:
        record, latent = measured_elbo(run), best_latent(run, settings["factor"])
        if record is not None and latent is not None:
            found.append((run, float(record["kl"][latent])))
    return found


def _distances(runs: Sequence[Run], records: Records, settings: Settings) -> Values:
    rows = records.distances
    return _found(runs, rows[rows["kind"] == settings["images"]], "frechet")


HIGGINS = {
    "factors": Setting({"all": "all factors", "no-shape": "all factors but shape"}, "all"),
    "L": Setting({n: f"L = {n}" for n in (16, 64, 128, 256)}, 64),
    "classifier": Setting({name: f"classifier {name}" for name in CLASSIFIERS}, "linear"),
}
_FACTOR = {"factor": Setting()}

MEASURES: dict[str, Measure] = {
    "higgins": Measure("Higgins' metric", PERCENT, partial(_scores, score="higgins"), HIGGINS),
    **{
        name: Measure(
            title, PERCENT if name == "factor_vae" else SCORE, partial(_scores, score=name)
        )
        for name, (title, _) in SHOWN_SCORES.items()
        if name != "higgins"
    },
    "standard error": Measure(
        "standard error of Higgins' metric over its draws",
        POINTS,
        partial(_scores, score="higgins", column="standard_error"),
        HIGGINS,
    ),
    "chance": Measure(
        "chance level of Higgins' metric",
        PERCENT,
        partial(_scores, score="higgins", column="chance"),
        HIGGINS,
    ),
    "recognised": Measure(
        "how often the classifier of Higgins' metric recognises the factor",
        PERCENT,
        _recognised,
        HIGGINS | _FACTOR,
    ),
    "used latents": Measure(
        "used latents (KL above 0.1 nats)",
        COUNT,
        partial(_elbo, of=lambda record: float(sum(active_latents(record)))),
    ),
    "latents": Measure(
        "latents", COUNT, lambda runs, *_: [(run, float(run.config.latents)) for run in runs]
    ),
    "clean latents": Measure(
        f"used latents that tell at most {CLEAN:.0%} of any second factor", COUNT, _clean
    ),
    "reconstruction loss": Measure(
        "reconstruction loss",
        NATS,
        partial(_elbo, of=lambda record: float(record["nll"])),
        lower_is_better=True,
    ),
    "KL": Measure(
        "KL of all latents", NATS, partial(_elbo, of=lambda record: float(sum(record["kl"])))
    ),
    "KL of a factor's latent": Measure(
        "KL of the latent that tells most of the factor", NATS, _latent_kl, _FACTOR
    ),
    "information": Measure(
        "mutual information of the best latent, as a share of the factor's entropy",
        PERCENT,
        _information,
        _FACTOR,
    ),
    "information about others": Measure(
        "mutual information of the factor's best latent with any other factor",
        PERCENT,
        _others,
        _FACTOR,
    ),
    "distance": Measure(
        "Fréchet distance",
        DISTANCE,
        _distances,
        {"images": Setting({kind: kind for kind in IMAGE_KINDS})},
        lower_is_better=True,
    ),
}


def _latent_name(runs: Sequence[Run], records: Records, settings: Settings) -> str | None:
    latent = best_latent(runs[0], settings["factor"])
    return None if latent is None else f"z{latent}"


def _distance_name(runs: Sequence[Run], records: Records, settings: Settings) -> str | None:
    rows = records.distances
    return None if rows.empty else FEATURES[rows["features"].iloc[0]].distance


def _run_name(runs: Sequence[Run], records: Records, settings: Settings) -> str | None:
    return quote(runs[0].name)


@dataclass(frozen=True)
class Name:
    """What is a name and no number: `text` is that of the first of the runs, of which there is at
    least one."""

    text: Callable[[Sequence[Run], Records, Settings], str | None]
    settings: Mapping[str, Setting] = field(default_factory=dict)


NAMES = {
    "latent": Name(_latent_name, _FACTOR),
    "name of the distance": Name(_distance_name),
    "run": Name(_run_name),
}


def measured_on(runs: Sequence[Run], what: str, settings: Settings, over: str) -> str:
    """What was measured, on which runs, for "How measured"; empty without runs."""
    if not runs:
        return ""
    measure, config = MEASURES[what], runs[0].config
    said = [measure.title, *(measure.settings[key].said(each) for key, each in settings.items())]
    images = {f"{dataset_title(r.config.dataset)} ({r.config.source})" for r in runs}
    if len(runs) == 1:
        models = run_words(runs[0])
    elif config.baseline:
        models = f"{len(runs)} baselines {config.baseline}, {over}"
    else:
        betas = sorted({run.config.beta for run in runs if run.config.beta is not None})
        seeds = sorted({run.config.seed for run in runs})
        lengths = sorted({run.config.images for run in runs})
        models = (
            f"{len(runs)} models {config.model} (β {', '.join(map(beta_number, betas))}; "
            f"seeds {', '.join(map(str, seeds))}; "
            f"{', '.join(f'{images:,}' for images in lengths)} images seen), {over}"
        )
    return f"{', '.join(said)}: {models}, on {', '.join(sorted(images))}"
