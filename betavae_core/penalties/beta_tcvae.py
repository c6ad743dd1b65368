"""β-TCVAE: the total correlation of the aggregate posterior weighs more than the rest of the KL."""

import math

import torch

from .penalty import Codes, Penalty


def total_correlation(z: torch.Tensor, mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
    """KL(q(z) ‖ Π_d q(z_d)), estimated on one batch with its own mixture of posteriors as q(z):
    mean_i [log (1/N) Σ_j q(z_i | x_j) − Σ_d log (1/N) Σ_j q(z_id | x_jd)].

    z, mean, log_var: (N, D). Returns (), in nats; 0 for latents that are independent within the
    batch. It has the gradient of minibatch-weighted sampling (Chen et al. 2018, appendix C.1, and
    disentanglement_lib), whose value differs by the constant (D − 1) log(images of the dataset).
    """
    apart = z[:, None] - mean[None]  # (N, N, D)
    log_density = -0.5 * (math.log(2 * math.pi) + log_var + apart.square() * (-log_var).exp())
    log_joint = log_density.sum(2).logsumexp(1) - math.log(len(z))
    log_single = log_density.logsumexp(1) - math.log(len(z))
    return (log_joint - log_single.sum(1)).mean()


class BetaTCVAE(Penalty):
    """KL + (β − 1) · `total_correlation`; at β = 1 the loss is the ELBO's. Chen et al. (2018),
    Isolating Sources of Disentanglement in VAEs, equation 4 with α = γ = 1."""

    def __init__(self, beta: float) -> None:
        self.beta = beta

    def of(self, codes: Codes, risen: float | torch.Tensor) -> torch.Tensor:
        together = total_correlation(codes.z, codes.mean, codes.log_var)
        return codes.kl.sum(1).mean() + (self.beta - 1) * together
