"""The objective against torch.distributions and closed forms."""

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from betavae_core.config import RunConfig
from betavae_core.objective import (
    bernoulli_nll,
    beta_elbo,
    beta_normalised,
    chance_nll,
    kl_per_latent,
    likelihood_nll,
    sample_posterior,
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
    assert beta_normalised(4.0, 10, 4096) == 4 * 10 / 4096
    assert beta_normalised(4.0, 10, 4096) == RunConfig(beta=4.0).beta_normalised
    nll, kl, beta, latents, pixels = 35.0, 15.0, 4.0, 10, 4096
    averaged = nll / pixels + beta_normalised(beta, latents, pixels) * kl / latents
    assert averaged * pixels == pytest.approx(nll + beta * kl)


def test_likelihoods_by_name() -> None:
    assert likelihood_nll("bernoulli") is bernoulli_nll
    with one_sentence("poisson", "bernoulli"):
        likelihood_nll("poisson")
