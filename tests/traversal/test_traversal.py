"""Traversals: which values, which codes, which images."""

import math

import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.models import build_model
from betavae_core.traversal.codes import (
    MODES,
    Values,
    aggregate_quantiles,
    aggregate_sample,
    around_mean,
    decode_grid,
    linear_path,
    pair_codes,
    posterior_quantiles,
    prior_quantiles,
    spherical_path,
    traversal_codes,
)
from tests.oracles import one_sentence


def test_posterior_quantiles_are_centred_on_the_posterior_mean() -> None:
    mean, log_var = torch.tensor([1.5, 0.0]), torch.tensor([math.log(0.01), 0.0])
    values = posterior_quantiles(mean, log_var, 5, mass=0.95)
    assert values.shape == (2, 5)
    assert values[0, 0].item() == pytest.approx(1.304, abs=5e-4)
    assert values[0, -1].item() == pytest.approx(1.696, abs=5e-4)
    torch.testing.assert_close(values[:, 2], mean)
    torch.testing.assert_close(values[1], prior_quantiles(5, 0.95))


@pytest.mark.parametrize("steps", [2, 7, 10])
@pytest.mark.parametrize("mass", [0.5, 0.95, 0.999])
def test_prior_quantiles_are_symmetric_and_even_in_probability(steps: int, mass: float) -> None:
    values = prior_quantiles(steps, mass)
    assert values.shape == (steps,)
    torch.testing.assert_close(values, -values.flip(0))
    assert (values.diff() > 0).all()
    probabilities = torch.special.ndtr(values.double())
    assert (probabilities[-1] - probabilities[0]).item() == pytest.approx(mass, abs=1e-6)
    torch.testing.assert_close(
        probabilities.diff(), torch.full((steps - 1,), mass / (steps - 1), dtype=torch.float64),
        rtol=1e-5, atol=1e-7,
    )  # fmt: skip


def test_prior_quantiles_at_95_percent() -> None:
    assert prior_quantiles(3, 0.95).tolist() == pytest.approx([-1.959964, 0, 1.959964], abs=1e-5)


def test_around_mean() -> None:
    values = around_mean(torch.tensor([1.5, -0.5]), 5, reach=2.0)
    torch.testing.assert_close(
        values, torch.tensor([[-0.5, 0.5, 1.5, 2.5, 3.5], [-2.5, -1.5, -0.5, 0.5, 1.5]])
    )


@pytest.mark.parametrize("table", [False, True])
def test_codes_change_only_the_named_latent(table: bool) -> None:
    z = torch.tensor([10.0, 11.0, 12.0, 13.0])
    values = torch.arange(12.0).view(4, 3) if table else torch.tensor([-1.0, 0.0, 1.0])
    latents = [2, 0]
    codes = traversal_codes(z, latents, values)
    assert codes.shape == (2, 3, 4)
    for row, latent in enumerate(latents):
        assert torch.equal(codes[row, :, latent], values[latent] if table else values)
        others = [k for k in range(4) if k != latent]
        assert torch.equal(codes[row][:, others], z[others].expand(3, -1))
    assert z.tolist() == [10, 11, 12, 13]


def test_grid_shows_each_code_in_its_place() -> None:
    model = build_model(RunConfig(latents=4)).eval()
    codes = traversal_codes(torch.zeros(4), [1, 3], prior_quantiles(3))
    images = decode_grid(model.decode, codes)
    assert images.shape == (2, 3, 1, 64, 64)
    assert not images.requires_grad
    for row in range(2):
        for column in range(3):
            with torch.no_grad():
                alone = model.decode(codes[row, column][None])[0]
            torch.testing.assert_close(images[row, column], alone, rtol=1e-5, atol=1e-6)
    assert not torch.equal(images[0, 0], images[0, 2])


@pytest.mark.parametrize("steps", [1, 0, -3])
def test_too_few_steps(steps: int) -> None:
    for call in (
        lambda: prior_quantiles(steps),
        lambda: posterior_quantiles(torch.zeros(2), torch.zeros(2), steps),
        lambda: around_mean(torch.zeros(2), steps),
    ):
        with one_sentence("at least 2 steps", str(steps)):
            call()


@pytest.mark.parametrize("mass", [0.0, 1.0, -0.5, 95.0, float("nan")])
def test_mass_that_is_no_probability(mass: float) -> None:
    for call in (
        lambda: prior_quantiles(5, mass),
        lambda: posterior_quantiles(torch.zeros(2), torch.zeros(2), 5, mass),
    ):
        with one_sentence("between 0 and 1"):
            call()


@pytest.mark.parametrize("reach", [0.0, -1.0, float("nan")])
def test_reach_must_be_positive(reach: float) -> None:
    with one_sentence("above 0"):
        around_mean(torch.zeros(2), 5, reach)


