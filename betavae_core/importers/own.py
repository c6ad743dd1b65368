"""Our own files: a run's folder, and the bare state dicts of our conv and MLP models."""

from pathlib import Path

from .. import store
from ..config import RunConfig
from ..models import VAE, build_vae
from .files import check_size, inside, read_tensors
from .layouts import Imported, Shapes, Sizes, StateLayout, dim, modest, square

PROJECT = "this project"
MAX_RECORDS = 64 * 2**20  # bytes of a history, of scores


def recognises(folder: Path) -> bool:
    return (folder / store.CONFIG).is_file()


def read(folder: Path) -> Imported:
    """A run of ours that is a VAE, with what its files say. Raises `InputError`."""
    for name in (store.CONFIG, store.HISTORY, store.SCORES):
        if (folder / name).is_symlink() or (folder / name).exists():
            check_size(inside(folder, name), MAX_RECORDS)
    file = read_tensors(inside(folder, store.WEIGHTS))
    config = modest(store.read_config(folder), folder.name)
    run = store.load_run(folder)
    images = run.images_seen
    beta = (
        "β is not stated." if config.beta is None else f"β = {config.beta:g}, as its config says."
    )
    notes = [f"A run of {config.origin or PROJECT}.", beta, *run.notes, *file.notes]
    facts = {"project": PROJECT, "model": config.model, "images": images, **file.facts}
    return Imported("run", config, run.vae, notes, facts)


def checked_run(folder: Path) -> tuple[RunConfig, VAE]:
    """The config and the VAE of a run's folder, without its records. Raises `InputError`."""
    config = modest(store.read_config(folder), folder.name)
    model = build_vae(config)
    store.load_weights(folder, model)
    return config, model.eval().requires_grad_(False)


def _conv_sizes(shapes: Shapes) -> Sizes | None:
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
