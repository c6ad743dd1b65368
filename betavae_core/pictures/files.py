"""Pictures as files: PNG, GIF and MP4, each with its description in the metadata."""

import io
import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..errors import InputError, Refusal


def gif(
    frames: list[np.ndarray], about: dict[str, Any] | None = None, seconds: float = 0.12
) -> bytes:
    """Pictures uint8 (H, W, 3) of one size as an animation that runs forwards and backwards in a
    loop; `about` becomes its comment. `seconds`: the duration of each picture."""
    there_and_back = [Image.fromarray(frame) for frame in [*frames, *frames[-2:0:-1]]]
    buffer = io.BytesIO()
    there_and_back[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=there_and_back[1:],
        duration=round(1000 * seconds),
        loop=0,
        comment=json.dumps(about, ensure_ascii=False).encode() if about else b"",
    )
    return buffer.getvalue()


def has_mp4() -> bool:
    """Whether `mp4` can make videos: ffmpeg is installed."""
    return shutil.which("ffmpeg") is not None


def mp4(
    frames: Sequence[np.ndarray], about: dict[str, Any] | None = None, rate: int = 8, turns: int = 3
) -> bytes | None:
    """Pictures uint8 (H, W, 3) as an H.264 video that runs forwards and backwards `turns` times,
    made by ffmpeg; `about` becomes its comment. None if ffmpeg is not installed; raises
    `InputError` if it fails or takes more than two minutes."""
    ffmpeg = shutil.which("ffmpeg")
    if ffmpeg is None:
        return None
    height, width = frames[0].shape[:2]
    command = [ffmpeg, "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
    command += ["-s", f"{width}x{height}", "-r", str(rate), "-i", "-"]
    command += ["-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"]
    if about:
        command += ["-metadata", f"comment={json.dumps(about, ensure_ascii=False)}"]
    command += ["-movflags", "frag_keyframe+empty_moov", "-f", "mp4", "-"]
    order = [*frames, *frames[-2:0:-1]] * turns
    data = b"".join(np.ascontiguousarray(frame).tobytes() for frame in order)
    try:
        done = subprocess.run(command, input=data, capture_output=True, check=False, timeout=120)
    except subprocess.TimeoutExpired as error:
        raise InputError(
            "The video was not made: ffmpeg took more than two minutes.",
            Refusal.UNAVAILABLE,
            program="ffmpeg",
        ) from error
    except OSError as error:
        raise InputError(
            f"The video was not made: ffmpeg did not start ({error}).",
            Refusal.UNAVAILABLE,
            program="ffmpeg",
        ) from error
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines() or ["without a message"]
        raise InputError(
            f"The video was not made: ffmpeg failed ({said[-1].strip()[:200]}).",
            Refusal.UNAVAILABLE,
            program="ffmpeg",
        )
    return done.stdout


def png(picture: np.ndarray, about: dict[str, Any] | None = None) -> bytes:
    """A picture uint8 (H, W, 3 or 4) as PNG bytes; `about` goes into its text chunk "betavae"."""
    info = PngInfo()
    if about:
        info.add_itxt("betavae", json.dumps(about, ensure_ascii=False))
    buffer = io.BytesIO()
    # level 4: half the time of the default 6 for pictures in colour, and 4 % larger
    Image.fromarray(picture).save(buffer, "PNG", pnginfo=info, compress_level=4)
    return buffer.getvalue()
