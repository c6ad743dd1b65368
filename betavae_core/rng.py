"""Generators from seeds: every use of randomness has its own named stream."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

FEW = 10_000  # of fewer images, repeats would be frequent


def generator(seed: int, stream: str, device: str | torch.device = "cpu") -> torch.Generator:
    """A generator for one purpose, e.g. ``generator(123, "order/0")``.

    Streams of one seed are independent of each other, so that drawing more from one (for example,
    for a longer evaluation) never shifts another (for example, the order of the training images).
    """
    digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
    made = torch.Generator(device=device)
    made.manual_seed(int.from_bytes(digest[:8], "big") >> 1)
    return made


_GLOBAL = threading.RLock()


@contextmanager
def initialising(seed: int, stream: str) -> Iterator[None]:
    """A block in which PyTorch's layers draw their first weights from `generator(seed, stream)`.

    They draw from its global generator, which the threads of a process share: one thread at a time
    may set it, and it is left as it was.
    """
    with _GLOBAL, torch.random.fork_rng(devices=[]):
        torch.manual_seed(generator(seed, stream).initial_seed())
        yield


def random_rows(length: int, count: int, random: torch.Generator) -> torch.Tensor:
    """Numbers (count,) from 0 to length - 1, uniform at random: with repeats, which are rare, if
    there are many of them; of fewer than 10,000 each is drawn once before any is drawn again."""
    if length >= FEW:
        return torch.randint(length, (count,), generator=random)
    rounds = -(-count // max(length, 1))
    orders = [torch.randperm(length, generator=random) for _ in range(rounds)]
    return torch.cat([*orders, torch.empty(0, dtype=torch.int64)])[:count]
