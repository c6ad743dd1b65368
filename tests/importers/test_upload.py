"""Uploads: names, archives, and the process with limits that reads them."""

import io
import json
import stat
import struct
import threading
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from betavae_core.importers import (
    guard,
    import_checkpoint,
    read_checkpoint,
    read_guarded,
    unpack_upload,
    upload,
)
from tests.oracles import one_sentence

REAL = Path(__file__).parent / "real" / "pythae_beta"
FILES = {file.name: file.read_bytes() for file in REAL.iterdir()}


def packed(
    files: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return made.getvalue()


def test_one_file_and_several(tmp_path: Path) -> None:
    one = unpack_upload({"model.pt": FILES["model.pt"]}, tmp_path / "one")
    assert one == tmp_path / "one" / "model.pt"
    assert one.read_bytes() == FILES["model.pt"]
    several = unpack_upload(FILES, tmp_path / "several")
    assert several == tmp_path / "several"
    assert read_checkpoint(several).layout == "pythae"
    by_path = unpack_upload({"theirs.pt": REAL / "model.pt"}, tmp_path / "by path")
    assert read_checkpoint(by_path).layout == "pythae-state"
    with one_sentence("already"):
        unpack_upload(FILES, tmp_path / "several")


@pytest.mark.parametrize("folder", ["", "final_model/", "a/b/"])
def test_a_zip_of_a_folder(folder: str, tmp_path: Path) -> None:
    files = {f"{folder}{name}": data for name, data in FILES.items()}
    files |= {"__MACOSX/._model.pt": b"x", f"{folder}.DS_Store": b"x"}
    made = unpack_upload({"Mein Modell β.zip": packed(files)}, tmp_path)
    assert made.name == "Mein Modell β"
    assert read_checkpoint(made).config.beta == 4.0


def test_what_was_kept_can_be_uploaded_again(tmp_path: Path) -> None:
    """An imported run has a history without a line."""
    kept = import_checkpoint(REAL, tmp_path / "runs")
    files = {file.name: file.read_bytes() for file in kept.iterdir()}
    assert files["history.jsonl"] == b""
    assert read_checkpoint(unpack_upload(files, tmp_path / "files")).layout == "run"
    made = unpack_upload({"kept.zip": packed(files)}, tmp_path / "zip")
    assert read_checkpoint(made).config.beta == 4.0


@pytest.mark.parametrize(
    "given", ["../../model.pt", "/etc/model.pt", "..\\..\\model.pt", "C:\\x\\model.pt", ".model.pt"]
)
def test_names_stay_in_the_folder(given: str, tmp_path: Path) -> None:
    made = unpack_upload({given: b"data"}, tmp_path / "in")
    assert made == tmp_path / "in" / "model.pt"
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_odd_names_become_plain(tmp_path: Path) -> None:
    made = unpack_upload({'a\nb\0"<c>.pt': b"data"}, tmp_path)
    assert made.name == "a_b___c_.pt"


def link(name: str) -> bytes:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return made.getvalue()


def understated() -> bytes:
    """An archive whose directory says 10 bytes for an entry that unpacks to a million."""
    data = bytearray(packed({"a/model.pt": bytes(10**6) + b"end"}))
    place = data.index(b"PK\x01\x02")
    data[place + 24 : place + 28] = struct.pack("<I", 10)
    return bytes(data)


def encrypted() -> bytes:
    data = bytearray(packed({"model.pt": b"data"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def crowded(entries: int, stated: int | None = None, wide: bool = True) -> bytes:
    """An archive whose directory has so many nameless entries of 46 bytes, and says another."""
    directory = (b"PK\1\2" + struct.pack("<2H", 20, 20) + bytes(38)) * entries
    start, count = b"PK\3\4" + bytes(26), entries if stated is None else stated
    sizes = len(directory), len(start)
    end = struct.pack("<4H2IH", 0, 0, count & 0xFFFF, count & 0xFFFF, *sizes, 0)
    wider = b"PK\6\6" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, count, count, *sizes)
    wider += b"PK\6\7" + struct.pack("<IQI", 0, sum(sizes), 1)
    return start + directory + wider * wide + b"PK\5\6" + end


ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: packed({"model.pt": bytes(5_000_000)}), "100 times"),
    "understated": (understated, "damaged"),
    "leaves upwards": (lambda: packed({"../model.pt": b"x"}), "leads out"),
    "leaves inside": (lambda: packed({"a/../../model.pt": b"x"}), "leads out"),
    "absolute": (lambda: packed({"/tmp/model.pt": b"x"}), "leads out"),
    "backslashes": (lambda: packed({"..\\model.pt": b"x"}), "leads out"),
    "link": (lambda: link("model.pt"), "link"),
    "other case": (lambda: packed({"model.pt": b"x", "MODEL.pt": b"y"}), "two files"),
    "many": (lambda: packed({str(i): b"x" for i in range(65)}), "65"),
    "a million": (lambda: crowded(1_000_000), "1,000,000 entries"),
    "a million, not said": (lambda: crowded(1_000_000, 3, wide=False), "46,000,000"),
    "a thousand, not said": (lambda: crowded(1000, 3), "damaged"),
    "fewer than said": (lambda: crowded(3, 9), "damaged"),
    "bytes before": (lambda: b"PK\3\4" + packed({"model.pt": b"x"}), "damaged"),
    "bytes behind": (lambda: packed({"model.pt": b"x"}) + bytes(9), "damaged"),
    "a million inside": (
        lambda: packed({"model.pt": crowded(1_000_000), "b": bytes(range(256)) * 4000}, 0),
        "archive",
    ),
    "nested": (lambda: packed({"inner.zip": packed(FILES)}), "archive"),
    "nested in disguise": (lambda: packed({"model.pt": packed({"a": b"x"})}), "archive"),
    "tar inside": (lambda: packed({"model.tar": b"x"}), "archive"),
    "several folders": (lambda: packed({"a/model.pt": b"x", "b/model.pt": b"y"}), "several"),
    "encrypted": (encrypted, "encrypted"),
    "other packing": (lambda: packed({"model.pt": b"x"}, zipfile.ZIP_LZMA), "ordinary zip"),
    "without files": (lambda: packed({"a/": b""}), "without files"),
    "empty file": (lambda: packed({"model.pt": b""}), "empty"),
}


@pytest.mark.parametrize("fault", ZIPS)
def test_hostile_archives_are_refused_and_leave_nothing(fault: str, tmp_path: Path) -> None:
    make, named = ZIPS[fault]
    data = make()
    start = time.process_time()
    with one_sentence(named):
        unpack_upload({"upload.zip": data}, tmp_path / "in")
    assert time.process_time() - start < 5
    assert not (tmp_path / "in").exists() or not any((tmp_path / "in").iterdir())


def test_an_archive_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "MAX_FILE", 2 * 2**20)
    for files in ({"model.pt": bytes(3 * 2**20)}, {f"{i}": bytes(2**19) for i in range(5)}):
        with one_sentence("2 MB"):
            unpack_upload({"upload.zip": packed(files)}, tmp_path)
        with one_sentence("2 MB"):
            unpack_upload(files, tmp_path)


