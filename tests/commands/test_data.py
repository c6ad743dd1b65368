"""The verb data: list, fetch, check, verify."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from betavae_core.__main__ import main
from betavae_core.commands import data as verb
from betavae_core.datasets import DATASETS
from betavae_core.datasets.downloads import DOWNLOADS, Download
from tests.commands.running import Output
from tests.datasets.own.images import GRID, class_folder, numbered, write


def result(capsys: Output, *arguments: str) -> Any:
    assert main(["data", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: Output, *arguments: str) -> str:
    assert main(["data", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    return output.err.splitlines()[-1]


def test_list(capsys: Output, own_folders: dict[str, Path]) -> None:
    own_folders["DATA"].mkdir()
    write(own_folders["DATA"] / "mine.npz", images=numbered())
    (own_folders["DATA"] / "3dshapes.h5").write_bytes(b"")
    listed = result(capsys, "list")
    rows = {row["name"]: row for row in listed["datasets"]}
    assert rows.keys() == DATASETS.keys()
    assert rows["3dshapes"]["official"] == str(own_folders["DATA"] / "3dshapes.h5")
    assert rows["3dshapes"]["bytes"] == 267_573_662
    assert rows["cifar10"]["official"] is None
    assert not rows["cifar10"]["rendered"]
    assert listed["own"] == [{"name": "mine", "path": str(own_folders["DATA"] / "mine.npz")}]
    assert main(["data", "list"]) == 0
    text = capsys.readouterr().out
    for name, download in DOWNLOADS.items():
        assert name in text
        assert download.url in text
        assert download.licence in text


def test_check(capsys: Output, tmp_path: Path) -> None:
    about = result(capsys, "check", "2dshapes")
    assert about["images"] == 737_280
    assert about["source"] == "rendered"
    assert about["factors"]["position y"] == 32
    folder = class_folder(tmp_path / "photos")
    (folder / "class0" / "1.png").write_bytes(b"no picture")
    about = result(capsys, "check", "photos", "--root", str(tmp_path))
    assert (about["images"], about["skipped"], about["factors"]) == (6, ["class0/1.png"], None)
    assert main(["data", "check", "photos", "--root", str(tmp_path)]) == 0
    assert "class0/1.png" in capsys.readouterr().out
    assert "cifar10" in refused(capsys, "check", "nothing")
    assert "https://" in refused(capsys, "check", "cifar10")


def test_verify_your_own(capsys: Output, tmp_path: Path) -> None:
    about = result(capsys, "verify", str(write(tmp_path / "mine.h5", images=numbered(), **GRID)))
    assert (about["name"], about["source"], about["factors"]) == (
        "mine",
        "own",
        {"shade": 4, "stripe": 3},
    )
    assert about["checksum"] == "not known"
    assert "nowhere" in refused(capsys, "verify", str(tmp_path / "nowhere"))


def test_verify_compares_the_checksum_of_an_official_file(capsys: Output, tmp_path: Path) -> None:
    path = tmp_path / DOWNLOADS["mpi3d-toy"].file
    np.savez(path, images=np.zeros((2, 64, 64, 3), np.uint8))
    line = refused(capsys, "verify", str(path))
    assert "MD5" in line
    assert DOWNLOADS["mpi3d-toy"].homepage in line


def test_fetch(
    capsys: Output, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_folders: dict[str, Path]
) -> None:
    """From a file URL in place of the server (which has tests of its own)."""
    (tmp_path / "there").write_bytes(b"data")
    md5 = hashlib.md5(b"data").hexdigest()
    entry = Download("cifar.bin", (tmp_path / "there").as_uri(), 4, md5, "none", "https://x.org")
    monkeypatch.setitem(verb.DOWNLOADS, "cifar10", entry)
    assert "2dshapes" in refused(capsys, "fetch", "nothing")
    gone = Download("gone.bin", "http://127.0.0.1:9/gone", 4, md5, "none", "https://x.org")
    monkeypatch.setitem(verb.DOWNLOADS, "cifar100", gone)
    line = refused(capsys, "fetch", "cifar100")
    assert "by hand" in line
    assert str(own_folders["DATA"] / "gone.bin") in line
    path = Path(result(capsys, "fetch", "cifar10")["file"])
    assert path == own_folders["DATA"] / "cifar.bin"
    assert path.read_bytes() == b"data"
