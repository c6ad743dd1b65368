"""The GPUs of this machine: the queue trains one run at a time on each."""

import os
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
DRIVER = Path("/proc/driver/nvidia")  # there on Linux if there is a GPU


@cache
def gpus() -> tuple[str, ...]:
    """The CUDA devices that this process may use, as `CUDA_VISIBLE_DEVICES` names them; none
    without CUDA."""
    if sys.platform == "linux" and not DRIVER.exists():
        return ()  # without the seconds that importing torch takes
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    named = [name for name in os.environ.get(VISIBLE, "").split(",") if name]
    return tuple((named or [str(number) for number in range(count)])[:count])


def usual_number() -> int:
    """Trainings at a time: one per GPU, without GPUs one per core."""
    return len(gpus()) or os.cpu_count() or 1


def free_gpu(used: Sequence[str]) -> str:
    """The GPU on which the fewest of the running trainings are; "" without GPUs. used: the GPU of
    each of them."""
    counts = Counter(used)
    return min(gpus(), key=lambda name: counts[name], default="")
