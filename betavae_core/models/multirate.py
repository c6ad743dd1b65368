"""A conv VAE for a whole range of β: each hidden channel has a gate that depends on β.

A multi-rate VAE (Bae et al. 2023, arXiv 2212.03905) is trained with a β drawn anew for each image;
the gates let one set of weights answer for every β of the range. At a fixed β the gates fold into
the weights, and what remains is an ordinary conv VAE (`MultiRateVAE.at_beta`).
"""

import math

import torch
from torch import nn

from ..errors import wrong_value
from ..objective import sample_posterior
from .conv import conv_vae
from .vae import VAE

LIMIT = math.sqrt(3)  # of η: log β, uniform over its range, has variance 1 from −√3 to √3


class Gate(nn.Module):
    """2 σ(slope · η + offset) for each channel of a layer, η the scaled log β: 1 at the start of
    the training, between 0 and 2 later."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(channels))
        self.offset = nn.Parameter(torch.zeros(channels))

    def forward(self, eta: torch.Tensor) -> torch.Tensor:
        """η (N,) to factors (N, channels), float32."""
        return 2 * (eta[:, None] * self.slope.float() + self.offset.float()).sigmoid()


class MultiRateVAE(VAE):
    """A conv VAE whose hidden channels, and the two heads of its encoder, are multiplied by gates.

    low, high: the range of β that it was trained for. `encode` and `decode` take β besides the
    image or the code: one number, or a tensor (N,) with a number per image. Raises `InputError` for
    a number outside the range; a tensor is not checked, since that would wait for the device.
    """

    def __init__(self, conv: VAE, low: float, high: float) -> None:
        super().__init__(conv.encoder, conv.decoder, conv.latents, conv.shape)
        self.low, self.high = low, high
        halves = {"encoder": _weighted(conv.encoder), "decoder": _weighted(conv.decoder)[:-1]}
        self.gates = nn.ModuleDict(
            {
                f"{half}{place}": Gate(_channels(getattr(self, half)[place]))
                for half, places in halves.items()
                for place in places
            }
        )

    def scaled(self, beta: torch.Tensor) -> torch.Tensor:
        """η = √3 · (log β − c) / h with c the middle of the range of log β and h half its width."""
        middle = (math.log(self.low) + math.log(self.high)) / 2
        half = (math.log(self.high) - math.log(self.low)) / 2
        return LIMIT * (beta.float().log() - middle) / half

    def drawn(self, normal: torch.Tensor) -> torch.Tensor:
        """Standard normal numbers (N,) to β, log-uniform over the range."""
        return self.low * (self.high / self.low) ** torch.special.ndtr(normal)

    def encode(
        self, x: torch.Tensor, beta: float | torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to posterior mean and log-variance, each (N, D)."""
        mean, log_var = self._run("encoder", x, beta).chunk(2, dim=1)
        return mean, log_var

    def decode_logits(
        self, z: torch.Tensor, beta: float | torch.Tensor | None = None
    ) -> torch.Tensor:
        """z (N, D) to logits (N, C, H, W)."""
        return self._run("decoder", z, beta)

    def decode(self, z: torch.Tensor, beta: float | torch.Tensor | None = None) -> torch.Tensor:
        """z (N, D) to images (N, C, H, W) in [0, 1]: the mean of p(x|z)."""
        return self.decode_logits(z, beta).sigmoid()

    def forward(
        self, x: torch.Tensor, noise: torch.Tensor, beta: float | torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Logits (N, C, H, W) of a posterior sample, mean and log-variance (N, D); noise (N, D)."""
        mean, log_var = self.encode(x, beta)
        return self.decode_logits(sample_posterior(mean, log_var, noise), beta), mean, log_var

    def at_beta(self, beta: float) -> VAE:
        """The ordinary conv VAE at one β of the range, with the gates folded into its weights:
        each gated channel's weights and bias times its gate."""
        eta = self.scaled(torch.tensor([self.checked(beta)], dtype=torch.float64))
        folded = conv_vae(self.shape, self.latents)  # type: ignore[arg-type]
        like = next(self.parameters())
        folded.to(like.device, like.dtype)
        folded.encoder.load_state_dict(self.encoder.state_dict())
        folded.decoder.load_state_dict(self.decoder.state_dict())
        with torch.no_grad():
            for half, layers in (("encoder", folded.encoder), ("decoder", folded.decoder)):
                for place, layer in enumerate(layers):
                    if (gate := self._gate(half, place)) is not None:
                        _multiply(layer, gate(eta.to(like.device))[0])
        folded.train(self.training)
        return folded

    def with_gates(self, half: str) -> list[nn.Module]:
        """The layers of "encoder" or "decoder" in order, each gate behind its layer."""
        found: list[nn.Module] = []
        for place, layer in enumerate(getattr(self, half)):
            gate = self._gate(half, place)
            found += [layer] if gate is None else [layer, gate]
        return found

    def checked(self, beta: float) -> float:
        """β, if it lies within the range (to rounding of its text)."""
        if not self.low * (1 - 1e-9) <= beta <= self.high * (1 + 1e-9):
            raise wrong_value("beta", f"from {self.low:g} to {self.high:g} for this model", beta)
        return beta

    def _gate(self, half: str, place: int) -> nn.Module | None:
        """The gate behind a layer, if it has one."""
        name = f"{half}{place}"
        return dict(self.gates.items()).get(name)

    def _run(
        self, half: str, values: torch.Tensor, beta: float | torch.Tensor | None
    ) -> torch.Tensor:
        if beta is None:
            raise TypeError(
                "A multi-rate VAE encodes and decodes at a β: give one, or use at_beta."
            )
        if not isinstance(beta, torch.Tensor):
            beta = torch.full((len(values),), self.checked(beta), device=values.device)
        eta = self.scaled(beta)
        for place, layer in enumerate(getattr(self, half)):
            values = layer(values)
            if (gate := self._gate(half, place)) is not None:
                factor = gate(eta).to(values.dtype)
                values = values * factor.view(*factor.shape, *[1] * (values.ndim - 2))
        return values


def conv_multirate_vae(
    shape: tuple[int, int, int], latents: int, low: float, high: float
) -> MultiRateVAE:
    """`conv_vae` with gates for β from `low` to `high`: 3,560 parameters more for 10 latents at
    64×64. Raises `InputError` for other image sizes."""
    return MultiRateVAE(conv_vae(shape, latents), low, high)


def _multiply(layer: nn.Module, factor: torch.Tensor) -> None:
    """Multiply the outputs of a layer by a factor for each channel, by changing its weights."""
    assert isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d)
    outputs = 1 if isinstance(layer, nn.ConvTranspose2d) else 0  # the weight's dimension of them
    shape = [-1 if d == outputs else 1 for d in range(layer.weight.ndim)]
    layer.weight *= factor.view(shape)
    assert layer.bias is not None
    layer.bias *= factor


def _weighted(half: nn.Module) -> list[int]:
    """The places of the layers with weights."""
    return [place for place, layer in enumerate(half.children()) if hasattr(layer, "weight")]


def _channels(layer: nn.Module) -> int:
    bias = layer.bias
    assert isinstance(bias, torch.Tensor)
    return len(bias)
