"""Baselines: the same numbers as scikit-learn's own, and folders like any run's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA, FastICA

from betavae_core.config import BASELINE_KINDS, BASELINES, RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.datasets.base import to_float
from betavae_core.errors import InputError
from betavae_core.models import BASELINE_MODELS, VAE, LinearCode
from betavae_core.rng import generator
from betavae_core.scoring.baselines import baseline_config, make_baseline
from betavae_core.scoring.codes import code_table
from betavae_core.store import load_run
from betavae_core.training.loop import train
from tests.oracles import one_sentence
from tests.scoring.mixed import DATASET, Mixed


def make(root: Path, kind: str, **settings: Any) -> Any:
    config = baseline_config(kind, DATASET, **settings)
    return load_run(make_baseline(config, root, DATASET, half=False))


def fitted_on(config: RunConfig) -> np.ndarray:
    order = torch.randperm(len(DATASET), generator=generator(config.seed, "baseline/images"))
    return to_float(DATASET.images(order[: config.images])).flatten(1).numpy()


def test_the_two_lists_of_baselines_are_one() -> None:
    assert tuple(BASELINE_MODELS) == BASELINES


def test_pca_is_that_of_scikit_learn(tmp_path: Path) -> None:
    run = make(tmp_path, "pca", latents=4)
    x = fitted_on(run.config)
    reference = PCA(4, whiten=True, svd_solver="full").fit(x)
    z, log_var = run.model.encode(to_float(DATASET.images(np.arange(50))))
    expected = reference.transform(to_float(DATASET.images(np.arange(50))).flatten(1).numpy())
    signs = np.sign((z.numpy() * expected).sum(0))
    assert z.numpy() * signs == pytest.approx(expected, abs=2e-3)
    assert (log_var == -torch.inf).all()
    back = reference.inverse_transform(expected).reshape(-1, 1, 32, 32).clip(0, 1)
    assert run.model.decode(z).numpy() == pytest.approx(back, abs=2e-4)


def test_ica_is_that_of_scikit_learn(tmp_path: Path) -> None:
    """On all pixels at once, up to the order and signs of components."""
    run = make(tmp_path, "ica", latents=4)
    x = fitted_on(run.config)
    reference = FastICA(4, whiten="unit-variance", random_state=0, max_iter=1000).fit(x)
    images = to_float(DATASET.images(np.arange(300)))
    ours, theirs = run.model.encode(images)[0].numpy(), reference.transform(images.flatten(1))
    match = np.abs(np.corrcoef(ours.T, theirs.T)[:4, 4:])
    assert sorted(match.argmax(1)) == [0, 1, 2, 3]
    assert (match.max(1) > 0.99).all()
    assert run.history[0]["converged"]


def test_ica_finds_the_factors_that_pca_mixes(tmp_path: Path) -> None:
    factors = DATASET.space.factors(np.arange(DATASET.space.size))
    found = {}
    for kind in ("pca", "ica"):
        run = make(tmp_path, kind, latents=4)
        codes = code_table(run.model, run.weights_hash, DATASET).mean
        match = np.abs(np.corrcoef(codes.T, factors.T)[:4, 4:])
        found[kind] = match.max(0).min()
    assert found["ica"] > 0.98 > found["pca"]


def test_settings_of_ica_are_recorded(tmp_path: Path) -> None:
    run = make(tmp_path, "ica", latents=4, fit="fun=cube max_iter=1")
    assert run.config.fit == "fun=cube max_iter=1"
    about = run.history[0]
    assert (about["fun"], about["max_iter"], about["converged"]) == ("cube", 1, False)
    assert run.name != baseline_config("ica", DATASET, latents=4).run_id


def test_true_factors_and_their_rotation(tmp_path: Path) -> None:
    tables = {}
    for kind in ("oracle", "rotated"):
        run = make(tmp_path, kind)
        tables[kind] = code_table(run.model, run.weights_hash, DATASET).mean
        assert tables[kind].mean(0) == pytest.approx(0, abs=1e-4)
        assert np.cov(tables[kind].T) == pytest.approx(np.eye(4), abs=5e-3)
    order = [len(np.unique(column)) for column in tables["oracle"].T]
    assert order == list(DATASET.space.sizes)
    mixture = np.linalg.lstsq(tables["oracle"], tables["rotated"], rcond=None)[0]
    assert mixture @ mixture.T == pytest.approx(np.eye(4), abs=1e-3)
    assert np.abs(mixture - np.eye(4)).max() > 0.3


def test_true_factors_without_one(tmp_path: Path) -> None:
    """Its latent is 0 for every image, the others are those of the whole code."""
    whole, part = (
        make(tmp_path, "oracle", fit=fit) for fit in ("", f"missing={DATASET.space.names[1]}")
    )
    assert part.name != whole.name
    tables = [code_table(run.model, run.weights_hash, DATASET).mean for run in (whole, part)]
    assert (tables[1][:, 1] == 0).all()
    assert (np.delete(tables[0], 1, 1) == np.delete(tables[1], 1, 1)).all()


def test_noise_depends_on_the_seed_alone(tmp_path: Path) -> None:
    runs = [make(tmp_path, "noise", seed=seed) for seed in (1, 2)]
    tables = [code_table(run.model, run.weights_hash, DATASET).mean for run in runs]
    assert np.std(tables[0]) == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(tables[0].ravel(), tables[1].ravel())[0, 1]) < 0.05
    part = code_table(runs[0].model, runs[0].weights_hash, DATASET, limit=60)
    assert part.rows is not None
    assert (part.mean == tables[0][part.rows]).all()


def test_an_untrained_encoder_is_where_training_starts(tmp_path: Path) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    run = load_run(make_baseline(baseline_config("untrained", dataset), tmp_path, dataset))
    assert isinstance(run.vae, VAE)
    assert run.config.baseline == "untrained"
    assert run.name == "2dshapes-conv-untrained-seed123"


@pytest.mark.parametrize("kind", BASELINE_KINDS)
def test_every_kind_opens_like_a_run(kind: str, tmp_path: Path) -> None:
    run = make(tmp_path, kind)
    assert run.config.baseline == kind
    assert run.config.beta is None
    assert run.images_seen == run.config.images
    assert run.status == "finished"
    with pytest.raises(InputError, match="already has a run"):
        make_baseline(run.config, tmp_path, DATASET)
    with one_sentence(kind, "baseline"):
        list(train(run.config, tmp_path))


def test_pixels_that_never_vary_give_silent_components(tmp_path: Path) -> None:
    """Four factors mixed linearly: rounding aside, the other components have nothing to say."""
    run = make(tmp_path, "pca", latents=10)
    assert isinstance(run.model, LinearCode)
    assert run.model.weight.isfinite().all()


@pytest.mark.parametrize(
    ("kind", "wrong", "named"),
    [
        ("svd", {}, "pca"),
        ("pca", {"mode": "fast"}, "paper"),
        ("pca", {"fit": "fun=cube"}, "ica"),
        ("oracle", {"fit": "missing=colour"}, f"missing={DATASET.space.names[0]}"),
        ("oracle", {"fit": "fun=cube"}, "missing="),
        ("ica", {"fit": "colour=red"}, "fun=logcosh"),
        ("ica", {"fit": "fun=sine"}, "cube"),
        ("ica", {"fit": "max_iter=0"}, "above 0"),
        ("ica", {"fit": "tol=x"}, "tol"),
        ("pca", {"latents": 5000}, "more images"),
    ],
)
def test_wrong_settings_are_one_sentence(
    kind: str, wrong: dict[str, Any], named: str, tmp_path: Path
) -> None:
    with one_sentence(named):
        make(tmp_path, kind, **wrong)


def test_a_dataset_without_factors_has_no_oracle() -> None:
    class Photos(Mixed):
        space = None  # type: ignore[assignment]

    with one_sentence("factors"):
        baseline_config("oracle", Photos())
