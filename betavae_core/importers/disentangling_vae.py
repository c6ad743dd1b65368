"""Checkpoints of github.com/YannDubs/disentangling-vae: a folder with model.pt and specs.json.

Same architecture as our conv model (Burgess et al. 2018), other names, and one difference in
layout: `mu_logvar_gen` gives mean and log-variance interleaved, (μ₀, log σ²₀, μ₁, …), ours gives
all means first.
"""

import json
from pathlib import Path
from typing import Any

import torch

from ..config import RunConfig
from ..errors import InputError
from ..models import VAE, build_vae
from ..store import checked_state

LAYOUT = "a folder with model.pt and specs.json"
PROJECT = "YannDubs/disentangling-vae"
DATASETS = {"dsprites": "2dshapes"}  # their name → ours, where both have it
# losses whose KL weight is stated by one constant; the others are not a β-VAE of one β
BETA_OF_LOSS = {"VAE": lambda specs: 1.0, "betaH": lambda specs: float(specs["betaH_B"])}


def recognises(path: Path) -> bool:
    return (path / "model.pt").is_file() and (path / "specs.json").is_file()


def read(path: Path) -> tuple[RunConfig, VAE]:
    """The config and the loaded model; raises `InputError` for a file that is not right."""
    config = _config(path)
    model = build_vae(config)
    model.load_state_dict(checked_state(_translate(_tensors(path), config), model, path.name))
    model.eval().requires_grad_(False)
    return config, model


def _config(path: Path) -> RunConfig:
    file = path / "specs.json"
    try:
        specs: dict[str, Any] = json.loads(file.read_text())
        channels, height, width = specs["img_size"]
        if height != width:
            raise InputError(f"{file}: images of {height}×{width} are not square.")
        loss = specs["loss"]
        dataset = specs["dataset"]
        if specs["model_type"] != "Burgess":
            raise InputError(f'{file}: model_type is "{specs["model_type"]}", expected "Burgess".')
        if specs["rec_dist"] != "bernoulli":
            raise InputError(f'{file}: rec_dist is "{specs["rec_dist"]}", expected "bernoulli".')
        beta = BETA_OF_LOSS[loss](specs) if loss in BETA_OF_LOSS else None
        if not isinstance(specs["epochs"], int):
            raise InputError(f"{file}: epochs must be a whole number.")
        passes = {"dsprites": 737_280, "mnist": 60_000, "celeba": 202_599, "chairs": 86_366}
        return RunConfig(
            dataset=DATASETS.get(dataset, dataset),
            source="official",
            model="conv",
            beta=beta,
            seed=specs["seed"],
            latents=specs["latent_dim"],
            learning_rate=specs["lr"],
            batch_size=specs["batch_size"],
            images=passes[dataset] * specs["epochs"],
            channels=channels,
            image_size=height,
            origin=f"{PROJECT}, {specs.get('name') or path.name}, loss {loss}",
        )
    except InputError:
        raise
    except KeyError as error:
        raise InputError(f"{file} lacks the setting or has the unknown value {error}.") from error
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{file} is not the JSON that {PROJECT} writes ({error}).") from error


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    file = path / "model.pt"
    try:
        state = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # bytes that are no checkpoint fail in a dozen ways inside
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{file} is no plain file of tensors, or is damaged ({reason})."
        ) from error
    if not isinstance(state, dict) or not all(isinstance(t, torch.Tensor) for t in state.values()):
        raise InputError(f"{file} holds something other than named tensors.")
    return state


def _names(config: RunConfig) -> dict[str, str]:
    """Our layer → theirs. Positions in our `nn.Sequential`s count the activations between."""
    large = config.image_size == 64
    encoder = ["conv1", "conv2", "conv3"] + ["conv_64"] * large
    decoder = ["convT_64"] * large + ["convT1", "convT2", "convT3"]
    names = {f"encoder.{2 * i}": f"encoder.{name}" for i, name in enumerate(encoder)}
    start = 2 * len(encoder) + 1  # after the Flatten
    for i, name in enumerate(("lin1", "lin2", "mu_logvar_gen")):
        names[f"encoder.{start + 2 * i}"] = f"encoder.{name}"
    names |= {f"decoder.{2 * i}": f"decoder.lin{i + 1}" for i in range(3)}
    names |= {f"decoder.{7 + 2 * i}": f"decoder.{name}" for i, name in enumerate(decoder)}
    return names


def _translate(theirs: dict[str, torch.Tensor], config: RunConfig) -> dict[str, torch.Tensor]:
    ours: dict[str, torch.Tensor] = {}
    left = dict(theirs)
    for our_name, their_name in _names(config).items():
        for part in ("weight", "bias"):
            if f"{their_name}.{part}" not in left:
                raise InputError(
                    f'model.pt lacks the tensor "{their_name}.{part}" of a '
                    f"{config.image_size}×{config.image_size} Burgess model."
                )
            tensor = left.pop(f"{their_name}.{part}")
            if their_name.endswith("mu_logvar_gen") and tensor.ndim and len(tensor) % 2 == 0:
                tensor = torch.cat([tensor[0::2], tensor[1::2]])
            ours[f"{our_name}.{part}"] = tensor
    if left:
        raise InputError(
            f'model.pt has a tensor that a Burgess model has not: "{next(iter(left))}".'
        )
    return ours
