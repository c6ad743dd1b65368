"""Generators from seeds, whatever other threads of the process do."""

from concurrent.futures import ThreadPoolExecutor

import torch

from betavae_core.models import build_model
from betavae_core.penalties.factor_vae import FactorVAE
from betavae_core.rng import generator
from tests.oracles import small_config


def first_weights(seed: int) -> torch.Tensor:
    """The untrained weights of a model and of FactorVAE's critic, in one vector."""
    model = build_model(small_config(seed=seed))
    critic = FactorVAE(1.0, 3, seed).critic
    return torch.cat([p.detach().flatten() for part in (model, critic) for p in part.parameters()])


def test_streams_of_one_seed_differ_and_repeat() -> None:
    drawn = [torch.rand(4, generator=generator(7, name)) for name in ("noise", "order/0", "noise")]
    assert torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], drawn[1])


def test_first_weights_depend_on_the_seed_alone_beside_other_threads() -> None:
    """PyTorch's layers draw from a generator that all threads share."""
    seeds = [*range(8)] * 4
    alone = [first_weights(seed) for seed in seeds[:8]]
    before = torch.get_rng_state()
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(first_weights, seeds))
    assert all(torch.equal(alone[s], drawn) for s, drawn in zip(seeds, together, strict=True))
    assert torch.equal(torch.get_rng_state(), before)
