"""What the page Reconstruction offers to compute, and the process of its own that does it."""

import json
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st

from betavae_core.datasets import load_dataset
from betavae_core.scoring.distances import score_distances
from betavae_core.store import load_run
from pages._ui import background
from tests.datasets.own.images import write
from tests.oracles import small_config
from tests.pages.driving import open_page
from tests.pages.reconstruction.shown import texts


@pytest.mark.slow
def test_the_missing_is_computed_by_a_process_of_its_own(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the setting of what is there, so that the new values join it."""
    path = (
        runs
        / small_config(
            dataset="noise", source="own", channels=3, image_size=32, images=16, beta=1.0, seed=1
        ).run_id
    )
    records = load_run(path).scores
    (path / "scores.json").unlink()
    app = open_page("reconstruction")
    button = next(b for b in app.button if "Compute the missing distances of 1 model: " in b.label)
    button.click().run()
    assert not app.exception
    work = background._running()["fid-noise-lite0"]
    assert work.process.wait(120) == 0, work.failure()
    found = [r for r in load_run(path).scores if r["score"] == "frechet"]
    expected = [r for r in records if r["score"] == "frechet"]
    assert [r["settings"] for r in found] == [r["settings"] for r in expected]
    for one, two in zip(found, expected, strict=True):
        assert one["value"] == pytest.approx(two["value"], rel=1e-3)
    app.run()
    assert "Compute the missing" not in "".join(b.label for b in app.button)


def test_fid_is_offered_once_its_weights_are_here(
    runs: Path, offered: list[tuple[str, list[str]]], tmp_path: Path, monkeypatch: Any
) -> None:
    """Although everything is measured over the embedded network's features."""
    open_page("reconstruction")
    assert offered == []
    (tmp_path / "weights.pth").write_bytes(b"checked when they are used")
    monkeypatch.setenv("BETAVAE_INCEPTION", str(tmp_path / "weights.pth"))
    app = open_page("reconstruction")
    [(label, arguments)] = offered
    assert label == "Compute the missing distances of 4 models: FID"
    assert arguments[arguments.index("--features") + 1] == "inception"
    assert "are therefore not called FID" not in texts(app)


def test_the_missing_is_asked_for_as_it_was_measured(
    runs: Path, offered: list[tuple[str, list[str]]]
) -> None:
    """With the draw of the distances that are there, which it would otherwise never join."""
    paths = sorted(path for path in runs.iterdir() if path.is_dir())
    for path in paths:
        records = load_run(path).scores
        for record in records:
            if record["score"] == "frechet":
                record["settings"]["seed"] = record["asked"]["seed"] = 7
        (path / "scores.json").write_text(json.dumps(records))
    kept = [r for r in load_run(paths[0]).scores if r["score"] != "frechet"]
    (paths[0] / "scores.json").write_text(json.dumps(kept))
    open_page("reconstruction")
    [(label, arguments)] = offered
    assert "of 1 model: " in label
    command = " ".join(arguments)
    assert str(paths[0]) in command
    assert "--features lite0 --images 8 --reference-images 20 --seed 7" in command


@pytest.mark.slow
def test_distances_to_images_that_were_replaced_are_told_apart(
    runs: Path, own_folders: dict[str, Path], offered: list[tuple[str, list[str]]]
) -> None:
    """As many other images under the same name: nothing stale is joined with what is measured."""
    images = np.random.default_rng(1).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    write(own_folders["DATA"] / "noise.npz", images=images)
    st.cache_resource.clear()
    open_page("reconstruction")
    assert ["4 models" in label for label, _ in offered] == [True]
    path = next(path for path in sorted(runs.iterdir()) if path.is_dir())
    score_distances(load_run(path), load_dataset("noise"), features="lite0", images=8,
                    reference_images=20)  # fmt: skip
    offered.clear()
    app = open_page("reconstruction")
    options = app.selectbox(key="measured").options
    assert len(options) == 2
    assert all(", images " in option for option in options)
    table = next(d.value for d in app.dataframe if "frechet" in d.value)
    assert len(table) == 6  # the group of most runs, without the one that was measured anew
    assert path.name not in set(table["run"])


def test_cancelling_ends_the_work_and_its_children(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in runs.iterdir():
        if path.is_dir():
            (path / "scores.json").unlink()
    app = open_page("reconstruction")
    next(b for b in app.button if "Compute the missing" in b.label).click().run()
    work = background._running()["fid-noise-lite0"]
    assert work.process.poll() is None
    app.run()
    next(b for b in app.button if b.label == "Cancel").click().run()
    assert not app.exception
    assert work.process.poll() == -signal.SIGTERM
    app.run()
    assert "did not finish" not in "".join(e.value for e in app.error)  # it was asked to stop
    assert any("Compute the missing" in b.label for b in app.button)


@pytest.mark.slow
def test_two_visitors_start_one_process(
    own_folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight that press at the same moment; starting takes long enough for all to look first."""
    started: list[Any] = []
    popen = background.subprocess.Popen

    def slow(*arguments: Any, **options: Any) -> Any:
        time.sleep(0.3)
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(background.subprocess, "Popen", slow)
    moment = threading.Barrier(8)

    def press() -> None:
        moment.wait()
        background._start("two", ["runs"])

    visitors = [threading.Thread(target=press) for _ in range(8)]
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    assert len(started) == 1
    assert background._running()["two"].process is started[0]
    assert started[0].wait(60) == 0


def test_the_time_left_is_that_of_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(background.time, "monotonic", lambda: now[0])
    nothing: Any = None
    work = background.Work(nothing, nothing)
    assert work.seconds_left("features", 0.2) is None
    now[0] = 10.0
    assert work.seconds_left("features", 0.3) == pytest.approx(70)  # 10 % in 10 s, 70 % to go
    assert work.seconds_left("samples", 0.0) is None
    now[0] = 20.0
    assert work.seconds_left("samples", 0.5) == pytest.approx(10)
    assert work.seconds_left("samples", 0.1) is None  # the same step of the next run
    now[0] = 30.0
    assert work.seconds_left("samples", 0.2) == pytest.approx(80)
    assert background.duration(40) == "40 s"
    assert background.duration(600) == "10 min"
    assert background.duration(89 * 60) == "89 min"
    assert background.duration(77_520) == "22 h"
