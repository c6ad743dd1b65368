"""Runs on their way between machines: packed in parts, unpacked as runs, and nothing else."""

import io
import json
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from betavae_core.__main__ import main
from betavae_core.config import RunConfig
from betavae_core.models import build_vae
from betavae_core.shipping.archives import MANIFEST, Outcome, Unpacked, pack, unpack
from betavae_core.store import append_history, create_run, load_run, save_weights
from betavae_core.store.snapshots import save_snapshot
from tests.oracles import one_sentence, small_config

HERE = Unpacked(Outcome.UNPACKED)
SMALL = "flatten, linear 4 -> linear 4096, unflatten 1 64 64"


def make_run(root: Path, beta: float) -> Path:
    """A run that was never trained: 150 kB."""
    config = small_config(model="layers", layers=SMALL, latents=2, beta=beta)
    path = root / f"run{beta:g}"
    create_run(path, config)
    model = build_vae(config)
    save_weights(path, model, 8)
    save_snapshot(path, model, 8)
    append_history(path, {"images": 8, "seconds": 1.0, "loss": 3.0, "nll": 1.0, "kl": [0.5, 0.0]})
    (path / "notes.txt").write_text("somebody's own, which stays here")
    return path


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    return [make_run(tmp_path / "there", beta) for beta in (1.0, 4.0)]


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_what_is_packed_comes_out_byte_for_byte(two: list[Path], tmp_path: Path) -> None:
    """In many small parts, so that files lie across their borders."""
    about = pack(two, tmp_path / "packed", parts=100, part_bytes=10_000)
    assert len(about["parts"]) > 3
    assert all(
        (tmp_path / "packed" / part["file"]).stat().st_size <= 10_000 for part in about["parts"]
    )
    assert unpack(tmp_path / "packed", tmp_path / "here") == {"run1": HERE, "run4": HERE}
    for run in two:
        expected = contents(run)
        del expected["notes.txt"]
        assert contents(tmp_path / "here" / run.name) == expected
        assert load_run(tmp_path / "here" / run.name).config == load_run(run).config
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["run1", "run4"]


def test_packing_again_replaces_the_parts(two: list[Path], tmp_path: Path) -> None:
    pack(two, tmp_path / "packed")
    pack(two[:1], tmp_path / "packed")
    assert unpack(tmp_path / "packed", tmp_path / "here") == {"run1": HERE}
    assert len(list((tmp_path / "packed").iterdir())) == 2


def test_what_does_not_fit_is_left_out_whole_and_named(two: list[Path], tmp_path: Path) -> None:
    size = sum(map(len, contents(two[0]).values()))
    about = pack(two, tmp_path / "packed", parts=2, part_bytes=round(0.8 * size))
    assert (about["runs"], about["left_out"]) == (["run1"], ["run4"])
    assert len(about["parts"]) <= 2
    assert unpack(tmp_path / "packed", tmp_path / "here") == {"run1": HERE}


def test_a_run_that_is_here_stays_as_it_is(
    two: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(two, tmp_path / "packed")
    mine = make_run(tmp_path / "here", 4.0)
    append_history(mine, {"images": 9, "note": "mine"})
    before = contents(mine)
    arguments = ["unpack", str(tmp_path / "packed"), "--out", str(tmp_path / "here"), "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["runs"] == {"run1": "unpacked", "run4": "kept"}
    assert contents(mine) == before


def packed_by_hand(folder: Path, fill: Callable[[tarfile.TarFile], None]) -> Path:
    """What looks like packed runs, with anything in it."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        fill(archive)
    data = stream.getvalue()
    folder.mkdir()
    (folder / "runs-0.part").write_bytes(data)
    part = {"file": "runs-0.part", "bytes": len(data), "sha256": sha256(data).hexdigest()}
    (folder / MANIFEST).write_text(json.dumps({"parts": [part]}))
    return folder


def add(
    archive: tarfile.TarFile, name: str, data: bytes = b"x", kind: bytes = tarfile.REGTYPE
) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type, entry.linkname = len(data), kind, "/etc/passwd"
    archive.addfile(entry, io.BytesIO(data))


@pytest.mark.parametrize(
    "name",
    [
        "../run/config.json",
        "/tmp/run/config.json",
        "run/../../config.json",
        "../config.json",
        ".git/config.json",
        "config.json",
        "run/code.py",
        "run/snapshots/../config.json",
        "run/snapshots/a.safetensors",
        "run/sub/config.json",
        "run/config.json\n",
    ],
)
def test_no_name_leads_out_of_a_run(name: str, tmp_path: Path) -> None:
    def fill(archive: tarfile.TarFile) -> None:
        add(archive, "good/config.json")
        add(archive, name)

    folder = packed_by_hand(tmp_path / "packed", fill)
    with one_sentence("does not belong to a run", "nothing was unpacked"):
        unpack(folder, tmp_path / "in" / "here")
    assert list((tmp_path / "in" / "here").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "packed"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_only_regular_files_are_unpacked(kind: bytes, tmp_path: Path) -> None:
    folder = packed_by_hand(
        tmp_path / "packed", lambda archive: add(archive, "run/config.json", b"", kind)
    )
    with one_sentence("does not belong to a run"):
        unpack(folder, tmp_path / "here")
    assert list((tmp_path / "here").iterdir()) == []


def test_a_file_that_comes_twice_is_refused(tmp_path: Path) -> None:
    def fill(archive: tarfile.TarFile) -> None:
        add(archive, "run/config.json", b"one")
        add(archive, "run/config.json", b"two")

    with one_sentence("not an archive of runs"):
        unpack(packed_by_hand(tmp_path / "packed", fill), tmp_path / "here")


def test_what_does_not_open_is_left_out_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fill(archive: tarfile.TarFile) -> None:
        add(archive, "run/config.json", RunConfig().to_json().encode())

    folder = packed_by_hand(tmp_path / "packed", fill)
    assert main(["unpack", str(folder), "--out", str(tmp_path / "here")]) == 1
    assert "weights.safetensors is missing" in capsys.readouterr().err
    assert list((tmp_path / "here").iterdir()) == []
    result = unpack(folder, tmp_path / "here")["run"]
    assert result.outcome is Outcome.LEFT_OUT
    assert "weights.safetensors is missing" in result.reason


@pytest.mark.parametrize("harm", ["cut", "other bytes", "gone", "no list", "outside", "no JSON"])
def test_damaged_parts_are_one_sentence(harm: str, two: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "packed"
    about = pack(two, folder)
    part = folder / about["parts"][0]["file"]
    if harm == "cut":
        part.write_bytes(part.read_bytes()[:-1])
    elif harm == "other bytes":
        part.write_bytes(part.read_bytes()[:-1] + b"?")
    elif harm == "gone":
        part.unlink()
    elif harm == "no list":
        (folder / MANIFEST).unlink()
    elif harm == "no JSON":
        (folder / MANIFEST).write_text("[")
    else:
        part.rename(tmp_path / part.name)
        about["parts"][0]["file"] = f"../{part.name}"
        (folder / MANIFEST).write_text(json.dumps(about))
    with one_sentence(str(folder)):
        unpack(folder, tmp_path / "here")
    assert not (tmp_path / "here").exists()
