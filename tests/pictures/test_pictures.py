"""Figures: where images land in a grid, what a PNG keeps."""

import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from betavae_core.pictures.files import has_mp4, mp4, png
from betavae_core.pictures.font import in_letters
from betavae_core.pictures.grids import grid, labelled_grid
from tests.contrast import contrast
from tests.oracles import one_sentence


@pytest.fixture
def images() -> torch.Tensor:
    """Two rows of three one-channel images, 4 high and 5 wide, uint8, each of one value."""
    return torch.arange(10, 70, 10, dtype=torch.uint8).view(2, 3, 1, 1, 1).expand(-1, -1, -1, 4, 5)


@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("gap", [0, 2])
def test_grid_geometry(images: torch.Tensor, scale: int, gap: int) -> None:
    picture = grid(images, scale, gap, ground=200)
    assert picture.shape == ((2 * (4 + gap) + gap) * scale, (3 * (5 + gap) + gap) * scale, 3)
    assert picture.dtype == np.uint8
    covered = np.zeros(picture.shape[:2], dtype=bool)
    for row in range(2):
        for column in range(3):
            top, left = scale * (gap + row * (4 + gap)), scale * (gap + column * (5 + gap))
            where = slice(top, top + 4 * scale), slice(left, left + 5 * scale)
            assert (picture[where] == images[row, column, 0, 0, 0].item()).all()
            covered[where] = True
    assert (picture[~covered] == 200).all()
    assert covered.sum() == 6 * 4 * 5 * scale**2


def test_pixels_are_rounded_and_clipped() -> None:
    grey = torch.tensor([[[-0.5, 0.0, 0.5, 0.9999, 1.0, 1.5]]])
    pixels = grid(grey[None, None], gap=0)
    assert pixels.shape == (1, 6, 3)
    assert pixels[0, :, 0].tolist() == [0, 0, 128, 255, 255, 255]
    assert (pixels == pixels[..., :1]).all()


def test_colours_keep_their_channels() -> None:
    image = torch.zeros(3, 2, 2, dtype=torch.uint8)
    image[0, 0, 1], image[2, 1, 0] = 255, 7
    pixels = grid(image[None, None], gap=0)
    assert pixels[0, 1].tolist() == [255, 0, 0]
    assert pixels[1, 0].tolist() == [0, 0, 7]


@pytest.mark.parametrize("about", [{"run": "β = 4", "latents": [1, 2]}, None])
def test_png_gives_back_pixels_and_metadata(about: dict[str, object] | None) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    opened = Image.open(io.BytesIO(png(picture, about)))
    assert opened.format == "PNG"
    np.testing.assert_array_equal(np.asarray(opened), picture)
    if about is None:
        assert "betavae" not in opened.info
    else:
        assert opened.info["betavae"] == '{"run": "β = 4", "latents": [1, 2]}'


def test_labels_stand_on_a_transparent_margin(images: torch.Tensor) -> None:
    plain = grid(images, 6)
    picture = labelled_grid(images, ["z1", "z2 · 3.1 nats"], 6)
    margin = picture.shape[1] - plain.shape[1]
    assert margin > 0
    np.testing.assert_array_equal(picture[:, margin:, :3], plain)
    assert (picture[:, margin:, 3] == 255).all()
    alpha = picture[:, :margin, 3]
    assert alpha.min() == 0
    assert alpha.max() > 200
    opaque = picture[:, :margin][alpha == 255][:, :3]
    letters, plate = opaque[opaque.sum(1).argmax()], opaque[opaque.sum(1).argmin()]
    assert contrast(letters.tolist(), plate.tolist()) >= 4.5
    light = picture[:, :margin, :3].sum(2) > picture[:, :margin, :3].sum(2).max() / 2
    assert (alpha[light] == 255).all(), "letters stand on plates alone"
    half = len(picture) // 2
    assert (alpha[:half] > 0).any()  # a label beside each row
    assert (alpha[half:] > 0).any()
    assert (alpha[half:] > 0).sum() > (alpha[:half] > 0).sum()  # the longer one below
    assert (alpha[:, :2] == 0).all()  # nothing is cut off at the left


def test_labelled_grid_becomes_a_png_with_alpha(images: torch.Tensor) -> None:
    picture = labelled_grid(images, ["a", "b"])
    opened = Image.open(io.BytesIO(png(picture)))
    assert opened.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(opened), picture)


FRAMES = [np.full((9, 13, 3), value, np.uint8) for value in (0, 128, 255)]


@pytest.mark.skipif(not has_mp4(), reason="ffmpeg is not installed")
def test_a_video_goes_there_and_back_and_says_what_it_is_of(tmp_path: Path) -> None:
    video = mp4(FRAMES, {"run": "β"}, turns=2)
    assert video is not None
    (tmp_path / "v.mp4").write_bytes(video)
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format"]
    command += ["-of", "json", str(tmp_path / "v.mp4")]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    (stream,) = found["streams"]
    assert (stream["width"], stream["height"]) == (14, 10)  # made even, as H.264 wants it
    assert int(stream["nb_read_frames"]) == 2 * 4  # 0, 128, 255, 128
    assert json.loads(found["format"]["tags"]["comment"]) == {"run": "β"}


def test_without_ffmpeg_there_is_no_video(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not has_mp4()
    assert mp4(FRAMES) is None


def test_ffmpeg_that_fails_says_so_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/ffmpeg")
    given: list[tuple[list[str], int]] = []

    def fails(
        command: list[str], *, input: bytes, **_: object
    ) -> subprocess.CompletedProcess[bytes]:
        given.append((command, len(input)))
        return subprocess.CompletedProcess(command, 1, b"half a video", b"x264\nno encoder\n")

    monkeypatch.setattr(subprocess, "run", fails)
    with one_sentence("video", "ffmpeg failed (no encoder)"):
        mp4(FRAMES, turns=1)
    assert "13x9" in given[0][0]
    assert given[0][1] == 4 * 9 * 13 * 3


def test_ffmpeg_that_hangs_or_does_not_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/ffmpeg")
    problems: list[Exception] = [subprocess.TimeoutExpired("ffmpeg", 120), PermissionError("no")]

    def hangs(*_: object, **__: object) -> None:
        raise problems.pop(0)

    monkeypatch.setattr(subprocess, "run", hangs)
    with one_sentence("more than two minutes"):
        mp4(FRAMES)
    with one_sentence("did not start"):
        mp4(FRAMES)


def test_the_font_has_what_labels_and_cards_say(images: torch.Tensor) -> None:
    """Greek, the signs of formulas and accents as they are; a script that it lacks is no box."""
    for text in ("β = 4, γ = 6.4, σ-VAE, λ, |r| 0.98", "−1.96 … 1.96 ± 2 · 3² × √2 ≥ →", "Größe é"):
        assert in_letters(text) == text
    assert in_letters("β̂ ầ 数 Ж") == "β̂ a ? ?"
    assert not np.array_equal(labelled_grid(images, ["β"] * 2), labelled_grid(images, ["σ"] * 2))
    assert not np.array_equal(labelled_grid(images, ["β"] * 2), labelled_grid(images, ["数"] * 2))
