"""Transposed convolutions (4×4, stride 2, padding 1) in the forms that train fastest on a CPU.

Both layers are `nn.ConvTranspose2d` with the same parameters and the same result up to rounding;
only the route differs, and only while gradients are wanted on a CPU (benchmarks/RESULTS.md has the
measurements). Everywhere else they are the plain layer.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn


def _by_hand(x: torch.Tensor) -> bool:
    """Whether the CPU's training routes apply; under autocast or a compiler the library knows."""
    return (
        x.device.type == "cpu"
        and torch.is_grad_enabled()
        and x.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


class _TransposedConv(torch.autograd.Function):
    """A transposed convolution *is* the input gradient of a convolution with the same weight, and
    its own input gradient is that convolution; oneDNN runs these two in the channels-last layout at
    1.4 times the speed of its deconvolution at 16×16 and above."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        n, _, height, width = x.shape
        like = torch.empty(
            (n, weight.shape[1], 2 * height, 2 * width), memory_format=torch.channels_last
        )
        y = _conv_gradient(x, like, weight, wanted=0)
        return y.add_(bias.view(1, -1, 1, 1))

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        grad_x = F.conv2d(grad, weight, None, 2, 1) if ctx.needs_input_grad[0] else None
        return grad_x, _conv_gradient(x, grad, weight, wanted=1), grad.sum((0, 2, 3))


def _conv_gradient(
    grad: torch.Tensor, x: torch.Tensor, weight: torch.Tensor, wanted: int
) -> torch.Tensor:
    """The gradient of conv2d(x, weight, stride 2, padding 1) to x (wanted 0) or weight (1)."""
    mask = [wanted == 0, wanted == 1, False]
    return torch.ops.aten.convolution_backward(
        grad, x, weight, None, (2, 2), (1, 1), (1, 1), False, (0, 0), 1, mask
    )[wanted]


class _Doubling(nn.ConvTranspose2d):
    """4×4, stride 2, padding 1, which doubles height and width: what the routes here compute."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 4, 2, 1)


class TransposedConv(_Doubling):
    """For many output channels: as the gradient of a convolution."""

    def forward(self, x: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        if _by_hand(x):
            return _TransposedConv.apply(x, self.weight, self.bias)
        return super().forward(x, output_size)


class SubPixelConv(_Doubling):
    """For few output channels: a 3×3 convolution to 4 values per pixel, then a pixel shuffle.

    Output pixel (2i + a, 2j + b) depends on 2×2 neighbours of input pixel (i, j), which lie within
    its 3×3 neighbourhood: phase a = 0 takes rows i−1, i with the kernel's rows 3, 1; phase a = 1
    takes rows i, i+1 with rows 2, 0. (The zeros cost arithmetic, but one output channel is bound by
    memory, not by arithmetic.)
    """

    def forward(self, x: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        if not _by_hand(x):
            return super().forward(x, output_size)
        assert self.bias is not None
        channels_in, channels_out = self.weight.shape[:2]
        taps = self.weight.new_zeros(2, 3, 4)  # phase, neighbour, kernel position
        for phase, neighbour, position in ((0, 0, 3), (0, 1, 1), (1, 1, 2), (1, 2, 0)):
            taps[phase, neighbour, position] = 1
        kernel = torch.einsum("apk,bql,iokl->oabipq", taps, taps, self.weight)
        kernel = kernel.reshape(4 * channels_out, channels_in, 3, 3)
        y = F.conv2d(x, kernel, self.bias.repeat_interleave(4), padding=1)
        return F.pixel_shuffle(y, 2)
