"""Damaged and hostile checkpoints, randomly derived from good ones, as tests of the importers.

``python -m benchmarks.fuzz_importers --cases 10000 --seed 0`` reads mutated files with
`read_checkpoint` (a harder test than `read_guarded`, which has these limits itself) and prints a
JSON summary; exit code 1 if a case broke a promise: an exception other than `InputError`, a
refusal that is not one sentence, more than 5 s, more memory than the limit, a file outside the
target folder.

The cases run in a separate process. Its memory is limited, and an alarm ends a case that takes too
long; if the interpreter cannot handle the alarm (a loop in C), the limit on processor time ends the
process: the waiting process counts the case and starts another process after it. The waiting
process also ends one that neither runs nor answers.

The process is forked, so start it from one that has done nothing else: locks held by other threads
are never released in a fork.
"""

import argparse
import io
import json
import os
import random
import resource
import select
import shutil
import signal
import stat
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.fuzz_bytes import flip_end
from benchmarks.fuzz_corpus import Folder, corpus
from benchmarks.fuzz_mutations import directory, mutate
from betavae_core.errors import InputError
from betavae_core.importers import IMPORTERS, read_checkpoint, unpack_upload

MAX_SECONDS = 5.0  # for one case
PATIENCE = 12  # factor for wall-clock time on a busy machine
MAX_MEMORY = 2**30  # bytes above the use of the imports and the good checkpoints
OUTSIDE = Path("/tmp/betavae-fuzz-outside.pt")  # the target of one of the names below
NAMES = (
    *("model.pt", "weights.safetensors", "config.json", "specs.json", "model_config.json"),
    "encoder.onnx",
)
EVIL: tuple[str, ...] = (
    *("../out.pt", str(OUTSIDE), "a/../../out.pt", "..\\out.pt", "C:\\out.pt", "", ".", ".."),
    *("a" * 300, "模型.pt", "new\nline.pt", "zero\0byte.pt", "a/b/c/model.pt", "~/model.pt"),
)


class Hang(BaseException):
    """Raised by the alarm; readers that catch every exception must not mistake it for damage."""


def archive(files: Folder, chance: random.Random) -> bytes:
    """A zip of the files, with invalid names, links, sizes or methods."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as z:
        names: set[str] = set()
        for name, data in files.items():
            entry = zipfile.ZipInfo(chance.choice(EVIL) if chance.random() < 0.2 else f"a/{name}")
            if entry.filename in names and chance.random() < 0.5:
                continue
            names.add(entry.filename)
            entry.compress_type = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            if chance.random() < 0.1:
                entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            z.writestr(entry, data)
        if chance.random() < 0.1:
            z.writestr("bomb.bin", bytes(20_000_000), zipfile.ZIP_DEFLATED)
        for i in range(200 if chance.random() < 0.1 else 0):
            z.writestr(f"a/{i}", b"x")
    return made.getvalue()


def make_case(good: Folder, chance: random.Random) -> tuple[Folder, str]:
    """Mutated files and their form: "file", "folder" or "zip"."""
    files = dict(good)
    for _ in range(chance.choice((1, 1, 1, 2))):
        name = chance.choice(list(files))
        files[name] = mutate(name, files[name], chance, whole=files[name] is good[name])
    if chance.random() < 0.1:  # under another file's name
        files[chance.choice(NAMES)] = files.pop(chance.choice(list(files)))
    way = chance.choice(("file", "folder", "folder", "zip"))
    if way == "file":
        name = chance.choice(list(files))
        return {name: files[name]}, way
    if way == "zip":
        packed = archive(files, chance)
        damage = chance.choice((None, None, flip_end, directory))
        return {"upload.zip": damage(packed, chance) if damage else packed}, way
    return files, way


def run_case(files: Folder, way: str, target: Path, chance: random.Random) -> str:
    """Upload and read one case in `target`; returns "opened" or the refusal's sentence."""
    try:
        given: dict[str, Any] = dict(files)
        if way == "file" and chance.random() < 0.2:
            given = {chance.choice(EVIL): data for data in files.values()}
        read_checkpoint(unpack_upload(given, target))
    except InputError as error:
        return str(error)
    return "opened"


def judge(case: int, seed: int, name: str, good: Folder, box: Path) -> dict[str, Any]:
    """One case: its end, its time, and the promises that it broke."""
    chance = random.Random(f"{seed}-{case}")
    files, way = make_case(good, chance)
    broken: list[str] = []
    start = time.perf_counter()
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    try:
        end = run_case(files, way, box / "target", chance)
    except Hang:
        end = "hang"
        broken.append(f"took more than {MAX_SECONDS:g} s")
    except Exception:
        end = "exception"
        broken.append(traceback.format_exc(limit=-3))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    took = time.perf_counter() - start
    if end not in ("opened", "exception", "hang"):
        if "\n" in end or not end.endswith(".") or len(end) > 1000:
            broken.append(f"not one sentence: {end[:300]!r}")
        if "allocate" in end or "MemoryError" in end:
            broken.append(f"took more memory than allowed: {end}")
        end = "refused"
    shutil.rmtree(box / "target", ignore_errors=True)
    if stray := [str(path) for path in (OUTSIDE, *everything(box)) if path.exists()]:
        broken.append(f"wrote outside of the target: {stray}")
        for path in stray:
            Path(path).unlink(missing_ok=True)
    broken = [f"case {case} ({name}, {way}): {what}" for what in broken]
    return {"case": case, "name": name, "end": f"{way} {end}", "took": took, "broken": broken}


