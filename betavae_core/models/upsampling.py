"""Transposed convolutions (4×4, stride 2, padding 1), in the forms that train and decode fastest on
a CPU."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from .routes import (
    CHANNELS_LAST,
    block_kernel,
    blocks,
    by_hand,
    channels_last,
    convolution_gradient,
    from_block_kernel,
    is_evaluation,
)


class _TransposedConv(torch.autograd.Function):
    """A transposed convolution *is* the input gradient of a convolution with the same weight, and
    its own input gradient is that convolution; oneDNN runs these two in the channels-last layout at
    1.4 times the speed of its deconvolution at 16×16 and above. In bfloat16 its deconvolution is as
    fast and also adds the bias, so only the gradients take this route."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        x = x.contiguous(memory_format=CHANNELS_LAST)
        ctx.save_for_backward(x, weight)
        if x.dtype == torch.bfloat16:
            return F.conv_transpose2d(x, weight, bias, 2, 1)
        n, _, height, width = x.shape
        like = torch.empty((n, weight.shape[1], 2 * height, 2 * width), memory_format=CHANNELS_LAST)
        y = convolution_gradient(x, like, weight, 2, 1, (True, False, False))[0]
        assert y is not None
        return y.add_(bias.view(1, -1, 1, 1))

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        grad = grad.contiguous(memory_format=CHANNELS_LAST)
        grad_x = F.conv2d(grad, weight, None, 2, 1) if ctx.needs_input_grad[0] else None
        grad_weight = convolution_gradient(x, grad, weight, 2, 1, (False, True, False))[1]
        return grad_x, grad_weight, grad.sum((0, 2, 3))


class _Doubling(nn.ConvTranspose2d):
    """4×4, stride 2, padding 1, which doubles height and width; the routes here compute it."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 4, 2, 1)


class TransposedConv(_Doubling):
    """For many output channels: as the gradient of a convolution."""

    def forward(self, x: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        if by_hand(x, torch.float32, torch.bfloat16):
            return _TransposedConv.apply(x, self.weight, self.bias)
        if is_evaluation(x):
            x = channels_last(x)
        return super().forward(x, output_size)


class SubPixelConv(_Doubling):
    """For few output channels: a 3×3 convolution to 4 values per pixel, then a pixel shuffle.

    Output pixel (2i + a, 2j + b) depends on 2×2 neighbours of input pixel (i, j), which lie within
    its 3×3 neighbourhood: phase a = 0 takes rows i−1, i with the kernel's rows 3, 1; phase a = 1
    takes rows i, i+1 with rows 2, 0. (The zeros cost arithmetic, but one output channel is bound by
    memory, not by arithmetic.)
    """

    def forward(self, x: torch.Tensor, output_size: Any = None) -> torch.Tensor:
        evaluated = is_evaluation(x)
        if not (evaluated or by_hand(x, torch.float32, torch.bfloat16)):
            return super().forward(x, output_size)
        assert self.bias is not None
        if x.dtype == torch.bfloat16:
            return _SubPixelConv.apply(x, self.weight, self.bias)
        x = channels_last(x) if evaluated else x
        kernel = _sub_pixel_kernel(self.weight)
        y = F.conv2d(x, kernel, self.bias.repeat_interleave(4), padding=1)
        y = F.pixel_shuffle(y, 2)
        return y.contiguous() if evaluated else y


def _sub_pixel_kernel(weight: torch.Tensor) -> torch.Tensor:
    """weight (I, O, 4, 4) of the transposed convolution as a convolution's: (4·O, I, 3, 3)."""
    channels_in, channels_out = weight.shape[:2]
    taps = weight.new_zeros(2, 3, 4)  # phase, neighbour, kernel position
    for phase, neighbour, position in ((0, 0, 3), (0, 1, 1), (1, 1, 2), (1, 2, 0)):
        taps[phase, neighbour, position] = 1
    kernel = torch.einsum("apk,bql,iokl->oabipq", taps, taps, weight)
    return kernel.reshape(4 * channels_out, channels_in, 3, 3)


class _SubPixelConv(torch.autograd.Function):
    """Forward as in `SubPixelConv`; backward as the convolution that the gradient of a transposed
    convolution is, over `blocks` of it. bfloat16 in, float32 out, since the loss follows."""

    @staticmethod
    def forward(
        ctx: Any, x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor
    ) -> torch.Tensor:
        x = x.contiguous(memory_format=CHANNELS_LAST)
        ctx.save_for_backward(x, weight)
        y = F.conv2d(x, _sub_pixel_kernel(weight), bias.repeat_interleave(4), padding=1)
        n, _, height, width = y.shape
        phases = y.permute(0, 2, 3, 1).reshape(n, height, width, len(bias), 2, 2)
        shuffled = phases.permute(0, 3, 1, 4, 2, 5).float().contiguous()
        return shuffled.view(n, len(bias), 2 * height, 2 * width)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        kernel, pixels = block_kernel(weight), blocks(grad)
        grad_x = F.conv2d(pixels, kernel) if ctx.needs_input_grad[0] else None
        grad_kernel = convolution_gradient(x, pixels, kernel, 1, 0, (False, True, False))[1]
        assert grad_kernel is not None
        return grad_x, from_block_kernel(grad_kernel), grad.sum((0, 2, 3)).to(weight.dtype)
