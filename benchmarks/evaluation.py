"""The speed of encoding and decoding without gradients, as scores, distances and pages do it,
compared with PyTorch's own layers.

    python -m benchmarks.evaluation [--threads 1] [--batch 256]

Both take turns in one run; the numbers are processor time, so that other work on the machine
matters little.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from betavae_core.config import preset
from betavae_core.models import VAE, build_vae

ROUNDS = 15
PRESETS = ("2dshapes-conv-laptop", "3dshapes-conv-laptop", "cifar10-conv-laptop")


def plain(network: nn.Module) -> nn.Module:
    """The same network of PyTorch's own layers."""
    layers: list[nn.Module] = []
    for layer in network.children():
        own: nn.Module | None = None
        if isinstance(layer, nn.Conv2d):
            own = nn.Conv2d(layer.in_channels, layer.out_channels, 4, 2, 1)
        elif isinstance(layer, nn.ConvTranspose2d):
            own = nn.ConvTranspose2d(layer.in_channels, layer.out_channels, 4, 2, 1)
        if own is not None:
            own.load_state_dict(layer.state_dict())
        layers.append(own or layer)
    return nn.Sequential(*layers)


def seconds(work: Callable[[], torch.Tensor]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(model: VAE, batch: int) -> None:
    x, z = torch.rand(batch, *model.shape), torch.randn(batch, model.latents)
    for what, network, given in (("encode", model.encoder, x), ("decode", model.decoder, z)):
        own = plain(network)
        took: tuple[list[float], list[float]] = [], []
        for _ in range(ROUNDS):
            took[0].append(seconds(lambda own=own, given=given: own(given)))  # type: ignore[misc]
            took[1].append(seconds(lambda net=network, given=given: net(given)))  # type: ignore[misc]
        theirs, ours = (batch / statistics.median(each) for each in took)
        difference = float((own(given) - network(given)).abs().max())
        print(
            f"{what}: {theirs:,.0f} → {ours:,.0f} images/s, {ours / theirs:.2f} ×, "
            f"largest difference {difference:.1e}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=256)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with torch.no_grad():
        for name in PRESETS:
            model = build_vae(preset(name))
            print(f"{name}, {'×'.join(map(str, model.shape))}")
            measure(model, options.batch)


if __name__ == "__main__":
    main()
