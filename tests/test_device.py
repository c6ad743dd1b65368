"""The settings of a device that all threads of the process share."""

import torch

from betavae_core.device import exact_float32


def test_exact_convolutions_last_until_the_last_thread_leaves() -> None:
    flags = torch.backends.cudnn
    before = flags.allow_tf32
    flags.allow_tf32 = True
    try:
        exact_float32.__enter__()  # one thread …
        exact_float32.__enter__()  # … and another that ends later
        exact_float32.__exit__()
        assert not flags.allow_tf32
        exact_float32.__exit__()
        assert flags.allow_tf32
    finally:
        flags.allow_tf32 = before
