"""The shipped long runs beside a third party's training of the same network on the same images."""

import json
from pathlib import Path

import pytest

from betavae_core.presets import ONE_PASS
from betavae_core.store import read_config, read_history
from tests.oracles import SAMPLES

SHIPPED = Path(__file__).parents[2] / "trained_models"
CURVES = json.loads((SAMPLES / "disentangling_vae_dsprites.json").read_text())
PASS = ONE_PASS["2dshapes"]


def mean_over_pass(path: Path, number: int) -> float:
    """Reconstruction + β · KL, nats per image, averaged over the images of one pass (from 1)."""
    beta, total, counted, before = read_config(path).beta, 0.0, 0, 0
    assert beta is not None
    for record in read_history(path)[0]:
        if "nll" not in record:
            continue
        images, seen = record["images"] - before, record["images"]
        if (number - 1) * PASS < seen <= number * PASS:
            total += images * (record["nll"] + beta * sum(record["kl"]))
            counted += images
        before = seen
    assert counted > 0.9 * PASS
    return total / counted


@pytest.mark.parametrize(("beta", "curve"), [(1, "VAE_dsprites"), (4, "betaH_dsprites")])
@pytest.mark.parametrize("number", [3, 10])
def test_long_runs_are_as_good_as_the_third_partys(beta: int, curve: str, number: int) -> None:
    path = SHIPPED / f"2dshapes-conv-beta{beta}-seed123-images7372800-klwarmup640000"
    theirs = CURVES[curve]
    loss = theirs["reconstruction"][number - 1] + beta * theirs["kl"][number - 1]
    ours = mean_over_pass(path, number)
    print(f"β = {beta}, pass {number}: {ours:.1f} nats, theirs {loss:.1f}: {ours / loss:.3f}")
    assert ours <= 1.1 * loss
