"""Other forms of the model for every β, trained for as many images as the usual one: which of them
keeps the latents that only a low β pays for?

    python -m benchmarks.multirate_variants usual code-gates … [--images N] [--seed S]

Prints a row for each: reconstruction, KL, active latents and loss at β = 0.1, 1, 4 and 10, of the
same 10,000 random images of 2Dshapes, gates folded. One thread; the weights are not kept.
"""

import argparse
import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import torch

from betavae_core.config import RunConfig
from betavae_core.datasets import config_dataset
from betavae_core.models import MODELS
from betavae_core.models.conv import conv_vae
from betavae_core.models.multirate import Gate, MultiRateVAE
from betavae_core.models.vae import VAE
from betavae_core.presets import PRESET_SETTINGS
from betavae_core.rng import generator
from betavae_core.scoring.elbo import active_latents, elbo_terms
from betavae_core.store import load_run
from betavae_core.training import train

EVALUATED = 10_000  # images
BETAS = (0.1, 1.0, 4.0, 10.0)


class CodeGates(MultiRateVAE):
    """Gates also on the code before the decoder, which can then ignore a latent at high β alone.
    pace: the factor of their slopes and offsets, and so of their learning rate."""

    pace: ClassVar[float] = 1.0

    def __init__(self, conv: VAE, low: float, high: float) -> None:
        super().__init__(conv, low, high)
        self.code = Gate(conv.latents)

    def code_gate(self, eta: torch.Tensor) -> torch.Tensor:
        slope, offset = self.code.slope.float(), self.code.offset.float()
        return 2 * (self.pace * (eta[:, None] * slope + offset)).sigmoid()

    def decode_logits(
        self, z: torch.Tensor, beta: float | torch.Tensor | None = None
    ) -> torch.Tensor:
        assert isinstance(beta, torch.Tensor)
        return super().decode_logits(z * self.code_gate(self.scaled(beta)).to(z.dtype), beta)

    def at_beta(self, beta: float) -> VAE:
        folded = super().at_beta(beta)
        first = next(layer for layer in folded.decoder if hasattr(layer, "weight"))
        assert isinstance(first, torch.nn.Linear)
        with torch.no_grad():
            first.weight *= self.code_gate(self.scaled(torch.tensor([beta])))
        return folded


class QuickCodeGates(CodeGates):
    pace = 10.0


class LowOften(MultiRateVAE):
    """Low β drawn more often: half of the draws are in the lowest quarter of the range of log β."""

    def drawn(self, normal: torch.Tensor) -> torch.Tensor:
        return self.low * (self.high / self.low) ** torch.special.ndtr(normal).square()


class Rising(MultiRateVAE):
    """The upper end of the range rises, in log β, from 1 to its final value over `RISE` images."""

    RISE: ClassVar[int] = 1
    seen: int = 0

    def drawn(self, normal: torch.Tensor) -> torch.Tensor:
        self.seen += len(normal)
        end = math.log(self.high) * min(1.0, self.seen / self.RISE) - math.log(self.low)
        return self.low * torch.exp(end * torch.special.ndtr(normal))


class RisingCodeGates(CodeGates, Rising):
    """Both."""


@dataclass(frozen=True)
class Variant:
    """A model, and the share of the images over which the weight of the KL rises."""

    model: type[MultiRateVAE]
    warmup: float = 0.5


VARIANTS = {
    "usual": Variant(MultiRateVAE),
    "warm-up-throughout": Variant(MultiRateVAE, 1.0),
    "code-gates": Variant(CodeGates),
    "quick-code-gates": Variant(QuickCodeGates),
    "low-often": Variant(LowOften),
    "rising-range": Variant(Rising, 0.0),
    "rising-range-code-gates": Variant(RisingCodeGates, 0.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("variants", nargs="+", choices=list(VARIANTS))
    parser.add_argument("--images", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=123)
    options = parser.parse_args()
    torch.set_num_threads(1)
    parts = [f"β = {beta:g}" for beta in BETAS]
    print(f"| variant | {' | '.join(parts)} |", "|" + "---|" * (1 + len(parts)), sep="\n")
    for name in options.variants:
        cells = measured(VARIANTS[name], options.images, options.seed)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def measured(variant: Variant, images: int, seed: int) -> list[str]:
    """ "reconstruction + KL (active latents): loss" at each β after a training of its own."""
    usual = MODELS["conv-multirate"]
    Rising.RISE = max(1, images // 2)

    def build(shape: tuple[int, int, int], latents: int, *ends: Any) -> MultiRateVAE:
        return variant.model(conv_vae(shape, latents), *ends)

    settings = PRESET_SETTINGS["2dshapes-conv-laptop"] | {"model": "conv-multirate", "seed": seed}
    warmup = round(variant.warmup * images)
    config = RunConfig(**settings | {"images": images, "kl_warmup": warmup})
    try:
        MODELS["conv-multirate"] = replace(usual, build=build)
        with tempfile.TemporaryDirectory() as folder:
            for _ in train(config, folder, name="variant", device="cpu"):
                pass
            model = load_run(Path(folder) / "variant").multirate
    finally:
        MODELS["conv-multirate"] = usual
    return [told(model, config, beta) for beta in BETAS]


def told(model: MultiRateVAE, config: RunConfig, beta: float) -> str:
    dataset = config_dataset(config)
    rows = torch.randint(len(dataset), (EVALUATED,), generator=generator(0, "evaluation"))
    terms = elbo_terms(model.at_beta(beta), dataset, rows, config.likelihood)
    kl = sum(terms["kl"])
    loss = terms["nll"] + beta * kl
    return f"{terms['nll']:.1f} + {kl:.1f} ({sum(active_latents(terms))}): {loss:.1f}"


if __name__ == "__main__":
    main()
