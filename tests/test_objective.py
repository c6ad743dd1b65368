"""The objective against torch.distributions and closed forms."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from betavae_core.config import RunConfig
from betavae_core.objective import (
    bernoulli_nll,
    beta_elbo,
    bits_per_dimension,
    chance_nll,
    equivalent_beta,
    gaussian_nll,
    kl_per_latent,
    likelihood_nll,
    sample_posterior,
    sigma_vae_nll,
)
from tests.oracles import one_sentence


@pytest.fixture
def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Images, logits (5, 3, 4, 4), mean and log-variance (5, 2)."""
    source = torch.Generator().manual_seed(0)
    x = torch.rand(5, 3, 4, 4, generator=source).round()
    logits = 3 * torch.randn(5, 3, 4, 4, generator=source)
    mean, log_var = torch.randn(2, 5, 2, generator=source)
    return x, logits, mean, log_var


def test_kl_is_that_of_torch_distributions(batch: tuple[torch.Tensor, ...]) -> None:
    _, _, mean, log_var = batch
    expected = kl_divergence(Normal(mean, (0.5 * log_var).exp()), Normal(0.0, 1.0))
    torch.testing.assert_close(kl_per_latent(mean, log_var), expected)


def test_kl_is_zero_exactly_at_the_prior_and_positive_elsewhere() -> None:
    assert torch.equal(kl_per_latent(torch.zeros(4, 3), torch.zeros(4, 3)), torch.zeros(4, 3))
    assert kl_per_latent(torch.tensor([[1.0]]), torch.tensor([[0.0]])).item() == 0.5
    assert (kl_per_latent(torch.zeros(3), torch.tensor([-5.0, 0.1, 5.0])) > 0).all()


def test_nll_is_that_of_torch_distributions(batch: tuple[torch.Tensor, ...]) -> None:
    x, logits, _, _ = batch
    expected = -Bernoulli(logits=logits).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(bernoulli_nll(logits, x), expected)


def test_nll_of_grey_pixels_and_of_certain_logits() -> None:
    x = torch.full((1, 1, 1, 1), 0.25)
    logit = torch.full_like(x, math.log(0.2 / 0.8))
    by_hand = -(0.25 * math.log(0.2) + 0.75 * math.log(0.8))
    assert bernoulli_nll(logit, x).item() == pytest.approx(by_hand, rel=1e-6)
    white = torch.ones(1, 1, 2, 2)
    assert bernoulli_nll(200 * white, white).item() == 0
    assert bernoulli_nll(-200 * white, white).item() == 800


def test_chance_is_the_nll_of_one_half() -> None:
    x = torch.rand(3, 1, 8, 8).round()
    torch.testing.assert_close(
        bernoulli_nll(torch.zeros_like(x), x), torch.full((3,), chance_nll(64))
    )


@pytest.mark.parametrize("beta", [0.1, 1.0, 4.0, 250.0])
def test_beta_changes_the_loss_by_exactly_beta_times_kl(
    batch: tuple[torch.Tensor, ...], beta: float
) -> None:
    with_beta, without = (beta_elbo(*batch, beta=value) for value in (beta, 0.0))
    assert without.loss == without.nll == with_beta.nll
    assert torch.equal(without.kl, with_beta.kl)
    assert with_beta.loss == with_beta.nll + beta * with_beta.kl.sum()
    assert with_beta.loss > without.loss


def test_terms_are_batch_means_of_sums_over_pixels(batch: tuple[torch.Tensor, ...]) -> None:
    x, logits, mean, log_var = batch
    terms = beta_elbo(x, logits, mean, log_var, 2.0)
    assert terms.loss.shape == terms.nll.shape == ()
    assert terms.kl.shape == (2,)
    torch.testing.assert_close(terms.nll, bernoulli_nll(logits, x).sum() / 5)
    twice = beta_elbo(
        torch.cat([x, x], 2), torch.cat([logits, logits], 2), mean, log_var, 2.0
    )  # twice the pixels
    torch.testing.assert_close(twice.nll, 2 * terms.nll)
    torch.testing.assert_close(twice.kl, terms.kl)
    doubled = beta_elbo(*(torch.cat([part, part]) for part in batch), beta=2.0)
    torch.testing.assert_close(doubled.loss, terms.loss)


def test_beta_scales_the_gradient_of_the_kl_alone(batch: tuple[torch.Tensor, ...]) -> None:
    x, logits, mean, log_var = (part.clone().requires_grad_() for part in batch)
    of_logits, of_mean = [], []
    for beta in (1.0, 4.0):
        loss = beta_elbo(x.detach(), logits, mean, log_var, beta).loss
        grads = torch.autograd.grad(loss, (logits, mean))
        of_logits.append(grads[0])
        of_mean.append(grads[1])
    assert torch.equal(*of_logits)
    torch.testing.assert_close(of_mean[1], 4 * of_mean[0])
    torch.testing.assert_close(of_mean[0], mean.detach() / 5)


