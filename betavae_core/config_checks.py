"""What the settings of a run can be: checks of a `RunConfig`, each a refusal in one sentence."""

import math
from dataclasses import fields
from typing import Any

from .errors import InputError, Refusal, not_one_of, wrong_value

PRECISIONS = ("auto", "float32", "bfloat16")
# the names in the tables of objective.py and training/step.py, which need torch; a test keeps both
# the same
LIKELIHOODS = ("bernoulli", "gaussian", "sigma-vae")
OPTIMIZERS = ("adam", "adagrad")
SOURCES = ("rendered", "official", "own")


def check_types(config: Any) -> None:
    """Raise `InputError` unless every setting has its field's type."""
    for field in fields(config):
        _check_type(field.name, getattr(config, field.name), field.type)


def check_values(config: Any) -> None:
    """Raise `InputError` for a value that no run can have."""
    for name in ("beta", "strength", "capacity"):
        value = getattr(config, name)
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise wrong_value(name, "a finite number of at least 0", value)
    for name in ("learning_rate", "sigma"):
        value = getattr(config, name)
        if not (math.isfinite(value) and value > 0):
            raise wrong_value(name, "above 0", value)
    for name in ("latents", "batch_size", "channels", "image_size"):
        if getattr(config, name) < 1:
            raise wrong_value(name, "at least 1", getattr(config, name))
    for name in ("images", "kl_warmup"):
        if getattr(config, name) < 0:
            raise wrong_value(name, "at least 0", getattr(config, name))
    if config.channels not in (1, 3):
        raise wrong_value("channels", "1 or 3", config.channels)
    for name in ("seed", "order_seed"):
        if not 0 <= (getattr(config, name) or 0) < 2**63:
            raise wrong_value(name, "from 0 to 2**63 - 1", getattr(config, name))
    _check_source(config)
    if bool(config.layers) != (config.model == "layers"):
        raise InputError(
            'The setting layers belongs to the model "layers", which needs it, got model '
            f'"{config.model}" and {len(config.layers)} characters of layers.',
            Refusal.CONFLICT,
        )
    check_name("likelihood", config.likelihood, LIKELIHOODS)
    check_name("optimizer", config.optimizer, OPTIMIZERS)
    check_name("precision", config.precision, PRECISIONS)


def check_name(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raise `InputError` unless the value of a setting is one of the known names."""
    if value not in known:
        raise not_one_of(name, known, value)


def check_absent(config: Any, owner: str, name: str) -> None:
    """Raise `InputError` if a setting that belongs to `owner` is given."""
    if (value := getattr(config, name)) is not None:
        raise InputError(
            f"The setting {name} belongs to {owner}, got {name} {value} and the objective "
            f"{config.objective}.",
            Refusal.CONFLICT,
        )


def _check_source(config: Any) -> None:
    if config.source == "excerpt":
        raise InputError(
            f"The excerpt of {config.dataset} is for looking at models and too small for "
            "training: train on its official images "
            f"(`python -m betavae_core data fetch {config.dataset}`).",
            Refusal.UNSUITABLE,
            dataset=config.dataset,
            source=config.source,
            remedy=f"python -m betavae_core data fetch {config.dataset}",
        )
    if config.source not in SOURCES:
        raise not_one_of("source", SOURCES, config.source)


def _check_type(name: str, value: Any, expected: Any) -> None:
    """Raise unless `value` has the field's type; whole numbers pass as floats, bools do not."""
    allowed: Any = {
        str: str,
        int: int,
        float: (int, float),
        int | None: (int, type(None)),
        float | None: (int, float, type(None)),
    }[expected]
    if isinstance(value, int) and allowed is not int and abs(value) > 2**63:
        raise InputError(
            f"{name} is too large.", Refusal.VALUE, name=name, expected="at most 2**63 in size"
        )
    if isinstance(value, bool) or not isinstance(value, allowed):
        wanted = getattr(expected, "__name__", str(expected))
        raise wrong_value(name, f"of type {wanted}", value)
