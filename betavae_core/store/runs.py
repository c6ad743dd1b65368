"""Make, open, list and find runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..beta import beta_text
from ..command_line import command_for
from ..config import RunConfig
from ..errors import InputError, Refusal, cannot_read, cannot_write, damaged, exists, wrong_value
from ..models import VAE, Model, MultiRateVAE, build_model
from .files import CONFIG, HISTORY, RECORD, SCORES, WEIGHTS
from .history import read_history
from .protocol import the_record
from .schema import history_fault, score_fault
from .scores import add_score, read_scores
from .weights import load_weights


@dataclass(frozen=True)
class Run:
    """An opened run: its model is in eval mode, float32, without gradients."""

    path: Path
    config: RunConfig
    loaded: Model | None  # None: the run is kept without its weights
    history: list[dict[str, Any]]  # one record per logged interval: images, nll, kl, …
    scores: list[dict[str, Any]]  # one record per score and settings
    weights_hash: str  # SHA-256 of the weights file: the key for everything computed from it
    notes: list[str] = field(default_factory=list)  # unusual but harmless facts, for people
    snapshot: int | None = None  # images seen, if these are not the run's last weights
    at: float | None = None  # β, if these are the weights of a multi-rate run at one β

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def label(self) -> str:
        """The run's name, with the images seen if its weights are those of a snapshot, and with β
        if they are those of a multi-rate run at one β."""
        after = "" if self.snapshot is None else f" after {self.snapshot:,} images"
        return f"{self.name}{after}" + ("" if self.at is None else f" at {beta_text(self.at)}")

    @property
    def has_weights(self) -> bool:
        """Whether there is a model for encoding and decoding."""
        return self.loaded is not None

    @property
    def model(self) -> Model:
        """The model; if the run is kept without its weights, raises `InputError` with the command
        that trains it again; for a multi-rate run, with the one that makes it a run of one β."""
        model = self._with_weights()
        if isinstance(model, MultiRateVAE):
            raise InputError(
                f"{self.name} is one model for every β from {model.low:g} to {model.high:g}: "
                f"choose one of them with: python -m betavae_core freeze {self.name} --beta "
                f"{min(max(model.low, 1.0), model.high):g}.",
                Refusal.MANY_BETAS,
                run=self.name,
                remedy="freeze",
            )
        return model

    @property
    def multirate(self) -> MultiRateVAE:
        """The model for a range of β; raises `InputError` for a run of another model, or one kept
        without its weights."""
        if not self.config.multirate:
            raise InputError(
                f"{self.name} was trained for one β ({self.config.beta_words}); expected a run of "
                "the model conv-multirate, which is trained for a range of β.",
                Refusal.UNSUITABLE,
                run=self.name,
            )
        model = self._with_weights()
        assert isinstance(model, MultiRateVAE), "built from the config"
        return model

    def _with_weights(self) -> Model:
        if self.loaded is None:
            raise InputError(
                f"{self.name} is kept without its weights. To have them, make it again with: "
                f"{command_for(self.config)}.",
                Refusal.UNSUITABLE,
                run=self.name,
                lacks="weights",
            )
        return self.loaded

    @property
    def vae(self) -> VAE:
        """The model, if it is a VAE; raises `InputError` for a baseline that is not."""
        if not isinstance(self.model, VAE):
            raise InputError(
                f"{self.name} is a baseline ({self.config.model}) and not a VAE.",
                Refusal.UNSUITABLE,
                run=self.name,
            )
        return self.model

    @property
    def images_seen(self) -> int | None:
        """The images that the weights were trained on; None if the history does not state it."""
        if self.snapshot is not None:
            return self.snapshot
        if self.config.baseline:
            return self.config.images
        seen = [record["images"] for record in self.history if "nll" in record]
        return seen[-1] if seen else self.config.images or None if self.config.origin else None

    @property
    def status(self) -> str:
        """finished | imported | unfinished | diverged, according to the history."""
        if self.config.origin:
            return "imported"
        if any(record.get("event") == "diverged" for record in self.history):
            return "diverged"
        return "finished" if (self.images_seen or 0) >= self.config.images else "unfinished"

    def score(self, name: str, **settings: Any) -> dict[str, Any] | None:
        """The record of a score with the standard protocol (`protocol.STANDARD`) or with the given
        settings (`run.score("higgins", L=16)`); None if it was not computed. Raises `InputError`
        with the available names or settings if none of them fits."""
        return the_record(self.valid_scores, name, self.config, settings)

    def keep_score(self, record: dict[str, Any]) -> None:
        """Store a record of a score, replacing one with the same settings; `scores` then has all
        stored records, those of other processes included."""
        add_score(self.path, record)
        self.scores[:] = read_scores(self.path)

    @property
    def valid_scores(self) -> list[dict[str, Any]]:
        """The records that were measured on these weights, not on earlier ones of the run."""
        return [r for r in self.scores if r.get("weights", self.weights_hash) == self.weights_hash]


@dataclass(frozen=True)
class BrokenRun:
    """A folder that looks like a run but does not open."""

    path: Path
    reason: str  # one sentence

    @property
    def name(self) -> str:
        return self.path.name


def unsteered(runs: Sequence[Run]) -> list[Run]:
    """The runs whose settings held throughout their training, which alone may be compared with one
    another: no run that was steered while it trained, and no fork (`RunConfig.by_hand`). Medians,
    charts over β, UDR and the report take these."""
    return [run for run in runs if not run.config.by_hand]


def create_run(path: Path, config: RunConfig) -> None:
    """Make the folder and write its config; refuses a folder that already has a run."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any((path / name).exists() for name in (WEIGHTS, HISTORY)):
            raise FileExistsError
        with open(path / CONFIG, "x") as file:  # of two simultaneous processes, one succeeds
            file.write(config.to_json())
    except FileExistsError as error:
        raise exists(
            path,
            "continue it with --resume, or give the new one another --name; nothing was "
            "overwritten",
            "has a run",
        ) from error
    except OSError as error:
        raise cannot_write(path, error, "the run to") from error


