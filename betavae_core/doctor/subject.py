"""What can be checked: anything that encodes, and what the checks ask of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from ..config import RunConfig
from ..errors import InputError
from ..models import VAE
from ..objective import likelihood_nll

BATCH = 128
EDGE = 1e-6  # of probabilities, so that their logits stay finite


class Checkpoint(Protocol):
    """Anything from a notebook that encodes; `decode` or `decode_logits` and `state_dict` are
    used where they are there, and what needs them is "not computed" where they are not.

        class Mine:
            def encode(self, x):        # images (N, C, H, W) in [0, 1]
                return mean, log_var    # of the posterior, (N, D) each
            def decode(self, z):        # (N, D)
                return images           # (N, C, H, W) in [0, 1]; decode_logits: before a sigmoid

        config = RunConfig(dataset="2dshapes", model="mine", beta=None, latents=10)
        for finding in checkup(Mine(), config):
            print(finding.verdict, finding.title, finding.says)

    A dataset that is not one of `betavae_core.datasets` needs `channels` and `image_size` in the
    config; `beta` is what the checkpoint claims, None where it claims nothing.
    """

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Images (N, C, H, W) in [0, 1] to posterior mean and log-variance, each (N, D)."""
        ...


@dataclass(frozen=True)
class Subject:
    """A checkpoint with its config: the same few calls, whatever the checkpoint offers."""

    model: Any  # a Checkpoint
    config: RunConfig

    @property
    def latents(self) -> int:
        return self.config.latents

    @property
    def decodes(self) -> bool:
        return hasattr(self.model, "decode_logits") or hasattr(self.model, "decode")

    @property
    def module(self) -> torch.nn.Module | None:
        return self.model if isinstance(self.model, torch.nn.Module) else None

    @property
    def state(self) -> dict[str, torch.Tensor] | None:
        """The weights by name, or None where there is no `state_dict`."""
        read = getattr(self.model, "state_dict", None)
        return dict(read()) if callable(read) else None

    @property
    def nll_of(self) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
        """The reconstruction term of the config's likelihood, logits and x to (N,)."""
        return likelihood_nll(self.config.likelihood, self.config.sigma)

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Posterior mean and log-variance (N, D) of images (N, C, H, W) in [0, 1]; raises
        `InputError` where the checkpoint gives something else."""
        parts = []
        with torch.no_grad():
            for part in x.split(BATCH):
                # our convolutions are twice as fast so; code from a notebook may not take it
                if isinstance(self.model, VAE):
                    part = part.contiguous(memory_format=torch.channels_last)
                given = self.model.encode(part)
                wanted = (len(part), self.latents)
                shapes = [tuple(getattr(each, "shape", ())) for each in given]
                if shapes != [wanted, wanted]:
                    raise InputError(
                        f"encode gave {shapes} for {len(part)} images, expected a mean and a "
                        f"log-variance of {wanted} each: say how many latents there are."
                    )
                parts.append(given)
        mean, log_var = (torch.cat([p[i].detach().float() for p in parts]) for i in (0, 1))
        return mean, log_var

    def logits(self, z: torch.Tensor) -> torch.Tensor:
        """Logits (N, C, H, W) of codes (N, D), from `decode` where there is no `decode_logits`."""
        with torch.no_grad():
            made = torch.cat([self._logits(part).detach().float() for part in z.split(BATCH)])
        if made.shape[1:] != self.config.shape:
            raise InputError(
                f"decode gave images {tuple(made.shape[1:])}, expected {self.config.shape}: say "
                "which channels and image_size the checkpoint has."
            )
        return made

    def _logits(self, z: torch.Tensor) -> torch.Tensor:
        if hasattr(self.model, "decode_logits"):
            return self.model.decode_logits(z)
        return torch.logit(self.model.decode(z).clamp(EDGE, 1 - EDGE))
