"""Evaluation on a device gives the numbers of the CPU: on every device of this machine."""

import importlib
from pathlib import Path

import numpy as np
import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.device import moved
from betavae_core.errors import InputError
from betavae_core.fid.features import extract
from betavae_core.metrics.classifiers import fit_predict
from betavae_core.models import build_vae
from betavae_core.scoring.codes import code_table
from betavae_core.scoring.elbo import score_elbo
from betavae_core.scoring.scores import score_metrics
from betavae_core.store import Run
from tests.oracles import coarse_features, small_config

DEVICES = ["cpu"]
DEVICES += ["cuda"] if torch.cuda.is_available() else []
DEVICES += ["mps"] if torch.backends.mps.is_available() else []
ABSENT = next(name for name in ("mps", "cuda") if name not in DEVICES)
CODES = 1e-4  # of a standardised code
TERMS = 1e-4  # of a term of the ELBO, relative
GUESSES = 0.01  # share of labels


@pytest.mark.parametrize("device", DEVICES)
def test_codes_terms_and_features_are_those_of_the_cpu(
    device: str, small_run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Against the encoder in float64; the run's model and dataset stay on the CPU."""
    monkeypatch.setenv("BETAVAE_CACHE", str(tmp_path / "cache"))
    dataset = load_dataset("2dshapes", "rendered")
    table = code_table(small_run.vae, "key", dataset, limit=600, device=device)
    assert table.rows is not None
    with torch.no_grad():
        wide = build_vae(small_run.config).double()
        wide.load_state_dict(small_run.vae.state_dict())
        mean, log_var = wide.encode(dataset.images(table.rows).double() / 255)
    np.testing.assert_allclose(table.mean, mean, rtol=0, atol=CODES)
    np.testing.assert_allclose(table.log_var, log_var, rtol=0, atol=CODES)
    here, there = (score_elbo(small_run, dataset, images=200, device=d) for d in ("cpu", device))
    assert there["nll"] == pytest.approx(here["nll"], rel=TERMS)
    assert there["kl"] == pytest.approx(here["kl"], rel=TERMS, abs=TERMS)
    assert next(small_run.vae.parameters()).device == dataset.device == torch.device("cpu")
    images = dataset.images(range(20))
    entry = coarse_features()
    torch.testing.assert_close(
        extract(entry.build(device), images), extract(entry.build("cpu"), images)
    )


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", ["linear", "mlp"])
@pytest.mark.parametrize("paper", [False, True])
def test_classifiers_guess_as_on_the_cpu(
    name: str, paper: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for steps in ("PAPER_LINEAR_STEPS", "PAPER_MLP_STEPS", "LINEAR_STEPS", "MLP_STEPS"):
        monkeypatch.setattr(f"betavae_core.metrics.classifiers.{steps}", 40)
    source = np.random.default_rng(0)
    labels = source.integers(0, 3, (2, 150))
    points = source.normal(size=(2, 150, 4)) + 3 * np.eye(3, 4)[labels]
    guesses = [
        fit_predict(name, points, labels, points, 3, paper=paper, seeds=[0, 1], device=place)
        for place in ("cpu", device)
    ]
    assert (guesses[0] != guesses[1]).mean() <= GUESSES
    if not paper:  # 40 steps of the paper's small rate are not enough to learn anything
        assert (guesses[1] == labels).mean() > 0.8


def test_the_device_that_is_asked_for_is_the_one_that_works(small_run: Run) -> None:
    """One that is not here is refused wherever it would compute."""
    dataset = load_dataset("2dshapes", "rendered")
    points, labels = np.zeros((1, 4, 2)), np.zeros((1, 4), int)
    with pytest.raises(InputError, match=ABSENT.upper()):
        score_elbo(small_run, dataset, images=8, device=ABSENT)
    with pytest.raises(InputError, match=ABSENT.upper()):
        fit_predict("linear", points, labels, points, 2, paper=False, seeds=[0], device=ABSENT)
    with pytest.raises(InputError, match=ABSENT.upper()):
        score_metrics(small_run, [("mig", {})], dataset, limit=600, device=ABSENT)


def test_the_classifier_is_fitted_where_the_codes_are_made(
    small_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = torch.device("cpu")  # not the text, which is the usual value
    seen = []

    def fitted(*given: object, device: object, **settings: object) -> np.ndarray:
        seen.append(device)
        return np.zeros((1, 10), int)

    module = importlib.import_module("betavae_core.metrics.higgins")  # not the function in it
    monkeypatch.setattr(module, "fit_predict", fitted)
    settings = {"L": 2, "points": 20, "test_points": 10, "classifier": "linear"}
    dataset = load_dataset("2dshapes", "rendered")
    score_metrics(small_run, [("higgins", settings)], dataset, limit=600, device=place)
    assert seen == [place]
    assert seen != ["cpu"]


class Watching:
    """Encodes and decodes nothing, and notes how a GPU would convolve."""

    latents = 2

    def __init__(self) -> None:
        self.rounded: list[bool] = []

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.rounded.append(torch.backends.cudnn.allow_tf32)
        return x.flatten(1)[:, :2], x.flatten(1)[:, :2]


def test_numbers_are_computed_in_all_of_float32() -> None:
    """And the setting is put back, so that training is as fast as before."""
    watching = Watching()
    before = torch.backends.cudnn.allow_tf32
    assert before
    code_table(watching, "watching", load_dataset("2dshapes", "rendered"), limit=8)
    extract(lambda x: torch.cat(watching.encode(x), 1), torch.zeros(2, 3, 8, 8))
    assert watching.rounded == [False, False]
    assert torch.backends.cudnn.allow_tf32 == before


def test_a_model_is_moved_as_a_copy() -> None:
    model = build_vae(small_config())
    assert moved(model, torch.device("cpu")) is model
    away = moved(model, torch.device("meta"))
    assert away is not model
    assert next(away.parameters()).device.type == "meta"
    assert next(model.parameters()).device.type == "cpu"
