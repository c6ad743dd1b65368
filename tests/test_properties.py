"""What holds for every input of a kind, tried on many: factor spaces, run ids, arrays of images."""

import json
import string
from dataclasses import asdict, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from betavae_core.config import NOT_IN_RUN_ID, RunConfig
from betavae_core.datasets import load_dataset
from betavae_core.factors import FactorSpace, FactorTable

sizes = some.lists(some.integers(1, 6), min_size=1, max_size=5)


def space_of_sizes(of: list[int]) -> FactorSpace:
    return FactorSpace([f"f{k}" for k in range(len(of))], of)


@given(sizes)
def test_every_index_has_its_factors_and_back(of: list[int]) -> None:
    space = space_of_sizes(of)
    every = np.arange(space.size)
    factors = space.factors(every)
    assert (space.index(factors) == every).all()
    assert len({tuple(row) for row in factors.tolist()}) == space.size == np.prod(of)
    assert (factors >= 0).all()
    assert (factors < of).all()
    last = factors[: of[-1], -1]
    assert last.tolist() == list(range(of[-1]))  # the last varies fastest
    tensor = torch.from_numpy(every)
    assert space.factors(tensor).tolist() == factors.tolist()


@given(sizes, some.data())
def test_a_sweep_changes_one_factor_through_all_its_values(of: list[int], data: Any) -> None:
    space = space_of_sizes(of)
    base = space.factors(np.array([data.draw(some.integers(0, space.size - 1))]))[0]
    factor = data.draw(some.integers(0, len(of) - 1))
    found = space.factors(space.sweep(base, factor))
    assert found[:, factor].tolist() == list(range(of[factor]))
    assert (np.delete(found, factor, 1) == np.delete(base, factor)).all()


@given(some.lists(some.tuples(some.integers(-3, 3), some.sampled_from("abc")), min_size=1))
def test_a_table_of_factors_gives_each_image_its_values(rows: list[tuple[int, str]]) -> None:
    table = FactorTable(np.array([[str(n), text] for n, text in rows]))
    found = table.factors(np.arange(len(rows)))
    values = [[table.values[k][p] for k, p in enumerate(row)] for row in found.tolist()]
    assert values == [[str(n), text] for n, text in rows]


names = some.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=12)
configs = some.builds(
    RunConfig,
    beta=some.floats(0, 1e6),
    seed=some.integers(0, 2**31),
    latents=some.integers(1, 500),
    model=some.sampled_from(["conv", "mlp"]),
    likelihood=some.sampled_from(["bernoulli", "gaussian", "sigma-vae"]),
    sigma=some.floats(1e-3, 10),
    learning_rate=some.floats(1e-6, 1),
    batch_size=some.integers(1, 4096),
    images=some.integers(1, 10**9),
    kl_warmup=some.integers(0, 10**7),
)


@given(configs)
def test_a_config_is_read_back_as_it_was(config: RunConfig) -> None:
    assert RunConfig.from_json(config.to_json()) == config
    assert json.loads(config.to_json()) == asdict(config)


@given(configs, configs)
def test_two_configs_have_one_run_id_only_if_they_ask_for_the_same(
    one: RunConfig, two: RunConfig
) -> None:
    kept = {field.name for field in fields(RunConfig)} - (
        set(NOT_IN_RUN_ID) - {"dataset", "model", "beta", "seed"}
    )
    same = all(getattr(one, name) == getattr(two, name) for name in kept)
    assert (one.run_id == two.run_id) == same


@given(configs, some.sampled_from(["beta", "seed", "latents", "images", "sigma", "kl_warmup"]))
def test_a_run_id_is_the_name_of_a_folder_and_tells_each_setting(
    config: RunConfig, name: str
) -> None:
    other = replace(config, **{name: getattr(config, name) + 1})
    assume(getattr(other, name) != getattr(config, name))
    assert other.run_id != config.run_id
    assert Path(config.run_id).name == config.run_id
    assert len(config.run_id) < 200


@settings(max_examples=30, deadline=None)
@given(
    some.integers(1, 5),
    some.sampled_from(["NHW", "NHWC", "NCHW"]),
    some.sampled_from([np.uint8, np.uint16, np.float32, bool]),
    some.integers(0, 2**32 - 1),
)
def test_an_array_of_images_comes_back_whatever_its_layout_and_type(
    count: int, layout: str, kind: Any, seed: int
) -> None:
    source = np.random.default_rng(seed)
    channels = 1 if layout == "NHW" else 3
    pixels = source.integers(0, 256, (count, channels, 32, 32), dtype=np.uint8)
    pixels[:, :, 0, 0], pixels[:, :, 0, 1] = 0, 255
    if kind is bool:
        pixels = (pixels > 127).astype(np.uint8) * 255
    stored: dict[Any, np.ndarray] = {
        np.uint8: pixels,
        np.uint16: pixels.astype(np.uint16) * 257,
        np.float32: pixels.astype(np.float32) / 255,
        bool: pixels > 127,
    }
    array = stored[kind]
    if layout == "NHW":
        array = array[:, 0]
    elif layout == "NHWC":
        array = array.transpose(0, 2, 3, 1)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("BETAVAE_CACHE", folder)
        np.savez(Path(folder) / "some.npz", images=np.ascontiguousarray(array))
        found = load_dataset("folder", root=Path(folder) / "some.npz").images(range(count))
        assert found.shape == pixels.shape
        assert np.abs(found.numpy().astype(int) - pixels).max() <= 1
