"""The route that a convolution takes on a CPU, and the routes' shared parts.

The layers of `downsampling` and `upsampling` have the same parameters as PyTorch's own and the same
result up to rounding; only their route differs, and only on a CPU: one while gradients are
computed, in float32 or bfloat16, and one in the channels-last layout for the evaluation in float32.
benchmarks/RESULTS.md has the measurements.
"""

from typing import Any

import torch
import torch.nn.functional as F

CHANNELS_LAST = torch.channels_last


def by_hand(x: torch.Tensor, *kinds: torch.dtype) -> bool:
    """Whether the CPU's training routes apply to activations of one of these types; under autocast
    or a compiler PyTorch decides."""
    return (
        x.device.type == "cpu"
        and torch.is_grad_enabled()
        and x.dtype in kinds
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
    )


def is_evaluation(x: torch.Tensor) -> bool:
    """Whether the CPU's route without gradients applies; not while the model is traced."""
    return (
        x.device.type == "cpu"
        and not torch.is_grad_enabled()
        and x.dtype == torch.float32
        and not torch.is_autocast_enabled("cpu")
        and not torch.compiler.is_compiling()
        and not torch.jit.is_tracing()
    )


def channels_last(x: torch.Tensor) -> torch.Tensor:
    """(N, C, H, W) in the layout that PyTorch's convolutions follow: with one channel both layouts
    are the same memory, and only the strides say which one is meant."""
    if x.shape[1] > 1:
        return x.contiguous(memory_format=CHANNELS_LAST)
    _, _, height, width = x.shape
    return x.contiguous().as_strided(x.shape, (height * width, 1, width, 1))


def convolution_gradient(
    grad: torch.Tensor,
    x: torch.Tensor,
    weight: torch.Tensor,
    stride: int,
    padding: int,
    wanted: tuple[bool, bool, bool],
) -> tuple[torch.Tensor | None, ...]:
    """The requested gradients of conv2d(x, weight, bias, stride, padding) with respect to x, weight
    and bias; grad: the gradient of its result."""
    return torch.ops.aten.convolution_backward(
        *(grad, x, weight, [weight.shape[0]] if wanted[2] else None),
        *((stride, stride), (padding, padding), (1, 1), False, (0, 0), 1, list(wanted)),
    )


class Convolution(torch.autograd.Function):
    """conv2d whose gradients stay in the channels-last layout: PyTorch's backward pass may return
    another one, in which the ReLU's gradient takes ten times as long in bfloat16."""

    @staticmethod
    def forward(
        ctx: Any,
        x: torch.Tensor,
        weight: torch.Tensor,
        bias: torch.Tensor,
        stride: int,
        padding: int,
    ) -> torch.Tensor:
        x = x.contiguous(memory_format=CHANNELS_LAST)
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(x, weight, bias, stride, padding)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        grad = grad.contiguous(memory_format=CHANNELS_LAST)
        wanted = (ctx.needs_input_grad[0], True, True)
        return *convolution_gradient(grad, x, weight, ctx.stride, ctx.padding, wanted), None, None


def blocks(images: torch.Tensor) -> torch.Tensor:
    """(N, C, H, W), H and W even, padded by one pixel and rearranged so that each 2×2 block is one
    pixel of 4·C channels: (N, 4·C, H/2 + 1, W/2 + 1), bfloat16, channels last."""
    padded = F.pad(images.bfloat16().contiguous(), (1, 1, 1, 1))
    return F.pixel_unshuffle(padded, 2).contiguous(memory_format=CHANNELS_LAST)


def block_kernel(weight: torch.Tensor) -> torch.Tensor:
    """The kernel over `blocks` of a convolution of the images: weight (O, C, 4, 4), stride 2,
    padding 1, as (O, 4·C, 2, 2), stride 1, no padding."""
    out, channels = weight.shape[:2]
    rows_and_columns = weight.reshape(out, channels, 2, 2, 2, 2).permute(0, 1, 3, 5, 2, 4)
    return rows_and_columns.reshape(out, 4 * channels, 2, 2)


def from_block_kernel(kernel: torch.Tensor) -> torch.Tensor:
    """The inverse of `block_kernel`, for gradients."""
    out, channels = kernel.shape[0], kernel.shape[1] // 4
    rows_and_columns = kernel.reshape(out, channels, 2, 2, 2, 2).permute(0, 1, 4, 2, 5, 3)
    return rows_and_columns.reshape(out, channels, 4, 4)