def everything(box: Path) -> list[Path]:
    """All files in the folders reserved for this execution; any file is a fault."""
    return [Path(folder) / file for folder, _, files in os.walk(box) for file in files]


def cases_from(
    first: int, cases: int, seed: int, until: float, good: dict[str, Folder], box: Path
) -> Iterator[dict[str, Any]]:
    """Run cases in a process with limits; a case may end it before the last one."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            _limit(box)
            Path("/proc/self/clear_refs").write_text("5")
            usual = memory_of_this("VmRSS")
            with os.fdopen(writing, "w") as out:
                for case in range(first, cases):
                    if time.perf_counter() > until:
                        break
                    name = list(good)[case % len(good)]
                    signal.setitimer(signal.ITIMER_PROF, 2 * MAX_SECONDS)  # kills, also in C
                    found = judge(case, seed, name, good[name], box)
                    found["memory"] = memory_of_this("VmHWM") - usual
                    out.write(json.dumps(found) + "\n")
                    out.flush()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    for line in lines_of(reading, child, PATIENCE * MAX_SECONDS):
        found = json.loads(line)
        first = found["case"] + 1
        yield found
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended:
        name = list(good)[first % len(good)]
        what = f"case {first} ({name}): its process ended with {ended}"
        yield {"case": first, "name": name, "end": "died", "took": 0.0, "memory": 0} | {
            "broken": [what]
        }


def lines_of(pipe: int, child: int, seconds: float) -> Iterator[str]:
    """The lines that a process writes to a pipe, until it closes the pipe; it is killed if it
    writes nothing for too long."""
    before = b""
    with os.fdopen(pipe, "rb", buffering=0) as stream:
        while True:
            if not select.select([stream], [], [], seconds)[0]:
                os.kill(child, signal.SIGKILL)
                return
            if not (more := stream.read(2**16)):
                return
            *lines, before = (before + more).split(b"\n")
            yield from (line.decode() for line in lines)


def memory_of_this(kind: str) -> int:
    """Bytes of this process: VmData, what it may write to; VmRSS, what is in memory; VmHWM, what
    was at most since `clear_refs` was written."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(kind))


def _limit(box: Path) -> None:
    """Limits on memory and time, and folders of its own for the targets of hostile names."""

    def ring(number: int, frame: Any) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, ring)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    limit = memory_of_this("VmData") + MAX_MEMORY
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ |= {"HOME": str(box / "home"), "TMPDIR": str(box / "tmp")}
    tempfile.tempdir = str(box / "tmp")
    os.chdir(box / "work" / "here")


def fuzz(cases: int, seed: int = 0, seconds: float = float("inf")) -> dict[str, Any]:
    """Run up to `cases` cases or `seconds` and count; "broken" lists the promises that broke."""
    begin = time.perf_counter()
    good = {name: files for name, (_, files) in corpus(seed).items()}
    ends: Counter[str] = Counter()
    layouts: Counter[str] = Counter()
    broken: list[str] = []
    slowest, done, memory = 0.0, 0, 0
    OUTSIDE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        box = Path(place)
        for folder in ("home", "tmp", "work/here"):
            (box / folder).mkdir(parents=True)
        while done < cases and time.perf_counter() - begin < seconds:
            for found in cases_from(done, cases, seed, begin + seconds, good, box):
                done = found["case"] + 1
                slowest, memory = max(slowest, found["took"]), max(memory, found["memory"])
                ends[found["end"]] += 1
                layouts[found["name"]] += 1
                broken += found["broken"]
                if done % 500 == 0:
                    print(f"{done} cases, {len(broken)} broken", file=sys.stderr, flush=True)
    took = time.perf_counter() - begin
    return {
        "cases": done,
        "seed": seed,
        "seconds": round(took, 1),
        "per_second": round(done / took, 1),
        "slowest_case_s": round(slowest, 3),
        "memory_growth_mb": round(memory / 2**20, 1),
        "layouts": dict(layouts),
        "ends": dict(sorted(ends.items())),
        "broken": broken,
    }


def check_corpus(seed: int) -> None:
    """Raise unless the checkpoints before mutation are good and cover every layout."""
    opened = set()
    for name, (layout, files) in corpus(seed).items():
        with tempfile.TemporaryDirectory() as place:
            found = read_checkpoint(unpack_upload(files, Path(place) / name)).layout
        assert found == layout, f"{name} opens as {found}"
        opened.add(layout)
    assert opened == set(IMPORTERS), f"not in the corpus: {set(IMPORTERS) - opened}"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    options = parser.parse_args()
    torch.set_num_threads(1)
    check_corpus(options.seed)
    found = fuzz(options.cases, options.seed, options.seconds)
    print(json.dumps(found, indent=1, ensure_ascii=False))
    return 1 if found["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
