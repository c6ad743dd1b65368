"""What README and the package's docstring show in Python runs, on the runs that come with it."""

import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import betavae_core
from betavae_core.models import build_vae
from tests.oracles import small_config

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "README.md").read_text()
SECTION = TEXT[TEXT.index("## From Python") : TEXT.index("## Data")]
CHECKUP = re.findall(r"```python\n(.*?)```", TEXT[: TEXT.index("## From Python")], re.DOTALL)
BLOCKS = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the first block leaves behind."""
    monkeypatch.setenv("BETAVAE_RUNS", str(ROOT / "trained_models"))
    found: dict[str, Any] = {}
    exec(BLOCKS[0], found)
    return found


def test_the_everyday_tasks(names: dict[str, Any]) -> None:
    assert names["codes"].shape == (1_000, 10)
    assert 0 < names["mig"] < 1
    assert 0.5 < names["stored"] <= 1
    assert names["images"].shape == (2, 9, 1, 64, 64)
    assert float(names["images"].min()) >= 0
    exec(BLOCKS[2], names)
    assert np.asarray(names["values"]).shape == (2_000, 3)


def test_a_model_of_any_kind_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = CHECKUP
    layers = "flatten, linear 20 -> linear 4096, unflatten 1 64 64"
    model = build_vae(small_config(model="layers", layers=layers, latents=10))
    exec(block, {"model": model})
    assert len(capsys.readouterr().out.splitlines()) > 5


def test_the_example_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BETAVAE_RUNS", str(ROOT / "trained_models"))
    text = betavae_core.__doc__ or ""
    lines = [line for line in text.splitlines()[1:] if line.startswith("    ") or not line]
    found: dict[str, Any] = {}
    exec(textwrap.dedent("\n".join(lines)), found)
    assert found["codes"].shape == (1_000, 10)


@pytest.mark.slow
def test_a_distance(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    exec(BLOCKS[1], names)
    value, features = capsys.readouterr().out.split()
    assert float(value) > 0
    assert features in ("inception", "lite0")
