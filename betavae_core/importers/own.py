"""This lab's own files: a run's folder, and the bare state dicts of our conv and MLP models."""

from pathlib import Path

from .. import store
from ..errors import InputError, Refusal
from ..penalties import BETA_VAE
from .files import check_size, inside, read_json, settings_of
from .folders import tensor_files
from .layouts import Imported, Shapes, Sizes, StateLayout, dim, modest, square
from .tensors import SAFETENSORS, read_tensors

PROJECT = "this project"
MAX_RECORDS = 8 * 2**20  # bytes of a history or of scores; long runs reach half a megabyte


def recognises(folder: Path) -> bool:
    """Whether a config.json is a run's: other projects use the same file name. An unreadable one
    counts as a run's if files that only runs have are beside it, or if nothing else can be
    opened."""
    config, weights = folder / store.CONFIG, folder / store.WEIGHTS
    if not config.is_file():
        return False
    found = settings_of(config)
    if found is None:
        ours = weights.exists() or (folder / store.HISTORY).exists()
        return ours or not tensor_files(folder)
    return weights.exists() or type(found.get("format")) is int


def read(folder: Path, label: str, entry: str = "") -> Imported:
    """A run that is a VAE, as its files describe it; its weights have no entries to choose from.
    Raises `InputError`."""
    read_json(inside(folder, store.CONFIG, label))
    file = read_tensors(inside(folder, store.WEIGHTS, label))
    if file.facts["format"] != SAFETENSORS:
        raise InputError(
            f"{store.WEIGHTS} of {label} is really a file of {file.facts['format']}: "
            "save its tensors with safetensors.torch.save_file, or give that file alone.",
            Refusal.FOREIGN,
        )
    run = checked_run(folder, label)
    config = run.config
    images = store.weights_images(folder) if run.images_seen is None else run.images_seen
    stated = config.beta is not None or config.objective != BETA_VAE
    beta = f"{config.beta_words}, as its config says." if stated else "β is not stated."
    notes = [f"A run of {config.origin or PROJECT}.", beta, *run.notes, *file.notes]
    scores = run.valid_scores
    if others := len(run.scores) - len(scores):
        notes.append(
            f"{others} scores were measured on other weights of this run and are left out."
        )
    facts = {"project": PROJECT, "model": config.model, "images": images, **file.facts}
    return Imported("run", config, run.vae, notes, facts, run.history, scores, images)


def checked_run(folder: Path, label: str) -> store.Run:
    """A run's folder, checked before it is opened; messages call it `label`. Raises
    `InputError`."""
    for name in (store.HISTORY, store.SCORES):
        if (folder / name).is_symlink() or (folder / name).exists():
            check_size(inside(folder, name, label), MAX_RECORDS)
    modest(store.read_config(folder, label), label)
    return store.load_run(folder, label)


def _conv_sizes(shapes: Shapes) -> Sizes | None:
    """Raises `InputError` for a model for every β: without its gates it would be another model."""
    if "gates.encoder0.slope" in shapes:
        raise InputError(
            "These are the weights of one model for every β, without the range of β that is in "
            "the config.json of its run: give the run that the verb freeze writes at one β.",
            Refusal.MANY_BETAS,
        )
    count = sum(len(shape) == 4 for name, shape in shapes.items() if name.startswith("encoder."))
    side = {3: 32, 4: 64}.get(count)
    channels, latents = dim(shapes, "encoder.0.weight", 1), dim(shapes, "decoder.0.weight", 1)
    return Sizes(channels, side, latents) if side and channels and latents else None


def _conv_names(sizes: Sizes) -> dict[str, str | tuple[str, str]]:
    steps = {32: 3, 64: 4}.get(sizes.side, 4)
    flat = 2 * steps + 1  # after the Flatten
    encoder = [2 * i for i in range(steps)] + [flat, flat + 2, flat + 4]
    decoder = [0, 2, 4] + [7 + 2 * i for i in range(steps)]
    names = [f"encoder.{i}" for i in encoder] + [f"decoder.{i}" for i in decoder]
    return {name: name for name in names}


def _mlp_sizes(shapes: Shapes) -> Sizes | None:
    return square(dim(shapes, "encoder.1.weight", 1), dim(shapes, "decoder.0.weight", 1) or 1)


MLP_LAYERS = [f"encoder.{i}" for i in (1, 3, 5)] + [f"decoder.{i}" for i in (0, 2, 4, 6)]

CONV = StateLayout("our conv model", "conv", _conv_sizes, _conv_names)
MLP = StateLayout(
    "our MLP model", "mlp", _mlp_sizes, lambda sizes: {name: name for name in MLP_LAYERS}
)
