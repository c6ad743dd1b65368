"""Runs on disk: a folder each, with config.json, weights.safetensors, history.jsonl, scores.json;
record.json and strip.png stand for weights that are not kept (`recorded.py`).

Config is written first, weights atomically, history appended. The folder is all there is: copying
it is sharing it. Nothing here is ever unpickled.
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from .command_line import train_command
from .config import RunConfig
from .errors import InputError, Refusal
from .models import VAE, Model, build_model
from .protocol import the_record
from .records import history_fault, score_fault

CONFIG, WEIGHTS, HISTORY, SCORES = (
    "config.json",
    "weights.safetensors",
    "history.jsonl",
    "scores.json",
)
RECORD, STRIP = "record.json", "strip.png"


@dataclass(frozen=True)
class Run:
    """A run that opened: its model is in eval mode, float32, without gradients."""

    path: Path
    config: RunConfig
    loaded: Model | None  # None: the run is kept without its weights
    history: list[dict[str, Any]]  # one record per logged interval: images, nll, kl, …
    scores: list[dict[str, Any]]  # one record per score and settings
    weights_hash: str  # SHA-256 of the weights file: the key for everything computed from it
    notes: list[str] = field(default_factory=list)  # what is odd but harmless, for people
    snapshot: int | None = None  # images seen, where these are not the run's last weights

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def label(self) -> str:
        """The name, and which of the run's weights these are where they are not the last."""
        after = "" if self.snapshot is None else f" after {self.snapshot:,} images"
        return f"{self.name}{after}"

    @property
    def has_weights(self) -> bool:
        """Whether there is a model to encode and decode with."""
        return self.loaded is not None

    @property
    def model(self) -> Model:
        """The model; raises `InputError` with the command that trains it again where the run is
        kept without its weights."""
        if self.loaded is None:
            raise InputError(
                f"{self.name} is kept without its weights. To have them, train it again with: "
                f"{train_command(self.config)}."
            )
        return self.loaded

    @property
    def vae(self) -> VAE:
        """The model, where it is a VAE; raises `InputError` for a baseline that is none."""
        if not isinstance(self.model, VAE):
            raise InputError(f"{self.name} is a baseline ({self.config.model}) and not a VAE.")
        return self.model

    @property
    def images_seen(self) -> int | None:
        """Images the weights were trained on; None where the history does not say."""
        if self.snapshot is not None:
            return self.snapshot
        if self.config.baseline:
            return self.config.images
        seen = [record["images"] for record in self.history if "nll" in record]
        return seen[-1] if seen else self.config.images or None if self.config.origin else None

    @property
    def status(self) -> str:
        """finished | imported | unfinished | diverged, as the history tells."""
        if self.config.origin:
            return "imported"
        if any(record.get("event") == "diverged" for record in self.history):
            return "diverged"
        return "finished" if (self.images_seen or 0) >= self.config.images else "unfinished"

    def score(self, name: str, **settings: Any) -> dict[str, Any] | None:
        """The record of a score by the standard protocol (`protocol.STANDARD`), other settings
        where they are given (`run.score("higgins", L=16)`); None where it was not computed. Raises
        `InputError` with the settings that there are where none of them is meant."""
        return the_record(self.valid_scores, name, self.config, settings)

    @property
    def valid_scores(self) -> list[dict[str, Any]]:
        """The records that were measured on these weights, not on earlier ones of the run."""
        return [r for r in self.scores if r.get("weights", self.weights_hash) == self.weights_hash]


class BeingTrained(InputError):
    """Another process holds the run."""


