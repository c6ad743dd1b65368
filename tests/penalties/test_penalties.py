"""The penalties against closed forms, and against loops over images and latents."""

import math
from dataclasses import fields
from typing import Any

import pytest
import torch

from betavae_core.config import RunConfig
from betavae_core.objective import kl_per_latent, sample_posterior
from betavae_core.penalties import COMPARED, factor_vae
from betavae_core.penalties.beta_tcvae import BetaTCVAE, total_correlation
from betavae_core.penalties.capacity import Capacity
from betavae_core.penalties.dip_vae import DipVAE, covariance_of, distance_from_identity
from betavae_core.penalties.factor_vae import FactorVAE, permuted
from betavae_core.penalties.penalty import Codes, Penalty
from betavae_core.rng import generator
from betavae_core.training.terms import noise_width, penalty_of


def codes_of(mean: torch.Tensor, log_var: torch.Tensor, seed: int = 0) -> Codes:
    random = generator(seed, "test")
    noise = torch.randn(2, *mean.shape, generator=random, dtype=mean.dtype)
    z = sample_posterior(mean, log_var, noise[0])
    return Codes(mean, log_var, z, kl_per_latent(mean, log_var), noise[1])


def drawn(count: int, latents: int, seed: int = 0) -> Codes:
    random = generator(seed, "codes")
    mean = torch.randn(count, latents, generator=random, dtype=torch.float64)
    return codes_of(mean, torch.full_like(mean, -2.0), seed)


def correlated(count: int, correlation: float, width: float) -> Codes:
    """Posteriors of width `width` whose mixture is a Gaussian with unit variances and this
    correlation."""
    covariance = torch.tensor([[1.0, correlation], [correlation, 1.0]], dtype=torch.float64)
    factor = torch.linalg.cholesky(covariance - width**2 * torch.eye(2, dtype=torch.float64))
    random = generator(1, "codes")
    mean = torch.randn(count, 2, generator=random, dtype=torch.float64) @ factor.mT
    return codes_of(mean, torch.full_like(mean, 2 * math.log(width)))


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.7])
def test_the_total_correlation_of_gaussians(correlation: float) -> None:
    """−½ log(1 − ρ²) for two unit Gaussians of correlation ρ."""
    codes = correlated(3_000, correlation, 0.4)
    found = float(total_correlation(codes.z, codes.mean, codes.log_var))
    assert found == pytest.approx(-0.5 * math.log(1 - correlation**2), abs=0.03)


def test_the_total_correlation_against_a_loop() -> None:
    codes, total = drawn(6, 3), 0.0
    posteriors = torch.distributions.Normal(codes.mean, (0.5 * codes.log_var).exp())
    for z in codes.z:
        densities = posteriors.log_prob(z).exp()  # (N, D)
        total += float(densities.prod(1).mean().log() - densities.mean(0).log().sum())
    found = float(total_correlation(codes.z, codes.mean, codes.log_var))
    assert found == pytest.approx(total / 6, rel=1e-9)


def test_its_gradient_is_that_of_minibatch_weighted_sampling() -> None:
    """Chen et al. divide by (images of the dataset) · (images of the batch), a constant."""
    codes = drawn(8, 3)
    mean = codes.mean.clone().requires_grad_()
    ours = torch.autograd.grad(total_correlation(codes.z, mean, codes.log_var), mean)[0]
    scale = (0.5 * codes.log_var).exp()
    log_density = torch.distributions.Normal(mean, scale).log_prob(codes.z[:, None])
    weighted = math.log(8 * 737_280)
    joint = log_density.sum(2).logsumexp(1) - weighted
    single = (log_density.logsumexp(1) - weighted).sum(1)
    theirs = torch.autograd.grad((joint - single).mean(), mean)[0]
    torch.testing.assert_close(ours, theirs)


