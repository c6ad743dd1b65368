"""Folders of github.com/clementchadebec/pythae: model_config.json and model.pt, for VAE and BetaVAE
with its default networks, and their bare state dicts.

Checked against pythae 0.1.2: one hidden layer of 512, mean and log-variance in two layers, sigmoid
at the end. Like ours, the loss is the likelihood summed over pixels plus β · KL summed over
latents; its "mse" is ½ ‖x − x̂‖², a Gaussian of σ = 1. Custom networks are stored in encoder.pkl
and decoder.pkl, which are programs: they are never opened.
"""

from pathlib import Path

from ..beta import beta_text
from ..errors import InputError, Refusal
from .entries import read_weights
from .files import inside, read_json, settings_of
from .folders import tensor_files
from .layouts import Imported, Shapes, Sizes, StateLayout, config_of, dim, open_state, square
from .names import shown

PROJECT = "clementchadebec/pythae"
LAYOUT = "pythae: a folder with model.pt and model_config.json"
SETTINGS = "model_config.json"
LIKELIHOODS = {"bce": "bernoulli", "mse": "gaussian"}


def recognises(folder: Path) -> bool:
    if not (folder / SETTINGS).is_file():
        return False
    found = settings_of(folder / SETTINGS)
    if found is None:  # if nothing else can be opened, opening it gives the reason
        return not tensor_files(folder)
    return isinstance(found.get("name"), str)


def read(folder: Path, label: str, entry: str = "") -> Imported:
    """The model with β and likelihood from its settings; raises `InputError`."""
    settings = read_json(inside(folder, SETTINGS, label))
    kind = settings.get("name")
    if kind not in ("VAEConfig", "BetaVAEConfig"):
        raise InputError(
            f'{SETTINGS} describes "{shown(str(kind))}"; only VAEConfig and BetaVAEConfig of '
            f"{PROJECT} "
            "are supported.",
            Refusal.SETTINGS,
        )
    for part in ("encoder", "decoder"):
        own = settings.get(f"uses_default_{part}") is False
        if own or (folder / f"{part}.pkl").exists():
            raise InputError(
                f"This model has a custom {part} in {part}.pkl, a pickled program that is never "
                "opened; save its state_dict and describe its layers instead.",
                Refusal.OBJECT,
            )
    sizes = _stated(settings)
    beta = settings.get("beta", 1.0) if kind == "BetaVAEConfig" else 1.0
    if beta is None:
        raise InputError(f"{SETTINGS}: beta must be a number, got null.", Refusal.SETTINGS)
    loss = settings.get("reconstruction_loss", "mse")
    if not isinstance(loss, str) or loss not in LIKELIHOODS:
        raise InputError(
            f'{SETTINGS}: reconstruction_loss is "{shown(str(loss))}", expected "bce" or "mse".',
            Refusal.SETTINGS,
        )
    origin = f"{PROJECT} ({kind.removesuffix('Config')}), {label}"
    config = config_of(MLP, sizes, beta=beta, likelihood=LIKELIHOODS[loss], origin=origin)
    file = read_weights(inside(folder, "model.pt", label), "model.pt", {"pythae": MLP}, entry)
    found = open_state("pythae", MLP, file, sizes, config, "model.pt")
    why = "the plain VAE" if kind == "VAEConfig" else "from its settings"
    found.notes.append(f"{beta_text(config.beta)}, {why}; likelihood {config.likelihood}.")
    found.notes.append("The training data and the length of the training are not stated.")
    return found


def _stated(settings: dict[str, object]) -> Sizes:
    """The sizes in the settings: input_dim (C, H, W) and latent_dim."""
    shape, latents = settings.get("input_dim"), settings.get("latent_dim")
    whole = isinstance(shape, list) and all(type(side) is int and side > 0 for side in shape)
    if not whole or not isinstance(shape, list) or type(latents) is not int:
        raise InputError(
            f"{SETTINGS} lacks latent_dim, or input_dim with channels and sides.",
            Refusal.SETTINGS,
        )
    if len(shape) != 3 or shape[1] != shape[2]:
        raise InputError(
            f"{SETTINGS}: input_dim is {shape}, expected the channels and two equal sides of an "
            "image.",
            Refusal.SETTINGS,
        )
    return Sizes(shape[0], shape[1], latents)


def _sizes(shapes: Shapes) -> Sizes | None:
    pixels = dim(shapes, "encoder.layers.0.0.weight", 1)
    return square(pixels, dim(shapes, "decoder.layers.0.0.weight", 1) or 1)


def _names(sizes: Sizes) -> dict[str, str | tuple[str, str]]:
    return {
        "encoder.1": "encoder.layers.0.0",
        "encoder.3": ("encoder.embedding", "encoder.log_var"),
        "decoder.0": "decoder.layers.0.0",
        "decoder.2": "decoder.layers.1.0",
    }


def _layers(sizes: Sizes) -> str:
    return (
        f"flatten, linear 512, relu, linear {2 * sizes.latents} -> linear 512, relu, "
        f"linear {sizes.pixels}, unflatten {sizes.channels} {sizes.side} {sizes.side}"
    )


MLP = StateLayout(PROJECT, "layers", _sizes, _names, _layers, variant="default networks")
