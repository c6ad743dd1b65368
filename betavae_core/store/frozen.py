"""A multi-rate run at one β: an ordinary run."""

import hashlib
from dataclasses import replace
from pathlib import Path

from ..beta import beta_text
from ..config import RunConfig
from ..errors import exists
from .files import CONFIG
from .runs import Run, create_run, load_run, run_name
from .weights import save_weights


def frozen_config(run: Run, beta: float) -> RunConfig:
    """The settings of the conv run that a multi-rate run is at one β; its origin says that it was
    not trained at this β alone, its images are those that the weights have seen: fewer than asked
    for, if the training is not finished."""
    return replace(
        run.config,
        model="conv",
        beta=beta,
        beta_low=None,
        beta_high=None,
        images=run.images_seen or run.config.images,
        origin=f"{run.name} at {beta_text(beta)}",
    )


def is_frozen(config: RunConfig) -> bool:
    """Whether these are settings of `frozen_config`: of a model that was trained for every β."""
    return config.beta is not None and config.origin.endswith(f" at {beta_text(config.beta)}")


def at_beta(run: Run, beta: float) -> Run:
    """The multi-rate run at one β of its range, as a conv run without history and scores, which
    belong to other β. Raises `InputError` for a β outside the range and for any other run."""
    model = run.multirate.at_beta(beta).eval().requires_grad_(False)
    key = hashlib.sha256(f"{run.weights_hash} {beta!r}".encode()).hexdigest()
    return replace(
        run,
        config=frozen_config(run, beta),
        loaded=model,
        history=[],
        scores=[],
        weights_hash=key,
        at=beta,
    )


def freeze(run: Run, beta: float, root: Path, name: str = "", half: bool = False) -> Run:
    """Write `at_beta` as a run folder of its own under `root`, and open it. Raises `InputError` if
    the folder is there."""
    frozen = at_beta(run, beta)
    assert frozen.loaded is not None, "a multi-rate run with weights"
    number = repr(float(beta)).removesuffix(".0")  # every digit, as two β are two runs
    path = root / run_name(name or f"{run.name}-frozen-beta{number}")
    if (path / CONFIG).exists():
        raise exists(path, "give the new run another --name; nothing was overwritten", "has a run")
    create_run(path, frozen.config)
    save_weights(path, frozen.loaded, run.images_seen or 0, half)
    return load_run(path)