def test_sizes_are_added_up_before_anything_is_read(tmp_path: Path) -> None:
    """Sparse files and open ones, which would be 13 GB in memory."""
    large = tmp_path / "large.bin"
    with open(large, "wb") as file:
        file.truncate(200 * 2**20)
    start = time.process_time()
    with one_sentence("512 MB"):
        unpack_upload({f"{i}.bin": large for i in range(64)}, tmp_path / "in")
    with open(large, "rb") as file, one_sentence("512 MB"):
        unpack_upload({f"{i}.bin": file for i in range(64)}, tmp_path / "in")
    assert time.process_time() - start < 1
    with open(REAL / "model.pt", "rb") as file:
        made = unpack_upload({"model.pt": file}, tmp_path / "in")
    assert made.read_bytes() == FILES["model.pt"]


def test_the_directory_of_an_archive_costs_no_memory(tmp_path: Path) -> None:
    """Objects of zipfile for a directory of 46 MB would be a gigabyte."""
    data = crowded(1_000_000)
    tracemalloc.start()
    for name in ("upload.zip", "model.pt"):
        with one_sentence("entries"):
            read_checkpoint(unpack_upload({name: data}, tmp_path / name))
    assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    tracemalloc.stop()


def test_a_doubled_name(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = packed([("model.pt", b"x"), ("model.pt", b"y")])
    with one_sentence("two files"):
        unpack_upload({"upload.zip": data}, tmp_path)


def test_a_truncated_archive(tmp_path: Path) -> None:
    data = packed(FILES)
    for percent in range(100):
        with one_sentence():
            place = tmp_path / str(percent)
            read_checkpoint(unpack_upload({"a.zip": data[: len(data) * percent // 100]}, place))


@pytest.mark.parametrize(
    "files", [{}, {"": b"x"}, {"..": b"x"}, {"a/": b"x"}, {"x" * 300: b"x"}, {"model.pt": b""}]
)
def test_uploads_that_are_none(files: dict[str, bytes | Path], tmp_path: Path) -> None:
    with one_sentence():
        unpack_upload(files, tmp_path / "in")
    assert not (tmp_path / "in").exists()


def test_the_guarded_reader_reads_the_same() -> None:
    expected, found = read_checkpoint(REAL), read_guarded(REAL, seconds=120)
    assert (found.layout, found.config) == (expected.layout, expected.config)
    assert (found.notes, found.facts) == (expected.notes, expected.facts)
    assert not found.model.training
    for name, tensor in found.model.state_dict().items():
        assert torch.equal(tensor, expected.model.state_dict()[name])
        assert not tensor.requires_grad


def test_the_guarded_reader_hands_on_the_refusal(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"hello")
    with one_sentence("upload.pt", "not a file of tensors"):
        read_guarded(tmp_path / "model.pt", name="upload.pt", seconds=120)
    with one_sentence("does not exist"):
        read_guarded(tmp_path / "gone")
    with one_sentence("at least"):
        read_guarded(tmp_path / "model.pt", memory=1000)


FAULTS = {
    "bytearray(4 * 2**30)": "memory",
    "ctypes.string_at(0)": "crash",
    "sys.exit(1)": "crash",
    "open(place + '/big', 'wb').truncate(600 * 2**20)": "crash",
    "time.sleep(600)": "within 60 s",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_goes_wrong_in_the_reader_stays_there(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits are real: the subprocess does what a hostile file might make it do."""
    script = guard.CHILD.replace(
        "sys.exit(child(",
        "import ctypes, os, time, torch\nfrom betavae_core.importers import guard\n"
        f"def read_checkpoint(path, name, entry):\n    place = sys.argv[5]\n    {fault}\n"
        "guard.read_checkpoint = read_checkpoint\nsys.exit(child(",
    )  # fmt: skip
    monkeypatch.setattr(guard, "CHILD", script)
    seconds = 60 if "sleep" in fault else 120
    if "sleep" in fault:
        monkeypatch.setattr(guard.subprocess.Popen, "wait", _hurried(guard.subprocess.Popen.wait))
    with one_sentence("pythae_beta", FAULTS[fault]):
        read_guarded(REAL, seconds=seconds)


def _hurried(wait: Callable[..., int]) -> Callable[..., int]:
    """`wait` with a timeout of 2 s, so that the test of the timeout need not take a minute."""
    return lambda self, timeout=None: wait(self, timeout and 2)


@pytest.mark.slow
def test_only_a_few_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that take long, and a third that waits; with a place free again it is read."""
    script = guard.CHILD.replace("sys.exit(child(", "import time\ntime.sleep(600)\nsys.exit(child(")
    monkeypatch.setattr(guard, "CHILD", script)
    started = threading.Semaphore(0)
    real = guard.subprocess.Popen

    def popen(*arguments: Any, **settings: Any) -> Any:
        started.release()
        return real(*arguments, **settings)

    monkeypatch.setattr(guard.subprocess, "Popen", popen)
    with ThreadPoolExecutor(guard.READERS) as pool:
        busy = [pool.submit(read_guarded, REAL, seconds=8) for _ in range(guard.READERS)]
        for _ in busy:
            started.acquire()
        with one_sentence("pythae_beta", "waited 1 s"):
            read_guarded(REAL, seconds=1)
        for each in busy:
            with one_sentence("within 8 s"):
                each.result()
    with one_sentence("within 1 s"):
        read_guarded(REAL, seconds=1)


def test_the_reader_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "secret")
    assert "secret" not in json.dumps(guard._environment())
