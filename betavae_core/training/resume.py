"""The resume state of an unfinished run, in one file: everything that its next step needs."""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as save_tensors

from ..errors import InputError, Refusal, damaged
from ..models import VAE
from ..penalties.penalty import Penalty
from ..store import checked_state, write_atomically

CHECKPOINT = "checkpoint.safetensors"  # beside the run's files until it is finished

DAMAGED = (  # the errors that an invalid checkpoint can cause
    *(SafetensorError, OSError, KeyError, IndexError, TypeError, ValueError, RuntimeError),
)


def save_checkpoint(
    path: Path,
    model: VAE,
    optimizer: torch.optim.Optimizer,
    noise_source: torch.Generator,
    totals: torch.Tensor,
    images: int,
    counted: int,
    seconds: float,
    dataset: str,
    penalty: Penalty | None = None,
) -> None:
    """Save everything that the next step needs, in one file, atomically. dataset: the mark of its
    images; penalty: of the objective, with what it has learned."""
    tensors = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    for number, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{key}": value for key, value in values.items()}
    tensors |= {"noise": noise_source.get_state(), "totals": totals}
    if penalty:
        tensors |= {f"penalty.{name}": tensor for name, tensor in penalty.state().items()}
    place = noise_source.device.type
    numbers = {"images": images, "counted": counted, "seconds": seconds, "device": place}
    numbers |= {"dataset": dataset}
    data = save_tensors(
        {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()},
        {"progress": json.dumps(numbers)},
    )
    write_atomically(path / CHECKPOINT, data)


def restore_checkpoint(
    path: Path,
    model: VAE,
    optimizer: torch.optim.Optimizer,
    noise_source: torch.Generator,
    totals: torch.Tensor,
    dataset: str,
    penalty: Penalty | None = None,
) -> tuple[int, int, float]:
    """The inverse of `save_checkpoint`; returns images, counted, seconds. Raises `InputError` if
    the run was started with other images or cannot continue on this device."""
    try:
        with safe_open(path / CHECKPOINT, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            progress = json.loads(file.metadata()["progress"])
        if (place := progress.get("device")) not in (None, noise_source.device.type):
            raise InputError(
                f"{path.name} was started with its noise on {place} and cannot continue on this "
                "device: "
                f"continue it with --device {place}.",
                Refusal.CONFLICT,
                run=path.name,
                device=place,
            )
        # checkpoints of earlier versions do not identify their images
        if progress.get("dataset", dataset) != dataset:
            raise InputError(
                f"{path.name} was started with other images than the present ones: some were "
                "added, "
                "removed or changed. Restore the earlier ones, or train a new run with another "
                "--name.",
                Refusal.CONFLICT,
                run=path.name,
            )
        found = _put_back(tensors, progress, path.name, model, optimizer, noise_source, totals)
        if penalty:
            learned = [name for name in tensors if name.startswith("penalty.")]
            penalty.restore({name.removeprefix("penalty."): tensors[name] for name in learned})
        return found
    except InputError:
        raise
    except DAMAGED as error:
        raise damaged(
            path / CHECKPOINT, error, "delete the run's folder to train it again"
        ) from error


def _put_back(
    tensors: dict[str, torch.Tensor],
    progress: dict[str, Any],
    label: str,
    model: VAE,
    optimizer: torch.optim.Optimizer,
    noise_source: torch.Generator,
    totals: torch.Tensor,
) -> tuple[int, int, float]:
    weights = {n.removeprefix("model."): t for n, t in tensors.items() if n.startswith("model.")}
    model.load_state_dict(checked_state(weights, model, label))
    state: dict[int, dict[str, torch.Tensor]] = {}
    parameters = list(model.parameters())
    for key, tensor in tensors.items():
        if key.startswith("optimizer."):
            _, number, part = key.split(".")
            like = parameters[int(number)]
            if tensor.ndim and tensor.shape != like.shape:
                raise ValueError(f"{key} has shape {tuple(tensor.shape)}")
            if tensor.ndim:  # in the parameter's memory layout, like Adam's
                tensor = torch.empty_like(like, dtype=tensor.dtype).copy_(tensor)
            state.setdefault(int(number), {})[part] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
    noise_source.set_state(tensors["noise"])
    totals.copy_(tensors["totals"])
    return progress["images"], progress["counted"], progress["seconds"]
