"""The sliders of the latents: the distribution of the codes along each."""

import numpy as np
import pytest
import torch

from betavae_core.traversal.codes import aggregate_sample
from betavae_core.traversal.latent_rows import densities


def test_densities_are_those_of_posterior_samples() -> None:
    """A dead latent looks like the prior, a live one like its means, in bins of even width."""
    mean = torch.stack([torch.zeros(1000), torch.linspace(-0.99, 0.99, 1000)], 1)
    log_var = torch.stack([torch.zeros(1000), torch.full((1000,), -20.0)], 1)
    dead, live = densities(aggregate_sample(mean, log_var), -3, 3, bins=6)
    assert max(dead) == max(live) == 1
    assert live[0] == live[1] == live[4] == live[5] == 0
    assert live[2:4] == pytest.approx([1, 1], abs=0.01)
    probabilities = np.diff([0.00135, 0.02275, 0.15866, 0.5, 0.84134, 0.97725, 0.99865])
    expected = (probabilities / probabilities.max()).tolist()
    assert dead == pytest.approx(expected, abs=0.15)  # of a thousand samples
