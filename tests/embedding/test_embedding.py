"""Traversals through the factor space and their embeddings: geometry, oracles, independent fits."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from betavae_core.datasets import Dataset
from betavae_core.embedding.numbers import (
    nearest_distance,
    nearest_separation,
    number_column,
    path_length,
    path_numbers,
    straightness,
)
from betavae_core.embedding.paths import grid, random_paths, star
from betavae_core.embedding.projections import embed_tsne, embed_umap, fit_pca
from betavae_core.factors import FactorSpace
from betavae_core.scoring.encoding import encode_rows
from betavae_core.traversal.matching import match_latents
from tests.oracles import one_sentence

RNG = np.random.default_rng(0)
SPACE = FactorSpace(["shape", "scale", "x"], [3, 4, 5])


# ---- which images


def test_a_star_moves_one_factor_at_a_time_through_all_its_values() -> None:
    paths = star(SPACE)
    assert [path.factor for path in paths] == [0, 1, 2]
    for path in paths:
        values = SPACE.factors(path.rows)
        assert values[:, path.factor].tolist() == list(range(SPACE.sizes[path.factor]))
        others = np.delete(values, path.factor, axis=1)
        assert (others == np.delete(SPACE.median(), path.factor)).all()
    shared = set.intersection(*(set(path.rows.tolist()) for path in paths))
    assert shared == {int(SPACE.index(SPACE.median()[None])[0])}


def test_a_star_from_another_image() -> None:
    base = np.array([0, 3, 1])
    for path in star(SPACE, base):
        assert int(SPACE.index(base[None])[0]) in path.rows


def test_a_grid_is_every_pair_of_values_once_in_each_direction() -> None:
    paths = grid(SPACE, 2, 1)
    assert [path.factor for path in paths] == [2] * 4 + [1] * 5
    for factor in (2, 1):
        rows = np.concatenate([path.rows for path in paths if path.factor == factor])
        assert len(set(rows.tolist())) == len(rows) == 20
        assert (SPACE.factors(rows)[:, 0] == SPACE.median()[0]).all()
    with one_sentence("two different", "scale"):
        grid(SPACE, 1, 1)


def test_random_paths_start_anywhere_and_are_repeatable() -> None:
    paths = random_paths(SPACE, 3, seed=1)
    assert [path.factor for path in paths] == [0] * 3 + [1] * 3 + [2] * 3
    again = random_paths(SPACE, 3, seed=1)
    assert all(np.array_equal(a.rows, b.rows) for a, b in zip(paths, again, strict=True))
    for path in paths:
        values = SPACE.factors(path.rows)
        assert np.ptp(values, axis=0).tolist() == [
            SPACE.sizes[k] - 1 if k == path.factor else 0 for k in range(3)
        ]
    with one_sentence("at least 1", "0"):
        random_paths(SPACE, 0)


# ---- embeddings


def test_pca_is_that_of_scikit_learn() -> None:
    codes = RNG.normal(size=(60, 7)) * np.arange(1, 8) + 3
    found, reference = fit_pca(codes, 3), PCA(3).fit(codes)
    assert found.explained == pytest.approx(reference.explained_variance_ratio_)
    assert np.abs(found(codes)) == pytest.approx(np.abs(reference.transform(codes)))
    assert found.axes @ found.axes.T == pytest.approx(np.eye(3), abs=1e-12)
    assert found(codes).mean(0) == pytest.approx(0, abs=1e-12)
    for axis in found.axes:
        assert axis[np.abs(axis).argmax()] > 0
    mirrored = fit_pca(codes, 3)
    assert np.array_equal(mirrored.axes, found.axes)


def test_pca_of_a_line_is_the_line() -> None:
    direction = np.array([3.0, 4.0, 0.0]) / 5
    along = np.linspace(-2, 5, 30)
    found = fit_pca(along[:, None] * direction + 1)
    assert found.explained[0] == pytest.approx(1)
    assert np.abs(found.axes[0]) == pytest.approx(direction)
    still = fit_pca(np.ones((5, 3)))
    assert still.explained.tolist() == [0, 0]
    assert fit_pca(RNG.normal(size=(2, 5)), 3).axes.shape == (2, 5)


def test_neighbours_stay_neighbours() -> None:
    codes = np.concatenate([RNG.normal(size=(30, 5)), RNG.normal(size=(30, 5)) + 20])
    found = embed_tsne(codes)
    assert found.shape == (60, 2)
    one, two = found[:30], found[30:]
    apart = np.linalg.norm(one.mean(0) - two.mean(0))
    assert apart > 2 * max(one.std(), two.std())
    assert np.array_equal(embed_tsne(codes), found)
    assert embed_tsne(codes[:4]).shape == (4, 2)  # fewer than the usual perplexity needs


def test_one_latent_and_dead_ones() -> None:
    one = RNG.normal(size=(20, 1))
    assert embed_tsne(one).shape == (20, 2)
    for embed in (embed_tsne, embed_umap):
        with one_sentence("All codes are the same"):
            embed(np.full((20, 4), 0.3))


def test_pca_of_many_latents_is_exact_and_repeatable() -> None:
    codes = RNG.normal(size=(1000, 128))
    found = fit_pca(codes)
    _, _, axes = np.linalg.svd(codes - codes.mean(0), full_matrices=False)
    assert np.abs(np.diag(found.axes @ axes[:2].T)) == pytest.approx(1)
    assert np.array_equal(fit_pca(codes).axes, found.axes)


@pytest.mark.slow
def test_umap_keeps_groups_apart() -> None:
    codes = np.concatenate([RNG.normal(size=(30, 5)), RNG.normal(size=(30, 5)) + 20])
    threads = torch.get_num_threads()
    found = embed_umap(codes)
    assert torch.get_num_threads() == threads  # else a training in this process has other bits
    assert found.shape == (60, 2)
    one, two = found[:30], found[30:]
    within = max(np.linalg.norm(part - part.mean(0), axis=1).max() for part in (one, two))
    assert np.linalg.norm(one.mean(0) - two.mean(0)) > 2 * within
    assert embed_umap(codes[:4]).shape == (4, 2)  # fewer than the usual neighbours


# ---- numbers


def test_length_and_straightness_by_hand() -> None:
    square = np.array([[0, 0], [3, 0], [3, 4]])
    assert path_length(square) == 7
    assert straightness(square) == pytest.approx(5 / 7)
    assert straightness(np.array([[0, 0], [1, 1], [2, 2.0]])) == pytest.approx(1)
    assert straightness(np.array([[0, 0], [1, 1], [0, 0.0]])) == 0
    assert np.isnan(straightness(np.zeros((4, 2))))
    assert path_length(np.zeros((1, 2))) == 0


def test_nearest_distance_by_hand() -> None:
    points = np.array([[0.0], [1.0], [3.0], [10.0]])
    assert nearest_distance(points) == pytest.approx(np.median([1, 1, 2, 7]))
    assert nearest_distance(np.array([[0.0], [0.0], [5.0]])) == 0


def test_separation_does_not_count_latents_that_carry_nothing() -> None:
    mean = np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])
    log_var = 2 * np.log(np.array([[0.1, 1.0], [0.1, 1.0], [0.5, 1.0]]))
    assert nearest_separation(mean, log_var) == pytest.approx(np.median([10, 10, 4]))


def test_the_numbers_of_a_panel() -> None:
    """Codes that are the factors themselves: straight paths of known length."""
    paths = star(SPACE)
    rows = np.concatenate([path.rows for path in paths])
    mean = SPACE.factors(rows).astype(float)
    log_var = np.full_like(mean, 2 * np.log(0.5))
    found = path_numbers(paths, mean, log_var, SPACE.names)
    assert found["length"] == {"shape": 2, "scale": 3, "x": 4}
    assert found["straightness"] == pytest.approx({"shape": 1, "scale": 1, "x": 1})
    assert found["sigma"] == pytest.approx(0.5)
    assert found["nearest"] == 1
    assert found["separation"] == pytest.approx(2)  # a step of 1 at σ = 0.5
    mean = SPACE.factors(np.unique(rows)).astype(float)  # the base image counts once
    assert found["spread"] == pytest.approx(np.sqrt(mean.var(0).mean()))
    expected = 0.5 * ((mean**2).mean(0) + 0.25 - 2 * np.log(0.5) - 1)
    assert found["kl"] == pytest.approx(expected.tolist())
    column = number_column(found, with_paths=True)
    assert column["path length, x"] == 4
    assert column["distance to the nearest code, in posterior σ"] == pytest.approx(2)
    assert column["KL summed over all latents, nats"] == pytest.approx(sum(expected))
    assert not any("path" in name for name in number_column(found, with_paths=False))
    nothing = np.zeros_like(log_var)
    collapsed = path_numbers(paths, nothing, nothing, SPACE.names)
    assert collapsed["nearest"] is None
    assert collapsed["separation"] is None
    assert np.isnan(collapsed["straightness"]["x"])
    assert collapsed["kl"] == [0, 0, 0]
    with one_sentence("12 images", "5 codes"):
        path_numbers(paths, mean[:5], log_var[:5], SPACE.names)


def test_what_is_no_table_of_codes_is_refused() -> None:
    for wrong, named in (
        (np.zeros(5), "(N, D)"),
        (np.zeros((1, 3)), "2 or more"),
        (np.full((3, 3), np.nan), "NaN"),
    ):
        for embed in (fit_pca, embed_tsne, embed_umap, nearest_distance):
            with one_sentence(named):
                embed(wrong)


# ---- matching


def test_permuted_and_mirrored_latents_are_found_again() -> None:
    first = RNG.normal(size=(500, 6)) * np.arange(1, 7)
    order = RNG.permutation(6)
    signs = np.array([1, -1, -1, 1, 1, -1])
    second = np.empty_like(first)
    second[:, order] = first * signs * 0.3 + 7  # latent d is latent order[d] there
    found = match_latents(first, second)
    assert found.latents.tolist() == order.tolist()
    assert found.signs.tolist() == signs.tolist()
    assert found.strength == pytest.approx(1)


def test_matching_is_one_to_one_and_weak_where_nothing_fits() -> None:
    first = RNG.normal(size=(2000, 3))
    second = np.stack([first[:, 1], first[:, 1] + 0.1 * first[:, 0], np.zeros(2000)], 1)
    found = match_latents(first, second)
    assert sorted(found.latents.tolist()) == [0, 1, 2]
    assert found.latents[1] == 0
    assert found.strength[1] == pytest.approx(1)
    assert found.strength[found.latents == 2] == pytest.approx(0)  # a dead latent fits nothing
    fewer = match_latents(first, second[:, :1])
    assert fewer.latents.tolist() == [-1, 0, -1]
    assert fewer.strength.tolist() == pytest.approx([0, 1, 0])
    with one_sentence("same two or more images", "(2000, 3)"):
        match_latents(first, second[:10])
    with one_sentence("NaN"):
        match_latents(first, np.full((2000, 2), np.nan))


def test_codes_of_rows() -> None:
    class Grey(Dataset):
        title = "Grey"

        def __len__(self) -> int:
            return 256

        def _images(self, indices: torch.Tensor) -> torch.Tensor:
            return indices.to(torch.uint8)[:, None, None, None].expand(-1, 1, 2, 2)

    class Pixels:
        latents = 4

        def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return x.flatten(1), -x.flatten(1)

    mean, log_var = encode_rows(Pixels(), Grey(), np.array([0, 255, 51]), batch=2)
    assert mean[:, 0] == pytest.approx([0, 1, 0.2])
    assert log_var[:, 0] == pytest.approx([0, -1, -0.2])
