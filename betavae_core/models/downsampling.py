"""Convolutions that halve height and width (4×4, stride 2, padding 1), in the forms that train and
encode fastest on a CPU."""

import torch
from torch import nn

from .routes import Convolution, block_kernel, blocks, by_hand, channels_last, is_evaluation

FEW_CHANNELS = 4  # up to this number, turning pixels into channels gives the matrix unit more work


class HalvingConv(nn.Conv2d):
    """`nn.Conv2d(channels_in, channels_out, 4, 2, 1)`; in float32 also its route.

    In bfloat16, images with few channels are first rearranged: each 2×2 block of the padded image
    becomes one pixel with four times the channels, and the 4×4 kernel of stride 2 becomes a 2×2
    kernel of stride 1.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(channels_in, channels_out, 4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if is_evaluation(x):
            return super().forward(channels_last(x))
        if not by_hand(x, torch.bfloat16) or x.shape[2] % 2 or x.shape[3] % 2:
            return super().forward(x)
        assert self.bias is not None
        if self.in_channels > FEW_CHANNELS or x.requires_grad:
            return Convolution.apply(x, self.weight, self.bias, 2, 1)
        return Convolution.apply(blocks(x), block_kernel(self.weight), self.bias, 1, 0)
