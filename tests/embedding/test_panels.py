"""Panels of an embedding: windows, ellipses, and where the prior is."""

import numpy as np
import pytest
import torch

from betavae_core.embedding.panels import Panel, ellipses, where_the_prior_is, windows


def test_ellipses_are_the_projected_posterior() -> None:
    """Against samples: their covariance under the map has these axes."""
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 2)))[0].T
    log_var = np.log(np.array([[0.1, 0.5, 1.0, 2.0, 0.3]]) ** 2)
    ((long, short, angle),) = ellipses(axes, log_var)
    noise = torch.randn(200_000, 5, generator=torch.Generator().manual_seed(0)).double().numpy()
    drawn = (noise * np.exp(0.5 * log_var)) @ axes.T
    values, vectors = np.linalg.eigh(np.cov(drawn.T))
    assert [long, short] == pytest.approx(np.sqrt(values[::-1]), rel=0.01)
    direction = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    assert abs(direction @ vectors[:, 1]) == pytest.approx(1, abs=1e-3)
    round_ones = ellipses(np.eye(2), np.zeros((3, 2)))
    assert round_ones[:, :2] == pytest.approx(1)


def test_the_caption_says_where_the_prior_is() -> None:
    square = np.array([[-1.0, -1.0], [1.0, 1.0]])
    here, there = Panel("β = 1", "", square), Panel("β = 4", "", square + 9)
    assert where_the_prior_is([here], shared=False).endswith("cross: the mean of the prior.")
    assert "lies outside the panel of β = 4." in where_the_prior_is([here, there], shared=False)
    assert "The mean of the prior lies outside the" in where_the_prior_is([there], shared=False)
    assert where_the_prior_is([here, there], shared=True).endswith("the mean of the prior.")
    one, two = windows([here, there], shared=True)
    assert one == two
