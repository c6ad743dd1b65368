"""The table of supported layouts; a checkpoint is read with the first that fits."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from .. import store
from ..errors import GENERAL, InputError, Refusal
from . import beta_vae, disent, disentangling_vae, onnx, own, pythae
from .entries import read_weights
from .files import why_unusable
from .folders import in_parts, only_weights, parts_of
from .layouts import Imported, StateLayout, open_bare
from .names import shown
from .nearest import unknown

MOST_SETTINGS = 4  # files of settings beside weights that a note names


@dataclass(frozen=True)
class ImporterEntry:
    """One row of the table of supported layouts: a folder's or a state dict's."""

    layout: str  # description for people
    recognises: Callable[[Path], bool] | None = None  # a folder
    # its name in messages; the chosen entry of its file, if several fit
    read: Callable[[Path, str, str], Imported] | None = None
    state: StateLayout | None = None  # a file of tensors


IMPORTERS: dict[str, ImporterEntry] = {
    "run": ImporterEntry("this lab: a run's folder with config.json", own.recognises, own.read),
    "disentangling-vae": ImporterEntry(
        disentangling_vae.LAYOUT, disentangling_vae.recognises, disentangling_vae.read
    ),
    "pythae": ImporterEntry(pythae.LAYOUT, pythae.recognises, pythae.read),
    "onnx": ImporterEntry(onnx.LAYOUT, onnx.recognises, onnx.read),
    "conv": ImporterEntry("this lab: a state dict of its conv model", state=own.CONV),
    "mlp": ImporterEntry("this lab: a state dict of its MLP model", state=own.MLP),
    "disentangling-vae-state": ImporterEntry(
        "disentangling-vae: model.pt alone", state=disentangling_vae.BURGESS
    ),
    "betavae-higgins": ImporterEntry(
        "BetaVAE (Mandelbrot99), MLP: model.pt", state=beta_vae.HIGGINS
    ),
    "betavae-burgess": ImporterEntry(
        "BetaVAE (Mandelbrot99), Burgess: model.pt", state=beta_vae.BURGESS
    ),
    "betavae-conv": ImporterEntry(
        "BetaVAE (Mandelbrot99), wider encoder: model.pt", state=beta_vae.WIDE
    ),
    "disent-conv": ImporterEntry(
        "disent: state dict with EncoderConv64 and DecoderConv64", state=disent.CONV
    ),
    "disent-fc": ImporterEntry("disent: state dict with EncoderFC and DecoderFC", state=disent.FC),
    "pythae-state": ImporterEntry("pythae: model.pt alone, default networks", state=pythae.MLP),
}


def read_checkpoint(path: str | Path, *, name: str | None = None, entry: str = "") -> Imported:
    """Open a file or folder in this process, as data only. `name` replaces the file's own name in
    messages and in the run's origin; `entry` chooses among several weights that fit. Raises
    `InputError` with one sentence for anything that does not open: its type, the expected one, and
    the difference; programs can use its kind."""
    path = Path(path)
    label, folder = _probed(path, shown(name or ""))
    try:
        if not folder:
            return _read_state(path, label, label, entry)
        for known in IMPORTERS.values():
            if known.recognises and known.read and known.recognises(path):
                return known.read(path, label, entry)
        weights = only_weights(path, label, [e.layout for e in IMPORTERS.values() if e.recognises])
        found = _read_state(weights, shown(weights.name), label, entry)
    except InputError as error:  # some quote settings of the file, which may hold anything
        kind = Refusal.SETTINGS if error.kind in GENERAL else error.kind
        text = shown(str(error).rstrip("."), 900) + "."
        raise InputError(text, kind, **error.facts) from error
    except OSError as error:
        raise InputError(
            f"{label} cannot be read ({error.strerror}).", Refusal.UNREADABLE
        ) from error
    found.notes.extend(_not_used(path))
    return found


def _not_used(folder: Path) -> list[str]:
    """The settings files beside the weights that were not used, with reasons, for people."""
    reasons = {file: why_unusable(file) for file in sorted(folder.glob("*.json"))[:MOST_SETTINGS]}
    notes = [f"{shown(file.name, 40)} was not used: it {w}." for file, w in reasons.items() if w]
    if others := [file.name for file, why in reasons.items() if not why]:
        listed = ", ".join(shown(each, 40) for each in others)
        notes.insert(0, f"These settings belong to no known project and were not used: {listed}.")
    return notes


def _probed(path: Path, label: str) -> tuple[str, bool]:
    """The path's name in messages, and whether it is a folder."""
    try:
        label = label or shown(path.resolve().name)
        folder = path.is_dir()
        if not folder and not path.exists():
            raise InputError(
                f"{label} does not exist; give a checkpoint's file or folder.", Refusal.UNREADABLE
            )
    except (OSError, ValueError) as error:  # a name too long, or with a zero byte
        raise InputError("No file or folder can have this path.", Refusal.UNREADABLE) from error
    return label, folder


def _read_state(path: Path, name: str, origin: str, entry: str) -> Imported:
    """A file of tensors, called `name` in messages and `origin` in the run's origin."""
    if path.suffix.lower() == ".onnx":
        raise InputError(
            f"{name} is half of a model: ONNX is read as a folder or an upload with both files, "
            f"{onnx.ENCODER} and {onnx.DECODER}.",
            Refusal.FOLDER,
        )
    layouts = {key: known.state for key, known in IMPORTERS.items() if known.state}
    file = read_weights(path, name, layouts, entry)
    if file.layout:
        return open_bare(file.layout, layouts[file.layout], file, name, origin)
    if parts_of(path.name) > 1:
        raise in_parts(name, path.name, [path.name])
    raise unknown(name, file, layouts)


def keep(imported: Imported, out: str | Path, name: str) -> Path:
    """Write an opened checkpoint as a run named `name` under `out`, with its history and scores;
    returns the run's folder. Raises `InputError` if such a run already exists or the folder cannot
    be written."""
    target = Path(out) / store.run_name(name)
    images = imported.config.images if imported.images is None else imported.images
    store.create_run(target, imported.config)
    store.save_weights(target, imported.model, images)
    store.rewrite_history(target, imported.history)
    if imported.scores:
        # the same weights in a new file, which has another hash
        weights = {"weights": sha256((target / store.WEIGHTS).read_bytes()).hexdigest()}
        scores = [each | (weights if "weights" in each else {}) for each in imported.scores]
        store.write_atomically(target / store.SCORES, store.scores_text(scores).encode())
    return target


def import_checkpoint(
    path: str | Path, out: str | Path, name: str | None = None, entry: str = ""
) -> Path:
    """Turn a checkpoint into a run under `out` (named after its file or folder); returns the run's
    folder. `entry` as in `read_checkpoint`. Nothing is unpickled, every tensor must fit. Raises
    `InputError` with one sentence."""
    path = Path(path)
    if not path.exists():
        raise InputError(
            f"{path} does not exist; give a checkpoint's file or folder.", Refusal.UNREADABLE
        )
    whole = path.resolve()
    return keep(
        read_checkpoint(path, entry=entry),
        out,
        name or (whole.name if path.is_dir() else whole.stem),
    )