def run_name(name: str) -> str:
    """A valid name of a run's folder; raises `InputError` for any other."""
    if not name or name.startswith(".") or Path(name).name != name:
        raise wrong_value("A run's name", 'a plain folder name that does not begin with "."', name)
    return name


def read_config(path: Path, label: str = "") -> RunConfig:
    """The settings of a run; messages call its folder `label`."""
    whole, label = label or str(path), label or path.name
    try:
        return RunConfig.from_json((path / CONFIG).read_text())
    except FileNotFoundError as error:
        raise InputError(
            f"{whole} is not a run: it has no {CONFIG}.", Refusal.MISSING, path=str(path / CONFIG)
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(f"{whole}/{CONFIG}", error) from error
    except InputError as error:
        raise error.saying(f"{label}: {error}") from error


def load_run(path: str | Path, label: str = "") -> Run:
    """Open a run folder; raises `InputError` with one sentence about the first fault, which calls
    the folder `label`."""
    path = Path(path)
    config = read_config(path, label)
    label = label or path.name
    model: Model | None = None
    if (path / RECORD).exists() and not (path / WEIGHTS).exists():
        weights_hash = _recorded_weights(path, label)
    else:
        try:
            model = build_model(config)
        except InputError as error:
            raise error.saying(f"{label}: {error}") from error
        weights_hash = load_weights(path, model, label=label)
        model.eval().requires_grad_(False)
    history, notes = read_history(path, label)
    scores = read_scores(path, label)
    for name, records, fault in (
        (HISTORY, history, history_fault),
        (SCORES, scores, score_fault),
    ):
        for record in records:
            if wrong := fault(record, config.latents):
                raise InputError(
                    f"{label}: {name} has a record whose {wrong}.", Refusal.CONTENT, file=name
                )
    return Run(path, config, model, history, scores, weights_hash, notes)


def _recorded_weights(path: Path, label: str) -> str:
    """For a run kept without its weights, the hash of the weights that were measured."""
    try:
        found = json.loads((path / RECORD).read_text())["weights"]
        if not isinstance(found, str):
            raise TypeError("weights is not a text")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(f"{label}: {RECORD}", error) from error
    return found


def list_runs(root: str | Path) -> list[Run | BrokenRun]:
    """Every run under `root`, by name; a folder that does not open is listed with the reason."""
    found: list[Run | BrokenRun] = []
    root = Path(root)
    for path in sorted(root.iterdir()) if root.is_dir() else []:
        if path.is_dir() and not path.name.startswith("."):
            try:
                found.append(load_run(path))
            except InputError as error:
                found.append(BrokenRun(path, str(error)))
    return found


def find_run(name: str, root: Path) -> Path:
    """A run by folder path or by name under `root`; otherwise raises with the existing names."""
    for candidate in (Path(name), root / name):
        if (candidate / CONFIG).is_file():
            return candidate
    folders = sorted(p.name for p in root.iterdir() if p.is_dir()) if root.is_dir() else []
    there = [name for name in folders if not name.startswith(".")]
    raise InputError(
        f'There is no run "{name}"; {root} has ' + (", ".join(there) if there else "no runs") + ".",
        Refusal.UNKNOWN_NAME,
        what="run",
        name=name,
        choices=there,
    )
