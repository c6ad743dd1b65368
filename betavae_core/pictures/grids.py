"""Images side by side as one picture: grids, strips, labelled rows, error maps."""

import numpy as np
import torch
from PIL import Image, ImageDraw

from .font import font, in_letters

PLATE, LETTERS = (32, 37, 45, 255), (240, 242, 245, 255)  # of labels, RGBA


def to_bytes(images: torch.Tensor) -> torch.Tensor:
    """Images of any shape, uint8 or float in [0, 1], to uint8: 255 x to the nearest."""
    if images.dtype == torch.uint8:
        return images
    return (images.clamp(0, 1) * 255).round().to(torch.uint8)


def grid(images: torch.Tensor, scale: int = 1, gap: int = 2, ground: int = 128) -> np.ndarray:
    """Images (R, S, C, H, W) as one picture uint8 (height, width, 3), R rows of S.

    scale: whole factor of enlargement without smoothing; gap: pixels between images (before
    enlargement), in the grey `ground`, which differs from the black and white of binary images.
    """
    rows, columns, _, height, width = images.shape
    cells = np.full((rows, height + gap, columns, width + gap, 3), ground, np.uint8)
    pixels = to_bytes(images).expand(-1, -1, 3, -1, -1).permute(0, 3, 1, 4, 2)
    cells[:, gap:, :, gap:] = pixels.cpu().numpy()
    joined = cells.reshape(rows * (height + gap), columns * (width + gap), 3)
    canvas = np.pad(joined, ((0, gap), (0, gap), (0, 0)), constant_values=ground)
    return canvas.repeat(scale, 0).repeat(scale, 1)


def strip(images: torch.Tensor, per_line: int = 20, scale: int = 1) -> np.ndarray:
    """Images (N, C, H, W) in reading order, in as few lines of at most `per_line` as possible, all
    of the same length (the last one is filled up with grey)."""
    lines = -(-len(images) // per_line)
    columns = -(-len(images) // lines)
    ground = 128 if images.dtype == torch.uint8 else 0.5
    blank = images.new_full((lines * columns - len(images), *images.shape[1:]), ground)
    return grid(torch.cat([images, blank]).reshape(lines, columns, *images.shape[1:]), scale)


def change(before: torch.Tensor, after: torch.Tensor) -> tuple[torch.Tensor, int]:
    """The differences of two images (C, H, W) uint8: the largest absolute difference over the
    channels, scaled so that its maximum is white, as (3, H, W) uint8, and the number of pixels that
    differ."""
    difference = (before.int() - after.int()).abs().amax(0)
    stretched = difference * 255 // difference.max().clamp(min=1)
    return stretched.to(torch.uint8).expand(3, -1, -1), int((difference > 0).sum())


def error_map(images: torch.Tensor, others: torch.Tensor, largest: float) -> torch.Tensor:
    """Error maps of images (N, C, H, W) in [0, 1] against others of the same shape: the absolute
    difference, averaged over the channels, as uint8 (N, 3, H, W), from black (0) through orange to
    white (`largest` and more)."""
    share = ((images - others).abs().mean(1) / max(largest, 1e-9)).clamp(0, 1)[..., None]
    stops = torch.tensor([[0, 0, 0], [0xD5, 0x5E, 0], [255, 255, 255]], dtype=torch.float32)
    low = stops[0] + (stops[1] - stops[0]) * 2 * share
    high = stops[1] + (stops[2] - stops[1]) * (2 * share - 1)
    return torch.where(share < 0.5, low, high).round().to(torch.uint8).permute(0, 3, 1, 2)


def labelled_grid(
    images: torch.Tensor, labels: list[str], scale: int = 1, size: int | None = None
) -> np.ndarray:
    """`grid` with a label to the left of each row, uint8 RGBA (height, width, 4).

    size: of the text in pixels, by default a quarter of an image's height. The ground is
    transparent; each label stands on a dark plate, since no grey is readable on light and on dark
    pages.
    """
    size = size or max(images.shape[-2] * scale // 4, 9)
    return with_labels(grid(images, scale), labels, size)


def with_labels(picture: np.ndarray, labels: list[str], size: int) -> np.ndarray:
    """A grid, uint8 RGB (H, W, 3), with a label to the left of each of its rows as in
    `labelled_grid`: uint8 RGBA (H, width, 4). size: of the text in pixels."""
    labels = [in_letters(label) for label in labels]
    letters = font(size)
    margin = int(max(letters.getlength(label) for label in labels)) + size
    margins = Image.new("RGBA", (margin, len(picture)), (*PLATE[:3], 0))
    draw = ImageDraw.Draw(margins)
    for row, label in enumerate(labels):
        middle = (row + 0.5) * len(picture) / len(labels)
        place, edge = (margin - size // 2, middle), size // 4
        left, top, right, foot = draw.textbbox(place, label, letters, "rm")
        plate = (left - edge, top - edge, right + edge, foot + edge)
        draw.rounded_rectangle(plate, edge, PLATE)
        draw.text(place, label, LETTERS, letters, "rm")
    opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
    return np.hstack([np.asarray(margins), np.dstack([picture, opaque])])
