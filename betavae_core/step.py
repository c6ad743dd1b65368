"""One update of the weights, eager or as a CUDA graph, and the optimizers it may use."""

import copy
from collections.abc import Callable

import torch

from .config import RunConfig
from .datasets.base import to_float
from .errors import InputError
from .models import VAE
from .objective import beta_elbo, likelihood_nll

OPTIMIZERS = {
    "adam": lambda weights, rate: torch.optim.Adam(weights, rate, fused=True),
    "adagrad": lambda weights, rate: torch.optim.Adagrad(weights, rate),
}


def make_optimizer(model: VAE, config: RunConfig) -> torch.optim.Optimizer:
    if config.optimizer not in OPTIMIZERS:
        raise InputError(
            f'There is no optimizer "{config.optimizer}"; there are: {", ".join(OPTIMIZERS)}.'
        )
    return OPTIMIZERS[config.optimizer](model.parameters(), config.learning_rate)


def make_step(
    model: VAE, optimizer: torch.optim.Optimizer, config: RunConfig
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """One update: images uint8 (B, C, H, W), noise (B, D) → mean nll and kl per latent, (1 + D,).

    Nothing in it waits for the device.
    """
    nll = likelihood_nll(config.likelihood, config.sigma)
    assert config.beta is not None
    beta = config.beta
    mixed = config.precision == "bfloat16"

    def step(images: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        x = to_float(images).contiguous(memory_format=torch.channels_last)
        with torch.autocast(x.device.type, torch.bfloat16, enabled=mixed):
            decoded, mean, log_var = model(x, noise)
        terms = beta_elbo(x, decoded.float(), mean.float(), log_var.float(), beta, nll)
        optimizer.zero_grad(set_to_none=True)
        terms.loss.backward()
        optimizer.step()
        return torch.cat([terms.nll[None], terms.kl]).detach()

    return step


class GraphedStep:
    """A step captured once as a CUDA graph and replayed: no launch cost per kernel.

    On a device without graphs it runs the same step on the same static buffers, which is how the
    warm-up and the restoring around it are tested without a GPU.
    """

    def __init__(
        self,
        step: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        model: VAE,
        optimizer: torch.optim.Optimizer,
        config: RunConfig,
    ) -> None:
        if not isinstance(optimizer, torch.optim.Adam):
            raise InputError("A graphed step needs the optimizer adam.")
        place = next(model.parameters()).device
        self.images = torch.zeros(config.batch_size, *config.shape, dtype=torch.uint8, device=place)
        self.noise = torch.zeros(config.batch_size, config.latents, device=place)
        weights = copy.deepcopy(model.state_dict())
        state = copy.deepcopy(optimizer.state_dict()["state"])
        if place.type == "cuda":
            for group in optimizer.param_groups:  # values that the graph reads, not constants in it
                group["lr"] = torch.tensor(float(group["lr"]), device=place)
                group["capturable"] = True
            side = torch.cuda.Stream()
            side.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(side):
                for _ in range(3):
                    step(self.images, self.noise)
            torch.cuda.current_stream().wait_stream(side)
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph):
                self.terms = step(self.images, self.noise)
            self.replay = graph.replay
        else:

            def replay() -> None:
                self.terms = step(self.images, self.noise)

            for _ in range(3):
                replay()
            self.replay = replay
        # the warm-up took steps of its own: put everything back in place, where the graph looks
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                tensor.copy_(weights[name])
            for number, parameter in enumerate(optimizer.param_groups[0]["params"]):
                for key, value in optimizer.state[parameter].items():
                    value.copy_(state[number][key]) if number in state else value.zero_()

    def __call__(self, images: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
        self.images.copy_(images)
        self.noise.copy_(noise)
        self.replay()
        return self.terms


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
