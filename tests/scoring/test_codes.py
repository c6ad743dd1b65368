"""Code tables: what the encoder says, once, whatever interrupts it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from betavae_core.datasets import Dataset, load_dataset
from betavae_core.factors import FactorSpace
from betavae_core.metrics import METRICS
from betavae_core.paths import data_root
from betavae_core.scoring.codes import DrawnCodes, code_table, has_code_table, part_of_grid, thin
from tests.oracles import one_sentence

SPACE = FactorSpace(("a", "b", "c"), (7, 12, 9))


class Ramp(Dataset):
    """Image i is full of i mod 251."""

    name, title, source, key = "ramp", "Ramp", "rendered", "ramp-1"
    shape = (1, 4, 4)

    def __init__(self, space: FactorSpace | None = SPACE) -> None:
        self.space = space
        self.shown = 0

    def __len__(self) -> int:
        return SPACE.size

    def _images(self, indices: torch.Tensor) -> torch.Tensor:
        self.shown += len(indices)
        return (indices % 251).to(torch.uint8)[:, None, None, None].expand(-1, 1, 4, 4)


class Mean:
    """Encodes an image as its mean and its negative, with log-variances −1 and −2."""

    latents = 2

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        mean = x.flatten(1).mean(1)
        return torch.stack([mean, -mean], 1), torch.tensor([-1.0, -2.0]).expand(len(x), 2)


def test_a_process_that_has_nothing_open_finds_the_same_codes() -> None:
    dataset = load_dataset("2dshapes", "rendered")
    mean, space = part_of_grid(Mean(), "part", "2dshapes", "rendered", str(data_root()), None, 200)
    table = code_table(Mean(), "again", dataset, limit=200)
    assert space == table.space
    assert space.size <= 200
    np.testing.assert_array_equal(mean, table.mean)
    assert table.rows is not None
    images = dataset.images(table.rows).float() / 255
    np.testing.assert_allclose(mean[:, 0], images.flatten(1).mean(1), atol=1e-6)


def expected(rows: np.ndarray) -> np.ndarray:
    return (rows % 251) / 255


def test_a_table_has_every_code_in_index_order() -> None:
    dataset = Ramp()
    table = code_table(Mean(), "one", dataset)
    rows = np.arange(SPACE.size)
    assert table.mean.shape == table.log_var.shape == (SPACE.size, 2)
    assert table.mean[:, 0] == pytest.approx(expected(rows), abs=1e-6)
    assert table.mean[:, 1] == pytest.approx(-expected(rows), abs=1e-6)
    assert (table.log_var == [-1, -2]).all()
    assert table.rows is None
    assert dataset.shown == SPACE.size


def test_it_is_encoded_once_per_representation_and_dataset() -> None:
    dataset = Ramp()
    code_table(Mean(), "one", dataset)
    code_table(Mean(), "one", dataset)
    assert dataset.shown == SPACE.size
    code_table(Mean(), "another", dataset)
    assert dataset.shown == 2 * SPACE.size
    dataset.key = "ramp-2"
    code_table(Mean(), "one", dataset)
    assert dataset.shown == 3 * SPACE.size


def test_a_cancelled_table_goes_on_where_it_was() -> None:
    dataset = Ramp()

    def cancel(what: str, done: int, total: int) -> None:
        if done >= 512:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        code_table(Mean(), "one", dataset, progress=cancel)
    assert dataset.shown == 512
    table = code_table(Mean(), "one", dataset)
    assert dataset.shown == SPACE.size
    assert table.mean[:, 0] == pytest.approx(expected(np.arange(SPACE.size)), abs=1e-6)


@pytest.mark.parametrize("most", [1, 8, 100, 700])
def test_a_thinned_grid_is_a_full_grid_of_real_images(most: int) -> None:
    space, rows = thin(SPACE, most, seed=3)
    assert space.size == len(rows) <= max(most, 8)
    assert (np.diff(rows) > 0).all()
    factors = SPACE.factors(rows)
    assert [len(np.unique(factors[:, k])) for k in range(3)] == list(space.sizes)
    for k in range(3):
        chosen = np.array(space.values[k])[space.factors(np.arange(space.size))[:, k]]
        assert (factors[:, k] == chosen).all()
    assert not np.array_equal(rows, thin(SPACE, most, seed=4)[1]) or most == 700


def test_a_table_of_part_of_the_grid() -> None:
    dataset = Ramp()
    table = code_table(Mean(), "one", dataset, limit=100)
    assert table.rows is not None
    assert dataset.shown == len(table.rows) == table.space.size <= 100
    assert table.mean[:, 0] == pytest.approx(expected(table.rows), abs=1e-6)
    assert code_table(Mean(), "one", dataset, limit=10**6).rows is None


def test_codes_on_demand_are_those_of_the_table_and_each_image_is_encoded_once() -> None:
    dataset = Ramp()
    codes = DrawnCodes(Mean(), dataset)
    whole = code_table(Mean(), "one", Ramp()).mean
    assert codes.shape == whole.shape
    rows = np.array([5, 700, 5, 31])
    assert (codes.ready(rows)[rows] == whole[rows]).all()
    assert dataset.shown == 3
    more = np.arange(20)
    assert (codes.ready(more)[more] == whole[more]).all()
    assert dataset.shown == 3 + 19


@pytest.mark.parametrize("name", ["higgins", "mig", "dci", "irs"])
def test_a_score_of_codes_on_demand_is_that_of_the_table(name: str) -> None:
    settings: dict[str, Any] = {"higgins": {"L": 2, "test_points": 50}, "dci": {"trees": 3}}
    usual = {"points": 60} | settings.get(name, {})
    whole = code_table(Mean(), "one", Ramp()).mean
    dataset = Ramp()
    found = METRICS[name](DrawnCodes(Mean(), dataset), SPACE, **usual)
    assert found == METRICS[name](whole, SPACE, **usual)
    assert dataset.shown < SPACE.size or name == "dci"  # which also draws test points


def test_whether_a_table_is_there() -> None:
    assert not has_code_table("one", Ramp())
    code_table(Mean(), "one", Ramp(), limit=100)
    assert not has_code_table("one", Ramp())
    code_table(Mean(), "one", Ramp())
    assert has_code_table("one", Ramp())


def test_no_factors_and_no_numbers_are_one_sentence(own_folders: dict[str, Path]) -> None:
    with one_sentence("Ramp", "no known factors"):
        code_table(Mean(), "one", Ramp(space=None))

    class Broken(Mean):
        def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            mean, log_var = super().encode(x)
            return mean / 0, log_var

    with one_sentence("NaN"):
        code_table(Broken(), "broken", Ramp())
    assert [f for f in own_folders["CACHE"].iterdir() if f.suffix != ".lock"] == []
