"""One picture of any format, as a viewer shows it: upright, on white, 0 black and 255 white."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from .. import npz
from .levels import to_levels

PICTURES = (  # suffixes that are read; Pillow alone reads no HEIF, only files misnamed so
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".gif"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".jp2", ".j2k", ".j2c", ".jpc"),
    *(".jpf", ".jpx", ".avif", ".avifs", ".heic", ".heif", ".hif", ".tga", ".qoi", ".pcx", ".sgi"),
)
UNREAD = (  # pictures that Pillow cannot show as viewers do: left out and named
    *(".jxl", ".svg", ".eps", ".psd", ".xcf", ".exr", ".hdr", ".dcm", ".dds", ".ico", ".jxr"),
    *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf"),
)
BACKGROUND = (255, 255, 255, 255)  # behind transparency, as in a browser or viewer

EIGHT_BITS, WHOLE, FLOATS = 0, 1, 2  # kinds of pixels
LOOK = np.dtype(  # result of a first inspection; width 0: it cannot be opened
    [
        *(("width", "<i4"), ("height", "<i4"), ("colour", "?"), ("several", "?")),
        *(("pixels", "u1"), ("low", "<f8"), ("high", "<f8")),  # the range of whole and of floats
    ]
)
GREY = ("1", "L", "LA", "La", "I", "F")  # and I;16 in every byte order
TURNS = {  # EXIF orientation → the transposition that makes the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ORIENTATION, BITS, PHOTOMETRIC, SAMPLE_FORMAT = 274, 258, 262, 339  # tags of EXIF and TIFF

DAMAGED = (  # the errors that incomplete or damaged pictures cause
    *npz.DAMAGED,
    *(SyntaxError, struct.error, IndexError, TypeError, AttributeError, ArithmeticError),
    *(MemoryError, AssertionError, Image.DecompressionBombError),
)


def is_read(file: str) -> bool:
    """Whether Pillow, with the plugins that are registered, reads pictures with this ending."""
    ending = "." + file.lower().rpartition(".")[2]
    return ending in PICTURES and ending in Image.registered_extensions()


class Unreadable(Exception):
    """A damaged or too large picture, or another file: the caller names and counts it."""


def look(read: Callable[[], bytes]) -> tuple[Any, ...]:
    """A row of `LOOK`, from the header alone unless values have more than 8 bits; raises
    `Unreadable`."""
    with _opened(read) as image:
        pixels, low, high = _pixels(image), 0.0, 255.0
        # a phone's MPO has one picture and its previews
        several = getattr(image, "is_animated", False) and image.format != "MPO"
        if pixels != EIGHT_BITS:
            values = _values(image)
            low, high = float(values.min()), float(values.max())
        return (*image.size, not _is_grey(image), several, pixels, low, high)


def shown(read: Callable[[], bytes], whites: dict[int, float]) -> Image.Image:
    """The first picture of the file, of mode L or RGB; raises `Unreadable`.

    whites: the white levels of `WHOLE` and `FLOATS` pixels. Transparency becomes white. Colour
    profiles are not applied.
    """
    with _opened(read) as image:
        image.load()
        turn = TURNS.get(_orientation(image))  # TIFF has none left: loading turned the picture
        pixels = _pixels(image)
        if pixels == EIGHT_BITS:
            flat = _on_background(image)
        else:
            flat = Image.fromarray(to_levels(_values(image), whites[pixels]))
        return flat if turn is None else flat.transpose(turn)


def fit(image: Image.Image, size: int, channels: int) -> np.ndarray:
    """(size, size, channels) uint8: the middle square, resized; unchanged if it already fits."""
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(image).reshape(size, size, channels)


@contextmanager
def _opened(read: Callable[[], bytes]) -> Iterator[Image.Image]:
    try:
        with Image.open(BytesIO(read())) as image:
            yield image
    except DAMAGED as error:
        raise Unreadable(str(error)) from error


def _pixels(image: Image.Image) -> int:
    if image.mode == "F":
        return FLOATS
    return WHOLE if image.mode.startswith("I") else EIGHT_BITS


def _is_grey(image: Image.Image) -> bool:
    """Decided by its mode; for a palette by its colours."""
    if image.mode in ("P", "PA"):
        colours = np.array(image.getpalette("RGB") or [0, 0, 0]).reshape(-1, 3)
        return bool((colours == colours[:, :1]).all())
    return image.mode in GREY or image.mode.startswith("I;16")


def _values(image: Image.Image) -> np.ndarray:
    """The numbers (H, W), 0 black; completes Pillow's handling of TIFF and PNG."""
    tags: Any = getattr(image, "tag_v2", {})  # those of TIFF
    values = np.asarray(image)
    if image.mode == "I" and tags.get(SAMPLE_FORMAT, (1,))[0] == 1 and tags.get(BITS) == (32,):
        values = values.view(np.uint32)
    if tags.get(BITS) == (12,):
        values = values * (65_535 / 4_095)
    if tags.get(PHOTOMETRIC) == 0 and image.mode.startswith("I;16"):  # white is zero
        values = 65_535 - values
    clear = image.info.get("transparency")
    return values if clear is None else np.where(values == clear, 65_535, values)


def _on_background(image: Image.Image) -> Image.Image:
    """A picture of 8 bits in mode L or RGB, its transparent parts on white."""
    mode = "L" if _is_grey(image) else "RGB"
    if image.has_transparency_data:
        clear = image.info.get("transparency")
        if image.mode == "RGB" and isinstance(clear, tuple) and max(clear) > 255:
            image.info["transparency"] = tuple(level >> 8 for level in clear)  # was of 16 bits
        ground = Image.new("RGBA", image.size, BACKGROUND)
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert(mode)


def _orientation(image: Image.Image) -> int:
    """EXIF's 1 to 8; 1 (not turned) if it is missing or unreadable."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except DAMAGED:
        return 1
