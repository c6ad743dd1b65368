"""Baselines as runs: PCA, ICA, an untrained encoder, the true factors, and noise. Each becomes a
run's folder, so that every score and page treats it like a VAE."""

import time
import warnings
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .. import store
from ..config import BASELINE_KINDS, PRESETS, RunConfig
from ..datasets import Dataset, config_dataset
from ..datasets.base import to_float
from ..errors import InputError, Refusal, exists, no_factors, not_one_of, unknown_name, wrong_value
from ..models import FactorCode, LinearCode, build_model
from ..models.baselines import random_rotation
from ..presets import BASELINES_FITTED_ON, ICA_SETTINGS
from ..rng import generator


def baseline_config(
    kind: str,
    dataset: Dataset,
    *,
    seed: int = 123,
    mode: str = "paper",
    latents: int | None = None,
    model: str = "conv",
    fit: str = "",
) -> RunConfig:
    """The settings of a baseline of a dataset.

    kind: pca, ica, untrained (an encoder with the initial weights of a training), oracle
    (the true factors), rotated (a random rotation of them) or noise. mode: the number of images for
    fitting PCA and ICA, "paper" or "full". latents: default 10, for the true factors their number.
    model: the untrained encoder's architecture. fit: settings of FastICA that differ from the
    defaults, "fun=cube max_iter=500" (see `ica_settings`), or for the true factors the one that
    the code lacks, "missing=shape". Raises `InputError` for unknown names.
    """
    if kind not in BASELINE_KINDS:
        raise unknown_name("baseline", kind, BASELINE_KINDS)
    if mode not in BASELINES_FITTED_ON:
        raise not_one_of("mode", ("paper", "full"), mode)
    if dataset.space is None and kind in ("oracle", "rotated", "noise"):
        raise no_factors(dataset.title, " to make codes from")
    if kind in ("oracle", "rotated"):
        assert dataset.space is not None, "checked above"
        latents = len(dataset.space.sizes)
    if fit and kind not in ("ica", "oracle"):
        raise InputError(
            f'Only "ica" and "oracle" have fit settings, not "{kind}".',
            Refusal.CONFLICT,
            model=kind,
        )
    if kind == "ica":
        ica_settings(fit)
    elif fit:
        missing_factor(fit, dataset)
    images = BASELINES_FITTED_ON[mode].get(kind, (0, 0))[dataset.shape[0] == 3]
    usual = PRESETS.get(f"{dataset.name}-conv-laptop")
    if usual is None:
        usual = RunConfig(
            dataset=dataset.name, channels=dataset.shape[0], image_size=dataset.shape[1]
        )
    return replace(
        usual,
        source=dataset.source,
        model=model if kind == "untrained" else kind,
        beta=None,
        seed=seed,
        latents=latents or 10,
        images=min(images, len(dataset)),
        fit=fit,
    )


def ica_settings(fit: str) -> dict[str, Any]:
    """FastICA's settings from a text such as "fun=cube tol=0.001": algorithm (parallel, deflation),
    fun (logcosh, exp, cube), max_iter, tol; the others keep their defaults. Raises `InputError`."""
    settings = dict(ICA_SETTINGS)
    for part in fit.split():
        name, _, text = part.partition("=")
        try:
            settings[name] = type(ICA_SETTINGS[name])(text)
        except (KeyError, ValueError) as error:
            raise InputError(
                f'"{part}" is not a setting of ICA; the choices are: '
                + " ".join(f"{key}={value}" for key, value in ICA_SETTINGS.items())
                + ".",
                Refusal.UNKNOWN_NAME,
                what="setting of ICA",
                name=part,
                choices=[*ICA_SETTINGS],
            ) from error
    choices = {"algorithm": ("parallel", "deflation"), "fun": ("logcosh", "exp", "cube")}
    for name, allowed in choices.items():
        if settings[name] not in allowed:
            raise not_one_of(f"ICA's {name}", allowed, fit)
    if settings["max_iter"] < 1 or not settings["tol"] > 0:
        raise wrong_value("ICA's max_iter and tol", "above 0", fit)
    return settings