@dataclass(frozen=True)
class BrokenRun:
    """A folder that looks like a run and does not open."""

    path: Path
    reason: str  # one sentence

    @property
    def name(self) -> str:
        return self.path.name


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: readers never see half of it, a kill leaves the old one."""
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(part, 0o644)
        os.replace(part, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the new name, too, survives a power cut
        finally:
            os.close(folder)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(part)


def create_run(path: Path, config: RunConfig) -> None:
    """Make the folder and write its config; refuses a folder that already holds a run."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if any((path / name).exists() for name in (WEIGHTS, HISTORY)):
            raise FileExistsError
        with open(path / CONFIG, "x") as file:  # of two processes at once, one comes through
            file.write(config.to_json())
    except FileExistsError as error:
        raise InputError(
            f"{path} already holds a run: continue it with --resume, or give this one another "
            "--name; nothing was overwritten."
        ) from error
    except OSError as error:
        raise InputError(f"Cannot write the run to {path} ({error.strerror}).") from error


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Hold the run against other processes that would train into it; freed even by a kill."""
    with open(path / CONFIG) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BeingTrained(f"{path} is being trained by another process.") from error
        yield


def save_weights(
    path: Path, model: Model, images: int, half: bool = False, file: str = WEIGHTS
) -> None:
    """Write weights.safetensors; half: as float16 (relative rounding 2⁻¹¹, half the size)."""
    kind = torch.float16 if half else torch.float32
    tensors = {
        name: tensor.detach().to("cpu", kind).contiguous()
        for name, tensor in model.state_dict().items()
    }
    write_atomically(path / file, save_tensors(tensors, {"images": str(images)}))


def weights_images(path: Path) -> int | None:
    """How many images the stored weights were trained on, as their file says; None where there is
    none or it does not say."""
    try:
        with safe_open(path / WEIGHTS, "pt") as file:
            return int((file.metadata() or {}).get("images", ""))
    except (OSError, SafetensorError, ValueError):
        return None


def run_name(name: str) -> str:
    """The name of a run's folder, if it can be one; raises `InputError`."""
    if not name or name.startswith(".") or Path(name).name != name:
        raise InputError(
            f'A run\'s name must be a plain folder name that does not begin with ".", got "{name}".'
        )
    return name


def append_history(path: Path, record: dict[str, Any]) -> None:
    """Add one line; a kill in the middle costs this line only."""
    with open(path / HISTORY, "a") as file:
        file.write(json.dumps(record) + "\n")


def rewrite_history(path: Path, records: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(record) + "\n" for record in records)
    write_atomically(path / HISTORY, text.encode())


def add_score(path: Path, record: dict[str, Any]) -> None:
    """Put a score record into scores.json, replacing one of the same score and settings; several
    processes may score a run at once."""
    key = (record["score"], record.get("settings"))
    folder = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        others = [r for r in read_scores(path) if (r["score"], r.get("settings")) != key]
        text = json.dumps([*others, record], indent=1, ensure_ascii=False)
        write_atomically(path / SCORES, text.encode())
    finally:
        os.close(folder)  # and the lock with it


def read_config(path: Path) -> RunConfig:
    try:
        return RunConfig.from_json((path / CONFIG).read_text())
    except FileNotFoundError as error:
        raise InputError(f"{path} holds no run: it has no {CONFIG}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path / CONFIG} cannot be read ({error}).") from error
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from error


def read_history(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """The records, and notes about what is missing; a last line cut off by a kill is left out."""
    try:
        lines = (path / HISTORY).read_text().splitlines()
    except FileNotFoundError:
        return [], [f"{HISTORY} is missing: no training curves."]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: {HISTORY} cannot be read ({error}).") from error
    records: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            if not isinstance(record, dict) or not isinstance(record.get("images"), int):
                raise ValueError("not a record")
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return records, [f"The last line of {HISTORY} is cut off and was left out."]
            raise InputError(
                f"{path.name}: line {number} of {HISTORY} is damaged.", Refusal.DAMAGED
            ) from error
        records.append(record)
    return records, []


def read_scores(path: Path) -> list[dict[str, Any]]:
    try:
        records = json.loads((path / SCORES).read_text())
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path.name}: {SCORES} is damaged ({error}).", Refusal.DAMAGED) from error
    if not isinstance(records, list) or not all(
        isinstance(record, dict) and "score" in record for record in records
    ):
        raise InputError(f"{path.name}: {SCORES} must hold a list of score records.")
    return records


