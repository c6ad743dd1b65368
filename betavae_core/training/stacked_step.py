"""One update of several VAEs of one architecture at once, on a minibatch that they share."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch

from ..config import RunConfig
from ..datasets.base import to_float
from ..models import VAE
from ..objective import Terms, beta_elbo, likelihood_nll, sample_posterior
from .stacked_model import stacked_decode_logits, stacked_encode, stacked_layers
from .step import captured

# the optimizers' states of each weight, under PyTorch's names
STATE = {"adam": ("exp_avg", "exp_avg_sq"), "adagrad": ("sum",)}


class Stack:
    """K models whose weights and optimizer states are stored together, each (K, P), P parameters.

    The given models and optimizers stay usable: their parameters and states become views of row k,
    so that a member is saved and restored like any run. All optimizers are elementwise, so that
    training a stack is equivalent to training its members separately.
    """

    def __init__(
        self,
        models: Sequence[VAE],
        optimizers: Sequence[torch.optim.Optimizer],
        configs: Sequence[RunConfig],
    ) -> None:
        like, self.kind = list(models[0].named_parameters()), configs[0].optimizer
        place, wide = like[0][1].device, like[0][1].dtype
        edges = np.cumsum([0, *(parameter.numel() for _, parameter in like)]).tolist()
        slices = [slice(*edge) for edge in pairwise(edges)]
        self.latents, self.wide = configs[0].latents, wide
        self.low = torch.bfloat16 if configs[0].precision == "bfloat16" else wide
        self.likelihood = configs[0].likelihood
        self.sigma = torch.tensor([c.sigma for c in configs], dtype=wide, device=place)
        self.encoder, self.decoder = stacked_layers(models[0])
        self.objective, self.update = self._objective, self._update

        shape = (len(models), edges[-1])
        self.weights = torch.empty(shape, dtype=wide, device=place)
        self.state = {key: torch.zeros_like(self.weights) for key in STATE[self.kind]}
        self.steps = torch.zeros(len(models), device=place)
        for row, (model, optimizer) in enumerate(zip(models, optimizers, strict=True)):
            for parameter, where in zip(model.parameters(), slices, strict=True):
                mine = self.weights[row, where].view_as(parameter)
                mine.copy_(parameter.detach())
                parameter.data = mine
                kept = optimizer.state[parameter]
                self.steps[row] = kept.get("step", 0.0)
                kept["step"] = self.steps[row]
                for key, values in self.state.items():
                    mine = values[row, where].view_as(parameter)
                    if key in kept:
                        mine.copy_(kept[key])
                    kept[key] = mine
        # factors of the products: a rounded copy in bfloat16, otherwise the weights themselves
        self.copy = self.weights if self.low == wide else self.weights.to(self.low)
        self.grad = torch.empty_like(self.weights)
        self.working = {
            name: self.copy[:, where].unflatten(1, parameter.shape).detach().requires_grad_()
            for (name, parameter), where in zip(like, slices, strict=True)
        }
        self.grads = [
            self.grad[:, where].unflatten(1, parameter.shape)
            for (_, parameter), where in zip(like, slices, strict=True)
        ]

    def fuse(self) -> None:
        """Compile the objective, its gradient and the update into a few kernels each, at the next
        call, which takes about a minute: less memory traffic, which limits the speed of a stack on
        a GPU. Not used by `sweep`: 1.8 to 2.1 times as fast, but runs that were trained so learned
        more slowly (benchmarks/RESULTS.md); `benchmarks.gpu` compares its gradients first."""
        self.objective = torch.compile(self._objective, dynamic=False)
        self.update = torch.compile(self._update, dynamic=False)

    def terms(self, images: torch.Tensor, noise: torch.Tensor, beta: torch.Tensor) -> Terms:
        """images uint8 (N, C, H, W), noise (K, N, D), weights of the KL (K,) → the terms of each
        model: loss (K,), nll (K,), kl (K, D)."""
        if self.copy is not self.weights:
            self.copy.copy_(self.weights)
        return self.objective(images, noise, beta)

    def _objective(self, images: torch.Tensor, noise: torch.Tensor, beta: torch.Tensor) -> Terms:
        """`terms` at the current factors of the products."""
        x = to_float(images)
        low, wide = self.low, self.wide
        mean, log_var = stacked_encode(self.encoder, self.working, x.to(low))
        mean, log_var = mean.to(wide), log_var.to(wide)
        z = sample_posterior(mean, log_var, noise).to(low)
        decoded = stacked_decode_logits(self.decoder, self.working, z).to(wide)
        x = x.to(wide)

        def of_one(
            decoded: torch.Tensor,
            mean: torch.Tensor,
            log_var: torch.Tensor,
            beta: torch.Tensor,
            sigma: torch.Tensor,
        ) -> Terms:
            return beta_elbo(
                x, decoded, mean, log_var, beta, likelihood_nll(self.likelihood, sigma)
            )

        return torch.vmap(of_one)(decoded, mean, log_var, beta, self.sigma)

    def step(
        self, images: torch.Tensor, noise: torch.Tensor, beta: torch.Tensor, rate: torch.Tensor
    ) -> torch.Tensor:
        """One update at the learning rates (K,); returns nll and kl per latent, (K, 1 + D), of the
        weights before it. Nothing in it waits for the device."""
        terms = self.terms(images, noise, beta)
        found = torch.autograd.grad(terms.loss.sum(), list(self.working.values()))
        torch._foreach_copy_(self.grads, found)
        with torch.no_grad():
            self.update(rate.to(self.wide))
        return torch.cat([terms.nll[:, None], terms.kl], 1).detach()

    def _update(self, rate: torch.Tensor) -> None:
        """PyTorch's Adam and Adagrad with their default settings, for every model at its own
        rate."""
        self.steps += 1
        if self.kind == "adagrad":
            total = self.state["sum"]
            total.addcmul_(self.grad, self.grad)
            self.weights -= rate[:, None] * self.grad / (total.sqrt() + 1e-10)
            return
        mean, square = self.state["exp_avg"], self.state["exp_avg_sq"]
        mean.lerp_(self.grad, 0.1)
        square.mul_(0.999).addcmul_(self.grad, self.grad, value=0.001)
        steps = self.steps.to(self.wide)
        size = rate / (1 - 0.9**steps)
        root = (1 - 0.999**steps).sqrt()
        self.weights -= size[:, None] * mean / ((square.sqrt() / root[:, None]).add_(1e-8))

    def tensors(self) -> list[torch.Tensor]:
        """Everything that a step changes."""
        return [self.weights, *self.state.values(), self.steps]


StackStep = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def graphed(stack: Stack, images: torch.Tensor, noise: torch.Tensor) -> StackStep:
    """The stack's step for batches of this shape, captured as a CUDA graph; on another device the
    same step on the same static buffers."""
    place = stack.weights.device
    inputs = [
        torch.zeros_like(images),
        torch.zeros_like(noise),
        *torch.zeros(2, len(noise), device=place).unbind(0),  # beta, rate
    ]
    found: list[torch.Tensor] = []

    def run() -> None:
        found[:] = [stack.step(*inputs)]

    before = [tensor.clone() for tensor in stack.tensors()]
    replay = captured(run, place)
    for tensor, value in zip(stack.tensors(), before, strict=True):
        tensor.copy_(value)

    def step(*given: torch.Tensor) -> torch.Tensor:
        for static, value in zip(inputs, given, strict=True):
            static.copy_(value)
        replay()
        return found[0]

    return step
