"""How fast does the training loop run, against the usual loop and against this machine's sgemm?

    python benchmarks/train_throughput.py [--threads 2] [--batch 64] [--device cpu]

Conv VAE 64×64×1, β = 4, all in one run, the contestants taking turns, so that the ratios hold
whatever the machine does meanwhile. Forward and backward cost 73.7 MFLOP per image.
"""

import argparse
import json
import multiprocessing
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import torch
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision.transforms.functional import to_tensor

from betavae_core.config import RunConfig
from betavae_core.datasets import Dataset, load_dataset
from betavae_core.device import choose_device, keep_freed_memory
from betavae_core.models import VAE, build_vae, upsampling
from betavae_core.objective import beta_elbo
from betavae_core.step import GraphedStep, make_optimizer, make_step

FLOP_PER_IMAGE = 73.7e6


class PerSample(TorchDataset):
    """The usual dataset: images held as bytes, one ToTensor per sample."""

    def __init__(self, images: torch.Tensor) -> None:
        self.images = images.permute(0, 2, 3, 1).numpy()

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return to_tensor(self.images[index])


def usual_loop(config: RunConfig, dataset: Dataset, device: torch.device) -> Iterator[int]:
    """DataLoader over per-sample transforms, default layout, plain Adam, `.item()` on each term;
    yields the images of each step."""
    model = build_vae(config).to(device)
    optimizer = torch.optim.Adam(model.parameters(), config.learning_rate)
    held = PerSample(dataset.images(torch.arange(0, len(dataset), len(dataset) // 8192)).cpu())
    while True:
        for batch in DataLoader(held, config.batch_size, shuffle=True, drop_last=True):
            x = batch.to(device)
            noise = torch.randn(len(x), config.latents, device=device)
            with _plain_layers():
                decoded, mean, log_var = model(x, noise)
                terms = beta_elbo(x, decoded, mean, log_var, config.beta or 0.0)
                optimizer.zero_grad()
                terms.loss.backward()
            optimizer.step()
            seen = [terms.loss.item(), terms.nll.item(), terms.kl.sum().item()]
            assert len(seen) == 3
            yield len(x)


class _plain_layers:
    """Switch the decoder's layers to the library's transposed convolution."""

    def __enter__(self) -> None:
        self.chosen = upsampling._by_hand
        upsampling._by_hand = lambda x: False

    def __exit__(self, *exception: object) -> None:
        upsampling._by_hand = self.chosen


def our_loop(
    config: RunConfig, dataset: Dataset, device: torch.device, graph: bool = False
) -> Iterator[int]:
    """The step of `betavae_core.training.train`, fed as there."""
    model: VAE = build_vae(config).to(device).to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, config)
    step: Callable = make_step(model, optimizer, config)
    if graph:
        step = GraphedStep(step, model, optimizer, config)
    order = torch.randperm(len(dataset))
    totals = torch.zeros(1 + config.latents, device=device)
    first = 0
    while True:
        batch = order[first : first + config.batch_size]
        first = (first + config.batch_size) % (len(order) - config.batch_size)
        noise = torch.randn(len(batch), config.latents, device=device)
        totals += step(dataset.images(batch), noise) * len(batch)
        yield len(batch)


def sgemm_rate(device: torch.device, n: int = 2048) -> float:
    """Float32 FLOP/s of one large matrix product, the median of five."""
    a, b = torch.randn(2, n, n, device=device)
    rates = []
    for _ in range(7):
        started = time.perf_counter()
        a @ b
        if device.type == "cuda":
            torch.cuda.synchronize()
        rates.append(2 * n**3 / (time.perf_counter() - started))
    return statistics.median(rates[2:])


def contestant(name: str, options: argparse.Namespace, pipe: Connection) -> None:
    """A process of its own, so that no contestant profits from another's allocator settings: for
    every number of seconds that comes through the pipe, run that long and send back images/s."""
    torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    precision = "bfloat16" if "bfloat16" in name else "float32"
    config = RunConfig(batch_size=options.batch, precision=precision)
    dataset = load_dataset("2dshapes", "rendered").to(device)
    if name == "usual loop":
        loop = usual_loop(config, dataset, device)
    else:
        keep_freed_memory()
        loop = our_loop(config, dataset, device, graph="graph" in name)
    while (seconds := pipe.recv()) is not None:
        started, images = time.perf_counter(), 0
        while time.perf_counter() - started < seconds:
            images += next(loop)
        if device.type == "cuda":
            torch.cuda.synchronize()
        pipe.send(images / (time.perf_counter() - started))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    names = ["usual loop", "ours"]
    if device.type == "cuda":
        names += ["ours, bfloat16", "ours, graph", "ours, bfloat16, graph"]

    spawn = multiprocessing.get_context("spawn")
    pipes = {}
    for name in names:
        pipes[name], theirs = spawn.Pipe()
        spawn.Process(target=contestant, args=(name, options, theirs), daemon=True).start()

    def run(name: str, seconds: float) -> float:
        pipes[name].send(seconds)
        return pipes[name].recv()

    for name in names:  # warm-up
        run(name, 4)
    rates: dict[str, list[float]] = {name: [] for name in names}
    sgemm = []
    for _ in range(options.rounds):  # one works, the others wait
        sgemm.append(sgemm_rate(device))
        for name in names:
            rates[name].append(run(name, 4))
    for pipe in pipes.values():
        pipe.send(None)
    peak = statistics.median(sgemm)
    usual = statistics.median(rates["usual loop"])
    print(
        f"{platform.processor() or platform.machine()}, {device}, {options.threads} threads, "
        f"torch {torch.__version__}, batch {options.batch}, sgemm {peak / 1e9:.0f} GFLOP/s"
    )
    result = {"sgemm": peak}
    for name, found in rates.items():
        middle = statistics.median(found)
        share = middle * FLOP_PER_IMAGE / peak
        result[name] = middle
        print(
            f"{name:24} {middle:7.0f} images/s ({min(found):.0f}–{max(found):.0f})  "
            f"{middle / usual:.2f}× usual  {share:.0%} of sgemm"
        )
    print(json.dumps(result))


if __name__ == "__main__":
    main()