def test_sample_is_mean_plus_deviation_times_noise() -> None:
    mean, log_var = torch.tensor([[1.5, -2.0]]), torch.tensor([[math.log(0.01), 0.0]])
    z = sample_posterior(mean, log_var, torch.tensor([[2.0, -1.0]]))
    torch.testing.assert_close(z, torch.tensor([[1.7, -3.0]]))
    assert torch.equal(sample_posterior(mean, log_var, torch.zeros(1, 2)), mean)


def test_normalised_beta_is_that_of_an_averaged_objective() -> None:
    config = RunConfig(beta=4.0)
    assert config.beta_normalised == 4 * 10 / 4096
    nll, kl = 35.0, 15.0
    averaged = nll / config.pixels + config.beta_normalised * kl / config.latents
    assert averaged * config.pixels == pytest.approx(nll + 4.0 * kl)


def test_likelihoods_by_name() -> None:
    assert likelihood_nll("bernoulli") is bernoulli_nll
    with one_sentence("poisson", "bernoulli"):
        likelihood_nll("poisson")


def decoded_and_images() -> tuple[torch.Tensor, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    logits = torch.randn(6, 3, 5, 5, generator=source, dtype=torch.float64, requires_grad=True)
    return logits, torch.rand(6, 3, 5, 5, generator=source, dtype=torch.float64)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.0, 2.0])
def test_gaussian_nll_is_the_density(sigma: float) -> None:
    logits, x = decoded_and_images()
    density = torch.distributions.Normal(logits.sigmoid(), sigma).log_prob(x)
    torch.testing.assert_close(gaussian_nll(logits, x, sigma), -density.flatten(1).sum(1))
    assert torch.equal(likelihood_nll("gaussian", sigma)(logits, x), gaussian_nll(logits, x, sigma))


@pytest.mark.parametrize("sigma", [0.1, 0.5, 2.0])
def test_beta_with_mse_is_the_variance_of_the_vae(sigma: float) -> None:
    """Equations 8-10: a VAE (beta = 1) with N(x_hat, sigma^2) has sigma^-2 times the gradients of
    half the squared error with beta = sigma^2."""
    logits, x = decoded_and_images()
    mean = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    log_var = torch.zeros(6, 4, dtype=torch.float64, requires_grad=True)

    def half_squares(logits: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return 0.5 * (logits.sigmoid() - x).square().flatten(1).sum(1)

    nll = likelihood_nll("gaussian", sigma)
    of_vae = beta_elbo(x, logits, mean, log_var, 1.0, nll).loss
    of_mse = beta_elbo(x, logits, mean, log_var, equivalent_beta(sigma), half_squares).loss
    inputs = (logits, mean, log_var)
    for ours, theirs in zip(
        torch.autograd.grad(of_vae, inputs), torch.autograd.grad(of_mse, inputs), strict=True
    ):
        torch.testing.assert_close(sigma**2 * ours, theirs)


def test_sigma_vae_is_the_gaussian_at_its_best_sigma() -> None:
    logits, x = decoded_and_images()
    found = sigma_vae_nll(logits, x)
    mse = (logits.sigmoid() - x).square().mean().item()
    torch.testing.assert_close(found, gaussian_nll(logits, x, mse**0.5))
    for other in (0.9, 1.1):
        assert found.mean() < gaussian_nll(logits, x, other * mse**0.5).mean()
    expected = 75 / 2 * (1 + math.log(2 * math.pi * mse))
    assert found.mean().item() == pytest.approx(expected)


def test_sigma_vae_stays_finite_for_perfect_pixels() -> None:
    logits = torch.full((2, 1, 4, 4), 40.0, requires_grad=True)
    loss = sigma_vae_nll(logits, torch.ones(2, 1, 4, 4)).mean()
    loss.backward()
    assert loss.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_bits_per_dimension() -> None:
    assert bits_per_dimension(4096 * math.log(2), 4096, "bernoulli") == pytest.approx(1)
    # uniform over [0, 1]: a density of 1, so that 256 grey levels take 8 bits
    assert bits_per_dimension(0.0, 3072, "gaussian") == 8
    assert bits_per_dimension(0.0, 3072, "sigma-vae") == 8


def test_chance_of_each_likelihood() -> None:
    assert chance_nll(100) == pytest.approx(100 * math.log(2))
    expected = 100 * (0.5 * math.log(2 * math.pi) + math.log(0.1) + 0.25 / (2 * 0.01))
    assert chance_nll(100, "gaussian", 0.1) == pytest.approx(expected)
