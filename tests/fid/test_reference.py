"""The reference side: computed once, kept, and never stale."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from betavae_core.datasets import load_dataset
from betavae_core.fid import FEATURES, kernel_distance
from betavae_core.fid.extrapolation import distance_by_count, extrapolate, usual_counts
from betavae_core.fid.features import extract
from betavae_core.fid.frechet import covariance_root, frechet_of_features_to_root
from betavae_core.fid.reference import MOST_KERNEL, reference
from tests.oracles import frechet_of, one_sentence

RNG = np.random.default_rng(0)


def test_it_is_the_gaussian_of_the_images(built: list[str]) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    found = reference(dataset, "coarse", images=300, seed=1)
    assert found.table.shape == (300, 48)
    assert (found.features, found.dataset, found.source) == ("coarse", "2dshapes", "rendered")
    table = found.table.astype(np.float64)
    assert found.mean == pytest.approx(table.mean(0))
    assert found.root @ found.root.T == pytest.approx(np.cov(table.T), abs=1e-9)
    other = RNG.normal(size=(200, 48)) * 0.1 + 0.2
    assert found.frechet(other) == pytest.approx(frechet_of(table, other), rel=1e-9)
    few = other[:20]
    assert found.frechet(few) == pytest.approx(frechet_of(table, few), rel=1e-7)
    expected = kernel_distance(table[:MOST_KERNEL], other, seed=0)
    assert found.kernel(other) == pytest.approx(expected)
    assert found.kernel(other).standard_error == pytest.approx(expected.standard_error)


def test_it_is_computed_once(built: list[str]) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    first = reference(dataset, "coarse", images=50)
    again = reference(dataset, "coarse", images=50)
    assert built == ["built"]
    assert np.array_equal(first.table, again.table)
    assert np.array_equal(first.root, again.root)


def test_another_preprocessing_or_draw_is_another_reference(
    built: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    reference(dataset, "coarse", images=50)
    reference(dataset, "coarse", images=50, seed=1)
    reference(dataset, "coarse", images=60)
    assert len(built) == 3
    changed = replace(FEATURES["coarse"], preprocessing="averaged over other tiles")
    monkeypatch.setitem(FEATURES, "coarse", changed)
    reference(dataset, "coarse", images=50)
    assert len(built) == 4


def test_the_images_are_drawn_at_random_without_repeats(built: list[str]) -> None:
    """The whole, too, is in random order: the kernel distance takes the first of it."""
    dataset = load_dataset("2dshapes", "rendered")
    drawn = reference(dataset, "coarse", images=400).table
    blocks = extract(FEATURES["coarse"].build("cpu"), dataset.images(range(400))).numpy()
    assert drawn.std(0).mean() > 1.5 * blocks.std(0).mean()  # the first 400 are all one square
    assert len(np.unique(drawn, axis=0)) > 300


def test_a_stop_loses_nothing(built: list[str]) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    told: list[int] = []

    def stop(what: str, done: int, total: int) -> None:
        told.append(done)
        if done >= 512:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reference(dataset, "coarse", images=1000, progress=stop)
    later: list[int] = []
    found = reference(
        dataset, "coarse", images=1000, progress=lambda what, done, total: later.append(done)
    )
    assert later[0] >= 512
    assert len(found.table) == 1000


def test_wrong_references_are_refused(built: list[str]) -> None:
    dataset = load_dataset("2dshapes", "rendered")
    with one_sentence('no kind of features "vgg"', "inception", "lite0"):
        reference(dataset, "vgg")
    with one_sentence("two or more", "1"):
        reference(dataset, "coarse", images=1)
    found = reference(dataset, "coarse", images=50)
    with one_sentence("48", "7"):
        found.frechet(np.zeros((5, 7)))
    with one_sentence("two or more"):
        found.frechet(np.zeros((1, 48)))
    with one_sentence("NaN"):
        found.frechet(np.full((5, 48), np.nan))


@pytest.mark.parametrize("count", [5, 40, 200])
def test_features_against_a_root(count: int) -> None:
    one, two = RNG.normal(size=(300, 40)), RNG.normal(size=(count, 40)) * 1.4 + 0.2
    found = frechet_of_features_to_root(one.mean(0), covariance_root(np.cov(one.T)), two)
    assert found == pytest.approx(frechet_of(one, two), rel=1e-8)


# ---- extrapolation


def test_a_straight_line_is_extrapolated_exactly() -> None:
    counts = [100, 200, 300, 400]
    found = extrapolate(counts, [7 + 500 / n for n in counts])
    assert found == pytest.approx(7)
    assert found.standard_error == pytest.approx(0, abs=1e-9)
    assert np.isnan(extrapolate([100, 200], [12.0, 9.5]).standard_error)


def test_extrapolation_removes_most_of_the_bias() -> None:
    """Two equal Gaussians: the distance is 0 and far above it at any number of images."""
    table = torch.from_numpy(RNG.normal(size=(4000, 30)))
    root, mean = np.eye(30), np.zeros(30)
    counts = usual_counts(4000)
    assert counts == [1000, 1750, 2500, 3250, 4000]
    values = distance_by_count(
        lambda part: frechet_of_features_to_root(mean, root, part), table.numpy(), counts
    )
    assert values == sorted(values, reverse=True)
    assert abs(extrapolate(counts, values)) < 0.25 * values[-1]


def test_counts_that_are_not_there_are_refused() -> None:
    with one_sentence("from 2 to the 5 images", "6"):
        distance_by_count(np.mean, np.zeros((5, 2)), [2, 6])  # type: ignore[arg-type]
    with one_sentence("two or more counts", "1"):
        extrapolate([5, 5], [1.0, 1.0])
    assert usual_counts(3) == [2, 3]
