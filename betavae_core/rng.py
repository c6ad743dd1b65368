"""Generators from seeds: every use of randomness has its own named stream."""

import hashlib

import torch


def generator(seed: int, stream: str, device: str | torch.device = "cpu") -> torch.Generator:
    """A generator for one purpose, e.g. ``generator(123, "order/0")``.

    Streams of one seed are independent of each other, so that drawing more from one (for example,
    for a longer evaluation) never shifts another (for example, the order of the training images).
    """
    digest = hashlib.sha256(f"{seed}/{stream}".encode()).digest()
    made = torch.Generator(device=device)
    made.manual_seed(int.from_bytes(digest[:8], "big") >> 1)
    return made
