"""Weights on disk: saved as float32 or float16, loaded after strict checks."""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from ..errors import InputError, Refusal
from ..models import Model
from .files import WEIGHTS, reason, write_atomically


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
    """The number of images that the stored weights were trained on; None if there is no file or it
    does not state the number."""
    try:
        with safe_open(path / WEIGHTS, "pt") as file:
            return int((file.metadata() or {}).get("images", ""))
    except (OSError, SafetensorError, ValueError):
        return None


def load_weights(path: Path, model: Model, file: str = WEIGHTS, label: str = "") -> str:
    """Load weights.safetensors strictly and return its SHA-256: names, shapes, dtypes and
    finiteness are all checked, and a refusal names the first tensor at fault; it calls the run's
    folder `label`."""
    label = label or path.name
    try:
        data = (path / file).read_bytes()
        tensors = load_tensors(data)
    except FileNotFoundError as error:
        raise InputError(f"{label}: {file} is missing.", Refusal.FOLDER) from error
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"{label}: {file} is truncated or damaged ({reason(error)}).", Refusal.DAMAGED
        ) from error
    model.load_state_dict(checked_state(tensors, model, label))
    return hashlib.sha256(data).hexdigest()


def checked_state(
    tensors: dict[str, torch.Tensor], model: Model, label: str
) -> dict[str, torch.Tensor]:
    """The tensors as float32 after strict checks against the model's own state dict."""
    expected, state = model.state_dict(), dict[str, torch.Tensor]()
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
                f"the config needs {tuple(expected[name].shape)}.",
                Refusal.SHAPE,
            )
        if tensor.dtype not in (torch.float16, torch.bfloat16, torch.float32):
            raise InputError(
                f'{label}: tensor "{name}" has type {tensor.dtype}, expected '
                "float16, bfloat16 or float32.",
                Refusal.TYPE,
            )
        state[name] = tensor.float()
        if state[name].mul(0).sum() != 0:  # 0 × NaN and 0 × ∞ are NaN: a quarter of isfinite's time
            raise InputError(
                f'{label}: tensor "{name}" contains NaN or infinite values.', Refusal.NOT_FINITE
            )
    return state
