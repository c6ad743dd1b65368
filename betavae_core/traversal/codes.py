"""Latent traversals: the values that a latent takes, and the resulting codes and images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from ..errors import InputError, Refusal, unknown_name, wrong_value
from ..objective import sample_posterior
from ..rng import generator

AGGREGATE = 1_000  # random images that represent a dataset
STEPS = (3, 15)  # fewest and most on offer
MODES = {
    "prior": "prior quantiles",
    "aggregate": "aggregate-posterior quantiles",
    "around": "around the posterior mean",
    "posterior": "posterior quantiles",
}
NORMAL = torch.distributions.Normal(0.0, 1.0)


def _levels(steps: int, mass: float) -> torch.Tensor:
    """Standard normal quantiles (steps,), evenly spaced in probability within the central mass."""
    if steps < 2:
        raise wrong_value("A traversal", "at least 2 steps", steps, "needs")
    if not 0 < mass < 1:
        raise wrong_value("The central mass", "between 0 and 1", mass, "must lie")
    tail = (1 - mass) / 2
    return NORMAL.icdf(torch.linspace(tail, 1 - tail, steps, dtype=torch.float64)).float()


def prior_quantiles(steps: int, mass: float = 0.95) -> torch.Tensor:
    """Values (steps,) at evenly spaced quantiles of the prior N(0, 1), centred on 0.

    mass: the central probability they span, in (0, 1): 0.95 gives −1.96…1.96. The values are
    the same for every image.
    """
    return _levels(steps, mass)


def posterior_quantiles(
    mean: torch.Tensor, log_var: torch.Tensor, steps: int, mass: float = 0.95
) -> torch.Tensor:
    """Values (D, steps) at quantiles of each latent's posterior N(mean, exp(log_var)), centred on
    the posterior mean: mean 1.5, σ 0.1 and mass 0.95 span 1.3…1.7. mean, log_var: (D,)."""
    return mean[:, None] + (0.5 * log_var).exp()[:, None] * _levels(steps, mass)


def around_mean(mean: torch.Tensor, steps: int, reach: float = 2.0) -> torch.Tensor:
    """Values (D, steps) from mean − reach to mean + reach, evenly spaced; `reach` counts prior
    standard deviations (1 each). mean: (D,)."""
    if steps < 2:
        raise wrong_value("A traversal", "at least 2 steps", steps, "needs")
    if not reach > 0:
        raise wrong_value("The reach of a traversal", "above 0", reach)
    return mean[:, None] + torch.linspace(-reach, reach, steps)


def aggregate_sample(mean: torch.Tensor, log_var: torch.Tensor, seed: int = 0) -> torch.Tensor:
    """Samples (N, D) of the aggregate posterior q(z) = 1/N Σₙ q(z|xₙ), one of each image's
    posterior N(mean, exp(log_var)), (N, D) both: the distribution of the codes that trained the
    decoder. Posterior means alone would be narrower, down to a point for a collapsed latent, whose
    q(z) is the prior. Makhzani et al. (2015); Hoffman & Johnson (2016)."""
    noise = torch.randn(mean.shape, generator=generator(seed, "densities"))
    return sample_posterior(mean, log_var, noise)


def aggregate_quantiles(codes: torch.Tensor, steps: int, mass: float = 0.95) -> torch.Tensor:
    """Values (D, steps) at quantiles of each latent's aggregate posterior, evenly spaced in
    probability, estimated from samples of it (N, D), `aggregate_sample`. mass: the central
    share."""
    if codes.ndim != 2 or len(codes) < 2:
        raise wrong_value(
            "Aggregate quantiles", "codes (N, D) of two or more images", tuple(codes.shape), "need"
        )
    if steps < 2:
        raise wrong_value("A traversal", "at least 2 steps", steps, "needs")
    if not 0 < mass < 1:
        raise wrong_value("The central mass", "between 0 and 1", mass, "must lie")
    tail = (1 - mass) / 2
    levels = torch.linspace(tail, 1 - tail, steps, dtype=codes.dtype)
    return torch.quantile(codes, levels, dim=0).T.contiguous()


@dataclass(frozen=True)
class Values:
    """The values that a latent takes: a key of `MODES`, their number and their range."""

    mode: str = "prior"
    steps: int = 9
    mass: float = 0.95  # the central share, for all modes except "around"
    reach: float = 2.0  # prior standard deviations to either side, for "around"

    def of(
        self,
        mean: torch.Tensor,
        log_var: torch.Tensor | None = None,
        aggregate: Callable[[], torch.Tensor] | None = None,
    ) -> torch.Tensor:
        """Values (D, steps) from a start's posterior mean and log-variance (D,) and, for the mode
        that needs them, samples of the aggregate posterior (N, D). Raises `InputError` for an
        unknown mode, or one whose inputs are missing."""
        if self.mode == "prior":
            return prior_quantiles(self.steps, self.mass).expand(len(mean), -1)
        if self.mode == "around":
            return around_mean(mean, self.steps, self.reach)
        if self.mode == "posterior" and log_var is not None:
            return posterior_quantiles(mean, log_var, self.steps, self.mass)
        if self.mode == "aggregate" and aggregate is not None:
            return aggregate_quantiles(aggregate(), self.steps, self.mass)
        if self.mode in MODES:
            raise InputError(
                f"There are no {MODES[self.mode]} here: they need the images of the dataset.",
                Refusal.MISSING,
                name="dataset",
            )
        raise unknown_name("mode", self.mode, MODES)

    @property
    def span(self) -> str:
        """In words, for captions: "each latent goes through the …"."""
        if self.mode == "around":
            return f"interval posterior mean ± {self.reach:g}"
        if self.mode == "posterior":
            return f"middle {100 * self.mass:.0f} % of its posterior"
        if self.mode == "aggregate":
            return (
                f"middle {100 * self.mass:.0f} % of the aggregate posterior (one sample of q(z|x) "
                f"for each of {AGGREGATE:,} images drawn at random)"
            )
        last = prior_quantiles(self.steps, self.mass)[-1]
        return f"middle {100 * self.mass:.0f} % of the prior (−{last:.2f} … {last:.2f})"

    @property
    def choices(self) -> dict[str, str]:
        """The values as in the address of the page Traversals."""
        much = {"reach": f"{self.reach:g}"} if self.mode == "around" else {"mass": f"{self.mass:g}"}
        return {"mode": MODES[self.mode], "steps": str(self.steps), **much}


def pair_codes(
    z: torch.Tensor, across: int, down: int, across_values: torch.Tensor, down_values: torch.Tensor
) -> torch.Tensor:
    """Codes (R, S, D): `z` (D,) with latent `down` at its R values by row and latent `across` at
    its S values by column. Raises `InputError` for the same latent twice."""
    if across == down:
        raise InputError(
            f"A grid of two latents needs two different ones, got z{across} twice.",
            Refusal.VALUE,
            name="latents",
            expected="two different ones",
        )
    codes = z.repeat(len(down_values), len(across_values), 1)
    codes[..., down] = down_values[:, None]
    codes[..., across] = across_values
    return codes


def linear_path(first: torch.Tensor, last: torch.Tensor, steps: int) -> torch.Tensor:
    """Codes (steps, D), evenly spaced on the straight line between two codes (D,)."""
    if steps < 2:
        raise wrong_value("A traversal", "at least 2 steps", steps, "needs")
    return torch.lerp(first, last, torch.linspace(0, 1, steps)[:, None])


def spherical_path(first: torch.Tensor, last: torch.Tensor, steps: int) -> torch.Tensor:
    """Codes (steps, D) from one code (D,) to another at constant angular speed, with a length that
    changes evenly: such a path stays in the region where a Gaussian of many dimensions has its
    mass. If the two have the same or exactly opposite directions, or one is 0, this is
    `linear_path`. Shoemake (1985)."""
    lengths = first.norm(), last.norm()
    if min(lengths) == 0:
        return linear_path(first, last, steps)
    one, two = first / lengths[0], last / lengths[1]
    angle = torch.acos((one @ two).clamp(-1, 1))
    if angle.sin() < 1e-4:
        return linear_path(first, last, steps)
    if steps < 2:
        raise wrong_value("A traversal", "at least 2 steps", steps, "needs")
    t = torch.linspace(0, 1, steps)[:, None]
    directions = (((1 - t) * angle).sin() * one + (t * angle).sin() * two) / angle.sin()
    return directions * torch.lerp(*lengths, t)


def traversal_codes(z: torch.Tensor, latents: Sequence[int], values: torch.Tensor) -> torch.Tensor:
    """Codes (R, S, D): row r is `z` (D,) with latent latents[r] set to its S values in turn.

    values: (S,), the same for all latents, or (D, S) with a row per latent.
    """
    table = values.expand(len(z), -1) if values.ndim == 1 else values
    codes = z.repeat(len(latents), table.shape[1], 1)
    for row, latent in enumerate(latents):
        codes[row, :, latent] = table[latent]
    return codes


def decode_grid(
    decode: Callable[[torch.Tensor], torch.Tensor], codes: torch.Tensor
) -> torch.Tensor:
    """Decode codes (R, S, D) in one batch to images (R, S, C, H, W) in [0, 1]."""
    with torch.no_grad():
        images = decode(codes.flatten(0, 1))
    return images.unflatten(0, codes.shape[:2])
