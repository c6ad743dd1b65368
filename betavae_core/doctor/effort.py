"""The cost of a checkpoint and the limits of a checkup, since anyone can upload any model."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from ..models import VAE

AT_ONCE = 64_000_000  # float32 values in memory at once: 256 MB
ALIVE = 3  # copies of the largest layer's values: its input, its output, intermediate ones
MOST_AT_ONCE = 20_000_000_000  # multiplications between two readings of the clock: about a second
BATCH = 128
UNSEEN = 32  # values per pixel of a layer, for code that does not show its layers
ITEM, WHOLE = 15.0, 55.0  # seconds for one question, and for all of them


class TooDear(Exception):
    """A question that would exceed its limits; the message is the reason, one sentence."""


@dataclass(frozen=True)
class Effort:
    """The cost of one image."""

    values: int  # of the largest layer
    multiplications: int

    def batch(self) -> int:
        """The number of images per batch; raises `TooDear` if even one is too many."""
        if self.multiplications > MOST_AT_ONCE or ALIVE * self.values > AT_ONCE:
            raise TooDear(
                f"One image needs {self.multiplications / 1e9:,.1f} billion multiplications and "
                f"{self.values:,} values in a layer; a checkup allows at most "
                f"{MOST_AT_ONCE / 1e9:,.0f} billion and {AT_ONCE // ALIVE:,}."
            )
        room = AT_ONCE // (ALIVE * max(self.values, 1))
        return max(1, min(BATCH, room, MOST_AT_ONCE // max(self.multiplications, 1)))


class Budget:
    """Time by question and in total, in seconds of this thread's processor time, so that other work
    on the machine does not change the result."""

    def __init__(self, item: float = ITEM, whole: float = WHOLE) -> None:
        self.item, self.left, self.allowed = item, whole, item
        self.ends = math.inf  # of the current question

    @contextmanager
    def question(self) -> Iterator[None]:
        began = time.thread_time()
        if self.left <= 0:
            raise TooDear("The checkup used up its time before it reached this question.")
        self.allowed = min(self.item, self.left)
        self.ends = began + self.allowed
        try:
            yield
        finally:
            self.left -= time.thread_time() - began
            self.ends = math.inf

    def reckon(self, began: float, done: int, total: int) -> None:
        """After `done` of `total` images, begun at `began`: raises `TooDear` if the rest would take
        too long."""
        now = time.thread_time()
        rest = (now - began) / done * (total - done)
        if now + rest > self.ends:
            raise TooDear(
                f"This would exceed the limit of {self.allowed:.0f} s of processor time: "
                f"about {rest:,.0f} s more for these {total:,} images."
            )


def effort_of(model: Any, shape: tuple[int, int, int], latents: int) -> Effort:
    """The cost: for a `VAE`, whose source may be untrusted, from the shapes alone; for another
    module from one image; for other code an assumption.

    A weight of n numbers takes at most n multiplications per position of its input or output.
    """
    image = (1, *shape)
    usual = Effort(UNSEEN * math.prod(shape), 0)
    if isinstance(model, VAE):
        encoder = _watched(model.encoder, lambda: _on_paper(model.encoder, image))
        decoder = _watched(model.decoder, lambda: _on_paper(model.decoder, (1, latents)))
        return Effort(max(encoder.values, decoder.values, math.prod(shape)),
                      max(encoder.multiplications, decoder.multiplications))  # fmt: skip
    if not isinstance(model, nn.Module):
        return usual
    try:
        with torch.no_grad():
            seen = _watched(model, lambda: _one_image(model, image))
    except Exception:  # the checks report its exceptions
        return usual
    return Effort(max(seen.values, math.prod(shape)), seen.multiplications)


def _on_paper(half: nn.Module, shape: tuple[int, ...]) -> None:
    """Shapes of the layers, without memory or arithmetic."""
    state = {name: tensor.to("meta") for name, tensor in half.state_dict().items()}
    with torch.no_grad():
        torch.func.functional_call(half, state, (torch.empty(shape, device="meta"),))


def _one_image(model: Any, shape: tuple[int, ...]) -> None:
    mean, _ = model.encode(torch.zeros(shape))
    for name in ("decode_logits", "decode"):
        if hasattr(model, name):
            getattr(model, name)(mean)
            return


def _watched(module: nn.Module, call: Any) -> Effort:
    """Record the work of a module's layers during a call for one image."""
    values, multiplications = [0], [0]

    def watch(layer: nn.Module, given: tuple[Any, ...], out: Any) -> None:
        tensors = [each for each in (*given, out) if isinstance(each, torch.Tensor)]
        values.append(max((each.numel() for each in tensors), default=0))
        positions = max((math.prod(each.shape[2:]) for each in tensors), default=1)
        own = sum(weight.numel() for weight in layer.parameters(recurse=False))
        multiplications.append(own * positions)

    hooks = [each.register_forward_hook(watch) for each in module.modules()]
    try:
        call()
    finally:
        for hook in hooks:
            hook.remove()
    return Effort(max(values), sum(multiplications))
