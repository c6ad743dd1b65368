"""The wheel: installed on its own it trains, scores and checks."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`betavae` of a fresh environment that has the wheel and, beside it, what it depends on."""
    place = tmp_path_factory.mktemp("wheel")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    for name in tracked.stdout.decode().split("\0"):
        if name.startswith("betavae_core/") or name in ("pyproject.toml", "README.md"):
            (place / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            (place / "source" / name).write_bytes((ROOT / name).read_bytes())
    python = sys.executable
    build = [python, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place)]
    subprocess.run([*build, str(place / "source")], check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    subprocess.run([python, "-m", "venv", str(place / "env")], check=True)
    install = [str(place / "env/bin/pip"), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    (packages,) = (place / "env/lib").glob("python*/site-packages")
    (packages / "beside.pth").write_text(sysconfig.get_paths()["purelib"])
    return place / "env/bin/betavae"


def test_it_trains_scores_and_checks(script: Path, tmp_path: Path) -> None:
    """Runs land in the folder where the command is given."""
    environment = {key: value for key, value in os.environ.items() if key != "BETAVAE_RUNS"}

    def betavae(*arguments: str, status: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [str(script), *arguments],
            cwd=tmp_path,
            env=environment | {"OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode in status, done.stderr
        return done.stdout

    trained = json.loads(betavae("train", "--images", "640", "--device", "cpu", "--json"))
    assert trained["status"] == "finished"
    run = tmp_path / "trained_models" / trained["name"]
    assert (run / "weights.safetensors").exists()
    scored = json.loads(betavae("evaluate", run.name, "--score", "mig", "--json"))
    assert 0 <= scored[0]["value"] <= 1
    # so short a training may well be judged broken
    checked = betavae("check", str(run), "--quick", status=(0, 1))
    assert "a run of this lab" in checked
    assert betavae("--help").startswith("usage: betavae")
