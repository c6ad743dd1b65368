"""A small model's tensors as files of every format."""

import io
from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors.torch import save as save_safetensors

from betavae_core.importers.layouts import Sizes, expected
from betavae_core.importers.pythae import MLP as SMALL

State = dict[str, Any]


def tensors(layout: Any = SMALL, sizes: Sizes | None = None) -> dict[str, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    shapes = expected(layout, sizes or Sizes(1, 4, 2))
    return {name: 0.1 * torch.randn(shape, generator=source) for name, shape in shapes.items()}


def zipped(state: Any) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def older(state: Any) -> bytes:
    file = io.BytesIO()
    torch.save(state, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


FORMATS: dict[str, Callable[[Any], bytes]] = {
    "PyTorch": zipped,
    "PyTorch before 1.6": older,
    "safetensors": save_safetensors,
}
every_format = pytest.mark.parametrize("kind", FORMATS)
