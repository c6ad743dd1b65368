"""Configs: values that make sense, ids that tell runs apart, JSON that reads back the same."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from betavae_core.config import FORMAT, PRESETS, RunConfig, for_model, preset
from betavae_core.presets import SMALL_WORLDS
from tests.oracles import one_sentence

OTHER_VALUES: dict[str, Any] = {
    "dataset": "3dshapes",
    "source": "official",
    "model": "mlp",
    "beta": 4.000001,
    "seed": 124,
    "latents": 11,
    "likelihood": "gaussian",
    "sigma": 0.5,
    "fit": "fun=cube",
    "optimizer": "adagrad",
    "learning_rate": 4e-4,
    "batch_size": 65,
    "images": 737_281,
    "kl_warmup": 640_000,
    "image_size": 32,
    "channels": 3,
}


def test_run_id_is_readable() -> None:
    assert preset("2dshapes-conv-laptop").run_id == "2dshapes-conv-beta4-seed123"
    assert RunConfig(beta=0.1, seed=427).run_id == "2dshapes-conv-beta0.1-seed427"
    assert RunConfig(beta=None).run_id == "2dshapes-conv-betaunknown-seed123"


@pytest.mark.parametrize("field", OTHER_VALUES)
def test_run_id_differs_with_every_field(field: str) -> None:
    assert replace(RunConfig(), **{field: OTHER_VALUES[field]}).run_id != RunConfig().run_id


def test_the_precision_is_the_machines_choice_and_no_part_of_the_id() -> None:
    assert replace(RunConfig(), precision="bfloat16").run_id == RunConfig().run_id


def test_run_ids_of_presets_differ() -> None:
    assert len({config.run_id for config in PRESETS.values()}) == len(PRESETS)


def test_zero_has_no_sign() -> None:
    assert RunConfig(beta=-0.0).run_id == RunConfig(beta=0.0).run_id == RunConfig(beta=0).run_id
    assert RunConfig(beta=-0.0).to_json() == RunConfig(beta=0.0).to_json()


def test_whole_and_fractional_numbers_give_one_id() -> None:
    assert RunConfig(beta=4).run_id == RunConfig(beta=4.0).run_id


@pytest.mark.parametrize("name", PRESETS)
def test_json_reads_back_the_same(name: str) -> None:
    config = replace(PRESETS[name], beta=0.1 + 0.2, origin="β from elsewhere")
    assert RunConfig.from_json(config.to_json()) == config


def test_presets_hold_table_4() -> None:
    table = {
        # optimiser, rate, batch, latents, shape
        "2dshapes-mlp": ("adagrad", 1e-2, 256, 10, (1, 64, 64)),
        "2dshapes-conv": ("adam", 5e-4, 256, 10, (1, 64, 64)),
        "3dshapes-conv": ("adam", 1e-4, 64, 10, (3, 64, 64)),
        "mpi3d-toy-conv": ("adam", 5e-4, 64, 10, (3, 64, 64)),
        "cifar10-conv": ("adam", 5e-4, 64, 128, (3, 32, 32)),
        "cifar100-conv": ("adam", 5e-4, 64, 128, (3, 32, 32)),
    }
    for name, (optimizer, rate, batch, latents, shape) in table.items():
        config = PRESETS[name]
        assert (config.optimizer, config.learning_rate) == (optimizer, rate)
        assert (config.batch_size, config.latents, config.shape) == (batch, latents, shape)
        assert config.likelihood == "bernoulli"
    table |= dict.fromkeys(("mpi3d-realistic-conv", "mpi3d-real-conv"), table["mpi3d-toy-conv"])
    assert set(PRESETS) == {*table, *(f"{name}-laptop" for name in table), *SMALL_WORLDS}


def test_laptop_preset_is_one_pass_of_batches_of_64() -> None:
    for model in ("conv", "mlp"):
        config = PRESETS[f"2dshapes-{model}-laptop"]
        assert (config.batch_size, config.images) == (64, 737_280)


def test_preset_takes_overrides_and_lists_the_names() -> None:
    assert preset("2dshapes-conv", beta=10.0).beta == 10
    with one_sentence("2dshapes-cnn", "2dshapes-conv-laptop"):
        preset("2dshapes-cnn")


def test_normalised_beta() -> None:
    assert RunConfig(beta=4.0).beta_normalised == pytest.approx(4 * 10 / 4096)
    colour = RunConfig(dataset="3dshapes", beta=4.0)
    assert colour.beta_normalised == pytest.approx(4 * 10 / 12288)
    assert RunConfig(beta=None).beta_normalised is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("beta", value) for value in (-1.0, float("nan"), float("inf"), "4", True)],
        *[("learning_rate", value) for value in (0.0, -1e-3, float("nan"), float("inf"))],
        *[(name, 0) for name in ("latents", "batch_size", "channels", "image_size")],
        ("images", -1),
        ("kl_warmup", -1),
        ("kl_warmup", 0.5),
        *[(name, 2.5) for name in ("latents", "batch_size", "images", "seed")],
        *[("sigma", value) for value in (0.0, -1.0, float("nan"))],
        ("seed", -1),
        ("seed", 2**63),
        ("source", "web"),
        ("precision", "float16"),
        *[(name, "banana") for name in ("likelihood", "optimizer")],
        ("model", 3),
    ],
)
def test_values_without_sense_are_refused(field: str, value: Any) -> None:
    with one_sentence(field):
        RunConfig(**{field: value})


def test_a_dataset_of_unknown_shape_needs_one() -> None:
    assert RunConfig(dataset="mine", channels=3, image_size=32).shape == (3, 32, 32)
    with one_sentence("channels"):
        RunConfig(dataset="mine")


def _json(**changes: Any) -> str:
    return json.dumps(asdict(RunConfig()) | changes)


DAMAGED: dict[str, tuple[str, str]] = {
    "empty": ("", "JSON"),
    "truncated": (RunConfig().to_json()[:-30], "JSON"),
    "a list": ("[]", "object"),
    "no format": ("{}", "format"),
    "format as text": (_json(format="1"), "format"),
    "newer format": (_json(format=FORMAT + 1), "newer"),
    "unknown setting": (_json(colour="red"), "colour"),
    "no dataset": ('{"format": 1, "model": "conv"}', "dataset"),
    "beta NaN": (_json(beta=float("nan")), "beta"),
    "latents as text": (_json(latents="ten"), "latents"),
    "latents null": (_json(latents=None), "latents"),
    "beta beyond floats": (_json(beta=10**400), "beta"),
    "unknown likelihood": (_json(likelihood="banana"), "bernoulli"),
    "unknown optimizer": (_json(optimizer="banana"), "adagrad"),
    "unknown model": (_json(model="banana"), "mlp"),
    "dataset a list": (_json(dataset=["2dshapes"]), "dataset"),
    "5000 digits": (_json(seed=0).replace('"seed": 0', '"seed": ' + 5000 * "9"), "config.json"),
    "too deep": ("[" * 100_000, "config.json"),
}


@pytest.mark.parametrize(("text", "named"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_json_is_one_sentence(text: str, named: str) -> None:
    with one_sentence(named):
        RunConfig.from_json(text)


def test_a_newer_format_says_so() -> None:
    """Even when that format has settings that are unknown here."""
    with one_sentence("newer version", str(FORMAT + 1)):
        RunConfig.from_json(_json(format=FORMAT + 1, invented="later"))


def test_settings_for_another_model() -> None:
    mini = preset("sprites-mini", beta=2.0, seed=5)
    mlp = for_model(mini, "mlp")
    assert (mlp.optimizer, mlp.learning_rate) == ("adagrad", 1e-2)  # Table 4 of the paper
    same = ("dataset", "beta", "seed", "images", "latents", "shape")
    assert [getattr(mlp, name) for name in same] == [getattr(mini, name) for name in same]
    ranged = for_model(mini, "conv-multirate")
    assert (ranged.beta, ranged.learning_rate) == (None, mini.learning_rate)
    assert ranged.multirate
    assert for_model(mini, "conv") == mini
    with one_sentence("no preset"):
        for_model(mini, "transformer")