def test_beta_tcvae_at_one_is_the_elbo() -> None:
    codes = drawn(16, 4)
    kl = codes.kl.sum(1).mean()
    assert BetaTCVAE(1.0).of(codes, 1.0) == kl
    apart = BetaTCVAE(6.4).of(codes, 1.0) - kl
    together = total_correlation(codes.z, codes.mean, codes.log_var)
    torch.testing.assert_close(apart, 5.4 * together)


def test_capacity() -> None:
    """γ · |KL − C|: at C = 0 that of a β-VAE with β = γ; it is the capacity that rises."""
    codes = drawn(16, 4)
    kl = float(codes.kl.sum(1).mean())
    assert float(Capacity(4.0, 0.0).of(codes, 1.0)) == pytest.approx(4 * kl)
    assert float(Capacity(4.0, 30.0).of(codes, 0.0)) == pytest.approx(4 * kl)
    assert float(Capacity(4.0, 30.0).of(codes, 0.5)) == pytest.approx(4 * abs(kl - 15))
    assert float(Capacity(4.0, kl).of(codes, 1.0)) == pytest.approx(0, abs=1e-12)
    assert Capacity(4.0, 30.0).weight(0.1) == 1.0
    assert BetaTCVAE(4.0).weight(0.1) == 0.1


def test_dip_vae() -> None:
    """Means whose covariance is known: uncorrelated, of variance 1, and then not."""
    signs = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]], dtype=torch.float64)
    narrow = torch.full_like(signs, 2 * math.log(0.5))
    codes = codes_of(signs, narrow)
    kl = float(codes.kl.sum(1).mean())
    assert float(DipVAE(3.0, sampled=False).of(codes, 1.0)) == pytest.approx(kl)
    # z has the variance 1 + 0.25 in each latent
    assert float(DipVAE(3.0, sampled=True).of(codes, 1.0)) == pytest.approx(kl + 3 * 2 * 0.25**2)
    # twice the same latent: both off-diagonal elements are 1
    twice = codes_of(signs[:, :1].expand(-1, 2).clone(), narrow)
    kl = float(twice.kl.sum(1).mean())
    assert float(DipVAE(3.0, sampled=False).of(twice, 1.0)) == pytest.approx(kl + 3 * 2)
    # half as wide: each diagonal element is ¼, and weighs ten times as much
    half = codes_of(0.5 * signs, narrow)
    kl = float(half.kl.sum(1).mean())
    assert float(DipVAE(3.0, sampled=False).of(half, 1.0)) == pytest.approx(kl + 30 * 2 * 0.75**2)


def test_the_distance_from_the_identity_against_a_loop() -> None:
    values = torch.randn(20, 3, generator=generator(0, "test"), dtype=torch.float64)
    covariance = covariance_of(values)
    torch.testing.assert_close(covariance, torch.cov(values.mT, correction=0))
    expected = sum(
        2.0 * (covariance[i, j] - 1) ** 2 if i == j else 5.0 * covariance[i, j] ** 2
        for i in range(3)
        for j in range(3)
    )
    assert float(distance_from_identity(covariance, 5.0, 2.0)) == pytest.approx(float(expected))


def test_permuted_latents_keep_their_values_and_lose_their_neighbours() -> None:
    z = torch.arange(300.0).reshape(100, 3)
    noise = torch.randn(100, 3, generator=generator(0, "test"))
    moved = permuted(z, noise)
    for latent in range(3):
        assert sorted(moved[:, latent].tolist()) == z[:, latent].tolist()
    orders = [((moved[:, d] - d) / 3).long().tolist() for d in range(3)]
    assert orders[0] != orders[1] != orders[2]


