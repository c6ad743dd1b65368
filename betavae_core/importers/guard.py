"""Reading a checkpoint in a separate process, with limits on memory, time and files.

For uploads: whatever a file does to the reader affects only that process. The result comes back as
a run's folder (JSON and safetensors), which this process reads as data like any other; nothing is
pickled between the two.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import store
from ..errors import InputError, Refusal
from .files import MAX_FILE, read_json
from .layouts import Imported
from .names import shown
from .opening import keep, read_checkpoint
from .own import checked_run

GIB = 2**30
READERS = 2  # at a time; the others wait
ABOUT = "about.json"
FIELD_TYPES = {"layout": str, "notes": list, "facts": dict}  # its contents
COUNTS = (int, type(None))  # and of the images seen
MAX_FACTS = 10  # of a refusal
# limits first, so that they also hold for the imports below
CHILD = """
import resource, sys
memory, seconds, size = (int(text) for text in sys.argv[1:4])
for kind, limit in (("DATA", memory), ("CPU", seconds), ("FSIZE", size), ("CORE", 0)):
    resource.setrlimit(getattr(resource, "RLIMIT_" + kind), (limit, limit))
from betavae_core.importers.guard import child
sys.exit(child(*sys.argv[4:]))
"""
_places = threading.BoundedSemaphore(READERS)
TOO_LARGE = 3  # the exit code for memory; any other except 0 is a crash


def read_guarded(
    path: str | Path,
    *,
    name: str | None = None,
    entry: str = "",
    seconds: float = 60,
    memory: int = 2 * GIB,
) -> Imported:
    """`read_checkpoint` in a subprocess with at most `memory` bytes of its own data, `seconds` of
    wall-clock and of processor time, and files of at most `MAX_FILE` bytes; its environment has
    only the variables that Python needs. Importing PyTorch alone takes 0.75 GB, so `memory` must
    be at least 1 GiB, and on a busy machine it also takes most of the time. At most `READERS` run
    at once for this process; another one waits for up to `seconds`.

    Raises `InputError` with the reader's sentence, or one about the limit that it reached.
    """
    path = Path(path)
    label = shown(name or path.resolve().name)
    if memory < GIB or seconds < 1:
        raise InputError(
            f"Reading needs at least 1 s and {GIB:,} bytes of memory, got {seconds:g} s and "
            f"{memory:,} bytes.",
            Refusal.VALUE,
            name="limits",
            expected=[1, GIB],
            got=[seconds, memory],
        )
    if not path.exists():
        raise InputError(
            f"{label} does not exist; give a checkpoint's file or folder.", Refusal.UNREADABLE
        )
    with _one_of_few(label, seconds), tempfile.TemporaryDirectory(prefix="betavae-read-") as place:
        limits = [str(int(memory)), str(max(1, int(seconds))), str(MAX_FILE)]
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", CHILD, *limits, str(path.resolve()), place, label, entry],
            cwd=place,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise InputError(
                f"{label} could not be read within {seconds:g} s; reading was stopped.",
                Refusal.COSTLY,
            ) from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return _result(Path(place), code, label, memory)


@contextmanager
def _one_of_few(label: str, seconds: float) -> Iterator[None]:
    """A slot among the readers, which bounds their memory to that of `READERS` processes."""
    if not _places.acquire(timeout=seconds):
        raise InputError(
            f"{label} waited {seconds:g} s for other checkpoints to be read; try again.",
            Refusal.BUSY,
        )
    try:
        yield
    finally:
        _places.release()


def _environment() -> dict[str, str]:
    kept = {k: os.environ[k] for k in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if k in os.environ}
    package = str(Path(__file__).resolve().parents[2])
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {**kept, **threads, "PYTHONPATH": package, "LC_ALL": "C.UTF-8"}


def _result(place: Path, code: int, label: str, memory: int) -> Imported:
    """The output of the process, checked like any other untrusted data."""
    if code in (TOO_LARGE, -signal.SIGKILL):
        raise InputError(
            f"{label} needs more memory than the {memory / GIB:g} GB allowed to read it.",
            Refusal.COSTLY,
        )
    if code == -signal.SIGXFSZ:
        raise InputError(
            f"{label} made its reader write too large a file; reading was stopped.", Refusal.COSTLY
        )
    if code == -signal.SIGXCPU:
        raise InputError(
            f"{label} took too much processor time to read; reading was stopped.", Refusal.COSTLY
        )
    if code != 0 or not (place / ABOUT).is_file():
        raise InputError(
            f"{label} made its reader crash; it is damaged or not a checkpoint.", Refusal.CRASHED
        )
    about = read_json(place / ABOUT)
    if "refused" in about:
        raise _refusal(about, label)
    images = about.pop("images", None)
    if {key: type(value) for key, value in about.items()} != FIELD_TYPES or type(
        images
    ) not in COUNTS:
        raise _nonsense(label)
    run = checked_run(place / "run", label)
    return Imported(
        about["layout"],
        run.config,
        run.vae,
        about["notes"],
        about["facts"],
        run.history,
        run.valid_scores,
        images,
    )


def _refusal(about: dict[str, Any], label: str) -> InputError:
    """The refusal that the process wrote down."""
    kind, facts = about.get("kind"), about.get("facts")
    if kind not in list(Refusal) or not isinstance(facts, dict) or len(facts) > MAX_FACTS:
        return _nonsense(label)
    return InputError(shown(str(about["refused"]), 1000), Refusal(kind), **facts)


def _nonsense(label: str) -> InputError:
    return InputError(
        f"{label} made its reader write an invalid result; it is not opened.", Refusal.CRASHED
    )


def child(path: str, place: str, label: str, entry: str) -> int:
    """The subprocess: read the checkpoint and write it as a run, with its notes, to `place`."""
    try:
        imported = read_checkpoint(path, name=label, entry=entry)
        keep(imported, place, "run")
        about: dict[str, Any] = {"layout": imported.layout, "images": imported.images}
        about |= {"notes": imported.notes, "facts": imported.facts}
    except InputError as error:
        about = {"refused": str(error), "kind": error.kind, "facts": error.facts}
    except MemoryError:
        return TOO_LARGE
    except RuntimeError as error:
        if "allocate" not in str(error):
            raise
        return TOO_LARGE
    store.write_atomically(Path(place) / ABOUT, json.dumps(about).encode())
    return 0
