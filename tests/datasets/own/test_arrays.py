"""Anyone's own images as arrays: shapes, kinds of numbers, transparency, factors."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.datasets.own import arrays as own_arrays
from tests.datasets.own.images import GRID, numbered, write
from tests.oracles import one_sentence


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".hdf5"])
@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((32, 32), (1, 32, 32)),
        ((32, 32, 1), (1, 32, 32)),
        ((64, 64, 3), (3, 64, 64)),
        ((3, 32, 32), (3, 32, 32)),
        ((28, 28), (1, 32, 32)),
    ],
)
def test_arrays(
    suffix: str, shape: tuple[int, ...], expected: tuple[int, ...], tmp_path: Path
) -> None:
    path = write(tmp_path / f"mine{suffix}", images=numbered(12, *shape), **GRID)
    dataset = load_dataset("folder", root=path)
    assert (dataset.name, dataset.source, len(dataset)) == ("mine", "own", 12)
    assert dataset.shape == expected
    assert dataset.space is not None
    assert (dataset.space.names, dataset.space.sizes) == (("shade", "stripe"), (4, 3))
    images = dataset.images(dataset.space.index(np.array([[1, 2], [3, 0]])))
    assert images.flatten(1).float().mean(1).tolist() == [50, 90]


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_bool_images_without_factors(suffix: str, tmp_path: Path) -> None:
    images = numbered(5, 32, 32) > 10
    dataset = load_dataset("folder", root=write(tmp_path / f"b{suffix}", images=images))
    assert dataset.space is None
    assert dataset.images(range(5)).flatten(1).float().mean(1).tolist() == [0, 0, 255, 255, 255]


KINDS = {  # dtype, white
    **dict.fromkeys(("int16", "int64", "uint16", ">u2", ">i4", "float64", ">f4"), 255),
    **{f"{kind} of 16 bits": 65_535 for kind in ("uint16", ">u2", "int32", "float32")},
    **{f"{kind} to 1": 1 for kind in ("float16", "float32", "float64", ">f8")},
}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("kind", KINDS)
def test_numbers_of_every_kind_keep_their_values(kind: str, suffix: str, tmp_path: Path) -> None:
    """Also where most images are dark: one scale for all."""
    values = np.minimum(numbered(26).astype(np.float64), 250) / 255 * KINDS[kind]
    path = write(tmp_path / f"a{suffix}", images=values.astype(kind.split()[0]))
    dataset = load_dataset("folder", root=path)
    found = dataset.images(range(26)).flatten(1).float()
    assert found.amin(1).tolist() == found.amax(1).tolist()
    expected = torch.tensor([10.0 * number for number in range(26)])
    assert (found[:, 0] - expected).abs().max() <= (0 if KINDS[kind] == 255 else 1)
    assert f"{KINDS[kind]:,} is white" in dataset.note


@pytest.mark.parametrize("shape", [(32, 32), (40, 40, 3), (4, 32, 32)])
def test_an_array_in_fortran_order(shape: tuple[int, ...], tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (700, *shape), np.uint8)
    there = load_dataset("folder", root=write(tmp_path / "c.npz", images=images))
    path = write(tmp_path / "f.npz", images=np.asfortranarray(images), **{
        "factor_names": ["a", "b"], "factor_sizes": [100, 7]})  # fmt: skip
    found = load_dataset("folder", root=path)
    assert torch.equal(found.images(range(700)), there.images(range(700)))
    assert found.space is not None


def test_an_array_in_fortran_order_beyond_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(own_arrays, "MAX_WHOLE", 1_000)
    path = write(tmp_path / "f.npz", images=np.asfortranarray(numbered()))
    with one_sentence("Fortran order", "np.ascontiguousarray"):
        load_dataset("folder", root=path)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("kind", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("first", [True, False])
def test_transparency_is_laid_on_white(kind: str, suffix: str, first: bool, tmp_path: Path) -> None:
    images = np.zeros((3, 32, 32, 4))
    images[..., :3] = [1.0, 0.0, 0.2]
    images[0, ..., 3], images[1, :, :16, 3] = 1.0, 1.0
    images[2, ..., 3] = 0.6
    white = {"uint8": 255, "uint16": 65_535, "float32": 1}[kind]
    values = (images * white).astype(kind)
    values = values.transpose(0, 3, 1, 2) if first else values
    found = load_dataset("folder", root=write(tmp_path / f"a{suffix}", images=values))
    assert found.shape == (3, 32, 32)
    assert "RGBA on white" in found.note
    at = found.images(range(3))[:, :, 0].permute(0, 2, 1)
    assert at[0, 0].tolist() == at[1, 0].tolist() == [255, 0, 51]
    assert at[1, 31].tolist() == [255, 255, 255]
    assert at[2, 0].tolist() == pytest.approx([255, 102, 133], abs=1)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_what_makes_images_dark_is_told(suffix: str, tmp_path: Path) -> None:
    def note(values: np.ndarray) -> str:
        return load_dataset("folder", root=write(tmp_path / f"a{suffix}", images=values)).note

    twelve = (numbered(26).astype(np.int64) * 4095 // 250).astype(np.uint16)
    assert note(twelve) == "uint16 images: 65,535 is white, the largest value 4,095"
    unit = np.minimum(numbered(26), 250).astype(np.float32) / 250
    assert note(unit) == "float32 images: 1 is white, the largest value 1"
    unit[7] = 20
    told = note(unit)
    assert told.startswith("float32 images: 255 is white, the largest value 20 (")
    assert "1 of 26 reach above 1, which would be white without them, such as number 7" in told
    deep = numbered(26).astype(np.int32)
    deep[3, 0, 0, 0] = 3000
    assert "1 of 26 reach above 255" in note(deep)
    deep[3, 0, 0, 0] = 300
    with one_sentence("entirely black (int32 images: 65,535 is white", "1 of 26 reach above"):
        note(deep)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_an_array_may_begin_with_any_number_of_black_images(suffix: str, tmp_path: Path) -> None:
    images = np.zeros((1200, 32, 32), np.uint8)
    images[-1] = 200
    dataset = load_dataset("folder", root=write(tmp_path / f"film{suffix}", images=images))
    assert (len(dataset), dataset.note) == (1200, "")
    assert dataset.images([0, 1199]).amax((1, 2, 3)).tolist() == [0, 200]


def test_factors_as_attributes_of_an_h5_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", images=numbered())
    with h5py.File(path, "a") as file:
        file.attrs["factor_names"] = ["shade", "stripe"]
        file.attrs["factor_sizes"] = [4, 3]
    space = load_dataset("folder", root=path).space
    assert space is not None
    assert space.names == ("shade", "stripe")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "floats from -1 to 1": ({"images": numbered() / 50 - 1.0}, "Image 0 of"),
    "floats up to 2": ({"images": numbered() / 50}, "between 1 and 16"),
    "not a number": ({"images": numbered() / 255 + np.nan}, "np.nan_to_num"),
    "whole numbers below 0": ({"images": numbered().astype(np.int16) - 1}, "values from -1 to -1"),
    "too large numbers": ({"images": numbered().astype(np.int64) * 1000}, "to 70,000"),
    "complex": ({"images": numbered() * 1j}, "complex128"),
    "text": ({"images": np.full((3, 32, 32), b"a")}, "S1"),
    "one image": ({"images": numbered()[0]}, "have shape"),
    "two channels": ({"images": numbered(12, 32, 32, 2)}, "have shape (12, 32, 32, 2)"),
    "infinite": ({"images": numbered() / 255 + np.inf}, "np.nan_to_num"),
    "no images": ({"pictures": numbered()}, "images"),
    "empty": ({"images": numbered()[:0]}, "have shape"),
    "names without sizes": ({"images": numbered(), "factor_names": ["a"]}, "belong together"),
    "not the full grid": ({"images": numbered(11), **GRID}, "grid must be full"),
    "too few names": ({"images": numbered(), **GRID, "factor_names": ["a"]}, "names"),
    "values 0 and 1": ({"images": numbered() // 10 % 2}, "no value above 1"),
    "entirely black": ({"images": numbered() * 0.0}, "no value above 1"),
}


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_array_is_one_sentence(wrong: str, suffix: str, tmp_path: Path) -> None:
    arrays, named = WRONG[wrong]
    with one_sentence(named):
        load_dataset("folder", root=write(tmp_path / f"a{suffix}", **arrays))