def test_the_critic_learns_the_total_correlation(monkeypatch: pytest.MonkeyPatch) -> None:
    """On two unit Gaussians of correlation 0.8 its mean logit nears −½ log(1 − 0.64) = 0.51; a
    smaller critic that learns faster."""
    monkeypatch.setattr(factor_vae, "WIDTH", 64)
    monkeypatch.setattr(factor_vae, "RATE", 1e-3)
    penalty = FactorVAE(1.0, 2, seed=0)
    random = generator(0, "critic test")
    factor = torch.linalg.cholesky(torch.tensor([[1.0, 0.8], [0.8, 1.0]]))

    def batch(count: int) -> Codes:
        z = torch.randn(count, 2, generator=random) @ factor.mT
        log_var, noise = torch.zeros_like(z), torch.randn(count, 2, generator=random)
        return Codes(z, log_var, z, torch.zeros_like(z), noise)

    before = abs(float(penalty.of(batch(500), 1.0)))
    for _ in range(600):
        penalty.of(batch(256), 1.0)
        penalty.learn()
    with torch.no_grad():
        found = float(penalty.of(batch(8_000), 1.0))
    assert before < 0.2  # not trained yet: no answer
    assert found == pytest.approx(-0.5 * math.log(1 - 0.64), abs=0.12)


def test_the_model_learns_from_the_critic_but_not_the_critic_from_the_model() -> None:
    penalty, codes = FactorVAE(1.0, 2, seed=0), drawn(8, 2)
    z = codes.z.float().requires_grad_()
    rest = (codes.kl.float(), codes.noise.float())
    penalty.of(Codes(codes.mean.float(), codes.log_var.float(), z, *rest), 1.0).backward()
    assert z.grad is not None
    assert z.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in penalty.critic.parameters())


def test_the_critic_is_that_of_kim_and_mnih() -> None:
    """Six hidden layers of 1,000 units with leaky ReLU of slope 0.2, Adam at 1e-4 with (0.5, 0.9);
    the penalty is KL + γ · its mean logit."""
    penalty, codes = FactorVAE(6.4, 3, seed=0), drawn(8, 3)
    linear = [layer for layer in penalty.critic if isinstance(layer, torch.nn.Linear)]
    slopes = [
        each.negative_slope for each in penalty.critic if isinstance(each, torch.nn.LeakyReLU)
    ]
    assert [layer.out_features for layer in linear] == [1_000] * 6 + [1]
    assert slopes == [0.2] * 6
    group = penalty.optimizer.param_groups[0]
    assert (group["lr"], group["betas"]) == (1e-4, (0.5, 0.9))
    penalty.critic.double()
    found = penalty.of(codes, 1.0)
    expected = codes.kl.sum(1).mean() + 6.4 * penalty.critic(codes.z).mean()
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize(
    ("settings", "penalty"),
    [
        ({"objective": "beta-tcvae", "strength": 3.0}, BetaTCVAE(3.0)),
        ({"objective": "capacity", "strength": 3.0, "capacity": 7.0}, Capacity(3.0, 7.0)),
        ({"objective": "capacity", "strength": 3.0}, Capacity(3.0, 25.0)),
        ({"objective": "dip-vae-i", "strength": 3.0}, DipVAE(3.0, sampled=False)),
        ({"objective": "dip-vae-ii", "strength": 3.0}, DipVAE(3.0, sampled=True)),
        ({"objective": "factor-vae", "strength": 3.0, "seed": 5}, FactorVAE(3.0, 3, seed=5)),
    ],
)
def test_a_config_has_the_penalty_that_it_names(settings: dict[str, Any], penalty: Penalty) -> None:
    made, codes = penalty_of(RunConfig(latents=3, **settings)), drawn(16, 3)
    assert made is not None
    single = Codes(*(getattr(codes, each.name).float() for each in fields(Codes)))
    torch.testing.assert_close(made.of(single, 0.5), penalty.of(single, 0.5))


@pytest.mark.parametrize("objective", COMPARED)
def test_each_objective_has_a_penalty(objective: str) -> None:
    config = RunConfig(objective=objective)
    penalty = penalty_of(config)
    assert penalty is not None
    assert penalty.noise == noise_width(config) - config.latents
    assert penalty_of(RunConfig()) is None
