"""The subject of a checkup: anything that encodes, and the calls that the checks make."""

import copy
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import torch

from ..config import RunConfig
from ..errors import InputError, Refusal
from ..models import VAE
from ..objective import likelihood_nll
from .effort import AT_ONCE, Budget, Effort, effort_of

EDGE = 1e-6  # margin of probabilities, so that their logits stay finite


class Checkpoint(Protocol):
    """Anything from a notebook that encodes; `decode` or `decode_logits` and `state_dict` are
    used if they exist, and findings that need a missing one are "not computed".

        class Mine:
            def encode(self, x):        # images (N, C, H, W) in [0, 1]
                return mean, log_var    # of the posterior, (N, D) each
            def decode(self, z):        # (N, D)
                return images           # (N, C, H, W) in [0, 1]; decode_logits: before a sigmoid

        config = RunConfig(dataset="2dshapes", model="mine", beta=None, latents=10)
        for finding in checkup(Mine(), config):
            print(finding.verdict, finding.title, finding.says)

    A dataset that is not one of `betavae_core.datasets` needs `channels` and `image_size` in the
    config; `beta` is the checkpoint's claim, None if it makes none. Modules in training mode (the
    checkpoint itself, or its attributes) are checked as copies in eval mode, so that the caller's
    objects do not change.
    """

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to posterior mean and log-variance, each (N, D)."""
        ...


@contextmanager
def at_rest(model: Any) -> Iterator[Any]:
    """The model in eval mode: batch statistics are neither used nor changed. A copy if any module
    is in training mode; if it cannot be copied, the modes are restored afterwards."""
    if not any(each.training for each in _modules(model)):
        yield model
        return
    try:
        changed = copy.deepcopy(model)
    except Exception:  # locks, open files, tensors of a graph: a notebook may keep anything in it
        changed = model
    training = [each for each in _modules(changed) if each.training]
    for each in training:
        each.training = False
    try:
        yield changed
    finally:
        for each in training:
            each.training = True


def _modules(model: Any) -> list[torch.nn.Module]:
    """The modules of the model, or among its attributes."""
    parts = [model, *getattr(model, "__dict__", {}).values()]
    parts = [getattr(part, "__self__", part) for part in parts]  # for a bound method, its object
    return [m for part in parts if isinstance(part, torch.nn.Module) for m in part.modules()]


@dataclass(frozen=True)
class Subject:
    """A checkpoint with its config: the same few calls for every kind of checkpoint."""

    model: Any  # a Checkpoint
    config: RunConfig
    budget: Budget = field(default_factory=Budget)

    @property
    def latents(self) -> int:
        return self.config.latents

    @property
    def decodes(self) -> bool:
        return hasattr(self.model, "decode_logits") or hasattr(self.model, "decode")

    @property
    def module(self) -> torch.nn.Module | None:
        return self.model if isinstance(self.model, torch.nn.Module) else None

    @cached_property
    def saved(self) -> dict[str, Any] | None:
        """The result of `state_dict`, by name, or None without one."""
        read = getattr(self.model, "state_dict", None)
        return dict(read()) if callable(read) else None

    @property
    def state(self) -> dict[str, torch.Tensor] | None:
        """The weights by name, or None without a `state_dict`."""
        if self.saved is None:
            return None
        return {str(n): t for n, t in self.saved.items() if isinstance(t, torch.Tensor)}

    @property
    def nll_of(self) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """The reconstruction term of the config's likelihood, logits and x to (N,)."""
        return likelihood_nll(self.config.likelihood, self.config.sigma)

    @cached_property
    def effort(self) -> Effort:
        return effort_of(self.model, self.config.shape, self.latents)

    def images(self, most: int) -> int:
        """The number of images of this size to use together: `most`, or fewer if they are large."""
        return max(2, min(most, AT_ONCE // (4 * self.config.pixels)))

    def parts(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """x (N, …) in parts that fit into memory, with a check of the time; raises `TooDear`."""
        began, done = time.thread_time(), 0
        for part in x.split(self.effort.batch()):
            yield part
            done += len(part)
            self.budget.reckon(began, done, len(x))

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Posterior mean and log-variance (N, D) of images (N, C, H, W) in [0, 1]; raises
        `InputError` for any other output."""
        parts = []
        with torch.no_grad():
            for part in self.parts(x):
                # makes our convolutions twice as fast; code from a notebook may not accept it
                if isinstance(self.model, VAE):
                    part = part.contiguous(memory_format=torch.channels_last)
                given = self.model.encode(part)
                wanted = (len(part), self.latents)
                shapes = [tuple(getattr(each, "shape", ())) for each in given]
                if shapes != [wanted, wanted]:
                    raise InputError(
                        f"encode gave {shapes} for {len(part)} images, expected a mean and a "
                        f"log-variance of {wanted} each: state the number of latents.",
                        Refusal.OUTPUT,
                    )
                parts.append(given)
        mean, log_var = (torch.cat([p[i].detach().float() for p in parts]) for i in (0, 1))
        return mean, log_var

    def logits(self, z: torch.Tensor) -> torch.Tensor:
        """Logits (N, C, H, W) of codes (N, D), from `decode` if there is no `decode_logits`."""
        with torch.no_grad():
            return torch.cat([self._logits(part).detach().float() for part in self.parts(z)])

    def _logits(self, z: torch.Tensor) -> torch.Tensor:
        if hasattr(self.model, "decode_logits"):
            made = self.model.decode_logits(z)
        else:
            made = torch.logit(self.model.decode(z).clamp(EDGE, 1 - EDGE))
        if made.shape[1:] != self.config.shape:
            raise InputError(
                f"decode gave images {tuple(made.shape[1:])}, expected {self.config.shape}: state "
                "the checkpoint's channels and image_size.",
                Refusal.OUTPUT,
            )
        return made
