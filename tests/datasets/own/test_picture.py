"""One picture of every kind, as every viewer shows it; written by Pillow or byte by byte."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from betavae_core.datasets.own.picture import (
    FLOATS,
    LOOK,
    PICTURES,
    UNREAD,
    WHOLE,
    Unreadable,
    fit,
    look,
    shown,
)

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF", "ignore:Truncated File Read")
WHITES = {WHOLE: 65_535.0, FLOATS: 1.0}
RAMP = np.tile(np.linspace(20, 200, 16).astype(np.uint8), (16, 1))
COLOURS = np.stack([RAMP, RAMP.T, RAMP[::-1, ::-1]], -1)
HALVES = np.zeros((16, 16, 3), np.uint8)  # red above, blue below
HALVES[:8, :, 0] = HALVES[8:, :, 2] = 255


def encoded(image: Any, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def seen(data: bytes, whites: dict[int, float] = WHITES) -> np.ndarray:
    return np.asarray(shown(lambda: data, whites)).astype(int)


def looked(data: bytes) -> np.ndarray:
    row = np.zeros(1, LOOK)
    row[0] = look(lambda: data)
    return row[0]


def png(pixels: np.ndarray, depth: int, colour: int, clear: bytes = b"") -> bytes:
    """A PNG by the book; pixels: (H, W, …); clear: its tRNS chunk."""
    pixels = pixels.astype(">u2" if depth == 16 else np.uint8)

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
        + (chunk(b"tRNS", clear) if clear else b"")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def tiff(data: bytes, side: int, bits: int, *, white_is_zero: bool = False, kind: int = 1) -> bytes:
    """A little-endian grey TIFF of one strip; kind: 1 unsigned, 2 signed, 3 float."""
    tags = [
        *((256, side), (257, side), (258, bits), (259, 1), (262, int(not white_is_zero))),
        *((273, 8), (277, 1), (278, side), (279, len(data)), (339, kind)),
    ]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    directory = struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def packed_12_bits(values: np.ndarray) -> bytes:
    pairs = values.reshape(-1, 2)
    first, second = pairs[:, 0], pairs[:, 1]
    three = np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], 1)
    return three.astype(np.uint8).tobytes()


DEEP = RAMP.astype(np.uint16) * 257

GREYS: dict[str, bytes] = {
    "8-bit PNG": encoded(RAMP, "PNG"),
    "16-bit PNG": encoded(DEEP, "PNG"),
    "16-bit TIFF": encoded(DEEP, "TIFF"),
    "16-bit big-endian TIFF": encoded(
        Image.frombytes("I;16B", (16, 16), DEEP.astype(">u2").tobytes()), "TIFF"
    ),
    "16-bit TIFF, white is zero": tiff((65_535 - DEEP).tobytes(), 16, 16, white_is_zero=True),
    "12-bit TIFF": tiff(packed_12_bits(np.rint(RAMP * (4_095 / 255)).astype(int)), 16, 12),
    "32-bit TIFF": encoded(DEEP.astype(np.int32), "TIFF"),
    "unsigned 32-bit TIFF": tiff(DEEP.astype("<u4").tobytes(), 16, 32),
    "float TIFF": encoded((RAMP / 255).astype(np.float32), "TIFF"),
    "16-bit PGM": b"P5 16 16 65535\n" + DEEP.astype(">u2").tobytes(),
    "12-bit PGM": b"P5 16 16 4095\n" + np.rint(RAMP * (4_095 / 255)).astype(">u2").tobytes(),
    "float PFM": b"Pf\n16 16\n-1.0\n" + (RAMP[::-1] / 255).astype("<f4").tobytes(),
    "16-bit JPEG 2000": encoded(DEEP, "JPEG2000"),
    "8-bit TIFF, white is zero": tiff((255 - RAMP).tobytes(), 16, 8, white_is_zero=True),
    "palette of greys": encoded(Image.fromarray(RAMP).convert("P"), "PNG"),
    "grey with transparency": encoded(Image.fromarray(RAMP).convert("LA"), "PNG"),
    "grey GIF": encoded(RAMP, "GIF"),
}


@pytest.mark.parametrize("kind", GREYS)
def test_grey_pictures_of_every_depth_keep_their_values(kind: str) -> None:
    data = GREYS[kind]
    assert shown(lambda: data, WHITES).mode == "L"
    assert np.abs(seen(data) - RAMP).max() <= 1
    assert not looked(data)["colour"]


IN_COLOUR: dict[str, tuple[bytes, int]] = {  # and how far pixels may be off
    "PNG": (encoded(COLOURS, "PNG"), 0),
    "16-bit PNG": (png(COLOURS.astype(">u2") * 257, 16, 2), 0),
    "16-bit PNG with transparency": (
        png(np.dstack([COLOURS.astype(">u2") * 257, np.full((16, 16), 65_535, ">u2")]), 16, 6),
        0,
    ),
    "JPEG": (encoded(COLOURS, "JPEG", quality=100, subsampling=0), 6),
    "CMYK JPEG": (encoded(Image.fromarray(COLOURS).convert("CMYK"), "JPEG", quality=100), 12),
    "CMYK TIFF": (encoded(Image.fromarray(COLOURS).convert("CMYK"), "TIFF"), 1),
    "JPEG in TIFF": (encoded(COLOURS, "TIFF", compression="jpeg", quality=100), 12),
    "JPEG 2000": (encoded(COLOURS, "JPEG2000"), 0),
    "AVIF": (encoded(COLOURS, "AVIF", quality=100, subsampling="4:4:4"), 4),
    "WebP": (encoded(COLOURS, "WEBP", lossless=True), 0),
    "opaque RGBA": (encoded(Image.fromarray(COLOURS).convert("RGBA"), "PNG"), 0),
    "BMP": (encoded(COLOURS, "BMP"), 0),
    "TGA": (encoded(COLOURS, "TGA"), 0),
    "QOI": (encoded(COLOURS, "QOI"), 0),
}


@pytest.mark.parametrize("kind", IN_COLOUR)
def test_pictures_in_colour(kind: str) -> None:
    data, off = IN_COLOUR[kind]
    assert shown(lambda: data, WHITES).mode == "RGB"
    assert np.abs(seen(data) - COLOURS).max() <= off
    assert looked(data)["colour"]


def test_black_and_white() -> None:
    assert np.unique(seen(encoded(Image.fromarray(RAMP > 100), "PNG"))).tolist() == [0, 255]
    assert np.unique(seen(encoded(Image.fromarray(RAMP > 100), "TIFF"))).tolist() == [0, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_stands_upright(kind: str, orientation: int) -> None:
    image = Image.fromarray(np.repeat(np.repeat(HALVES[:, :12], 2, 0), 2, 1))  # 24 × 32
    image.paste((0, 255, 0), (0, 0, 8, 8))
    exif = image.getexif()
    exif[0x0112] = orientation
    data = encoded(image, kind, exif=exif)
    with Image.open(BytesIO(data)) as opened:
        viewer = np.asarray(ImageOps.exif_transpose(opened)).astype(int)
    assert np.abs(seen(data) - viewer).mean() < 1
    width = 32 if orientation > 4 else 24
    assert seen(data).shape[1] == width


def test_an_orientation_that_is_nonsense_turns_nothing() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(HALVES, "JPEG", exif=exif, quality=100)
    start = whole.index(b"Exif\0\0")
    for broken in (
        whole[:start] + b"Exif\0\0rubbish!" + whole[start + 14 :],
        whole.replace(b"MM\0*", b"MM\xff\xff").replace(b"II*\0", b"II\xff\xff"),
    ):
        assert broken != whole
        assert seen(broken)[0, 0, 0] > 200  # red stays above


CLEAR = np.zeros((16, 16, 4), np.uint8)
CLEAR[..., 0] = 255  # red, nowhere to be seen
CLEAR[4:8, 4:8] = [0, 255, 0, 255]
CLEAR[12:, 12:] = [0, 0, 0, 128]


def with_palette(kind: str) -> bytes:
    image = Image.fromarray(
        np.where(CLEAR[..., 1:2] > 0, [[[0, 255, 0]]], [[[255, 0, 0]]]).astype("u1")
    )
    image = image.quantize(2)
    hidden = image.getpixel((0, 0))
    return encoded(image, kind, transparency=hidden)


HIDDEN: dict[str, bytes] = {
    "RGBA PNG": encoded(CLEAR, "PNG"),
    "RGBA WebP": encoded(CLEAR, "WEBP", lossless=True, exact=True),
    "RGBA TIFF": encoded(CLEAR, "TIFF"),
    "RGBA AVIF": encoded(CLEAR, "AVIF", quality=100),
    "palette PNG": with_palette("PNG"),
    "palette GIF": with_palette("GIF"),
    "RGB PNG with one clear colour": encoded(CLEAR[..., :3], "PNG", transparency=(255, 0, 0)),
    "16-bit RGB PNG with one clear colour": png(
        CLEAR[..., :3].astype(">u2") // 255 * 0xFF10, 16, 2, struct.pack(">HHH", 0xFF10, 0, 0)
    ),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_colours_under_transparency_are_not_seen(kind: str) -> None:
    """White is; what is not transparent stays."""
    data = HIDDEN[kind]
    assert seen(data)[0, 0].tolist() == [255, 255, 255]
    assert np.abs(seen(data)[5, 5] - [0, 255, 0]).max() < 12
    assert looked(data)["colour"]


def test_half_transparency_is_half_white() -> None:
    assert seen(HIDDEN["RGBA PNG"])[15, 15].tolist() == [127, 127, 127]


def test_clear_greys_are_white_and_stay_grey() -> None:
    two = np.stack([RAMP, np.where(RAMP < 100, 0, 255).astype(np.uint8)], -1)
    expected = np.where(RAMP < 100, 255, RAMP)
    for data in (
        encoded(Image.fromarray(two, "LA"), "PNG"),
        encoded(Image.fromarray(two, "LA"), "WEBP", lossless=True, exact=True),
    ):
        image = seen(data)
        assert np.abs(image.reshape(16, 16, -1) - expected[..., None]).max() == 0
    deep = png(DEEP.astype(">u2"), 16, 0, struct.pack(">H", int(DEEP[0, 0])))
    assert seen(deep)[0, 0] == 255
    assert np.abs(seen(deep)[:, 1:] - RAMP[:, 1:]).max() == 0
    assert seen(encoded(RAMP, "PNG", transparency=int(RAMP[0, 0])))[0, 0] == 255


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG", "AVIF", "MPO"])
def test_of_several_pictures_the_first(kind: str) -> None:
    more = [Image.new("RGB", (16, 16), "red")]
    quality = {} if kind in ("GIF", "PNG", "TIFF") else {"quality": 100}
    blue = Image.new("RGB", (16, 16), "blue")
    data = encoded(blue, kind, save_all=True, append_images=more, **quality)
    assert np.abs(seen(data)[8, 8] - [0, 0, 255]).max() < 6
    assert looked(data)["several"] == (kind != "MPO")
    assert not looked(encoded(blue, kind))["several"]


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("kind", [*GREYS, *IN_COLOUR])
def test_a_truncated_picture_is_unreadable(kind: str, kept: float) -> None:
    data = GREYS[kind] if kind in GREYS else IN_COLOUR[kind][0]
    with pytest.raises(Unreadable):
        shown(lambda: data[: int(kept * len(data))], WHITES)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "JPEG2000", "AVIF"])
def test_a_picture_without_its_last_tenth_is_unreadable(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    data = encoded(noise, kind)
    with pytest.raises(Unreadable):
        shown(lambda: data[: len(data) * 9 // 10], WHITES)


def test_what_is_no_picture_is_unreadable() -> None:
    def gone() -> bytes:
        raise PermissionError("not yours")

    for read in (lambda: b"", lambda: b"no picture", lambda: b"<html>", gone):
        for reader in (look, lambda read: shown(read, WHITES)):
            with pytest.raises(Unreadable):
                reader(read)


def test_the_range_of_deep_pictures_is_looked_at() -> None:
    assert (looked(GREYS["16-bit PNG"])["low"], looked(GREYS["16-bit PNG"])["high"]) == (
        5140,
        51400,
    )
    assert looked(tiff(np.full((4, 4), 4e9).astype("<u4").tobytes(), 4, 32))["high"] == 4e9
    signed = tiff(RAMP.astype("<i2").tobytes(), 16, 16, kind=2)
    assert (looked(signed)["low"], looked(signed)["high"]) == (20, 200)
    assert (seen(signed, {WHOLE: 255.0}) == RAMP).all()
    below = tiff(np.full((4, 4), -5).astype("<i2").tobytes(), 4, 16, kind=2)
    assert looked(below)["low"] == -5


def test_pictures_are_cropped_to_the_middle_square() -> None:
    wide = np.zeros((20, 60), np.uint8)
    wide[:, 20:40] = 255
    assert fit(Image.fromarray(wide), 32, 1)[:, 1:-1].min() > 250
    assert fit(Image.fromarray(wide), 32, 3).shape == (32, 32, 3)
    assert (
        fit(Image.fromarray(np.tile(RAMP, (2, 2))), 32, 1)[..., 0] == np.tile(RAMP, (2, 2))
    ).all()


def test_endings() -> None:
    """All that Pillow reads with what the lab installs, and nothing twice."""
    known = Image.registered_extensions()
    assert {e for e in PICTURES if e not in known} <= {".heic", ".heif", ".hif"}
    assert not set(PICTURES) & set(UNREAD)
