"""DIP-VAE: the covariance of the codes over the dataset is drawn to the identity."""

import torch

from .penalty import Codes, Penalty

DIAGONAL = 10.0  # λ_d / λ_od of DIP-VAE-I in disentanglement_lib's study; 1 for DIP-VAE-II


def distance_from_identity(
    covariance: torch.Tensor, off_diagonal: float, diagonal: float
) -> torch.Tensor:
    """off_diagonal · Σ_{i≠j} C_ij² + diagonal · Σ_i (C_ii − 1)², for C (D, D); 0 for the
    identity."""
    own = covariance.diagonal()
    squares = covariance.square().sum() - own.square().sum()
    return off_diagonal * squares + diagonal * (own - 1).square().sum()


def covariance_of(values: torch.Tensor) -> torch.Tensor:
    """Cov (D, D) of the rows of (N, D), divided by N."""
    centred = values - values.mean(0)
    return centred.mT @ centred / len(values)


class DipVAE(Penalty):
    """KL + `distance_from_identity` of a covariance over the batch: of the posterior means (I), or
    of z, which is Cov[mean] + the mean posterior variances on the diagonal (II). Kumar et al.
    (2018), Variational Inference of Disentangled Latent Concepts, equations 6 and 7."""

    def __init__(self, off_diagonal: float, sampled: bool) -> None:
        self.off_diagonal, self.sampled = off_diagonal, sampled
        self.diagonal = off_diagonal * (1.0 if sampled else DIAGONAL)

    def of(self, codes: Codes, risen: float | torch.Tensor) -> torch.Tensor:
        covariance = covariance_of(codes.mean)
        if self.sampled:
            covariance = covariance + codes.log_var.exp().mean(0).diag()
        apart = distance_from_identity(covariance, self.off_diagonal, self.diagonal)
        return codes.kl.sum(1).mean() + apart
