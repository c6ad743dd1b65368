"""The conv VAE for a range of β: its gates, and what it is at one β."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from betavae_core.config import RunConfig
from betavae_core.models import MultiRateVAE, build_model
from betavae_core.models.multirate import Gate
from betavae_core.training.stacked_model import is_stackable
from tests.oracles import one_sentence

BETAS = np.geomspace(0.05, 20, 12).tolist()


def gated(shape: tuple[int, int, int] = (1, 64, 64), spread: float = 0.7) -> MultiRateVAE:
    """A model whose gates are far from 1."""
    config = RunConfig(model="conv-multirate", channels=shape[0], image_size=shape[1])
    model = build_model(config)
    assert isinstance(model, MultiRateVAE)
    random = torch.Generator().manual_seed(0)
    for gate in model.gates.values():
        assert isinstance(gate, Gate)
        nn.init.normal_(gate.slope, 0, spread, generator=random)
        nn.init.normal_(gate.offset, 0, spread, generator=random)
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("shape", [(1, 64, 64), (3, 64, 64), (3, 32, 32)])
def test_at_one_beta_it_is_an_ordinary_model(shape: tuple[int, int, int]) -> None:
    """Folded gates give the outputs of the gates, at twelve β; different ones at each."""
    model = gated(shape)
    random = torch.Generator().manual_seed(1)
    x, z = torch.rand(4, *shape, generator=random), torch.randn(4, 10, generator=random)
    seen = []
    for beta in BETAS:
        folded = model.at_beta(beta)
        assert not isinstance(folded, MultiRateVAE)
        for one, other in zip(folded.encode(x), model.encode(x, beta), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(folded.decode(z), model.decode(z, beta), rtol=1e-5, atol=1e-6)
        seen.append(folded.encode(x)[0])
    assert all((a - b).abs().max() > 1e-4 for a, b in pairwise(seen))


def test_each_image_has_its_own_beta() -> None:
    model = gated()
    x = torch.rand(len(BETAS), 1, 64, 64)
    together = model.encode(x, torch.tensor(BETAS))[0]
    for row, beta in enumerate(BETAS):
        alone = model.encode(x[row : row + 1], beta)[0][0]
        torch.testing.assert_close(together[row], alone, rtol=1e-5, atol=1e-6)


def test_it_begins_as_the_conv_model_at_every_beta() -> None:
    """The same weights for the same seed, all gates at 1."""
    model, conv = build_model(RunConfig(model="conv-multirate")), build_model(RunConfig())
    assert isinstance(model, MultiRateVAE)
    x = torch.rand(2, 1, 64, 64)
    for beta in (0.05, 1, 20):
        assert torch.equal(model.at_beta(beta).encode(x)[0], conv.encode(x)[0])
    more = sum(p.numel() for p in model.parameters()) - sum(p.numel() for p in conv.parameters())
    assert more == 2 * (4 * 32 + 2 * 256 + 20 + 2 * 256 + 512 + 3 * 32)


def test_beta_is_drawn_log_uniformly() -> None:
    model = gated()
    drawn = model.drawn(torch.randn(20_000, generator=torch.Generator().manual_seed(0)))
    assert drawn.min() >= 0.05
    assert drawn.max() <= 20
    counts = np.histogram(drawn.log().numpy(), 10, (math.log(0.05), math.log(20)))[0]
    assert abs(counts / 2_000 - 1).max() < 0.1


@pytest.mark.parametrize("beta", [0.049, 20.1, 0.0, -1.0, math.nan])
def test_a_beta_outside_the_range_is_refused(beta: float) -> None:
    with one_sentence("from 0.05 to 20"):
        gated().at_beta(beta)
    with one_sentence("from 0.05 to 20"):
        gated().encode(torch.rand(1, 1, 64, 64), beta)


def test_without_a_beta_there_is_no_answer() -> None:
    with pytest.raises(TypeError, match="β"):
        gated().encode(torch.rand(1, 1, 64, 64))


def test_a_gradient_reaches_every_weight_and_gate() -> None:
    model = gated().requires_grad_(True)
    x, beta = torch.rand(8, 1, 64, 64), torch.tensor([0.05, 0.1, 0.5, 1, 2, 4, 10, 20])
    logits, mean, log_var = model(x, torch.randn(8, 10), beta)
    (logits.square().mean() + mean.square().mean() + log_var.square().mean()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().max() > 0, name


def test_the_output_layer_has_no_gate() -> None:
    model = gated()
    last = len(model.decoder) - 1
    assert f"decoder{last}" not in model.gates
    assert len(model.gates) == 13


def test_it_is_not_stacked() -> None:
    assert not is_stackable(gated())


# ---- its settings


def test_the_range_of_a_config() -> None:
    config = RunConfig(model="conv-multirate")
    assert (config.beta, config.beta_low, config.beta_high) == (None, 0.05, 20.0)
    assert config.run_id == "2dshapes-conv-multirate-beta0.05to20-seed123"
    assert RunConfig.from_json(config.to_json()) == config
    other = RunConfig(model="conv-multirate", beta_low=0.5, beta_high=2.0)
    assert "beta0.5to2" in other.run_id


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"model": "conv", "beta_low": 0.1}, "conv-multirate"),
        ({"model": "conv-multirate", "beta": 2.0}, "beta_low and beta_high"),
        ({"model": "conv-multirate", "beta_low": 20.0, "beta_high": 0.05}, "below"),
        ({"model": "conv-multirate", "beta_low": 0.0}, "above 0"),
        ({"model": "conv-multirate", "beta_high": math.inf}, "above 0"),
        ({"model": "conv-multirate", "beta_low": math.nan}, "above 0"),
        ({"model": "conv-multirate", "beta_low": 1e-300}, "from 1e-6 to 1e6"),
        ({"model": "conv-multirate", "beta_high": 1e300}, "from 1e-6 to 1e6"),
    ],
)
def test_impossible_ranges(settings: dict[str, object], words: str) -> None:
    with one_sentence(words):
        RunConfig(**settings)  # type: ignore[arg-type]
