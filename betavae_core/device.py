"""The device for computation, and its memory management."""

import copy
import ctypes
import sys
import threading
from typing import TypeVar

import torch

from .errors import InputError, Refusal, not_one_of


def choose_device(name: str = "auto") -> torch.device:
    """`auto` chooses CUDA, then Apple's MPS, then the CPU; a named device must exist."""
    mps = torch.backends.mps.is_available()
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if mps else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise not_one_of("The device", ("auto", "cpu", "cuda", "mps"), name) from error
    if device.type not in ("cpu", "cuda", "mps"):
        raise not_one_of("The device", ("auto", "cpu", "cuda", "mps"), name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError(
            "This machine has no usable CUDA device; use --device cpu or auto.",
            Refusal.UNAVAILABLE,
            name="cuda",
            remedy="--device cpu",
        )
    if device.type == "mps" and not mps:
        raise InputError(
            "This machine has no usable MPS device; use --device cpu or auto.",
            Refusal.UNAVAILABLE,
            name="mps",
            remedy="--device cpu",
        )
    return device


Part = TypeVar("Part", bound=torch.nn.Module)


def moved(model: Part, device: torch.device) -> Part:
    """The model on `device`: a copy if it is on another one, so that the caller's stays there."""
    here = next((tensor.device for tensor in model.state_dict().values()), device)
    return model if here == device else copy.deepcopy(model).to(device)


class ExactFloat32:
    """`with exact_float32:` gives full float32 convolutions on a GPU: by default CUDA rounds their
    inputs to TF32, 2⁻¹¹, which is fine for training, but not for numbers that must agree with a
    CPU's. The setting is the process's: it returns to what it was when the last thread leaves."""

    def __init__(self) -> None:
        self.lock, self.inside, self.before = threading.Lock(), 0, True

    def __enter__(self) -> None:
        with self.lock:
            if not self.inside:
                self.before = torch.backends.cudnn.allow_tf32
                torch.backends.cudnn.allow_tf32 = False
            self.inside += 1

    def __exit__(self, *raised: object) -> None:
        with self.lock:
            self.inside -= 1
            if not self.inside:
                torch.backends.cudnn.allow_tf32 = self.before


exact_float32 = ExactFloat32()


def fastest_precision(device: torch.device) -> str:
    """bfloat16 if the processor supports it: a CPU with AVX512-BF16 or AMX, where a step takes half
    as long, and CUDA from compute capability 8 (Ampere) on; otherwise float32."""
    quick = False
    if device.type == "cpu":
        can = torch.cpu.get_capabilities()
        quick = bool(can.get("avx512_bf16") or can.get("amx_bf16"))
    elif device.type == "cuda":
        quick = torch.cuda.get_device_capability(device) >= (8, 0)
    return "bfloat16" if quick else "float32"


def keep_freed_memory() -> bool:
    """Make glibc keep large freed blocks instead of returning them to the kernel.

    Training frees and allocates the same activations at every step; by default each of the larger
    ones is mapped again, and zeroing its pages costs more than the arithmetic on it. Returns
    whether the setting was made (glibc only; elsewhere nothing changes).
    """
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return False
    trim_threshold, mmap_threshold = -1, -3  # names in malloc.h
    largest = 2**30
    return bool(libc.mallopt(mmap_threshold, largest) and libc.mallopt(trim_threshold, largest))