def missing_factor(fit: str, dataset: Dataset) -> int:
    """The number of the factor that a code of the true factors lacks, from "missing=shape". Raises
    `InputError`."""
    assert dataset.space is not None, "asked of datasets with factors"
    names = list(dataset.space.names)
    if fit.removeprefix("missing=") not in names or not fit.startswith("missing="):
        raise not_one_of("oracle's fit", [f"missing={name}" for name in names], fit)
    return names.index(fit.removeprefix("missing="))


def make_baseline(
    config: RunConfig, root: str | Path, dataset: Dataset | None = None, half: bool = True
) -> Path:
    """Fit a baseline and store it under `root` as a run; returns its folder.

    PCA and ICA use config.images distinct random images of the dataset, drawn with the seed, as
    flat vectors in [0, 1]. ICA is FastICA on the whitened leading principal components, as in
    scikit-learn's FastICA on all pixels, except that a randomised SVD finds them. The history
    records the settings and whether ICA converged. Raises `InputError` for a folder that already
    has a run, or a config that is not a baseline's.
    """
    if not config.baseline:
        raise InputError(
            f'"{config.run_id}" is not a baseline: it must be trained.',
            Refusal.CONFLICT,
            run=config.run_id,
        )
    path = Path(root) / config.run_id
    if (path / store.CONFIG).exists():
        raise exists(path, does="has a run")
    started = time.monotonic()
    model = build_model(config)
    about: dict[str, Any] = {}
    if config.model in ("pca", "ica"):
        assert isinstance(model, LinearCode), "by the table of models"
        about = _fit(model, config, dataset or config_dataset(config))
    elif config.model == "oracle" and config.fit:
        assert isinstance(model, FactorCode), "by the table of models"
        model.rotation[missing_factor(config.fit, dataset or config_dataset(config))] = 0
    elif config.model == "rotated":
        assert isinstance(model, FactorCode), "by the table of models"
        model.rotation.copy_(random_rotation(config.latents, config.seed))
    store.create_run(path, config)
    record = {"event": "made", "images": config.images, **about}
    record["seconds"] = round(time.monotonic() - started, 2)
    store.append_history(path, record)
    store.save_weights(path, model, config.images, half)
    return path


def _fit(model: LinearCode, config: RunConfig, dataset: Dataset) -> dict[str, Any]:
    """Set a linear model's buffers; returns facts about the fit for the record."""
    from sklearn.decomposition import PCA, FastICA
    from sklearn.exceptions import ConvergenceWarning

    if config.images <= config.latents:
        raise wrong_value(
            f"{config.model.upper()} with {config.latents} components",
            "more images than components",
            config.images,
            "needs",
        )
    order = torch.randperm(len(dataset), generator=generator(config.seed, "baseline/images"))
    parts = order[: config.images].split(1_000)
    x = np.concatenate([to_float(dataset.images(part)).flatten(1).numpy() for part in parts])
    state = generator(config.seed, "baseline/fit").initial_seed() % 2**32
    pca = PCA(config.latents, whiten=True, svd_solver="randomized", random_state=state).fit(x)
    # components without variance (fewer varying pixels than latents) stay 0
    deviation = np.sqrt(pca.explained_variance_)
    deviation[deviation < 1e-6 * deviation.max()] = np.inf
    weight = pca.components_ / deviation[:, None]
    about: dict[str, Any] = {"explained_variance": float(pca.explained_variance_ratio_.sum())}
    if config.model == "ica":
        settings = ica_settings(config.fit)
        ica = FastICA(whiten=False, random_state=state, **settings)
        whitened = (x - pca.mean_) @ weight.T
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # it is recorded below
            ica.fit(whitened)
        weight = ica.components_ @ weight
        about |= settings
        about |= {"iterations": ica.n_iter_, "converged": ica.n_iter_ < settings["max_iter"]}
    model.mean.copy_(torch.from_numpy(pca.mean_))
    model.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
    return about | {"scikit-learn": version("scikit-learn")}
