"""Does a compiled step of a stack learn like the plain one?

    python -m benchmarks.gpu.fused --steps 1500 --device cpu

Trains four models of 3Dshapes (β = 1, KL warm-up over 2,000 steps, learning rate 5e-4) with each of
the two steps, from the same weights, with the same images and noise, and prints the mean
reconstruction loss of every 250 steps, in nats. Compiling takes minutes on a CPU.
"""

import argparse
from collections.abc import Iterator

import torch

from betavae_core.config import preset
from betavae_core.datasets import Dataset, config_dataset
from betavae_core.datasets.resident import on_device
from betavae_core.device import choose_device

from .stacks import stack_of

MODELS, INTERVAL, WARM_UP = 4, 250, 2_000


def losses(
    dataset: Dataset, fused: bool, steps: int, batch: int, precision: str
) -> Iterator[tuple[int, list[float]]]:
    """After every `INTERVAL` steps: their number, and each model's mean loss over the interval."""
    device = dataset.device
    configs = [
        preset(
            "3dshapes-conv-laptop",
            beta=1.0, seed=seed, batch_size=batch, learning_rate=5e-4, precision=precision,
        )
        for seed in range(MODELS)
    ]  # fmt: skip
    stack, (beta, rate) = stack_of(configs, device)
    if fused:
        stack.fuse()
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0)).to(device)
    source = torch.Generator().manual_seed(1)
    total = torch.zeros(MODELS, device=device)
    for step in range(steps):
        noise = torch.randn(MODELS, batch, configs[0].latents, generator=source).to(device)
        images = dataset.gather(order[step * batch : (step + 1) * batch])
        total += stack.step(images, noise, beta * min(step / WARM_UP, 1.0), rate)[:, 0]
        if (step + 1) % INTERVAL == 0:
            yield step + 1, (total / INTERVAL).tolist()
            total.zero_()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--steps", type=int, default=1_500)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--precision", default="bfloat16", choices=("float32", "bfloat16"))
    parser.add_argument("--device", default="auto")
    options = parser.parse_args()
    device = choose_device(options.device)
    dataset = on_device(config_dataset(preset("3dshapes-conv-laptop")), device)
    for fused in (False, True):
        for step, found in losses(dataset, fused, options.steps, options.batch, options.precision):
            name = "compiled" if fused else "plain"
            print(f"{name:8}  {step:6,}  " + "  ".join(f"{loss:8,.1f}" for loss in found))


if __name__ == "__main__":
    main()