def test_aggregate_quantiles_are_where_the_codes_lie() -> None:
    codes = torch.stack([torch.linspace(0, 1, 1001), torch.linspace(-5, 5, 1001)], 1)
    values = aggregate_quantiles(codes, 3, mass=0.9)
    torch.testing.assert_close(values, torch.tensor([[0.05, 0.5, 0.95], [-4.5, 0.0, 4.5]]))
    normal = torch.randn(100_000, 1, generator=torch.Generator().manual_seed(0))
    found = aggregate_quantiles(normal, 7, mass=0.95)[0]
    torch.testing.assert_close(found, prior_quantiles(7, 0.95), atol=0.03, rtol=0)
    with one_sentence("two or more"):
        aggregate_quantiles(codes[:1], 3)
    with one_sentence("at least 2 steps"):
        aggregate_quantiles(codes, 1)
    with one_sentence("between 0 and 1"):
        aggregate_quantiles(codes, 3, 1.0)


def test_the_aggregate_posterior_is_sampled_not_averaged() -> None:
    """q(z) = 1/N Σ N(μₙ, σₙ²): of a collapsed latent (μ = 0, σ = 1) the prior, whose central 95 %
    are ±1.96; of a sharp one (σ → 0) the means; of constant ones the sum of both variances."""
    count = 200_000
    means = torch.randn(count, generator=torch.Generator().manual_seed(1))
    mean = torch.stack([torch.zeros(count), 2 * means, 0.6 * means], 1)
    log_var = torch.tensor([0.0, -50.0, 2 * math.log(0.8)]).expand(count, -1)
    drawn = aggregate_sample(mean, log_var)
    values = aggregate_quantiles(drawn, 3, mass=0.95)
    expected = 1.959964 * torch.tensor([1.0, 2.0, 1.0])  # √(0.6² + 0.8²) = 1
    torch.testing.assert_close(values[:, 2], expected, atol=0.03, rtol=0)
    torch.testing.assert_close(values[:, 0], -expected, atol=0.03, rtol=0)
    torch.testing.assert_close(values[:, 1], torch.zeros(3), atol=0.02, rtol=0)
    assert torch.equal(drawn, aggregate_sample(mean, log_var))


@pytest.mark.parametrize("mode", MODES)
def test_values_of_every_mode(mode: str) -> None:
    mean, log_var = torch.tensor([1.5, 0.0]), torch.tensor([math.log(0.01), 0.0])
    codes = torch.randn(5_000, 2, generator=torch.Generator().manual_seed(0))
    values = Values(mode, steps=5)
    table = values.of(mean, log_var, lambda: codes)
    assert table.shape == (2, 5)
    expected = {
        "prior": prior_quantiles(5).expand(2, -1),
        "aggregate": aggregate_quantiles(codes, 5),
        "around": around_mean(mean, 5),
        "posterior": posterior_quantiles(mean, log_var, 5),
    }
    torch.testing.assert_close(table, expected[mode])
    assert values.choices["mode"] == MODES[mode]
    assert values.span


def test_values_that_cannot_be() -> None:
    for mode, part in (("posterior", "need the images"), ("aggregate", "need the images")):
        with one_sentence(part):
            Values(mode).of(torch.zeros(2))
    with one_sentence("sideways", *MODES):
        Values("sideways").of(torch.zeros(2))


def test_a_pair_of_latents_is_swept_in_rows_and_columns() -> None:
    z = torch.tensor([9.0, 8.0, 7.0])
    codes = pair_codes(z, 2, 0, torch.tensor([1.0, 2.0, 3.0]), torch.tensor([-1.0, -2.0]))
    assert codes.shape == (2, 3, 3)
    assert codes[..., 1].unique().tolist() == [8]
    assert codes[:, 0, 0].tolist() == [-1, -2]
    assert codes[0, :, 2].tolist() == [1, 2, 3]
    assert z.tolist() == [9, 8, 7]
    with one_sentence("z1 twice"):
        pair_codes(z, 1, 1, z, z)


def test_paths_between_two_codes() -> None:
    one, two = torch.tensor([2.0, 0.0, 0.0]), torch.tensor([0.0, 4.0, 0.0])
    straight = linear_path(one, two, 5)
    torch.testing.assert_close(straight[2], torch.tensor([1.0, 2.0, 0.0]))
    bent = spherical_path(one, two, 5)
    for path in (straight, bent):
        torch.testing.assert_close(path[0], one)
        torch.testing.assert_close(path[-1], two)
    torch.testing.assert_close(bent.norm(dim=1), torch.tensor([2.0, 2.5, 3.0, 3.5, 4.0]))
    angles = torch.atan2(bent[:, 1], bent[:, 0])
    torch.testing.assert_close(angles, torch.linspace(0, math.pi / 2, 5))
    for other in (2 * one, -one, torch.zeros(3)):
        torch.testing.assert_close(spherical_path(one, other, 4), linear_path(one, other, 4))
    for path in (linear_path, spherical_path):
        with one_sentence("at least 2 steps"):
            path(one, two, 1)
