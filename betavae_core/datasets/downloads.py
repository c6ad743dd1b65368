"""The official files: one table of links, sizes, checksums and licences; downloads that resume
after a broken connection; and the verification of a file."""

import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, Refusal, cannot_write

STEP = 2**20  # bytes read at once
TIMEOUT = 30  # seconds without a byte


@dataclass(frozen=True)
class Download:
    """One official file. If its link breaks, the homepage has the new one."""

    file: str
    url: str
    size: int | None  # bytes; None: unknown
    md5: str | None  # as recorded by the projects that use the file; None: unknown
    licence: str
    homepage: str


DSPRITES = "https://github.com/google-deepmind/dsprites-dataset"
MPI3D = "https://github.com/rr-learning/disentanglement_dataset"
MPI3D_FILES = "https://storage.googleapis.com/mpi3d_disentanglement_dataset/data"
CIFAR = "https://www.cs.toronto.edu/~kriz"

DOWNLOADS: dict[str, Download] = {
    "2dshapes": Download(
        "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
        f"{DSPRITES}/raw/master/dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
        None,
        "7da33b31b13a06f4b04a70402ce90c2e",
        "Apache-2.0",
        DSPRITES,
    ),
    "3dshapes": Download(
        "3dshapes.h5",
        "https://storage.googleapis.com/3d-shapes/3dshapes.h5",
        267_573_662,
        "099a2078d58cec4daad0702c55d06868",
        "Apache-2.0",
        "https://github.com/google-deepmind/3d-shapes",
    ),
    "mpi3d-toy": Download(
        "mpi3d_toy.npz",
        f"{MPI3D_FILES}/mpi3d_toy.npz",
        None,
        "55889cb7c7dfc655d6e0277beee88868",
        "CC BY 4.0",
        MPI3D,
    ),
    "mpi3d-realistic": Download(
        "mpi3d_realistic.npz",
        f"{MPI3D_FILES}/mpi3d_realistic.npz",
        None,
        "59a6225b88b635365f70c91b3e52f70f",
        "CC BY 4.0",
        MPI3D,
    ),
    "mpi3d-real": Download(
        "mpi3d_real.npz",
        f"{MPI3D_FILES}/mpi3d_real.npz",
        None,
        "0f33f609918fb5c97996692f91129802",
        "CC BY 4.0",
        MPI3D,
    ),
    "cifar10": Download(
        "cifar-10-python.tar.gz",
        f"{CIFAR}/cifar-10-python.tar.gz",
        None,
        "c58f30108f718f92721af3b95e74349a",
        "none stated",
        f"{CIFAR}/cifar.html",
    ),
    "cifar100": Download(
        "cifar-100-python.tar.gz",
        f"{CIFAR}/cifar-100-python.tar.gz",
        None,
        "eb9058c3a382ffc7106e4002c42a8d85",
        "none stated",
        f"{CIFAR}/cifar.html",
    ),
}


def fetch(
    download: Download,
    folder: Path,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> Path:
    """Download an official file into `folder` and verify it; returns its path.

    An existing file that verifies is kept; a partial one (`.part`) is continued. progress is called
    with the bytes done and in total. Raises `InputError` without a connection (with instructions
    for a download by hand), for a full disk, and for a wrong checksum.
    """
    target = folder / download.file
    if target.is_file():
        if problem := checksum_problem(target, download):
            raise InputError(
                f"{target} exists but {problem}; delete it to download it again.",
                Refusal.CONTENT,
                path=str(target),
                reason=problem,
                remedy="delete it",
            )
        return target
    part = target.with_name(target.name + ".part")
    by_hand = f"download it by hand from {download.homepage} and put it at {target}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _receive(download.url, part, progress)
    except urllib.error.HTTPError as error:
        raise InputError(
            f"{download.url} answered {error.code} {error.reason}; the link may have moved: "
            f"{by_hand}.",
            Refusal.UNAVAILABLE,
            path=download.url,
            reason=f"{error.code} {error.reason}",
            remedy=by_hand,
        ) from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise InputError(
            f"{download.file} could not be downloaded ({reason}); try again to resume the "
            "download, "
            f"or {by_hand}.",
            Refusal.UNAVAILABLE,
            path=download.url,
            reason=str(reason),
            remedy=by_hand,
        ) from error
    except OSError as error:
        raise cannot_write(part, error) from error
    if problem := checksum_problem(part, download):
        part.unlink()
        raise InputError(
            f"The file from {download.url} {problem} and was deleted; try again, or {by_hand}.",
            Refusal.CONTENT,
            path=download.url,
            reason=problem,
            remedy=by_hand,
        )
    os.replace(part, target)
    return target


def _receive(url: str, part: Path, progress: Callable[[int, int | None], None]) -> None:
    """Append the missing bytes of `url` to `part`."""
    done = part.stat().st_size if part.is_file() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={done}-"} if done else {})
    try:
        answer = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if done and error.code == 416:  # nothing is missing
            return
        raise
    with answer, open(part, "ab") as file:
        if answer.status != 206:  # the server starts from the beginning
            file.truncate(0)
            done = 0
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length else None
        while block := answer.read(STEP):
            file.write(block)
            done += len(block)
            progress(done, total)
        if total is not None and done < total:
            raise ConnectionError(f"the connection ended after {done:,} of {total:,} bytes")


def checksum_problem(path: Path, download: Download) -> str:
    """The fault in a file's size or checksum, as part of a sentence; empty if there is none, or if
    neither is known."""
    size = path.stat().st_size
    if download.size is not None and size != download.size:
        return f"has {size:,} bytes, expected {download.size:,}"
    if download.md5 is not None and (found := md5(path)) != download.md5:
        return f"has the MD5 checksum {found}, expected {download.md5}"
    return ""


def md5(path: Path) -> str:
    """The MD5 of a file, read in pieces; it detects damage, not malice."""
    digest = hashlib.md5(usedforsecurity=False)
    with open(path, "rb") as file:
        while block := file.read(STEP):
            digest.update(block)
    return digest.hexdigest()