def load_weights(path: Path, model: Model, file: str = WEIGHTS) -> str:
    """Load weights.safetensors strictly and return its SHA-256: names, shapes, dtypes and
    finiteness are all checked, and the sentence names the first tensor that offends."""
    try:
        data = (path / file).read_bytes()
        tensors = load_tensors(data)
    except FileNotFoundError as error:
        raise InputError(f"{path.name}: {file} is missing.", Refusal.FOLDER) from error
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{path.name}: {file} is truncated or damaged ({error}).", Refusal.DAMAGED
        ) from error
    model.load_state_dict(checked_state(tensors, model, path.name))
    return hashlib.sha256(data).hexdigest()


def checked_state(
    tensors: dict[str, torch.Tensor], model: Model, label: str
) -> dict[str, torch.Tensor]:
    """The tensors as float32 after strict checks against the model's own state dict."""
    expected = model.state_dict()
    if missing := sorted(set(expected) - set(tensors)):
        raise InputError(
            f'{label}: the weights lack tensor "{missing[0]}" ({len(missing)} missing).',
            Refusal.LACKS,
        )
    if extra := sorted(set(tensors) - set(expected)):
        raise InputError(
            f'{label}: the weights have an unknown tensor "{extra[0]}".', Refusal.EXTRA
        )
    for name in expected:
        tensor = tensors[name]
        if tensor.shape != expected[name].shape:
            raise InputError(
                f'{label}: tensor "{name}" has shape {tuple(tensor.shape)}, '
                f"the config asks for {tuple(expected[name].shape)}.",
                Refusal.SHAPE,
            )
        if tensor.dtype not in (torch.float16, torch.bfloat16, torch.float32):
            raise InputError(
                f'{label}: tensor "{name}" has type {tensor.dtype}, expected '
                "float16, bfloat16 or float32.",
                Refusal.TYPE,
            )
        if not tensor.isfinite().all():
            raise InputError(
                f'{label}: tensor "{name}" holds NaN or infinite values.', Refusal.NOT_FINITE
            )
    return {name: tensor.float() for name, tensor in tensors.items()}


def load_run(path: str | Path) -> Run:
    """Open a run folder; raises `InputError` with one sentence about the first thing wrong."""
    path = Path(path)
    config = read_config(path)
    model: Model | None = None
    if (path / RECORD).exists() and not (path / WEIGHTS).exists():
        weights_hash = _recorded_weights(path)
    else:
        try:
            model = build_model(config)
        except InputError as error:
            raise InputError(f"{path.name}: {error}") from error
        weights_hash = load_weights(path, model)
        model.eval().requires_grad_(False)
    history, notes = read_history(path)
    scores = read_scores(path)
    for name, records, fault in (
        (HISTORY, history, history_fault),
        (SCORES, scores, score_fault),
    ):
        for record in records:
            if wrong := fault(record, config.latents):
                raise InputError(f"{path.name}: {name} has a record whose {wrong}.")
    return Run(path, config, model, history, scores, weights_hash, notes)


def _recorded_weights(path: Path) -> str:
    """Of a run that is kept without its weights: the hash of those that it was measured on."""
    try:
        found = json.loads((path / RECORD).read_text())["weights"]
        if not isinstance(found, str):
            raise TypeError("weights is no text")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path.name}: {RECORD} is damaged ({error}).") from error
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
    """A run by folder path or by name under `root`; raises with the names that are there."""
    for candidate in (Path(name), root / name):
        if (candidate / CONFIG).is_file():
            return candidate
    folders = sorted(p.name for p in root.iterdir() if p.is_dir()) if root.is_dir() else []
    there = [name for name in folders if not name.startswith(".")]
    raise InputError(
        f'There is no run "{name}"; {root} has ' + (", ".join(there) if there else "no runs") + "."
    )
