"""The rate at which this machine would train a run, measured on a few steps."""

import time
from dataclasses import replace

import torch

from ..config import RunConfig
from ..datasets import config_dataset
from ..device import choose_device, fastest_precision
from ..models import build_vae
from ..rng import generator
from .step import make_optimizer, make_step
from .terms import noise_width, penalty_of

WARM_UP = 3  # steps that are not counted


def measured_rate(config: RunConfig, threads: int = 1, seconds: float = 1.0) -> float:
    """Images/s of steps of this config on the usual device with `threads` threads, over about
    `seconds` seconds, drawing its images included. Raises `InputError` for a config or dataset
    that cannot be trained."""
    torch.set_num_threads(threads)
    place = choose_device("auto")
    if config.precision == "auto":
        config = replace(config, precision=fastest_precision(place))
    dataset = config_dataset(config).to(place)
    model = build_vae(config).to(place).to(memory_format=torch.channels_last)
    step = make_step(model, make_optimizer(model, config), config, penalty_of(config, place))
    random, size, done = generator(0, "rate"), config.batch_size, 0
    began = time.monotonic()
    while done < WARM_UP + 1 or time.monotonic() - began < seconds:
        if done == WARM_UP:
            began = time.monotonic()
        rows = torch.randint(len(dataset), (size,), generator=random).to(place)
        noise = torch.randn(size, noise_width(config), generator=random).to(place)
        step(dataset.gather(rows), noise, config.beta or 1.0).sum().item()  # waits for the device
        done += 1
    return (done - WARM_UP) * size / (time.monotonic() - began)
