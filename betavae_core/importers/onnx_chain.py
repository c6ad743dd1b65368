"""An ONNX graph as a chain of our layers: the operations that are read, and their conditions."""

from dataclasses import dataclass, field
from typing import Any

import torch

from ..errors import InputError, Refusal
from .names import shown
from .onnx_graph import Graph, package

ACTIVATIONS = {"Relu": "relu", "LeakyRelu": "leaky", "Tanh": "tanh", "Sigmoid": "sigmoid"}
LINEAR = ("Gemm", "MatMul")
READ = ["Conv", "ConvTranspose", *LINEAR, "Add of a bias", "BatchNormalization", "Flatten"]
READ += ["Reshape", "Split", *ACTIVATIONS]
# of operations with more than one; an Add is read with the product before it
INPUTS = {"Conv": 3, "ConvTranspose": 3, "Gemm": 3, "MatMul": 2, "BatchNormalization": 5}
INPUTS |= {"Reshape": 2, "Dropout": 3, "Add": 2}
FLOATS = ("FLOAT", "FLOAT16", "DOUBLE")


@dataclass
class Step:
    """A layer: its text for models/layers.py, its weight and bias, and the number of features that
    must remain after it, if the graph states it."""

    word: str
    weights: tuple[torch.Tensor, torch.Tensor] | None = None
    features: int = 0


@dataclass
class Chain:
    """Layers read so far."""

    steps: list[Step] = field(default_factory=list)

    @property
    def text(self) -> str:
        return ", ".join(step.word for step in self.steps)

    def add(self, word: str, *weights: torch.Tensor, features: int = 0) -> None:
        self.steps.append(Step(word, (weights[0], weights[1]) if weights else None, features))

    def state(self, half: str) -> dict[str, torch.Tensor]:
        return {
            f"{half}.{i}.{part}": tensor
            for i, step in enumerate(self.steps)
            for part, tensor in zip(("weight", "bias"), step.weights or (), strict=False)
        }

    def fold(self, scale: torch.Tensor, shift: torch.Tensor) -> bool:
        """Fold y ↦ scale · y + shift per channel into the last layer, if that layer has weights."""
        if not self.steps or self.steps[-1].weights is None:
            return False
        last = self.steps[-1]
        weight, bias = self.steps[-1].weights
        if bias.shape != scale.shape:
            return False
        axis = 1 if last.word.startswith("upconv") else 0
        along = [-1 if place == axis else 1 for place in range(weight.ndim)]
        last.weights = (weight * scale.reshape(along), bias * scale + shift)
        return True

    def take_sigmoid(self) -> str | None:
        """The activation after the last weights, if there is one (reshaping aside); a sigmoid is
        removed."""
        weighted = [i for i, step in enumerate(self.steps) if step.weights is not None]
        start = weighted[-1] + 1 if weighted else 0
        found = [
            i
            for i in range(start, len(self.steps))
            if self.steps[i].word.split()[0] in ACTIVATIONS.values()
        ]
        if not found:
            return None
        words = " and a ".join(self.steps[i].word for i in found)
        if words == "sigmoid":
            del self.steps[found[0]]
        return words


