"""Images per second of each way to train: how fast is the device?"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch

from betavae_core.config import RunConfig, preset
from betavae_core.datasets import Dataset, config_dataset
from betavae_core.datasets.resident import on_device
from betavae_core.device import (
    fastest_precision,
    keep_freed_memory,
)
from betavae_core.errors import InputError
from betavae_core.models import build_vae
from betavae_core.training.stacked_step import graphed
from betavae_core.training.step import GraphedStep, make_optimizer, make_step

from .stacks import stack_of

COLOUR = 13  # runs of a colour dataset that differ in β, seed and learning rate


def rate_alone(config: RunConfig, dataset: Dataset, seconds: float) -> float:
    """Images/s of one model, its step captured as a graph, its images on the device."""
    device = dataset.device
    model = build_vae(config).to(device).to(memory_format=torch.channels_last)
    optimizer = make_optimizer(model, config)
    step = GraphedStep(make_step(model, optimizer, config), model, optimizer, config)
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0)).to(device)

    def once(first: int) -> None:
        rows = order[first : first + config.batch_size]
        noise = torch.randn(config.batch_size, config.latents, device=device)
        step(dataset.gather(rows), noise, config.beta or 0.0)

    return _rate(once, config.batch_size, len(dataset), device, seconds)


def rate_stacked(
    config: RunConfig, dataset: Dataset, models: int, seconds: float, fused: bool = False
) -> float:
    """Images/s of all models of a stack together."""
    device, size = dataset.device, config.batch_size
    stack, given = stack_of([replace(config, seed=seed) for seed in range(models)], device)
    if fused:
        stack.fuse()
    order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(0)).to(device)
    sources = [torch.Generator(device).manual_seed(seed) for seed in range(models)]
    noise = torch.empty(models, size, config.latents, device=device)
    step = graphed(stack, dataset.gather(order[:size]), noise)

    def once(first: int) -> None:
        for row, source in enumerate(sources):  # as train_stacked draws it
            noise[row] = torch.randn(size, config.latents, generator=source, device=device)
        step(dataset.gather(order[first : first + size]), noise, *given)

    return models * _rate(once, size, len(dataset), device, seconds)


def _rate(
    once: Callable[[int], None], size: int, length: int, device: torch.device, seconds: float
) -> float:
    for _ in range(3):
        once(0)
    _wait(device)
    started, images = time.perf_counter(), 0
    while time.perf_counter() - started < seconds:
        for _ in range(10 if device.type == "cuda" else 1):  # the host must not run far ahead
            once(images % (length - size))
            images += size
        _wait(device)
    return images / (time.perf_counter() - started)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def rate_processes(
    config: RunConfig, device: torch.device, processes: int, seconds: float
) -> float:
    """Images/s of several processes with one model each, all together."""
    spawn = multiprocessing.get_context("spawn")
    pipes = []
    for _ in range(processes):
        mine, theirs = spawn.Pipe()
        spawn.Process(
            target=_process, args=(config, str(device), seconds, theirs), daemon=True
        ).start()
        theirs.close()  # so that the death of a worker ends the waiting
        pipes.append(mine)
    try:
        for pipe in pipes:
            pipe.recv()  # ready
        for pipe in pipes:
            pipe.send("go")
        return sum(pipe.recv() for pipe in pipes)
    except EOFError as error:
        raise InputError(
            "A process of the measurement died, perhaps for lack of memory."
        ) from error


def _process(config: RunConfig, device: str, seconds: float, pipe: Any) -> None:
    place = torch.device(device)
    torch.set_num_threads(1)
    dataset = on_device(config_dataset(config), place)
    rate_alone(config, dataset, 0.0)  # warm
    pipe.send("ready")
    pipe.recv()
    pipe.send(rate_alone(config, dataset, seconds))


def rates(
    device: torch.device, sizes: Sequence[int], processes: int, seconds: float
) -> Iterator[tuple[str, float]]:
    """Images/s of each way to train the conv VAE, batch 64: 64×64×1, and on CUDA also 64×64×3 and
    the largest stacks fused. On a CPU, which has too little memory for a copy of the images in
    colour, the command is only tried out."""
    keep_freed_memory()
    kinds = [("2dshapes", "", tuple(sizes)), ("3dshapes", " of 3 channels", (COLOUR,))]
    for name, what, stacks in kinds if device.type == "cuda" else kinds[:1]:
        config = preset(f"{name}-conv-laptop", precision=fastest_precision(device))
        dataset = on_device(config_dataset(config), device)
        yield f"alone{what}", rate_alone(config, dataset, seconds)
        for models in stacks:
            yield f"stack of {models}{what}", rate_stacked(config, dataset, models, seconds)
        if device.type == "cuda":
            fused = rate_stacked(config, dataset, stacks[-1], seconds, fused=True)
            yield f"stack of {stacks[-1]}{what}, fused", fused
        if processes > 1 and not what:
            yield f"{processes} processes", rate_processes(config, device, processes, seconds)
