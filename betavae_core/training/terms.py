"""The loss of one batch: for an ordinary model, for one with a range of β, and with the penalty of
another objective."""

from collections.abc import Callable

import torch

from ..config import RunConfig
from ..models import VAE, MultiRateVAE
from ..objective import beta_elbo, kl_per_latent, likelihood_nll, sample_posterior
from ..penalties import BETA_VAE
from ..penalties.make import make_penalty
from ..penalties.penalty import Codes, Penalty

# model, images (B, C, H, W) in [0, 1], noise (B, `noise_width`), weight of the KL →
# loss to minimise, and its reported terms: nll, kl per latent (1 + D,), and where they do not
# determine the loss, what is added to the nll (1 + D + 1,)
TermsOf = Callable[
    [VAE, torch.Tensor, torch.Tensor, float | torch.Tensor], tuple[torch.Tensor, torch.Tensor]
]


def penalty_of(config: RunConfig, device: torch.device | str = "cpu") -> Penalty | None:
    """The penalty of the config's objective; None for the β-ELBO."""
    if config.objective == BETA_VAE:
        return None
    assert config.strength is not None, "set in RunConfig"
    return make_penalty(
        *(config.objective, config.strength, config.capacity or 0.0),
        *(config.latents, config.seed, device),
    )


def noise_width(config: RunConfig) -> int:
    """Standard normal numbers that a step needs for each image: one per latent, with a range of β
    one that draws β, and those that the objective's penalty needs."""
    further = config.latents if config.objective == "factor-vae" else 0
    return config.latents + config.multirate + further


def terms_width(config: RunConfig) -> int:
    """The number of reported terms: nll, one KL for each latent and, where these do not determine
    the loss, what is added to the nll."""
    return 1 + config.latents + (config.beta is None)


def make_terms(config: RunConfig, penalty: Penalty | None = None) -> TermsOf:
    """The loss of a config's objective, with its `penalty_of`; for a model in bfloat16, too, it is
    computed in float32."""
    nll = likelihood_nll(config.likelihood, config.sigma)

    def one_beta(
        model: VAE, x: torch.Tensor, noise: torch.Tensor, beta: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The β-ELBO, and its mean nll and kl per latent."""
        kind, wide = _types(model, noise)
        mean, log_var = (part.to(wide) for part in model.encode(x.to(kind)))
        z = sample_posterior(mean, log_var, noise)
        decoded = model.decode_logits(z.to(kind)).to(wide)
        terms = beta_elbo(x.to(wide), decoded, mean, log_var, beta, nll)
        return terms.loss, torch.cat([terms.nll[None], terms.kl])

    def many_betas(
        model: VAE, x: torch.Tensor, noise: torch.Tensor, weight: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean over images of (nll + w β kl) / max(1, w β), each with its own β, w the weight;
        mean nll, kl per latent and β kl. Without the division, images of a high β, whose loss is
        larger, would decide about the shared weights."""
        assert isinstance(model, MultiRateVAE)
        kind, wide = _types(model, noise)
        beta = model.drawn(noise[:, -1])
        mean, log_var = (part.to(wide) for part in model.encode(x.to(kind), beta))
        z = sample_posterior(mean, log_var, noise[:, :-1])
        decoded = model.decode_logits(z.to(kind), beta).to(wide)
        reconstruction, kl = nll(decoded, x.to(wide)), kl_per_latent(mean, log_var)
        paid, cost = beta * kl.sum(1), weight * beta
        loss = (reconstruction + weight * paid) / cost.clamp(min=1)
        told = torch.cat([reconstruction.mean()[None], kl.mean(0), paid.mean()[None]])
        return loss.mean(), told

    def penalised(
        model: VAE, x: torch.Tensor, noise: torch.Tensor, risen: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """nll + w · penalty, w rising in a KL warm-up; mean nll, kl per latent and penalty."""
        assert penalty is not None
        kind, wide = _types(model, noise)
        mean, log_var = (part.to(wide) for part in model.encode(x.to(kind)))
        z = sample_posterior(mean, log_var, noise[:, : config.latents])
        decoded = model.decode_logits(z.to(kind)).to(wide)
        reconstruction, kl = nll(decoded, x.to(wide)).mean(), kl_per_latent(mean, log_var)
        added = penalty.of(Codes(mean, log_var, z, kl, noise[:, config.latents :]), risen)
        told = torch.cat([reconstruction[None], kl.mean(0), added[None]])
        return reconstruction + penalty.weight(risen) * added, told

    if config.objective != BETA_VAE:
        return penalised
    return many_betas if config.multirate else one_beta


def _types(model: VAE, noise: torch.Tensor) -> tuple[torch.dtype, torch.dtype]:
    """The type of the model's activations, and that of the loss."""
    kind = next(model.parameters()).dtype
    return kind, torch.promote_types(kind, noise.dtype)