class ChainGraph(Graph):
    """A graph that is traced from its input."""

    def follow(self) -> tuple[Chain, list[str]]:
        """The chain from the input to the outputs; the outputs are the last values."""
        chain, value, left = Chain(), self.input, len(self.nodes) + 1
        while value not in self.outputs:
            left -= 1
            users = self.users(value)
            if not users or left < 0:
                raise InputError(
                    f"{self.name} is not one chain from its input to its output.", Refusal.SETTINGS
                )
            if len(users) == 2 and all(user.op_type in LINEAR for user in users):
                heads = [self._linear(user, value) for user in users]
                heads.sort(key=lambda head: self._place(head[2]))
                if heads[0][0].shape != heads[1][0].shape:
                    raise InputError(
                        f"{self.name}: its two outputs differ in size.", Refusal.SETTINGS
                    )
                weight = torch.cat([head[0] for head in heads])
                bias = torch.cat([head[1] for head in heads])
                chain.add(f"linear {len(bias)}", weight, bias)
                return chain, [head[2] for head in heads]
            if len(users) != 1:
                raise InputError(
                    f"{self.name} uses one value in {len(users)} places, so it is not a chain.",
                    Refusal.SETTINGS,
                )
            node = users[0]
            if node.op_type == "Split":
                if self._uneven(node):
                    raise InputError(
                        f"{self.name} has a Split into something other than two equal halves.",
                        Refusal.SETTINGS,
                    )
                return chain, list(node.output)
            value = self._step(chain, node, value)
        return chain, [value]

    def _place(self, output: str) -> int:
        return self.outputs.index(output) if output in self.outputs else len(self.outputs)

    def _uneven(self, node: Any) -> bool:
        set_ = self.settings(node, axis=0, num_outputs=2, split=None)
        sizes = set_["split"] or (self.sizes(node, 1) if len(node.input) > 1 else [1, 1])
        if not sizes:
            return True
        return len(node.output) != 2 or set_["axis"] not in (1, -1) or sizes[0] != sizes[-1]

    def _linear(self, node: Any, value: str) -> tuple[torch.Tensor, torch.Tensor, str]:
        """Weight (out, in) and bias of a Gemm, or of a MatMul with an optional Add after it, and
        the resulting value."""
        if node.input[0] != value:
            raise InputError(
                f"{self.name}: a {node.op_type} does not have its weights as second input.",
                Refusal.SETTINGS,
            )
        weight = self.constant(node, 1)
        if weight.ndim != 2:
            raise InputError(
                f"{self.name}: a {node.op_type} has weights that are not a matrix.",
                Refusal.SETTINGS,
            )
        if node.op_type == "MatMul":
            self.settings(node)
            weight, bias, made = weight.T, torch.zeros(weight.shape[1]), node.output[0]
            users = [] if made in self.outputs else self.users(made)
            if len(users) == 1 and users[0].op_type == "Add":
                bias, made = self._added(users[0], made), users[0].output[0]
        else:
            set_ = self.settings(node, alpha=1.0, beta=1.0, transA=0, transB=0)
            if (set_["alpha"], set_["beta"], set_["transA"]) != (1.0, 1.0, 0):
                raise InputError(
                    f"{self.name}: a Gemm has an alpha, beta or transA that is not supported.",
                    Refusal.SETTINGS,
                )
            weight = weight if set_["transB"] else weight.T
            bias = self.constant(node, 2) if len(node.input) > 2 else torch.zeros(len(weight))
            made = node.output[0]
        if bias.shape != weight.shape[:1]:
            raise InputError(
                f"{self.name}: a {node.op_type} has {len(weight)} outputs, but its bias has "
                "another size.",
                Refusal.SETTINGS,
            )
        return weight.contiguous(), bias, made

    def _added(self, node: Any, value: str) -> torch.Tensor:
        """The bias that an Add adds; it may be the first or the second input."""
        self.settings(node)
        places = [place for place, name in enumerate(node.input) if name != value]
        return self.constant(node, places[0] if len(node.input) == 2 and len(places) == 1 else 2)

    def _step(self, chain: Chain, node: Any, value: str) -> str:
        """Add one operation to the chain; returns the resulting value."""
        kind = node.op_type
        if node.input[0] != value or len(node.input) > INPUTS.get(kind, 1):
            raise InputError(
                f"{self.name}: a {shown(kind)} has too many inputs, or they are in another order.",
                Refusal.SETTINGS,
            )
        if kind in LINEAR:
            weight, bias, made = self._linear(node, value)
            chain.add(f"linear {len(bias)}", weight, bias)
            return made
        if kind in ACTIVATIONS:
            chain.add(self._activation(node))
        elif kind == "Flatten":
            if self.settings(node, axis=1)["axis"] != 1:
                raise InputError(f"{self.name}: a Flatten mixes several images.", Refusal.SETTINGS)
            chain.add("flatten")
        elif kind == "Reshape":
            self._reshape(chain, node)
        elif kind in ("Conv", "ConvTranspose"):
            self._convolution(chain, node)
        elif kind == "BatchNormalization":
            self._norm(chain, node)
        elif not self._changes_nothing(node):
            raise InputError(
                f"{self.name} has the operation {shown(kind)}; the supported ones are "
                f"{', '.join(READ)}.",
                Refusal.SETTINGS,
            )
        return node.output[0]

    def _activation(self, node: Any) -> str:
        word = ACTIVATIONS[node.op_type]
        if word != "leaky":
            self.settings(node)
            return word
        slope = self.settings(node, alpha=0.01)["alpha"]
        if not 0 < slope <= 1 or abs(1000 * slope - round(1000 * slope)) > 1e-4:
            raise InputError(
                f"{self.name}: a LeakyRelu has the slope {slope:.6g}; only whole thousandths up "
                "to 1 are supported.",
                Refusal.SETTINGS,
            )
        return f"leaky {round(1000 * slope)}"

    def _changes_nothing(self, node: Any) -> bool:
        """Whether the operation leaves values unchanged, at inference and between floats."""
        if node.op_type == "Dropout":
            self.settings(node, ratio=0.5, seed=0)
            training = self.constant(node, 2) if len(node.input) > 2 else torch.tensor(False)
            return not training.any()
        if node.op_type == "Cast":
            kinds = package().TensorProto
            to = self.settings(node, to=0, saturate=1, round_mode=b"up")["to"]
            if to not in [getattr(kinds, name) for name in FLOATS]:
                raise InputError(
                    f"{self.name} has a Cast to a type that is not a float.", Refusal.SETTINGS
                )
            return True
        return bool(node.op_type == "Identity")

    def _reshape(self, chain: Chain, node: Any) -> None:
        kept = (-1, 1) if self.settings(node, allowzero=0)["allowzero"] else (-1, 0, 1)
        batch, *sizes = self.sizes(node, 1) or [2]
        if batch not in kept or not sizes:
            raise InputError(f"{self.name}: a Reshape mixes several images.", Refusal.SETTINGS)
        if len(sizes) == 1:
            chain.add("flatten", features=max(sizes[0], 0))
        else:
            chain.add(f"unflatten {' '.join(map(str, sizes))}")

    def _norm(self, chain: Chain, node: Any) -> None:
        """y = γ (x − mean) / √(variance + ε) + β, folded into the layer before."""
        set_ = self.settings(node, epsilon=1e-5, momentum=0.9, training_mode=0, spatial=1)
        scale, shift, mean, variance = (self.constant(node, place) for place in range(1, 5))
        one_size = len({each.shape for each in (scale, shift, mean, variance)}) == 1
        positive = one_size and bool((variance + set_["epsilon"] > 0).all())
        if set_["training_mode"] or set_["spatial"] != 1 or not positive:
            raise InputError(
                f"{self.name}: a BatchNormalization is in training mode or has invalid parameters.",
                Refusal.SETTINGS,
            )
        factor = scale.double() / (variance.double() + set_["epsilon"]).sqrt()
        if not chain.fold(factor.float(), (shift - mean * factor).float()):
            raise InputError(
                f"{self.name}: a BatchNormalization does not follow a layer with the same number "
                "of channels.",
                Refusal.SETTINGS,
            )

    def _convolution(self, chain: Chain, node: Any) -> None:
        usual: dict[str, Any] = {"auto_pad": b"NOTSET", "group": 1, "dilations": [1, 1]}
        usual |= {"strides": [1, 1], "pads": [0, 0, 0, 0], "kernel_shape": None}
        set_ = self.settings(node, **usual, output_padding=[0, 0])
        weight = self.constant(node, 1)
        plain = all(set_[name] == usual[name] for name in ("auto_pad", "group", "dilations"))
        even = len(set(set_["strides"])) == len(set(set_["pads"])) == 1 and weight.ndim == 4
        even = even and set_["kernel_shape"] in (None, list(weight.shape[2:]))
        if not plain or not even or any(set_["output_padding"]) or len({*weight.shape[2:]}) != 1:
            raise InputError(
                f"{self.name}: a {node.op_type} is dilated, grouped, or not the same in both "
                "directions, which is not supported.",
                Refusal.SETTINGS,
            )
        transposed = node.op_type == "ConvTranspose"
        out = weight.shape[1 if transposed else 0]
        bias = self.constant(node, 2) if len(node.input) > 2 else torch.zeros(out)
        numbers = out, weight.shape[2], set_["strides"][0], set_["pads"][0]
        word = "upconv" if transposed else "conv"
        chain.add(f"{word} {' '.join(map(str, numbers))}", weight, bias)
