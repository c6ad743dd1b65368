"""The speed of the training loop, compared with the usual loop and with this machine's sgemm.

    python -m benchmarks.train_throughput [--threads 2] [--device cpu] [--models conv1,conv3,mlp]

It trains the conv VAE of 64×64 images with 1 and 3 channels and the MLP VAE, β = 4. The loops of
one model take turns within one run, so that the ratios hold although the machine's speed varies.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import torch
from torch import nn
from torch.utils.data import DataLoader
from torch.utils.data import Dataset as TorchDataset
from torchvision.transforms.functional import to_tensor

from betavae_core.config import RunConfig, preset
from betavae_core.datasets import Dataset, load_dataset
from betavae_core.device import choose_device, fastest_precision, keep_freed_memory
from betavae_core.models import VAE, build_vae
from betavae_core.objective import beta_elbo
from betavae_core.training.step import GraphedStep, make_optimizer, make_step

MODELS = {  # preset, images to a step, FLOP of forward and backward per image
    "conv1": ("2dshapes-conv-laptop", 64, 73.7e6),
    "conv3": ("3dshapes-conv-laptop", 64, 84.2e6),
    "mlp": ("2dshapes-mlp", 256, 75.3e6),
}


class PerSample(TorchDataset):
    """The usual dataset: images held as bytes, one ToTensor per sample."""

    def __init__(self, images: torch.Tensor) -> None:
        self.images = images.permute(0, 2, 3, 1).numpy()

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> torch.Tensor:
        return to_tensor(self.images[index])


def usual_loop(config: RunConfig, dataset: Dataset, device: torch.device) -> Iterator[int]:
    """DataLoader over per-sample transforms, default layout, plain optimizer, `.item()` on each
    term; yields the images of each step."""
    model = plain_layers(build_vae(config).to(device))
    kinds = {"adam": torch.optim.Adam, "adagrad": torch.optim.Adagrad}
    optimizer = kinds[config.optimizer](model.parameters(), config.learning_rate)
    held = PerSample(dataset.images(torch.arange(0, len(dataset), len(dataset) // 8192)).cpu())
    while True:
        for batch in DataLoader(held, config.batch_size, shuffle=True, drop_last=True):
            x = batch.to(device)
            noise = torch.randn(len(x), config.latents, device=device)
            decoded, mean, log_var = model(x, noise)
            terms = beta_elbo(x, decoded, mean, log_var, config.beta or 0.0)
            optimizer.zero_grad()
            terms.loss.backward()
            optimizer.step()
            seen = [terms.loss.item(), terms.nll.item(), terms.kl.sum().item()]
            assert len(seen) == 3
            yield len(x)


def plain_layers(model: VAE) -> VAE:
    """The model with the library's own convolutions instead of our routes."""
    for layer in model.modules():
        for library in (nn.Conv2d, nn.ConvTranspose2d):
            if isinstance(layer, library):
                layer.__class__ = library
    return model


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
        totals += step(dataset.images(batch), noise, config.beta or 0.0) * len(batch)
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


def config_of(model: str, name: str) -> RunConfig:
    usual, batch, _ = MODELS[model]
    return preset(
        usual, batch_size=batch, precision="bfloat16" if "bfloat16" in name else "float32"
    )


def contestant(model: str, name: str, options: argparse.Namespace, pipe: Connection) -> None:
    """A separate process, so that no loop profits from another's allocator settings: for every
    number of seconds that arrives through the pipe, run that long and send back images/s."""
    torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    config = config_of(model, name)
    dataset = load_dataset(config.dataset, "rendered").to(device)
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


def measure(model: str, options: argparse.Namespace) -> dict[str, float]:
    """Images/s of every contestant, printed as a table, and the machine's sgemm."""
    device = choose_device(options.device)
    names = ["usual loop", "ours, float32"]
    if device.type == "cuda":
        names += ["ours, bfloat16", "ours, float32, graph", "ours, bfloat16, graph"]
    elif fastest_precision(device) == "bfloat16":
        names += ["ours, bfloat16"]
    spawn = multiprocessing.get_context("spawn")
    pipes = {}
    for name in names:
        pipes[name], theirs = spawn.Pipe()
        spawn.Process(target=contestant, args=(model, name, options, theirs), daemon=True).start()

    def run(name: str, seconds: float) -> float:
        pipes[name].send(seconds)
        return pipes[name].recv()

    for name in names:  # warm-up
        run(name, options.seconds)
    rates: dict[str, list[float]] = {name: [] for name in names}
    sgemm = []
    for _ in range(options.rounds):  # one works, the others wait
        sgemm.append(sgemm_rate(device))
        for name in names:
            rates[name].append(run(name, options.seconds))
    for pipe in pipes.values():
        pipe.send(None)
    peak = statistics.median(sgemm)
    middle = {name: statistics.median(found) for name, found in rates.items()}
    usual, full = middle["usual loop"], middle["ours, float32"]
    print(
        f"{model}: {MODELS[model][0]}, batch {MODELS[model][1]}, {device}, {options.threads} "
        f"threads, torch {torch.__version__}, sgemm {peak / 1e9:.0f} GFLOP/s"
    )
    for name, found in rates.items():
        share = middle[name] * MODELS[model][2] / peak
        print(
            f"{name:24} {middle[name]:7.0f} images/s ({min(found):.0f}–{max(found):.0f})  "
            f"{middle[name] / usual:.2f}× usual  {middle[name] / full:.2f}× float32  "
            f"{share:.0%} of sgemm"
        )
    return {"sgemm": peak, **middle}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="auto")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0, help="of each turn")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps({model: measure(model, options) for model in options.models.split(",")}))


if __name__ == "__main__":
    main()
