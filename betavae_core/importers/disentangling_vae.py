"""Checkpoints of github.com/YannDubs/disentangling-vae: a folder with model.pt and specs.json, or
its model.pt alone.

The architecture is that of our conv model (Burgess et al. 2018), with other names and one
difference in layout: `mu_logvar_gen` gives mean and log-variance interleaved, (μ₀, log σ²₀, μ₁,
…), ours gives all means first.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..penalties import BETA_VAE
from .entries import read_weights
from .files import inside, read_json, settings_of
from .folders import tensor_files
from .layouts import Imported, Shapes, Sizes, StateLayout, dim, open_state
from .names import shown

LAYOUT = "disentangling-vae: a folder with model.pt and specs.json"
PROJECT = "YannDubs/disentangling-vae"
SPECS, WEIGHTS = "specs.json", "model.pt"
HEAD = "encoder.mu_logvar_gen"
TELLING = {"img_size", "latent_dim", "model_type", "rec_dist"}  # settings that identify the project
DATASETS = {"dsprites": "2dshapes"}  # their name → ours, of datasets that both have
PASSES = {"dsprites": 737_280, "mnist": 60_000, "celeba": 202_599, "chairs": 86_366}
# their reconstruction terms, sums over pixels as ours: 255 ‖x − x̂‖² is a Gaussian of σ² = 1/510;
# the L1 of "laplace" is not one of ours, so its β would weigh another term
LIKELIHOODS: dict[str, dict[str, Any]] = {
    "bernoulli": {"likelihood": "bernoulli"},
    "gaussian": {"likelihood": "gaussian", "sigma": 510**-0.5},
    "laplace": {},
}
# their losses as our settings
OBJECTIVE_OF_LOSS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "VAE": lambda specs: {"beta": 1.0},
    "betaH": lambda specs: {"beta": float(specs["betaH_B"])},
    "betaB": lambda specs: {
        "objective": "capacity",
        "strength": float(specs["betaB_G"]),
        "capacity": float(specs["betaB_finC"]),
    },
    "btcvae": lambda specs: {"objective": "beta-tcvae", "strength": float(specs["btcvae_B"])},
    "factor": lambda specs: {"objective": "factor-vae", "strength": float(specs["factor_G"])},
}

HALVED = ("factor",)  # losses of which the VAE sees half of each batch, the discriminator the rest
WARMED = ("VAE", "betaH", "betaB")  # losses whose KL or capacity rises during reg_anneal steps
RISING = {"factor": "total correlation", "btcvae": "dimension-wise KL"}  # the part that rises there
TCVAE_WEIGHTS = ("btcvae_A", "btcvae_G")  # α of the mutual information, γ of the dimension-wise KL


def recognises(folder: Path) -> bool:
    """Whether a specs.json is theirs: other projects use the same file name."""
    if not (folder / SPECS).is_file():
        return False
    found = settings_of(folder / SPECS)
    if found is None:  # if nothing else can be opened, opening it gives the reason
        return not tensor_files(folder)
    return len(TELLING & found.keys()) > 1


def read(folder: Path, label: str, entry: str = "") -> Imported:
    """The model with the settings in its specs; raises `InputError` for an invalid file."""
    specs = read_json(inside(folder, SPECS, label))
    config = _config(specs, label)
    sizes = Sizes(config.shape[0], config.shape[1], config.latents)
    layouts = {"disentangling-vae": BURGESS}
    file = read_weights(inside(folder, WEIGHTS, label), WEIGHTS, layouts, entry)
    found = open_state("disentangling-vae", BURGESS, file, sizes, config, WEIGHTS)
    loss, kind = shown(str(specs["loss"])), specs["rec_dist"]
    if specs["dataset"] not in PASSES:
        found.notes.append(
            f'Its dataset "{shown(str(specs["dataset"]))}" is unknown here: the training data and '
            "the length of the training are left unstated."
        )
    if kind != "bernoulli":
        ours = f"{config.likelihood} of σ = {config.sigma:.3g}, which is the same"
        found.notes.append(
            f"Trained with the reconstruction term {kind}, read as "
            + (
                ours
                if kind == "gaussian"
                else "bernoulli, which is a different term: no β is stated"
            )
            + "."
        )
    if kind == "laplace":
        return found
    found.notes.extend(_not_stated(specs))
    if config.beta is None and config.objective == BETA_VAE:
        found.notes.append(f'Trained with the loss "{loss}", which has no single β.')
    else:
        found.notes.append(f'{config.beta_words}, from the loss "{loss}" in its specs.')
    return found


def _config(specs: dict[str, Any], label: str) -> RunConfig:
    try:
        channels, height, width = specs["img_size"]
        if height != width:
            raise InputError(
                f"{SPECS}: images of {height}×{width} are not square.", Refusal.SETTINGS
            )
        loss = specs["loss"]
        share = 2 if loss in HALVED else 1
        if specs["model_type"] != "Burgess":
            kind = shown(str(specs["model_type"]))
            raise InputError(
                f'{SPECS}: model_type is "{kind}", expected "Burgess".', Refusal.SETTINGS
            )
        if specs["rec_dist"] not in LIKELIHOODS:
            kind, known = shown(str(specs["rec_dist"])), ", ".join(LIKELIHOODS)
            raise InputError(
                f'{SPECS}: rec_dist is "{kind}", expected one of {known}.', Refusal.SETTINGS
            )
        objective = _objective(specs, loss)
        if type(specs["epochs"]) is not int:
            raise InputError(f"{SPECS}: epochs must be a whole number.", Refusal.SETTINGS)
        dataset = specs["dataset"] if specs["dataset"] in PASSES else "unknown"
        name = shown(str(specs.get("name") or label))
        return RunConfig(
            dataset=DATASETS.get(dataset, dataset),
            source="official",
            model="conv",
            seed=specs["seed"],
            latents=specs["latent_dim"],
            learning_rate=specs["lr"],
            batch_size=specs["batch_size"] // share,
            images=PASSES.get(dataset, 0) * specs["epochs"] // share,
            kl_warmup=_warmup(specs),
            channels=channels,
            image_size=height,
            origin=f"{PROJECT}, {name}, loss {shown(str(loss))}",
            **objective,
            **LIKELIHOODS[specs["rec_dist"]],
        )
    except InputError as error:
        raise InputError(str(error), Refusal.SETTINGS) from error
    except KeyError as error:
        setting = shown(repr(error.args[0]))
        raise InputError(
            f"{SPECS} lacks the setting {setting}, or has this unknown value.", Refusal.SETTINGS
        ) from error
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(
            f"{SPECS} is not the JSON that {PROJECT} writes ({shown(str(error))}).",
            Refusal.SETTINGS,
        ) from error


def _objective(specs: dict[str, Any], loss: Any) -> dict[str, Any]:
    """Our settings of a loss; no β where it is not known what weighs the KL against which
    reconstruction term. The weights of the other losses may be missing."""
    unknown = {"beta": None}
    if loss not in OBJECTIVE_OF_LOSS or specs["rec_dist"] == "laplace" or _other_tcvae(specs):
        return unknown
    try:
        return OBJECTIVE_OF_LOSS[loss](specs)
    except KeyError:
        if loss == "betaH":
            raise
        return unknown


def _other_tcvae(specs: dict[str, Any]) -> bool:
    """Whether the mutual information or the dimension-wise KL weighs other than in a β-TCVAE."""
    return specs["loss"] == "btcvae" and any(specs.get(name, 1) != 1 for name in TCVAE_WEIGHTS)


def _warmup(specs: dict[str, Any]) -> int:
    """Images during which the weight of the KL, or the capacity, rose; theirs are steps."""
    return int(specs.get("reg_anneal", 0) * specs["batch_size"]) if specs["loss"] in WARMED else 0


def _not_stated(specs: dict[str, Any]) -> list[str]:
    """What the loss does that no setting of ours says."""
    loss, start, steps = specs["loss"], specs.get("betaB_initC", 0), specs.get("reg_anneal", 0)
    notes = []
    if _other_tcvae(specs):
        alpha, gamma = (shown(str(specs.get(name, 1))) for name in TCVAE_WEIGHTS)
        notes.append(
            f"Its mutual information was weighed by α = {alpha} and its dimension-wise KL by "
            f"γ = {gamma}, in a β-TCVAE both by 1: no objective is stated."
        )
    if loss == "betaB" and start:
        notes.append(f"Its capacity rose from {shown(str(start))} nats, stated is a rise from 0.")
    if loss in RISING and steps:
        notes.append(
            f"The weight of its {RISING[loss]} rose from 0 during the first {shown(str(steps))} "
            "steps, which is not stated."
        )
    return notes


def _sizes(shapes: Shapes) -> Sizes | None:
    channels = dim(shapes, "encoder.conv1.weight", 1)
    latents = dim(shapes, "decoder.lin1.weight", 1)
    side = 64 if "encoder.conv_64.weight" in shapes else 32
    return Sizes(channels, side, latents) if channels and latents else None


def _names(sizes: Sizes) -> dict[str, str | tuple[str, str]]:
    """Our layer → theirs. Positions in our `nn.Sequential`s count the activations between."""
    large = sizes.side == 64
    encoder = ["conv1", "conv2", "conv3"] + ["conv_64"] * large
    decoder = ["convT_64"] * large + ["convT1", "convT2", "convT3"]
    flat = 2 * len(encoder) + 1  # after the Flatten
    return {
        **{f"encoder.{2 * i}": f"encoder.{name}" for i, name in enumerate(encoder)},
        f"encoder.{flat}": "encoder.lin1",
        f"encoder.{flat + 2}": "encoder.lin2",
        f"encoder.{flat + 4}": HEAD,
        **{f"decoder.{2 * i}": f"decoder.lin{i + 1}" for i in range(3)},
        **{f"decoder.{7 + 2 * i}": f"decoder.{name}" for i, name in enumerate(decoder)},
    }


BURGESS = StateLayout(PROJECT, "conv", _sizes, _names, interleaved=HEAD)
