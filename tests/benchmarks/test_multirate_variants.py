"""The other forms of the model for every β fold like the usual one, and draw β as they say."""

import pytest
import torch

from benchmarks.multirate_variants import VARIANTS, CodeGates, LowOften, Rising
from betavae_core.models.conv import conv_vae

SHAPE = (1, 64, 64)


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("beta", [0.05, 0.7, 20.0])
def test_the_folded_model_is_the_model_at_that_beta(name: str, beta: float) -> None:
    model = VARIANTS[name].model(conv_vae(SHAPE, 3), 0.05, 20.0).double()
    with torch.no_grad():
        for parameter in model.gates.parameters():
            parameter.add_(0.3)
        if isinstance(model, CodeGates):
            model.code.slope.add_(torch.tensor([-0.4, 0.0, 0.4]))
        z = torch.linspace(-1, 1, 6).view(2, 3).double()
        betas = torch.full((2,), beta)
        apart = (model.at_beta(beta).decode(z) - model.decode(z, betas)).abs().max()
    assert apart < 1e-6  # gates are float32
    if isinstance(model, CodeGates):
        assert not torch.allclose(model.code_gate(model.scaled(betas)), torch.ones(2, 3))


def test_low_values_are_drawn_more_often_and_the_range_rises() -> None:
    normal = torch.linspace(-3, 3, 1001)
    conv = conv_vae(SHAPE, 3)
    usual = VARIANTS["usual"].model(conv, 0.05, 20.0).drawn(normal)
    assert (LowOften(conv, 0.05, 20.0).drawn(normal) <= usual).all()
    rising = Rising(conv, 0.05, 20.0)
    Rising.RISE = 2 * len(normal)
    first, second = rising.drawn(normal), rising.drawn(normal)
    assert 1 < first.max() < 20.0 < second.max() * 1.02
    torch.testing.assert_close(second, usual)
