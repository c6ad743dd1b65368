"""One update of the weights, eager or as a CUDA graph, and the available optimizers."""

import copy
from collections.abc import Callable

import torch

from ..config import RunConfig
from ..datasets.base import to_float
from ..errors import InputError, Refusal
from ..models import VAE
from ..penalties.penalty import Penalty
from .terms import make_terms, noise_width

OPTIMIZERS = {
    "adam": lambda weights, rate: torch.optim.Adam(weights, rate, fused=True),
    "adagrad": lambda weights, rate: torch.optim.Adagrad(weights, rate, fused=True),
}

Step = Callable[[torch.Tensor, torch.Tensor, float | torch.Tensor], torch.Tensor]


def make_optimizer(model: VAE, config: RunConfig) -> torch.optim.Optimizer:
    return OPTIMIZERS[config.optimizer](model.parameters(), config.learning_rate)


def make_step(
    model: VAE,
    optimizer: torch.optim.Optimizer,
    config: RunConfig,
    penalty: Penalty | None = None,
) -> Step:
    """One update: images uint8 (B, C, H, W), noise (B, `noise_width`), the weight of the KL
    (`loop.kl_weight`) → what `make_terms` reports. penalty: of an objective other than the β-ELBO;
    what it learns itself, it learns after the update.

    With the precision bfloat16, weights, activations and gradients are bfloat16 in a working copy
    of the model; the loss, the model's own weights and the optimizer's state keep the model's type.
    Nothing in it waits for the device.
    """
    terms_of = make_terms(config, penalty)
    weights: list[torch.Tensor] = list(model.parameters())
    wide = weights[0].dtype
    kind = torch.bfloat16 if config.precision == "bfloat16" else wide
    working = model if kind == wide else copy.deepcopy(model).to(kind)
    copies: list[torch.Tensor] = list(working.parameters())

    def step(images: torch.Tensor, noise: torch.Tensor, beta: float | torch.Tensor) -> torch.Tensor:
        if working is not model:
            with torch.no_grad():
                torch._foreach_copy_(copies, weights)
        x = to_float(images).contiguous(memory_format=torch.channels_last)
        loss, terms = terms_of(working, x, noise, beta)
        for copied in copies:
            copied.grad = None
        loss.backward()
        for weight, copied in zip(weights, copies, strict=True):
            weight.grad = None if copied.grad is None else copied.grad.to(weight.dtype)
        optimizer.step()
        if penalty:
            penalty.learn()
        return terms.detach()

    return step


def captured(run: Callable[[], None], device: torch.device) -> Callable[[], None]:
    """`run`, warmed up three times, as a CUDA graph that replays it on the same tensors; on a
    device without graphs it is run again. The caller must restore its changes."""
    if device.type != "cuda":
        for _ in range(3):
            run()
        return run
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def can_be_graphed(config: RunConfig) -> bool:
    """Whether a `GraphedStep` can do the config's step: it needs the optimizer adam, and an
    objective without a critic, which learns by an update of its own."""
    return config.optimizer == "adam" and config.objective != "factor-vae"


class GraphedStep:
    """A step captured once as a CUDA graph and replayed: no launch cost per kernel.

    On a device without graphs it runs the same step on the same static buffers, so that the warm-up
    and the restoring can be tested without a GPU.
    """

    def __init__(
        self,
        step: Step,
        model: VAE,
        optimizer: torch.optim.Optimizer,
        config: RunConfig,
    ) -> None:
        if not isinstance(optimizer, torch.optim.Adam):
            raise InputError(
                "A graphed step needs the optimizer adam.",
                Refusal.CONFLICT,
                optimizer=config.optimizer,
            )
        place = next(model.parameters()).device
        self.images = torch.zeros(config.batch_size, *config.shape, dtype=torch.uint8, device=place)
        self.noise = torch.zeros(config.batch_size, noise_width(config), device=place)
        self.beta = torch.zeros((), device=place)
        weights = copy.deepcopy(model.state_dict())
        state = copy.deepcopy(optimizer.state_dict()["state"])
        if place.type == "cuda":
            for group in optimizer.param_groups:  # values that the graph reads, not constants in it
                group["lr"] = torch.tensor(float(group["lr"]), device=place)
                group["capturable"] = True

        def run() -> None:
            self.terms = step(self.images, self.noise, self.beta)

        self.replay = captured(run, place)
        # the warm-up took steps: restore everything in place, where the graph reads it
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                tensor.copy_(weights[name])
            for number, parameter in enumerate(optimizer.param_groups[0]["params"]):
                for key, value in optimizer.state[parameter].items():
                    value.copy_(state[number][key]) if number in state else value.zero_()

    def __call__(
        self, images: torch.Tensor, noise: torch.Tensor, beta: float | torch.Tensor
    ) -> torch.Tensor:
        self.images.copy_(images)
        self.noise.copy_(noise)
        self.beta.fill_(beta)
        self.replay()
        return self.terms


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        if isinstance(group["lr"], torch.Tensor):
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate
