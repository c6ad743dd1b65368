"""A traversal while β rises, and other exports of a run for a range of β at one β."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image

from betavae_core.__main__ import main
from betavae_core.datasets import load_dataset
from betavae_core.export.rising import export_rising
from betavae_core.models import build_vae
from betavae_core.pictures.files import has_mp4
from betavae_core.store import Run, create_run, load_run, save_weights
from tests.oracles import one_sentence, small_config


@pytest.fixture
def of_all(tmp_path: Path) -> Run:
    """A run for β from 0.1 to 10 whose gates make β visible."""
    config = small_config(model="conv-multirate", beta_low=0.1, beta_high=10)
    model = build_vae(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("slope"):
                parameter.fill_(2)
            if name.startswith(("encoder", "decoder")):
                parameter.mul_(2)
    path = tmp_path / "runs" / config.run_id
    create_run(path, config)
    save_weights(path, model, config.images)
    return load_run(path)


@pytest.mark.slow
def test_a_traversal_while_beta_rises(of_all: Run, tmp_path: Path) -> None:
    folder = export_rising(of_all, load_dataset("2dshapes", "rendered"), tmp_path, betas=(0.2, 5))
    about = json.loads((folder / "caption.json").read_text())
    assert about["betas"][0] == 0.2
    assert about["betas"][-1] == 5
    assert len(about["betas"]) == 25
    assert "β rises from 0.2 to 5" in about["caption"]
    link = parse_qs(urlsplit(about["link"]).query)
    assert (link["run"], link["beta"]) == ([of_all.name], ["0.2"])
    moving = Image.open(folder / "rising-beta.gif")
    first = np.array(moving.convert("RGB")).astype(int)
    moving.seek(moving.n_frames // 2)
    last = np.array(moving.convert("RGB")).astype(int)
    assert np.abs(first - last).max() > 50
    assert (folder / "rising-beta.mp4").exists() == has_mp4()
    still = Image.open(folder / "rising-beta.png")
    assert still.size == (moving.width, 3 * moving.height)


def test_beta_outside_the_range_or_in_the_wrong_order_is_refused(
    of_all: Run, tmp_path: Path
) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    with one_sentence("from 0.1 to 10"):
        export_rising(of_all, dataset, tmp_path, betas=(0.01, 1))
    with one_sentence("lower one first"):
        export_rising(of_all, dataset, tmp_path, betas=(4, 1))
    assert not list(tmp_path.glob("rising*"))


def test_any_export_at_one_beta(
    of_all: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--runs-from", str(of_all.path.parent), "--out", str(tmp_path / "out")]
    assert main(["export", "traversal", of_all.name, "--beta", "3.7", *where]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert folder.name.endswith("-beta3.7")
    about = json.loads((folder / "caption.json").read_text())
    assert about["beta"] == 3.7
    assert parse_qs(urlsplit(about["link"]).query)["beta"] == ["3.7"]


@pytest.mark.parametrize(
    ("kind", "beta", "said"),
    [
        ("traversal", "0.1,10", "one number"),
        ("rising-beta", "4", "two numbers"),
        ("rising-beta", "low,high", "two numbers"),
        ("rising-beta", "0,1", "from 0.1 to 10"),
        ("rising-beta", "-1,1", "from 0.1 to 10"),
        ("rising-beta", "0.1,inf", "from 0.1 to 10"),
        ("rising-beta", "0.1,100", "got 100"),
        ("traversal", "99", "from 0.1 to 10"),
        ("traversal", None, "with --beta"),
        ("numbers", "1", "freeze"),
    ],
)
def test_other_values_of_beta_are_refused(
    of_all: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    beta: str | None,
    said: str,
) -> None:
    where = ["--runs-from", str(of_all.path.parent), "--out", str(tmp_path / "out")]
    given = [] if beta is None else [f"--beta={beta}"]
    assert main(["export", kind, of_all.name, *given, *where]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told
    assert "\n" not in told


def test_all_exports_at_one_beta_link_to_pages_that_show_it(
    of_all: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--runs-from", str(of_all.path.parent), "--out", str(tmp_path / "out")]
    assert main(["export", "all", of_all.name, "--beta", "2", *where]) == 0
    folders = [Path(line) for line in capsys.readouterr().out.split()]
    assert len(folders) == 3  # without the numbers, of which none is stored
    for folder in folders:
        link = urlsplit(json.loads((folder / "caption.json").read_text())["link"])
        assert link.path == "traversals"
        assert parse_qs(link.query)["beta"] == ["2"]


@pytest.mark.slow
def test_a_range_is_part_of_the_folders_name(of_all: Run, tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    assert export_rising(of_all, dataset, tmp_path).name == f"rising-beta-{of_all.name}"
    folder = export_rising(of_all, dataset, tmp_path, betas=(0.2, 5))
    assert folder.name == f"rising-beta-{of_all.name}-beta0.2to5"
