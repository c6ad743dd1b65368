"""Fetching official files from a server of our own: whole, resumed, wrong, gone."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from betavae_core.datasets import DATASETS
from betavae_core.datasets.downloads import DOWNLOADS, Download, fetch
from betavae_core.presets import SMALL_WORLDS
from tests.oracles import one_sentence

DATA = bytes(range(256)) * 10_000


class Server(http.server.BaseHTTPRequestHandler):
    """Serves DATA under /data (with ranges), /whole (without), and half of it under /half."""

    asked: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        ranged = self.headers.get("Range")
        self.asked.append(ranged)
        start = int(ranged.removeprefix("bytes=").rstrip("-")) if ranged else 0
        if self.path == "/gone":
            self.send_error(404)
            return
        if self.path == "/whole":
            start = 0
        if start >= len(DATA):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(DATA) - start))
        self.end_headers()
        end = len(DATA) // 2 if self.path == "/half" else len(DATA)
        self.wfile.write(DATA[start:end])

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def server() -> Iterator[str]:
    Server.asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def download(url: str, md5: str | None = None, size: int | None = None) -> Download:
    md5 = md5 or hashlib.md5(DATA).hexdigest()
    return Download("file.bin", url, size, md5, "none", "https://example.org/home")


def test_fetch(server: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = fetch(download(f"{server}/data"), tmp_path / "new", lambda *n: seen.append(n))
    assert path == tmp_path / "new" / "file.bin"
    assert path.read_bytes() == DATA
    assert seen[-1] == (len(DATA), len(DATA))
    assert fetch(download(f"{server}/data"), tmp_path / "new") == path
    assert Server.asked == [None], "a whole file is not fetched again"


def test_a_broken_connection_is_one_sentence_and_the_next_call_goes_on(
    server: str, tmp_path: Path
) -> None:
    with one_sentence("file.bin", "try again to resume the download", str(tmp_path / "file.bin")):
        fetch(download(f"{server}/half"), tmp_path)
    assert not (tmp_path / "file.bin").exists()
    assert fetch(download(f"{server}/data"), tmp_path).read_bytes() == DATA
    assert Server.asked == [None, f"bytes={len(DATA) // 2}-"]


def test_a_part_that_is_complete_or_cannot_be_continued(server: str, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(DATA)
    assert fetch(download(f"{server}/data"), tmp_path).read_bytes() == DATA
    (tmp_path / "file.bin").unlink()
    (tmp_path / "file.bin.part").write_bytes(b"something old")
    assert fetch(download(f"{server}/whole"), tmp_path).read_bytes() == DATA


def test_wrong_checksums(server: str, tmp_path: Path) -> None:
    with one_sentence("MD5", "deleted", "https://example.org/home"):
        fetch(download(f"{server}/data", "0" * 32), tmp_path)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file.bin").write_bytes(b"mine")
    with one_sentence("file.bin", "expected 7"):
        fetch(download(f"{server}/data", size=7), tmp_path)
    assert (tmp_path / "file.bin").read_bytes() == b"mine"


def test_no_server_and_no_file(server: str, tmp_path: Path) -> None:
    with one_sentence("404", "https://example.org/home", str(tmp_path / "file.bin")):
        fetch(download(f"{server}/gone"), tmp_path)
    with one_sentence("by hand", "https://example.org/home", str(tmp_path / "file.bin")):
        fetch(download("http://127.0.0.1:9/data"), tmp_path)


def test_a_folder_that_cannot_be_made(server: str, unwritable: Path) -> None:
    with one_sentence(str(unwritable)):
        fetch(download(f"{server}/data"), unwritable)


def test_the_table_names_every_dataset_that_has_an_official_file() -> None:
    assert DOWNLOADS.keys() == DATASETS.keys() - set(SMALL_WORLDS)
    assert all(
        (entry.official is None) == (name in SMALL_WORLDS) for name, entry in DATASETS.items()
    )
    for name, entry in DOWNLOADS.items():
        assert entry.file in DATASETS[name].names
        assert entry.url.startswith("https://")
        assert entry.md5 is None or len(entry.md5) == 32
